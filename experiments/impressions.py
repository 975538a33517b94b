"""Are the words beneath a study true of its patient? Site, side, process and age: right, wrong or not stated.

    .venv/bin/python -m experiments.impressions [--n 500] [--seed 0] [--workers 2] [--protocol NAME]
                                                [--folder build/impressions]

Virtual patients of all causes in turn are studied on the day on which they come, with the protocol that fits
the complaint or the one that is named; what is read in the tables is set beside what the model did to the
patient. Late responses are left out: the readings do not ask for them. Rows are kept in the folder, a line a
patient: a second start goes on where the first one ended.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from experiments.progress_lines import told_in_lines
from garland.anatomy.tree import load
from garland.edx_study.laboratory import EdxLaboratory, perform
from garland.edx_study.protocol import load_protocol
from garland.edx_study.readings import _Reading, _readings, _Tables
from garland.edx_study.session import SIDES, EdxSession, draw_departure, edx_state
from garland.executors import resume_jobs
from garland.forecasts.patient import PatientSpec, arrival, checked, person_of
from garland.inference.consult import remember_compiled_programs
from garland.model.diseases import DISEASES, Disease, index_of
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.simulate import lesions_of

_A = load()
SITES = {
    "radiculopathy": {"root"},
    "plexopathy": {"plexus", "beyond the ganglion"},
    "radiculoplexus": {"root", "plexus", "roots and plexus", "beyond the ganglion"},
    "polyneuropathy": {"polyneuropathy", "beyond the ganglion"},
    "motor neuron": {"neurons", "root"},
    "muscle": {"muscle"},
    "mononeuropathy": {"nerve", "beyond the ganglion"},
    "vasculitis": {"nerve", "beyond the ganglion", "plexus", "polyneuropathy"},
    "none": set(),
}
"""Sites that are true of a family; the words of "root" and "plexus" leave neurons and nerves open."""
ROOTS_TOO = {"gbs": {"root", "roots and plexus"}, "cidp": {"root", "roots and plexus"}}
PROTOCOLS = {
    "radiculopathy": "lumbosacral-radiculopathy",
    "plexopathy": "lumbosacral-plexus",
    "radiculoplexus": "lumbosacral-plexus",
    "motor neuron": "motor-neuron-disease",
    "muscle": "myopathy",
    "polyneuropathy": "polyneuropathy",
    "vasculitis": "polyneuropathy",
    "none": "lumbosacral-radiculopathy",
}
OWN_PROTOCOLS = {
    "femoral": "femoral",
    "lateral-femoral-cutaneous": "femoral",
    "obturator": "lumbosacral-plexus",
    "fibular": "fibular-neuropathy",
    "sciatic": "sciatic",
    "tibial": "sciatic",
}
STEMS: dict[str, tuple[str, ...]] = {
    "common-fibular": ("common-fibular", "deep-fibular", "superficial-fibular", "sciatic-fibular"),
    "deep-fibular": ("common-fibular", "deep-fibular", "sciatic-fibular"),
    "superficial-fibular": ("common-fibular", "superficial-fibular", "sciatic-fibular"),
    "sciatic-fibular": ("sciatic-fibular",),
    "sciatic-tibial": ("sciatic-tibial",),
    "tibial": ("tibial", "sciatic-tibial"),
}
"""Sites at which a nerve that is named may be struck; others bear its own name."""
FELT = 0.1
"""Hazard from which a side, a process or a place counts as struck [-]."""
PLAIN = 0.4
"""Hazard from which there is something to see [-]: a third is lost."""
LEFT = float(np.exp(-FELT))
"""Share of a muscle or nerve that such a hazard leaves [0..1]."""
AGES = {"fresh": (0.0, 200.0), "going on": (25.0, 4000.0), "old": (120.0, 40000.0)}
"""Days since the first symptom at which each word of age is true [d]."""
STATEMENTS = ("site", "side", "process", "age")
VERDICTS = ("wrong", "right", "not stated")
"""From the one that decides on a study to the one that decides nothing."""


@dataclass(frozen=True)
class Truth:
    """What is so of one patient on the day of the study.

    Attributes
    ----------
    cause : Disease
        What the patient has.
    day : float
        Days since the first symptom [d].
    struck : dict
        By side, the processes whose hazard there is felt.
    parts : dict
        By part of the nerve (root, ganglion, plexus, nerve ...): the greatest hazard of loss or block [-].
    nerves : set of str
        Sites of nerves that are struck.
    plain : set of (str, str)
        Muscles and nerves, each with its side, of which a third is lost, blocked or diseased.
    worn : set of (str, str)
        Those of which age and diabetes took a tenth of the axons, under every cause.
    """

    cause: Disease
    day: float
    struck: dict[str, set[str]]
    parts: dict[str, float]
    nerves: set[str]
    plain: set[tuple[str, str]]
    worn: set[tuple[str, str]]

    @property
    def sides(self) -> set[str]:
        """Return the sides that are struck."""
        return {side for side, processes in self.struck.items() if processes}

    def sites(self, worn: bool, worn_nerve: bool) -> set[str]:
        """Return the statements on the site that are true; `worn` where what they rest on was lost before."""
        true = set(SITES[self.cause.family] | ROOTS_TOO.get(self.cause.name, set()))
        beyond = max(self.parts[part] for part in ("ganglion", "plexus", "nerve")) > FELT
        if beyond or worn:
            true.add("beyond the ganglion")
        if worn:
            true.add("polyneuropathy")
        if self.parts["root"] > FELT or "root" in true:
            true.add("roots at least")
        if self.parts["root"] > FELT and (beyond or worn_nerve):
            true.add("roots and plexus")
        return true


def struck(lesion: LesionProcess) -> dict[str, set[str]]:
    """Return the processes that are felt on each side."""
    hazards = {
        "axonal": np.maximum(np.asarray(lesion.axon_loss).max(axis=2), np.asarray(lesion.distal_loss))[0],
        "block": np.maximum(np.asarray(lesion.block).max(axis=2), np.asarray(lesion.distal_block))[0],
        "demyelinating": np.maximum(
            np.asarray(lesion.slowing).max(axis=2), np.asarray(lesion.distal_slowing)
        )[0],
        "muscle": np.asarray(lesion.muscle_loss).max(axis=2)[0],
    }
    return {side: {name for name, hazard in hazards.items() if hazard[at] > FELT}
            for at, side in enumerate(SIDES)}  # fmt: skip


def truth_of(cause: Disease, lesion: LesionProcess, state: Any, before: Any, day: float) -> Truth:
    """Return what is so of a patient; `state` of that day, `before` the same without the cause."""
    hazard = np.maximum(np.asarray(lesion.axon_loss), np.asarray(lesion.block))[0].max(axis=0)
    parts: dict[str, float] = {}
    for part, one in zip(_A.site_parts, hazard, strict=True):
        parts[part] = max(parts.get(part, 0.0), float(one))
    nerves = {name for name, part, one in zip(_A.sites, _A.site_parts, hazard, strict=True)
              if part == "nerve" and one > FELT}  # fmt: skip
    worn = _named(_A.muscles, before.axons[0] < LEFT) | _named(
        _A.sensory_study_ids, before.sensory.intact[0] < LEFT
    )
    return Truth(cause, day, struck(lesion), parts, nerves, _struck_parts(state, PLAIN), worn)


def _struck_parts(state: Any, hazard: float) -> set[tuple[str, str]]:
    """Return the muscles and nerves, by side, that lost as much as a hazard takes, or are as slowed."""
    motor, sensory, left = state.motor, state.sensory, np.exp(-hazard)
    slow = (motor.slowing[0].max(axis=2) > hazard) | (motor.terminal_slowing[0] > hazard)
    return (
        _named(_A.muscles, np.minimum(state.conducting, 1.0 - state.diseased)[0] < left)
        | _named(_A.sensory_study_ids, np.minimum(sensory.intact, sensory.passed)[0] < left)
        | _named(_A.motor_study_ids, slow | (np.minimum(motor.intact, motor.passed)[0] < left))
    )


def _named(names: Sequence[str], odd: np.ndarray) -> set[tuple[str, str]]:
    """Return names and sides where `odd`, (2, names), is true."""
    return {(name, side) for side, row in zip(SIDES, odd, strict=True)
            for name, one in zip(names, row, strict=True) if one}  # fmt: skip


def judged(reading: _Reading, truth: Truth) -> dict[str, str]:
    """Return how each statement of a reading compares with the truth."""
    stated = {"left", "right"} if reading.side == "both" else {reading.side}
    # A statement is true also where age or diabetes did it: where most of what it rests on was lost before.
    rests = [one in truth.worn for one in reading.rests_on]
    nerves = [one in truth.worn for one in reading.rests_on if one[0] in _A.sensory_study_ids]
    worn = 2 * sum(rests) > len(rests)
    processes = set().union(*(truth.struck[side] for side in stated)) | ({"axonal"} if worn else set())
    low, high = AGES.get(reading.age, (0.0, 0.0))
    aged = low <= truth.day <= high or (worn and reading.age in ("going on", "old"))
    place = not reading.nerve or any(
        site.startswith(STEMS.get(reading.nerve, (reading.nerve,))) for site in truth.nerves
    )
    return {
        "site": _verdict(reading.site, reading.site in truth.sites(worn, any(nerves)) and place),
        "side": _verdict(reading.side, stated <= truth.sides or worn),
        "process": _verdict(reading.process, set(reading.process) <= processes),
        "age": _verdict(reading.age, aged),
    }


def _verdict(stated: object, true: bool) -> str:
    return "not stated" if not stated else "right" if true else "wrong"


def worst(readings: Iterable[_Reading], truth: Truth) -> dict[str, str]:
    """Return the verdict on each statement of a whole study: one wrong sentence makes it wrong."""
    verdicts = [judged(reading, truth) for reading in readings]
    return {name: min((one[name] for one in verdicts), key=VERDICTS.index, default=VERDICTS[-1])
            for name in STATEMENTS}  # fmt: skip


def studied(cause: Disease, seed: int, protocol: str = "") -> tuple[_Tables, Truth]:
    """Return the tables of one virtual patient, and the truth."""
    spec = PatientSpec(cause.name)
    index = checked(spec)
    known = person_of(spec, cause, seed)
    latents, day, person = arrival(known, index, seed)
    days = np.array([day], np.float32)
    state = edx_state(known, index, latents, days)
    before = edx_state(person, index_of("none"), latents, days)
    lesion = jax.tree.map(np.asarray, _lesions()(person, index, latents))
    bench = EdxSession(state, 0, draw_departure(np.random.default_rng([seed, 11])))
    plan = load_protocol(protocol or OWN_PROTOCOLS.get(cause.name) or PROTOCOLS[cause.family])
    found = perform(replace(plan, f_waves=(), h_reflexes=()), EdxLaboratory(bench, seed))
    return found.tables(), truth_of(cause, lesion, state, before, day)


def seen(tables: _Tables, truth: Truth) -> bool:
    """Return whether a third of a muscle or nerve that was tested is truly lost, blocked or diseased."""
    tested = {(row.muscle, row.side) for row in tables.needle}
    tested |= {(row.study, row.side) for row in (*tables.sensory, *tables.motor)}
    return bool(tested & truth.plain)


@cache
def _lesions() -> Any:
    return jax.jit(lambda person, cause, latents: lesions_of(person, cause, latents)[1])


def job(seed: int, protocol: str = "") -> dict[str, Any]:
    """Return the verdicts on one study, what was said and the time it took [s]; the seed tells the cause."""
    begun = time.process_time()
    remember_compiled_programs()
    cause = DISEASES[seed % len(DISEASES)]
    tables, truth = studied(cause, seed, protocol)
    readings = _readings(tables)
    return {
        "cause": cause.name,
        "seen": seen(tables, truth),
        **worst(readings, truth),
        "words": [reading.words for reading in readings],
        "cpu_s": round(time.process_time() - begun, 2),
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the share of studies by statement and verdict, as lines of a table."""
    there = [row for row in rows if row["seen"]]
    lines = [
        f"| {len(rows)} studies | wrong | right | not stated | right, of {len(there)} with plain damage |"
    ]
    lines.append("|---|---|---|---|---|")
    for name in STATEMENTS:
        plain = 100.0 * sum(row[name] == "right" for row in there) / max(len(there), 1)
        lines.append(f"| {name} | {' | '.join(_shares(rows, name, ' %'))} | {plain:.1f} % |")
    return "\n".join(lines)


