"""One recorded trace, and whether it can be measured at all.

A recording that cannot be measured is refused in one sentence, never mended: a guess at a lost part, a wrong
unit or a cut-off peak would end in a table as if it had been measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.evidence import part


@dataclass(frozen=True, eq=False)
class Trace:
    """Samples at even steps, active electrode minus reference; a negative wave is a negative number.

    Attributes
    ----------
    samples_uv : ndarray
        Shape (n,) [uV].
    rate_hz : float
        Samples per second [Hz].
    start_ms : float
        Time of the first sample: after the stimulus, or since the recording began [ms].
    label : str
        What was recorded, for plates and messages.
    doubts : tuple of str
        What was uncertain when a file was read.
    piece : bool
        One of several pieces of a channel with losses.
    """

    samples_uv: Float64s
    rate_hz: float
    start_ms: float = 0.0
    label: str = ""
    doubts: tuple[str, ...] = ()
    piece: bool = False

    @property
    def times_ms(self) -> Float64s:
        """Return the time of every sample, shape (n,) [ms]."""
        return np.asarray(self.start_ms + np.arange(len(self.samples_uv)) * (1000.0 / self.rate_hz), float)

    @property
    def duration_ms(self) -> float:
        """Return the time from the first sample to the end of the last [ms]."""
        return len(self.samples_uv) * 1000.0 / self.rate_hz

    def between(self, begin_ms: float, end_ms: float) -> Trace:
        """Return the part between two times, ends cut to the recording."""
        step = 1000.0 / self.rate_hz
        first = max(int(np.ceil((begin_ms - self.start_ms) / step - 1e-9)), 0)
        last = max(int(np.floor((end_ms - self.start_ms) / step + 1e-9)) + 1, first)
        return Trace(self.samples_uv[first:last], self.rate_hz, self.start_ms + first * step, self.label)


KINDS = ("motor", "sensory", "f-wave", "h-reflex", "needle")
"""Kinds of recording that can be measured."""


def _check_trace(trace: Trace, kind: str, path: str) -> None:
    """Refuse a trace that cannot be measured as the kind it is said to be."""
    if kind not in KINDS:
        raise InputError("--kind", kind, "is not a kind of recording", did_you_mean(kind, KINDS))
    _check_numbers(trace.samples_uv, path)
    _check_rate(trace.rate_hz, kind, path)
    _check_length(trace, kind, path)
    begin = part("signals/markers").group(_kind_rules(kind)).value("begin_ms")
    seen = trace if kind == "needle" else trace.between(begin, 1e9)
    _check_flat(seen.samples_uv, path)
    _check_scale(seen.samples_uv, path)
    _check_clipped(seen, path)


def _kind_of_recording(kind: str) -> str:
    """Return a kind of recording as words with their article."""
    return f"{'an' if kind in ('f-wave', 'h-reflex') else 'a'} {kind} recording"


def _kind_rules(kind: str) -> str:
    """Return whose search window a kind of recording shares: ``sensory`` or ``motor``."""
    return "sensory" if kind == "sensory" else "motor"


def _check_rate(rate_hz: float, kind: str, path: str) -> None:
    """Refuse a rate at which this kind of recording loses what is measured (InputError)."""
    least, most = part("signals/markers").group("checks").table("least_rate_hz")[kind], 1e6
    if not np.isfinite(rate_hz) or not 0.0 < rate_hz <= most:
        remedy = f"write samples per second, {least:g} to {most:g}"
        raise InputError(path, f"{rate_hz:g} Hz", "is not a rate of sampling", remedy)
    if rate_hz < least:
        raise InputError(
            path,
            f"{rate_hz:g} Hz",
            f"is too slow for {_kind_of_recording(kind)}",
            f"record or export at {least:g} Hz or more (if --rate or the time column is wrong, mend it)",
        )


def _check_numbers(samples: Float64s, path: str) -> None:
    if len(samples) == 0:
        raise InputError(path, 0, "samples are no recording", "give a file that holds some")
    bad = np.flatnonzero(~np.isfinite(samples))
    if len(bad):
        raise InputError(
            path,
            f"{len(bad)} of {len(samples)} samples",
            f"are not finite numbers (the first is sample {bad[0] + 1})",
            "export the part without gaps",
        )


def _check_length(trace: Trace, kind: str, path: str) -> None:
    least = part("signals/markers").group("checks").table("least_ms")[kind]
    end = trace.duration_ms if kind == "needle" else trace.start_ms + trace.duration_ms
    after = "" if kind == "needle" else " after the stimulus"
    if end < least * (1.0 - 1e-9):
        raise InputError(
            path,
            f"{end:.4g} ms{after}",
            f"is too short for {_kind_of_recording(kind)}",
            f"give {least:g} ms or more{after}",
        )
    if (
        kind != "needle"
        and trace.start_ms > part("signals/markers").group(_kind_rules(kind)).value("begin_ms") + 1e-9
    ):
        raise InputError(
            path,
            f"first sample at {trace.start_ms:.4g} ms",
            "comes after the earliest response",
            "export from the stimulus on, or say when it was with --stimulus-ms",
        )


def _check_flat(samples: Float64s, path: str) -> None:
    """Refuse a trace that stands still, altogether or for a large part."""
    most = part("signals/markers").group("checks").value("flat_share")
    if float(np.ptp(samples)) == 0.0:
        raise InputError(
            path, f"{samples[0]:.4g} uV", "is all it holds: flat", "choose the channel that was connected"
        )
    length = _longest_run(samples[1:] == samples[:-1]) + 1
    if length > most * len(samples):
        raise InputError(
            path,
            f"{length} of {len(samples)} samples",
            "in a row are the same: flat for a large part",
            "export only the part that was recorded",
        )


def _check_scale(samples: Float64s, path: str) -> None:
    limits = part("signals/markers").group("checks")
    size = float(np.ptp(samples))
    if size > limits.value("largest_uv"):
        raise InputError(
            path,
            f"{size:.4g} uV peak to peak",
            f"is more than a muscle or nerve gives ({limits.value('largest_uv') / 1000.0:g} mV)",
            "the unit is wrong: say --unit uV, mV or V as it is",
        )
    if size < limits.value("smallest_uv"):
        raise InputError(
            path,
            f"{size:.4g} uV peak to peak",
            f"is less than can be recorded ({limits.value('smallest_uv'):g} uV)",
            "the unit is wrong: say --unit uV, mV or V as it is",
        )
    if (levels := len(np.unique(samples[:20000]))) < limits.value("least_levels"):
        raise InputError(
            path,
            f"{levels} different values",
            "are too few to measure: resolution too coarse",
            "export at the resolution of the machine, not of the screen",
        )


def _check_clipped(trace: Trace, path: str) -> None:
    """Refuse a trace that stands at the rails of the amplifier (InputError)."""
    samples = trace.samples_uv
    limits = part("signals/markers").group("checks")
    steps = np.abs(np.diff(samples))
    smallest = float(steps[steps > 0.0].min())
    for rail in (float(samples.max()), float(samples.min())):
        stands = samples == rail
        if (length := _longest_run(stands)) < limits.value("clipped_run"):
            continue
        edges = np.flatnonzero(stands[1:] != stands[:-1])
        leap = float(np.median(steps[edges])) if len(edges) else np.inf
        if leap > limits.value("clipped_leap") * smallest:
            at = trace.times_ms[int(np.argmax(stands))]
            raise InputError(
                path,
                f"{rail:.4g} uV",
                f"is a rail: clipped, {length} samples in a row from {at:.4g} ms on",
                "record at a lower gain",
            )


def _longest_run(flags: np.ndarray) -> int:
    """Return the length of the longest run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def _even_step(times_ms: Float64s, path: str) -> float:
    """Return the step of a time column [ms]."""
    if len(times_ms) < 2:
        raise InputError(path, len(times_ms), "times make no step", "give a file with more rows")
    steps = np.diff(times_ms)
    if not np.isfinite(steps).all() or (bad := np.flatnonzero(steps <= 0.0)).size:
        where = int(bad[0]) if np.isfinite(steps).all() else int(np.flatnonzero(~np.isfinite(steps))[0])
        raise InputError(
            path,
            f"{times_ms[where]:.6g} then {times_ms[where + 1]:.6g} ms",
            f"do not rise (samples {where + 1} and {where + 2})",
            "put the rows in order of time",
        )
    step = float((times_ms[-1] - times_ms[0]) / (len(times_ms) - 1))
    drift = np.abs(times_ms - times_ms[0] - step * np.arange(len(times_ms)))
    worst = int(np.argmax(drift))
    if drift[worst] > part("signals/markers").group("checks").value("uneven_share") * step:
        raise InputError(
            path,
            f"{times_ms[worst]:.6g} ms",
            f"is off an even grid of {step:.6g} ms (sample {worst + 1})",
            "export evenly sampled, or resample first",
        )
    return step
