"""What the readers of files share: what a user says, units of voltage, channels, and the pieces of a channel.

A reader finds channels; only those that are asked for are read and must be right. A part that was lost is
never bridged: what lies before and after it becomes a piece of its own, and a doubt in words says where and
how much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError, did_you_mean
from garland.signals.trace import Trace

MICROVOLTS = {"nV": 1e-3, "uV": 1.0, "mV": 1e3, "V": 1e6}
"""Microvolts in one of each unit [uV]."""

_SPELLINGS = {
    "nv": "nV", "nanovolt": "nV", "nanovolts": "nV", "uv": "uV", "mcv": "uV", "microv": "uV",
    "microvolt": "uV", "microvolts": "uV", "mv": "mV", "millivolt": "mV", "millivolts": "mV",
    "v": "V", "volt": "V", "volts": "V",
}  # fmt: skip
_MICRO_SIGNS = str.maketrans({"µ": "u", "μ": "u", "Â": None, "Î": None, "¼": "u"})
"""A micro sign in any encoding, and what is left of one that was decoded wrongly."""
_SHORTEST_PIECE = 16
"""Samples that a piece between two losses must have to be kept [-]."""
_MOST_SAMPLES = 400_000_000
"""Samples of one channel that are held at once [-]."""
_TOLD = 3
"""Losses that are told one by one; the others are counted [-]."""


class Overrides(NamedTuple):
    """What the file does not say, or says wrongly; None leaves it to the file.

    Attributes
    ----------
    unit : str or None
        ``uV``, ``mV``, ``V`` or ``nV``; goes before the unit in the file.
    rate_hz : float or None
        Samples per second [Hz], for a file without times; goes before what the file says.
    full_scale_uv : float or None
        What the largest number of a WAV file means [uV].
    stimulus_ms : float or None
        When the stimulus came, on the clock of the file [ms].
    stimulus_note : str or None
        Words of the notes in the file that mark a stimulus.
    invert : bool
        Turn the polarity of every channel.
    """

    unit: str | None = None
    rate_hz: float | None = None
    full_scale_uv: float | None = None
    stimulus_ms: float | None = None
    stimulus_note: str | None = None
    invert: bool = False


class _Piece(NamedTuple):
    """Samples without a break, in the unit of the file, and the time of the first [ms]."""

    start_ms: float
    samples: Float64s


class _Note(NamedTuple):
    """What a machine or a person wrote at a time of the recording [ms]."""

    at_ms: float
    text: str


@dataclass(frozen=True)
class _Channel:
    """A channel of a file before its samples are read; the unit as the file spells it, None without.

    `load` reads the channels that were chosen, all at once where the file is a table; it may add doubts.
    """

    number: int
    label: str
    unit: str | None
    rate_hz: float
    load: Callable[[], Sequence[_Piece]]
    path: str
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Contents:
    """What a file holds; `labels` names all its channels where some were left out."""

    channels: Sequence[_Channel]
    notes: Sequence[_Note] = ()
    doubts: list[str] = field(default_factory=list)
    labels: tuple[str, ...] = ()


def _unit_of(word: str) -> str | None:
    """Return the unit a word stands for, in any usual spelling; None if it stands for none.

    ``MV`` and ``mv`` are millivolts: no recording is in megavolts.
    """
    plain = word.translate(_MICRO_SIGNS).strip().strip("[](){}<>").strip().lower().rstrip(".")
    return _SPELLINGS.get(plain.replace(" ", ""))


def _microvolts(overrides: Overrides, in_file: str | None, path: str) -> float:
    """Return microvolts per unit of a channel.

    [uV].
    """
    word = overrides.unit if overrides.unit is not None else in_file
    if word is None or not word.strip():
        raise InputError(
            path, "no unit", "leaves the size open", "say --unit uV, mV or V, or write it in the header"
        )
    known = _unit_of(word)
    if known is None:
        where = "--unit" if overrides.unit is not None else path
        raise InputError(where, word, "is not a unit of voltage", did_you_mean(word, MICROVOLTS))
    return MICROVOLTS[known]


def _is_voltage(channel: _Channel) -> bool:
    return channel.unit is not None and _unit_of(channel.unit) is not None


def _asked_for(channels: Sequence[_Channel], asked: str | None, said: Overrides) -> list[_Channel]:
    """Return the channels to read, with what was left out as a doubt.

    Nobody asked: all that are voltages. A name takes a channel by its label, a number by its place; the label
    of a piece (``EDB 2``) its channel.
    """
    if asked is None:
        chosen = [one for one in channels if _is_voltage(one)]
        if said.unit is not None:
            chosen = [one for one in channels if _is_voltage(one) or not (one.unit or "").strip()]
        chosen = chosen or list(channels)
        if left := [one for one in channels if one not in chosen]:
            names = ", ".join(f"{one.label} [{one.unit or 'no unit'}]" for one in left[:6])
            chosen[0].doubts.append(f"Not read, for they are no voltages: {names}.")
        return chosen
    found: list[_Channel] = []
    for word in (word.strip().lower() for word in asked.split(",")):
        found += [one for one in channels if _answers_to(one, word, len(channels)) and one not in found]
    return found or list(channels)


def _answers_to(channel: _Channel, word: str, count: int) -> bool:
    label = channel.label.lower()
    if word == label or re.fullmatch(re.escape(label) + r"( \d+)+", word) is not None:
        return True
    return word.isdigit() and (int(word) == channel.number or count == 1)


def _traces_of(channel: _Channel, said: Overrides) -> tuple[Trace, ...]:
    """Read a channel: one trace, or one for each piece."""
    factor = _microvolts(said, channel.unit, channel.path)
    pieces = channel.load()
    many = len(pieces) > 1
    return tuple(
        Trace(
            _scaled(piece.samples, factor),
            channel.rate_hz,
            piece.start_ms,
            f"{channel.label} {k}" if many else channel.label,
            tuple(channel.doubts),
            many,
        )
        for k, piece in enumerate(pieces, 1)
    )


def _scaled(samples: Float64s, factor: float) -> Float64s:
    """Return samples times a factor; in place where they can be changed, for they may be many."""
    if factor == 1.0 or not samples.flags.writeable:
        return samples if factor == 1.0 else np.asarray(samples * factor)
    samples *= factor
    return samples


def _check_size(samples: float, path: str) -> None:
    """Refuse more samples than memory should hold (InputError)."""
    if samples > _MOST_SAMPLES:
        raise InputError(
            path,
            f"{samples:.3g} samples",
            f"are more than {_MOST_SAMPLES:.3g}, too many to be measured at once",
            "export a shorter stretch",
        )


def _unbroken(
    samples: Float64s, starts_ms: Callable[[int], float], breaks: Sequence[int], path: str
) -> tuple[list[_Piece], list[str]]:
    """Return the pieces between lost samples (not finite) and breaks before given samples, and doubts.

    What is lost at the very end is a column that ended. No piece: all were too short.
    """
    held = np.isfinite(samples)
    if not held.any():
        raise InputError(path, "no number", "stands in it", "choose another with --channel")
    last = len(samples) - int(np.argmax(held[::-1]))
    edges = set((np.flatnonzero(held[1:last] != held[: last - 1]) + 1).tolist())
    bounds = [0, *sorted(edges | {int(k) for k in breaks if 0 < k < last}), last]
    spans = [(a, b) for a, b in pairwise(bounds) if held[a]]
    kept = [(a, b) for a, b in spans if b - a >= _SHORTEST_PIECE] if len(bounds) > 2 else spans
    doubts = []
    lost = [(a, b) for a, b in pairwise(bounds) if not held[a]]
    if lost:
        a, b = lost[0]
        doubts.append(
            f"{path}: {sum(b - a for a, b in lost)} samples are lost in {len(lost)} places "
            f"(the first: sample {a + 1}, {starts_ms(b) - starts_ms(a):.4g} ms long): "
            "the pieces between are kept apart."
        )
    if kept and len(kept) < len(spans):
        count = len(spans) - len(kept)
        doubts.append(f"{path}: {count} pieces shorter than {_SHORTEST_PIECE} samples are left out.")
    return [_Piece(starts_ms(a), samples[a:b]) for a, b in kept], doubts


def _listed(losses: Sequence[str]) -> str:
    """Return losses in one phrase: the first few, and how many more."""
    more = f" and {len(losses) - _TOLD} more" if len(losses) > _TOLD else ""
    return "; ".join(losses[:_TOLD]) + more


_STIMULUS_WORDS = re.compile(
    r"^\W*((electric\w*|magnetic|supramaximal) )?(stim|stimul\w*|trig|trigger\w*|reiz\w*|shock\w*|tms"
    r"|est[ií]mul\w*)"
    r"(?![a-z])(?!.*\b(off|end|stop\w*|site|electrode\w*|chang\w*|mov\w*)\b)",
    re.IGNORECASE,
)


def _stimuli(notes: Sequence[_Note], said: Overrides, path: str) -> tuple[list[float], list[str]]:
    """Return when stimuli came [ms], from the notes, and doubts about their words."""
    texts = sorted({note.text for note in notes})
    shown = ", ".join(f"'{text[:40]}'" for text in texts[:6])
    if said.stimulus_note is not None:
        word = said.stimulus_note.strip().lower()
        used = [note for note in notes if word and word in note.text.lower()]
        if not used:
            remedy = f"use words of one of: {shown}" if notes else "leave it out, or say --stimulus-ms"
            raise InputError("--stimulus-note", said.stimulus_note, f"is no note in {path}", remedy)
        return sorted({note.at_ms for note in used}), []
    used = [note for note in notes if _STIMULUS_WORDS.match(note.text)]
    doubts = []
    if odd := sorted({note.text for note in used if note.text.lower() != "stimulus"}):
        doubts.append(f"Notes taken for the stimulus: {', '.join(repr(text[:40]) for text in odd[:3])}.")
    if rest := [text for text in texts if not _STIMULUS_WORDS.match(text)]:
        hint = "" if used else " If one marks the stimulus, say --stimulus-note with its words."
        doubts.append(f"Notes not used: {', '.join(repr(text[:40]) for text in rest[:6])}.{hint}")
    return sorted({note.at_ms for note in used}), doubts


def _on_stimuli(traces: tuple[Trace, ...], stimuli: Sequence[float], said: Overrides) -> tuple[Trace, ...]:
    """Return the pieces of a channel on the clock of their stimuli; several stimuli make sweeps."""
    alike = len(traces) > 1 and len({len(trace.samples_uv) for trace in traces}) == 1
    alike = alike and all(trace.start_ms > 0.0 for trace in traces[1:])
    if said.stimulus_ms is not None:
        zero = said.stimulus_ms
        return tuple(replace(one, start_ms=(0.0 if alike else one.start_ms) - zero) for one in traces)
    if not stimuli:
        if alike:
            doubt = (
                "Each piece is taken to begin with its stimulus, for none is marked; else say --stimulus-ms."
            )
            return tuple(replace(one, start_ms=0.0, doubts=(*one.doubts, doubt)) for one in traces)
        return traces
    return tuple(sweep for trace in traces for sweep in _sweeps(trace, stimuli, len(traces) > 1))


def _sweeps(trace: Trace, stimuli: Sequence[float], is_piece: bool) -> list[Trace]:
    """Return the trace on the clock of its stimulus, or cut from each stimulus to the next."""
    step = 1000.0 / trace.rate_hz
    end = trace.start_ms + trace.duration_ms
    inside = [at for at in stimuli if not is_piece or trace.start_ms - step <= at < end]
    if len(inside) <= 1:
        return [replace(trace, start_ms=trace.start_ms - inside[0])] if inside else [trace]
    sweeps = []
    for k, (begin, stop) in enumerate(zip(inside, [*inside[1:], end + step], strict=True), 1):
        piece = trace.between(begin, stop - step)
        label = f"{trace.label} {k}"
        sweeps.append(
            replace(trace, samples_uv=piece.samples_uv, start_ms=piece.start_ms - begin, label=label)
        )
    return sweeps