def by_family(rows: Sequence[dict[str, Any]]) -> str:
    """Return the same by what the patient has, as lines of a table."""
    families: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        families.setdefault(DISEASES[index_of(row["cause"])].family, []).append(row)
    lines = [f"| truth | studies | {' | '.join(STATEMENTS)} |", "|---" * (2 + len(STATEMENTS)) + "|"]
    for family, some in families.items():
        cells = [" / ".join(_shares(some, name, "", 0)) for name in STATEMENTS]
        lines.append(f"| {family} | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _shares(rows: Sequence[dict[str, Any]], name: str, unit: str, digits: int = 1) -> list[str]:
    """Return the share of every verdict on a statement [%], as words."""
    count = Counter(row[name] for row in rows)
    return [f"{100.0 * count[key] / len(rows):.{digits}f}{unit}" for key in VERDICTS]


def main() -> None:
    """Print the table, and what was said where a statement was wrong."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--n", type=int, default=500)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--protocol", default="")
    asked.add_argument("--folder", type=Path, default=Path("build/impressions"))
    given = asked.parse_args()
    seeds = range(given.seed, given.seed + given.n)
    with told_in_lines():
        rows = resume_jobs(
            f"impressions-{given.protocol or 'fitting'}",
            partial(job, protocol=given.protocol),
            seeds,
            folder=given.folder,
            workers=given.workers,
        )
    print(f"{table(rows)}\n\n{by_family(rows)}\n")
    print(f"processor time {sum(row['cpu_s'] for row in rows):.0f} s, load {os.getloadavg()[0]:.1f}")
    for row in rows:
        wrong = [name for name in STATEMENTS if row[name] == "wrong"]
        if wrong:
            print(f"{row['seed']} {row['cause']}: {', '.join(wrong)}: {'; '.join(row['words'])}")


if __name__ == "__main__":
    main()
