"""How often markers of a recording with faults are right, doubtful, or wrong without a word.

Shapes are gamma curves and differences of them, made here and not by the waveforms of Garland, so that the
readers are not tried on what they were tuned on. The truth of each is read from its own curve without noise,
sampled at 200 kHz. Motor and sensory sweeps get an artefact with a tail, drift, 50 or 60 Hz, turned polarity
and odd rates; late responses drift, hum and odd rates.

    python -m experiments.turned_and_drifting --count 300 --seed 0
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass

import numpy as np

from garland._types import Float64s
from garland.signals.doubtful import _looked_over
from garland.signals.late import measure_f_waves, measure_h_reflex
from garland.signals.markers import motor_response, sensory_response
from garland.signals.trace import Trace

KINDS = ("motor", "sensory", "f-wave", "h-reflex")
RATES = {
    "motor": (5e3, 6.4e3, 10e3, 12.5e3, 25e3, 48e3),
    "sensory": (6.4e3, 10e3, 20e3, 44.1e3),
    "f-wave": (3e3, 5e3, 10e3, 24e3),
    "h-reflex": (2e3, 4e3, 10e3, 24e3),
}
SWEEPS_MS = {"motor": 50.0, "sensory": 20.0, "f-wave": 100.0, "h-reflex": 100.0}


@dataclass(frozen=True)
class Tried:
    """One synthetic recording: its kind and faults, and what became of latency and amplitude."""

    kind: str
    faults: tuple[str, ...]
    latency_off_ms: float
    amplitude_off: float
    allowed_ms: float
    doubted: bool

    @property
    def right(self) -> bool:
        """Tell whether latency and amplitude are near enough."""
        return abs(self.latency_off_ms) <= self.allowed_ms and abs(self.amplitude_off) <= 0.05


def gamma(t: Float64s, at: float, rise: float, sharp: float) -> Float64s:
    """Return a gamma curve of height 1 that begins at `at` and peaks `rise` later, shape (n,)."""
    x = np.maximum((t - at) / rise, 0.0)
    return np.asarray(x**sharp * np.exp(sharp * (1.0 - x)), float)


def response(t: Float64s, kind: str, at: float, size_uv: float, shape: Float64s) -> Float64s:
    """Return a response, negative as a negative number, shape (n,) [uV]; `shape` holds three of 0..1."""
    if kind == "sensory":
        rise = 0.45 + 0.3 * shape[0]
        down = gamma(t, at, rise, 2.0 + shape[1])
        up = gamma(t, at + rise, 1.6 * rise, 2.5)
        return np.asarray(size_uv * (-down + (0.2 + 0.3 * shape[2]) * up), float)
    rise = 1.8 + 1.4 * shape[0]
    down = gamma(t, at, rise, 1.6 + 0.8 * shape[1])
    up = gamma(t, at + 1.8 * rise, 1.8 * rise, 2.5)
    return np.asarray(size_uv * (-down + (0.2 + 0.4 * shape[2]) * up), float)


def faults_of(rng: np.random.Generator, t: Float64s, kind: str, size_uv: float) -> tuple[Float64s, list[str]]:
    """Return what disturbs a sweep, shape (n,) [uV], and its names."""
    disturbance, names = np.zeros_like(t), []
    if kind in ("motor", "sensory") and rng.random() < 0.4:
        names.append("artefact")
        tail = np.where(t >= 0.0, np.exp(-np.maximum(t, 0.0) / rng.uniform(0.3, 2.0)), 0.0)
        disturbance += rng.choice([-1.0, 1.0]) * rng.uniform(0.2, 1.5) * size_uv * tail
    if rng.random() < 0.4:
        names.append("drift")
        disturbance += rng.uniform(-0.3, 0.3) * size_uv * (t - t[0]) / np.ptp(t)
    if rng.random() < 0.3:
        names.append("hum")
        hz = rng.choice([50.0, 60.0])
        disturbance += (
            rng.uniform(0.01, 0.1) * size_uv * np.sin(2e-3 * np.pi * hz * t + rng.uniform(0.0, 6.28))
        )
    return disturbance, names


def one_recording(rng: np.random.Generator) -> Tried:
    """Make one recording, measure it, and say how far off it is."""
    kind = str(rng.choice(KINDS))
    rate = float(rng.choice(RATES[kind]))
    start = -10.0 if rng.random() < 0.5 else 0.0
    steps = np.arange(round((SWEEPS_MS[kind] - start) * rate / 1000.0))
    t: Float64s = np.asarray(start + steps * 1000.0 / rate, float)
    fine: Float64s = np.arange(0.0, SWEEPS_MS[kind], 0.005)
    shape = rng.random(3)
    low, high = {
        "motor": (2.5, 12.0),
        "sensory": (1.8, 5.0),
        "f-wave": (42.0, 62.0),
        "h-reflex": (27.0, 38.0),
    }[kind]
    at = rng.uniform(low, high)
    size = float(
        np.exp(
            rng.uniform(
                *np.log(
                    {
                        "motor": (1e3, 1e4),
                        "sensory": (6.0, 40.0),
                        "f-wave": (100.0, 500.0),
                        "h-reflex": (8e2, 5e3),
                    }[kind]
                )
            )
        )
    )
    noise = size * rng.uniform(0.002, 0.015)
    disturbance, names = faults_of(rng, t, kind, size)
    clean, truth = response(t, kind, at, size, shape), response(fine, kind, at, size, shape)
    if kind in ("f-wave", "h-reflex"):
        m = rng.uniform(3e3, 8e3) if kind == "f-wave" else size * rng.uniform(0.5, 2.0)
        clean = clean + response(t, "motor", rng.uniform(3.0, 5.0), m, rng.random(3))
    samples = clean + disturbance + noise * rng.standard_normal(len(t))
    if kind in ("motor", "sensory") and rng.random() < 0.3:
        names.append("turned")
        samples = -samples
    true_trace = Trace(truth, 200e3, 0.0)
    height = 175.0 if rng.random() < 0.5 else None
    allowed = max(0.1, 500.0 / rate)
    got = read(Trace(samples, rate, start, "x"), kind, height)
    told = read_true(true_trace, kind)
    if got[0] is None or told is None:
        return Tried(kind, tuple(names), np.inf, np.inf, allowed, got[2])
    return Tried(kind, tuple(names), got[0] - told[0], got[1] / told[1] - 1.0, allowed, got[2])


def read(trace: Trace, kind: str, height_cm: float | None) -> tuple[float | None, float, bool]:
    """Return latency [ms], amplitude [uV] and whether a doubt was said, as `garland measure` reads them."""
    (trace,), doubts = _looked_over([trace], kind, False)
    if kind in ("motor", "sensory"):
        found = motor_response(trace) if kind == "motor" else sensory_response(trace)
        return (
            (None, 0.0, bool(doubts)) if found is None else (found.onset_ms, found.amplitude_uv, bool(doubts))
        )
    if kind == "h-reflex":
        late = measure_h_reflex([trace], height_cm)
        return (
            (None, 0.0, bool(doubts)) if late is None else (late.latency_ms, late.amplitude_uv, bool(doubts))
        )
    waves = measure_f_waves([trace], height_cm)
    return waves.shortest_ms, float(waves.amplitudes_uv[0]), bool(doubts)


def read_true(trace: Trace, kind: str) -> tuple[float, float] | None:
    """Return latency and amplitude by the definition of the cursors on the curve without any fault."""
    found = sensory_response(trace) if kind == "sensory" else motor_response(trace, end_ms=100.0)
    if found is None:
        return None
    late = kind in ("f-wave", "h-reflex")
    return found.onset_ms, found.peak_to_peak_uv if late else found.amplitude_uv


def battery(count: int, seed: int) -> list[Tried]:
    """Return `count` recordings tried, of one seed."""
    rng = np.random.default_rng(seed)
    return [one_recording(rng) for _ in range(count)]


def main() -> None:
    """Print the shares by kind, and which faults the wrong ones had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    tried = battery(given.count, given.seed)
    for kind in ("all", *KINDS):
        some = [one for one in tried if kind in ("all", one.kind)]
        wrong = [one for one in some if not one.right]
        right = 1 - len(wrong) / len(some)
        silent = [one for one in wrong if not one.doubted]
        print(f"{kind:9s} {len(some):4d}  right {right:.3f}  silent {len(silent) / len(some):.3f}")
        print("   wrong:", Counter(one.faults for one in wrong).most_common(6))
        print(
            "   silent:",
            [(f"{o.latency_off_ms:.2f} ms", f"{o.amplitude_off:.2f}", o.faults) for o in silent][:8],
        )


if __name__ == "__main__":
    main()
