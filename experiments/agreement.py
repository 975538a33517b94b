"""Whether what is measured off the traces is what the model expects, over many virtual patients.

    .venv/bin/python -m experiments.agreement [PATIENTS] [MUSCLES]

Causes are drawn as an EMG laboratory meets them, persons and days as they come with each cause. Every
conduction study, F wave and H reflex of the model is recorded on both sides, and MUSCLES muscles (drawn) with
the needle, without the chance of a session: what is left is fibre against mean field, amplifier, and markers.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

SIDES = (0, 1)
PATIENTS, MUSCLES, WORKERS = 500, 3, 2


def drawn(patients: int) -> list[tuple[int, int]]:
    """Return causes and how many patients have each."""
    from garland.model.diseases.prior import prior
    from garland.model.patient import unknown_person

    latents = np.random.default_rng(1)
    causes = latents.choice(len(prior(unknown_person())), size=patients, p=prior(unknown_person()))
    return [(int(cause), int(n)) for cause, n in zip(*np.unique(causes, return_counts=True), strict=True)]


def compared(of: tuple[int, int, int]) -> list[tuple[str, str, object, object]]:
    """Return measured and expected of the patients of one cause: (kind, item, measured, expected)."""
    import jax

    from garland.edx_study.session import EdxSession, edx_state
    from garland.forecasts.patient import PatientSpec, person_of
    from garland.inference.likelihood import UNKNOWN, day_of
    from garland.model.diseases import DISEASES
    from garland.model.latents import draw
    from garland.model.patient import Person

    cause, patients, muscles = of
    persons = [
        person_of(PatientSpec(DISEASES[cause].name), DISEASES[cause], seed) for seed in range(patients)
    ]
    person = Person(*(np.stack(field) for field in zip(*persons, strict=True)))
    latents = draw(jax.random.key(100 + cause), patients)
    every = edx_state(person, cause, latents, day_of(UNKNOWN, np.int32(cause), latents))
    rows: list[tuple[str, str, object, object]] = []
    for n in range(patients):
        rng = np.random.default_rng([cause, n])
        rows += list(_conduction(EdxSession(every, n), rng))
        rows += list(_needle(EdxSession(every, n), rng, muscles))
    return rows


def _conduction(bench: object, rng: np.random.Generator) -> Iterator[tuple[str, str, object, object]]:
    from experiments.expected_study import _f_expected, _h_expected, _motor_expected, _sensory_expected
    from garland.anatomy.tree import load
    from garland.edx_study.values import (
        _f_measured,
        _f_window_ms,
        _h_measured,
        _motor_measured,
        _sensory_measured,
    )
    from garland.signals.late import measure_f_waves, measure_h_reflex
    from garland.signals.markers import motor_response
    from garland.waveforms.late import record_f_waves, record_h_reflex
    from garland.waveforms.motor import record_cmap, record_cmaps
    from garland.waveforms.sensory import record_snap

    a, age, height = load(), bench.person("age_years"), bench.person("height_cm")
    for side in SIDES:
        for study in a.sensory_study_ids:
            state = bench.sensory(study, side)
            got = _sensory_measured(record_snap(state, age, rng), state.distance_mm)
            yield "sensory", study, got, _sensory_expected(bench, study, side)
        for study in a.motor_study_ids:
            state = bench.motor(study, side)
            got = _motor_measured([motor_response(trace) for trace in record_cmaps(state, age, rng)], state)
            yield "motor", study, got, _motor_expected(bench, study, side)
        for item, study in zip(a.f_ids, a.f_studies, strict=True):
            way = bench.f_wave(item, side)
            nerve = bench.motor(study.motor_study, side)
            traces = record_f_waves(nerve, way, rng)
            window = _f_window_ms(item, (age, height), record_cmap(nerve, age, rng))
            yield "f", item, _f_measured(measure_f_waves(traces, window_ms=window)), _f_expected(way)
        for item in a.h_ids:
            way = bench.h_reflex(item, side)
            traces = record_h_reflex(bench.h_muscle(item, side), way, rng)
            yield "h", item, _h_measured(measure_h_reflex(traces, height)), _h_expected(way)


def _needle(
    bench: object, rng: np.random.Generator, muscles: int
) -> Iterator[tuple[str, str, object, object]]:
    from experiments.expected_study import _needle_expected
    from garland.anatomy.tree import load
    from garland.edx_study.values import (
        _needle_measured,
    )
    from garland.waveforms.needle import record_needle

    screen = load().groups["screen"]
    for muscle in rng.choice(screen, size=muscles, replace=False):
        state = bench.needle(str(muscle), bench.worse_side(), rng)
        yield "needle", str(muscle), _needle_measured(*record_needle(state, rng)), _needle_expected(state)


def _pairs(
    rows: list[tuple[str, str, object, object]],
) -> dict[tuple[str, str, str], list[tuple[float, float]]]:
    """Return measured and expected numbers by kind, item and measure."""
    found = defaultdict(list)
    for kind, item, got, want in rows:
        if kind == "needle":
            continue
        for name, expected in want._asdict().items():
            measured = getattr(got, name)
            several = isinstance(expected, tuple)
            for pair in zip(measured, expected, strict=True) if several else [(measured, expected)]:
                if name != "persistence_percent" and not math.isnan(pair[1]):
                    found[kind, item, name].append(pair)
    return found


def tell(rows: list[tuple[str, str, object, object]]) -> None:
    """Print median differences, and how often grades agree."""
    print(f"{'study':44} {'measure':14} {'n':>6} {'lost':>5} {'median':>8} {'|median|':>9} {'95 %':>7}")
    pooled = defaultdict(list)
    for (kind, item, name), pairs in sorted(_pairs(rows).items()):
        both = [(m, e) for m, e in pairs if m == m and m > 0 and e > 0]
        apart = np.array([m / e - 1.0 for m, e in both])
        if not len(apart):
            continue
        pooled[kind, name].append(apart)
        _line(f"{kind} {item}", name, len(pairs), len(pairs) - len(both), apart)
    print()
    for (kind, name), parts in sorted(pooled.items()):
        _line(f"all {kind}", name, sum(map(len, parts)), 0, np.concatenate(parts))
    needles = [(got, want) for kind, _, got, want in rows if kind == "needle"]
    for name in ("fibrillations", "recruitment"):
        same = np.mean([getattr(got, name) == getattr(want, name) for got, want in needles])
        sick = [(g, w) for g, w in needles if getattr(w, name) not in (0, "normal")]
        ill = np.mean([getattr(g, name) == getattr(w, name) for g, w in sick]) if sick else math.nan
        print(f"{name}: {100 * same:.1f} % of {len(needles)} muscles agree", end="; ")
        print(f"{100 * ill:.1f} % of {len(sick)} abnormal ones")


def _line(what: str, name: str, n: int, lost: int, apart: np.ndarray) -> None:
    median, spread, far = np.median(apart), np.median(np.abs(apart)), np.quantile(np.abs(apart), 0.95)
    print(f"{what:44} {name:14} {n:6d} {lost:5d} {100 * median:7.2f}% {100 * spread:8.2f}% {100 * far:6.1f}%")


def main() -> None:
    """Compare, on two processes."""
    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    muscles = int(sys.argv[2]) if len(sys.argv) > 2 else MUSCLES
    jobs = [(cause, n, muscles) for cause, n in drawn(patients)]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        tell([row for rows in pool.map(compared, jobs) for row in rows])


if __name__ == "__main__":
    main()
