"""Garland's sampler beside an exact network, weighing alone and a long reference run: jobs and table.

Every job answers one virtual patient's full study and gives plain values, so that rows can be kept as JSON
lines and a run taken up where it was stopped. Distances are total variation from the mean of two independent
long runs; sites are the merged ones of `trust.oracle_sites`, which all methods can name, and count where the
long runs give more than a tenth that they are involved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.scores import calibration_error, log_score, noise_floor, top
from experiments.versus_methods import Answer, by_long_run, by_sampler, by_weighing, full_study
from garland.inference.consult import PARTICLES, remember_compiled_programs

Row = dict[str, Any]
Doubles = NDArray[np.float64]
SAMPLER, WEIGHING, LONGER, NETWORK, OWN, REFERENCE = (
    "sampler", "weighing", "weighing-longer", "network", "network-own", "reference",
)  # fmt: skip
TITLES = {
    SAMPLER: "Garland's sampler",
    WEIGHING: "importance sampling, as many evaluations",
    LONGER: "importance sampling, 100 times as many",
    NETWORK: "discrete network, exact (pyAgrum)",
    OWN: "the same on patients of its own law",
    REFERENCE: "one long run against the other",
}
_HEADER = (
    "Method", "patients", "TV of causes, mean (95th)", "of involved sites, mean (95th)",
    "of involved merged sites", "of their five levels", "top-1", "log loss [nat]",
    "calibration error (floor)", "time [s], median (95th)", "evaluations",
)  # fmt: skip
MANY = 100
_INVOLVED = 0.1
_DIGITS = 5


def sampler_job(seed: int) -> Row:
    """Return the row of Garland's sampler for one patient."""
    remember_compiled_programs()
    study = full_study(seed)
    return _row(study.cause, by_sampler(study, seed, PARTICLES))


def weighing_job(seed: int, *, evaluations: int) -> Row:
    """Return the row of plain importance sampling for one patient."""
    remember_compiled_programs()
    study = full_study(seed)
    return _row(study.cause, by_weighing(study, seed, evaluations))


def reference_job(seed: int) -> Row:
    """Return the rows of two independent long runs for one patient."""
    remember_compiled_programs()
    study = full_study(seed)
    runs = [_row(study.cause, by_long_run(study, 2 * seed + again)) for again in range(2)]
    return {"cause": study.cause, "runs": runs}


def network_job(seed: int, *, folder: Path, patients: int, own: bool) -> Row:
    """Return the row of the discrete network for one patient, or one drawn from its own law."""
    from experiments.oracle_answer import ask, networks_kept, of_one_item, own_patient

    remember_compiled_programs()
    nets, study = networks_kept(folder, patients), full_study(seed)
    found = of_one_item(study.observations)
    if own:
        study, found = own_patient(nets, study, seed)
    row = _row(study.cause, ask(nets, study, found, sites=not own))
    return {**row, "left_out": len(study.observations) - len(found)}


def jobs(folder: Path, patients: int, evaluations: int) -> dict[str, Callable[[int], Row]]:
    """Return every job by name."""
    network = partial(network_job, folder=folder, patients=patients)
    return {
        SAMPLER: sampler_job,
        REFERENCE: reference_job,
        WEIGHING: partial(weighing_job, evaluations=evaluations),
        LONGER: partial(weighing_job, evaluations=MANY * evaluations),
        NETWORK: partial(network, own=False),
        OWN: partial(network, own=True),
    }


def _row(cause: int, answer: Answer) -> Row:
    return {
        "cause": cause,
        "probability": np.round(answer.probability, 12).tolist(),
        "sites": np.round(answer.sites, _DIGITS).tolist(),
        "involved": None if answer.involved is None else np.round(answer.involved, _DIGITS).tolist(),
        "seconds": round(answer.seconds, 3),
        "evaluated": answer.evaluated,
    }


def distances(row: Row, reference: Row) -> dict[str, list[float]]:
    """Return the total variation between two rows of one patient."""
    p, q = np.array(row["probability"]), np.array(reference["probability"])
    out = {"causes": [0.5 * float(np.abs(p - q).sum())], "levels": [], "merged": [], "sites": []}
    ours, theirs = np.array(row["sites"]), np.array(reference["sites"])
    where = 1.0 - theirs[..., 0] > _INVOLVED
    if ours.shape == theirs.shape:
        out["levels"] = (0.5 * np.abs(ours - theirs).sum(axis=-1))[where].tolist()
        out["merged"] = np.abs(ours - theirs)[..., 0][where].tolist()
    if row["involved"] is not None and reference["involved"] is not None:
        ours, theirs = np.array(row["involved"]), np.array(reference["involved"])
        out["sites"] = np.abs(ours - theirs)[theirs > _INVOLVED].tolist()
    return out


def mean_row(runs: Sequence[Row]) -> Row:
    """Return the mean of independent runs of one patient."""
    keys = ("probability", "sites", "involved")
    return {**runs[0], **{key: np.mean([run[key] for run in runs], axis=0).tolist() for key in keys}}


def pooled(rows: Mapping[int, Row], references: Mapping[int, Row]) -> dict[str, list[float]]:
    """Return the distances of all patients that both hold, by kind."""
    every: dict[str, list[float]] = {"causes": [], "levels": [], "merged": [], "sites": []}
    for seed in sorted(set(rows) & set(references)):
        for kind, values in distances(rows[seed], references[seed]).items():
            every[kind] += values
    return every


def table(found: Mapping[str, Sequence[Row]]) -> str:
    """Return the comparison as a Markdown table."""
    double = {row["seed"]: row["runs"] for row in found.get(REFERENCE, ())}
    truth = {seed: mean_row(runs) for seed, runs in double.items()}
    lines = ["| " + " | ".join(_HEADER) + " |", "|---|" + "--:|" * (len(_HEADER) - 1)]
    for name in (SAMPLER, NETWORK, OWN, WEIGHING, LONGER):
        rows = {row["seed"]: row for row in found.get(name, ())}
        if rows:
            against = pooled(rows, truth) if name != OWN else pooled({}, {})
            lines.append(_line(TITLES[name], list(rows.values()), against))
    if double:
        first = {seed: runs[0] for seed, runs in double.items()}
        second = {seed: runs[1] for seed, runs in double.items()}
        lines.append(_line(TITLES[REFERENCE], list(first.values()), pooled(first, second)))
    return "\n".join(lines)


def _line(title: str, rows: list[Row], against: Mapping[str, list[float]]) -> str:
    p = np.array([row["probability"] for row in rows])
    p = p / p.sum(axis=1, keepdims=True)
    truth = np.array([row["cause"] for row in rows])
    floor = noise_floor(p, calibration_error).mean
    seconds = np.array([row["seconds"] for row in rows])
    evaluated = float(np.median([row["evaluated"] for row in rows]))
    cells = [
        title, str(len(rows)), *(_spread(against[kind]) for kind in ("causes", "sites", "merged", "levels")),
        f"{top(p, truth):.3f}", f"{log_score(p, truth):.3f}",
        f"{calibration_error(p, truth):.3f} ({floor:.3f})",
        f"{np.median(seconds):.2f} ({np.quantile(seconds, 0.95):.2f})",
        f"{evaluated:,.0f}" if evaluated else "–",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _spread(values: Sequence[float]) -> str:
    return f"{np.mean(values):.3f} ({np.quantile(values, 0.95):.3f})" if len(values) else "–"
