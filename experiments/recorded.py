"""Whether a consult does as well on a recorded study as on what the model expects of the same session.

    .venv/bin/python -m experiments.recorded [PATIENTS] [PARTICLES]

Each virtual patient is studied twice in one session: once through the traces, measured and written as a case,
and once with the session's values put straight into the case. The true cause should lead as often either way.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import numpy as np

PATIENTS, PARTICLES, WORKERS = 50, 0, 2
PROTOCOL = "lumbosacral-plexus"


def expect(protocol: Any, bench: Any, seed: int) -> dict[tuple[str, str, str], object]:
    """Return what the model expects of a protocol in this session, without recording anything."""
    from experiments import expected_study
    from garland.anatomy.tree import load
    from garland.edx_study.laboratory import NEEDLE, EdxLaboratory, _ordered
    from garland.edx_study.session import SIDES

    rng = EdxLaboratory(bench, seed).rng
    bench = replace(bench, on_paper=True)
    found: dict[tuple[str, str, str], object] = {}
    for kind, name, side in _ordered(protocol, bench.worse_side()):
        if kind == "motor":
            value: object = expected_study._motor_expected(bench, name, side)
        elif kind == "sensory":
            value = expected_study._sensory_expected(bench, name, side)
        elif kind == "f":
            value = expected_study._f_expected(bench.f_wave(name, side))
        elif kind == "h":
            value = expected_study._h_expected(bench.h_reflex(name, side))
        else:
            index = load().muscles.index(name)
            value = expected_study._needle_expected(bench.needle(name, side, rng(NEEDLE, index, side)))
        found[kind, name, SIDES[side]] = value
    return found


def ranked(of: tuple[int, int, int]) -> tuple[str, int, int, float]:
    """Return the true cause and its rank on the recorded and on the expected study, and the seconds."""
    from garland.edx_study.laboratory import EdxLaboratory, perform
    from garland.edx_study.protocol import load_protocol
    from garland.edx_study.session import EdxSession, draw_departure, edx_state
    from garland.edx_study.virtual import _case_of
    from garland.forecasts.patient import PatientSpec, arrival, person_of
    from garland.inference.consult import consult, remember_compiled_programs
    from garland.model.diseases import DISEASES
    from garland.model.patient import Person

    cause, seed, particles = of
    remember_compiled_programs()
    begin = time.perf_counter()
    known = person_of(PatientSpec(DISEASES[cause].name), DISEASES[cause], seed)
    latents, day, _ = arrival(known, cause, seed)
    every = edx_state(known, cause, latents, np.array([day], np.float32))
    bench = EdxSession(every, 0, draw_departure(np.random.default_rng([seed, 11])))
    plan = load_protocol(PROTOCOL)
    recorded = perform(plan, EdxLaboratory(bench, seed)).measured
    ranks = []
    for measured in (recorded, expect(plan, bench, seed)):
        person = {name: bench.person(name) for name in Person._fields}
        case = _case_of(f"virtual-{seed}", "SIMULATED", day, person, measured)
        answer = consult(case, seed=0, particles=particles or None)
        names = [found.name for found in answer.causes]
        ranks.append(1 + names.index(DISEASES[cause].name))
    return DISEASES[cause].name, ranks[0], ranks[1], time.perf_counter() - begin


def main() -> None:
    """Compare, on two processes."""
    from garland.model.diseases.prior import prior
    from garland.model.patient import unknown_person

    patients = int(sys.argv[1]) if len(sys.argv) > 1 else PATIENTS
    particles = int(sys.argv[2]) if len(sys.argv) > 2 else PARTICLES
    weights = prior(unknown_person())
    causes = np.random.default_rng(2).choice(len(weights), size=patients, p=weights)
    jobs = [(int(cause), seed, particles) for seed, cause in enumerate(causes)]
    rows = []
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for name, recorded, expected, seconds in pool.map(ranked, jobs):
            rows.append((recorded, expected))
            print(f"{name:28} recorded {recorded:3d}   expected {expected:3d}   {seconds:6.1f} s", flush=True)
    got = np.array(rows)
    for k in (1, 3):
        first = (got <= k).mean(axis=0)
        print(f"within the first {k}: recorded {100 * first[0]:.0f} %, expected {100 * first[1]:.0f} %")
    apart = int(((got[:, 0] == 1) != (got[:, 1] == 1)).sum())
    gained = int(((got[:, 0] == 1) & (got[:, 1] != 1)).sum())
    print(f"of {patients} patients {apart} change: {gained} gained, {apart - gained} lost by recording")


if __name__ == "__main__":
    main()
