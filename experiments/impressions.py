"""Are the words beneath a study true of its patient? Site, side, process and age: right, wrong or not stated.

    .venv/bin/python -m experiments.impressions [--n 500] [--seed 0]

Virtual patients of all causes in turn are studied on the day on which they come, with the protocol that fits
the complaint; what is read in the tables is set beside what the model did to the patient.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

import jax
import numpy as np

from garland.edx_study.impression import _Reading, _readings, _Tables
from garland.edx_study.virtual import StudyRequest, record
from garland.forecasts.patient import PatientSpec, arrival, checked, person_of
from garland.model.diseases import DISEASES, Disease
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.simulate import lesions_of

SITES = {
    "radiculopathy": {"root"},
    "plexopathy": {"plexus", "beyond the ganglion"},
    "radiculoplexus": {"root", "plexus", "roots and plexus"},
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
}
OWN_PROTOCOLS = {"femoral": "femoral", "fibular": "fibular-neuropathy", "sciatic": "sciatic"}
FELT = 0.1
"""Hazard from which a side or a process counts as struck [-]."""
AGES = {"fresh": (0.0, 200.0), "going on": (25.0, 4000.0), "old": (120.0, 40000.0)}
"""Days since the first symptom at which each word of age is true [d]."""


def struck(lesion: LesionProcess) -> tuple[set[str], set[str]]:
    """Return the sides and the processes of one patient."""
    by_side = {
        "axonal": np.maximum(np.asarray(lesion.axon_loss).max(axis=2), np.asarray(lesion.distal_loss))[0],
        "block": np.maximum(np.asarray(lesion.block).max(axis=2), np.asarray(lesion.distal_block))[0],
        "demyelinating": np.maximum(
            np.asarray(lesion.slowing).max(axis=2), np.asarray(lesion.distal_slowing)
        )[0],
        "muscle": np.asarray(lesion.muscle_loss).max(axis=2)[0],
    }
    sides = {
        side
        for at, side in enumerate(("left", "right"))
        if any(hazard[at] > FELT for hazard in by_side.values())
    }
    return sides, {name for name, hazard in by_side.items() if hazard.max() > FELT}


def judged(
    reading: _Reading, cause: Disease, diabetic: bool, lesion: LesionProcess, day: float
) -> dict[str, str]:
    """Return how each statement of a reading compares with the truth."""
    sides, processes = struck(lesion)
    sites = SITES[cause.family] | ROOTS_TOO.get(cause.name, set())
    # What diabetes did to the longest nerves before is true as well.
    worn = diabetic and reading.site in ("polyneuropathy", "beyond the ganglion")
    stated = {"left", "right"} if reading.side == "both" else {reading.side}
    low, high = AGES.get(reading.age, (0.0, 0.0))
    return {
        "site": _verdict(reading.site, reading.site in sites or worn),
        "side": _verdict(reading.site or reading.process, stated <= sides or worn),
        "process": _verdict(reading.process, set(reading.process) <= processes or worn),
        "age": _verdict(reading.age, low <= day <= high),
    }


def _verdict(stated: object, true: bool) -> str:
    return "not stated" if not stated else "right" if true else "wrong"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--n", type=int, default=500)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("site", "side", "process", "age")}
    wrong: Counter[str] = Counter()
    for number in range(given.n):
        if sys.stderr.isatty():
            print(f"\r{number} of {given.n}", end="", file=sys.stderr)
        cause = DISEASES[number % len(DISEASES)]
        spec, seed = PatientSpec(cause.name), given.seed + number
        protocol = OWN_PROTOCOLS.get(cause.name) or PROTOCOLS.get(cause.family, "full")
        study, _ = record(StudyRequest(spec), protocol=protocol, seed=seed)
        tables = _Tables(study.motor, study.sensory, study.f_waves, study.h_reflexes, study.needle)
        latents, _, person = arrival(person_of(spec, cause, seed), checked(spec), seed)
        _, lesion = lesions_of(jax.tree.map(np.asarray, person), checked(spec), latents)
        verdicts = [
            judged(one, cause, bool(np.asarray(person.diabetes)[0]), lesion, study.day)
            for one in _readings(tables)
        ]
        for name, count in counts.items():
            found = {verdict[name] for verdict in verdicts}
            worst = "wrong" if "wrong" in found else "right" if "right" in found else "not stated"
            count[worst] += 1
            if worst == "wrong":
                wrong[f"{name}: {cause.name}: {'; '.join(study.impression)}"] += 1
    print(f"{given.n} studies, load {os.getloadavg()[0]:.1f}")
    for name, count in counts.items():
        shares = "  ".join(
            f"{key} {100.0 * count[key] / given.n:5.1f} %" for key in ("right", "wrong", "not stated")
        )
        print(f"{name:8s} {shares}")
    for line, times in wrong.most_common(40):
        print(times, line)


if __name__ == "__main__":
    main()
