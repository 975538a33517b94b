"""Log evidences to be right against: of contested, two-sided and plain records, by runs that know nothing of
each other, until they agree.

    .venv/bin/python -m experiments.evidence_reference [FOLDER OF MORE CASES]
    .venv/bin/python -m experiments.evidence_reference --compare [FOLDER OF MORE CASES]

A run starts from many more places than a consult does, draws four times as many patients to the posterior,
and learns a base from them twice. Runs of a cause are added until the standard error of their mean is below
`WANTED` or there are `MOST` of them. Runs are kept beside this file, and a second start goes on from there;
they hold for the version that made them. The second command asks how far consults are from them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from garland.inference.consult import Asked, _posterior_of, remember_compiled_programs
from garland.inference.laplace import _diverse_starts, _find_modes, _learnt, systematic
from garland.inference.likelihood import _Problem, prepare_programs
from garland.inference.smc import _draw_cloud, _joined, _log_evidence, _log_mean, _temper
from garland.io import write_whole
from garland.model.diseases import DISEASES, index_of
from garland.records import Case, read_case, shipped_case

CONTESTED = ("04", "39", "03", "14", "102", "106", "104", "149", "144", "255")
TWO_SIDED = ("25", "16", "41", "257", "253", "259")
PLAIN = ("18", "44", "10", "12", "21", "27", "32", "46", "140", "145", "160", "162", "166", "167")
WORTH = 0.01
"""Probability in a consult from which a cause is measured [-]."""
WANTED, LEAST, MOST = 0.025, 4, 16
"""Standard error of a mean of runs that is aimed at [nat], fewest and most runs [-]."""
_TRIED, _KEPT, _LEARNT = 1024, 2048, 2
_ROUNDS, _MOVES = 6, 4
_WEIGHABLE = 0.1
KEPT = Path(__file__).with_suffix(".json")


def run(problem: _Problem, cause: int, seed: int) -> float:
    """Return the log evidence of a cause by one run [nat]."""
    rng = np.random.default_rng([seed, cause, 77])
    tried = _draw_cloud(problem, cause, rng, _TRIED)
    halves = np.array_split(np.arange(_TRIED), 2)
    starts = np.concatenate(
        [
            _diverse_starts(problem, cause, tried.vectors[half], tried.log_likelihood[half], 4)
            for half in halves
        ]
    )
    base = _find_modes(problem, cause, starts, _ROUNDS, closely=True)
    cloud = _temper(problem, _draw_cloud(problem, cause, rng, _KEPT, base), rng, _KEPT, _MOVES)
    for _ in range(_LEARNT):
        drawn = systematic(cloud.weights, len(cloud.vectors), rng)
        fresh = _draw_cloud(problem, cause, rng, 2 * _KEPT, _learnt(cloud.vectors[drawn], base))
        if fresh.effective > _WEIGHABLE * 2 * _KEPT:
            return _log_evidence(fresh)[0]
        cloud = _joined(cloud, _temper(problem, fresh, rng, _KEPT, _MOVES))
    return _log_evidence(cloud)[0]


def mean_and_error(runs: Sequence[float]) -> tuple[float, float]:
    """Return the log of the mean evidence of runs and its standard error [nat]."""
    mean = float(_log_mean(np.asarray(runs)))
    return mean, float(np.std(np.exp(np.asarray(runs) - mean), ddof=1) / np.sqrt(len(runs)))


def records(more: Path | None) -> Iterator[tuple[str, Case]]:
    """Yield the records by name; those that are not shipped are looked for in a folder."""
    for name in (*CONTESTED, *TWO_SIDED, *PLAIN):
        files = sorted(more.glob(f"{name}-*.yaml")) if more else []
        if files:
            yield name, read_case(files[0])
        elif len(name) < 3:
            yield name, shipped_case(name)


def measured(name: str, case: Case, kept: dict[str, list[float]], save: Any) -> None:
    """Add runs of every leading cause of a record until they agree."""
    _, problem, _, found = _posterior_of(case, Asked())
    known = {key.split()[1] for key in kept if key.startswith(f"{name} ")}
    leading = {DISEASES[c].name for c in found.order if found.probability[c] > WORTH}
    for cause in sorted(known | leading):
        runs = kept.setdefault(f"{name} {cause}", [])
        while len(runs) < LEAST or (mean_and_error(runs)[1] > WANTED and len(runs) < MOST):
            runs.append(run(problem, index_of(cause), len(runs)))
            save()
        mean, error = mean_and_error(runs)
        print(f"{name} {cause}: {mean:.3f} +- {error:.3f}, {len(runs)} runs", flush=True)


def distance(name: str, case: Case, kept: dict[str, list[float]], seed: int) -> dict[str, Any] | None:
    """Return how far the probabilities of a consult are from those of the reference; None without one."""
    known = {key.split()[1]: mean_and_error(runs) for key, runs in kept.items() if key.split()[0] == name}
    if not known:
        return None
    _, _, _, found = _posterior_of(case, Asked(seed=seed))
    evidence = found.log_evidence.copy()
    for cause, (mean, _) in known.items():
        evidence[index_of(cause)] = mean
    with np.errstate(divide="ignore"):
        score = evidence + np.log(found.prior)
    right = np.exp(score - score.max())
    right /= right.sum()
    away = np.abs(right - found.probability)
    worst = int(np.argmax(away))
    row = {"record": name, "seed": seed, "away": float(away[worst]), "error": float(found.error[worst])}
    return {
        **row,
        "cause": DISEASES[worst].name,
        "right": float(right[worst]),
        "answered": not found.failures,
    }


def compare(more: Path | None, seeds: int = 2) -> None:
    """Print how far consults of every measured record are from the reference."""
    kept = json.loads(KEPT.read_text())
    rows = []
    for name, case in records(more):
        for seed in range(seeds):
            if row := distance(name, case, kept, seed):
                rows.append(row)
                print(row, flush=True)
    away, error = (np.array([row[key] for row in rows]) for key in ("away", "error"))
    shares = [np.mean(away <= 0.02), np.mean(away <= 0.05), np.mean((away <= 0.02) | (away <= 2.0 * error))]
    words = ("within 0.02", "within 0.05", "within 0.02 or two printed errors")
    print(
        f"{len(rows)} answers:", *(f"{word} {share:.2f}," for word, share in zip(words, shares, strict=True))
    )


def main() -> None:
    """Measure all records, or go on where it was stopped."""
    remember_compiled_programs()
    prepare_programs()
    folders = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
    more = folders[0] if folders else None
    if "--compare" in sys.argv:
        compare(more)
        return
    kept: dict[str, list[float]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name, case in records(more):
        measured(name, case, kept, lambda: write_whole(KEPT, json.dumps(kept, indent=1)))


if __name__ == "__main__":
    main()
