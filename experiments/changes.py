"""How near a provisional answer comes to the settled one after a change of the record, and how soon.

Ten changes of each of 30 records: the 24 published ones, and full studies of virtual patients. A finding is
left out, turned into another result, or added (the record without it is the one answered before). What the
kept patients say is held against an answer sampled afresh.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.virtual_patients import LEVELS, case_at, draw
from garland.errors import InputError
from garland.inference.consult import (
    Asked,
    _posterior_of,
    remember_compiled_programs,
)
from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.kept_patients import _kept, _KeptAnswer
from garland.inference.likelihood import prepare_programs
from garland.inference.posterior import Posterior
from garland.inference.session import TRUSTED_ERROR, TRUSTED_SHARE, Session
from garland.records import Case, shipped_case, shipped_cases
from garland.records.edits import with_values, without
from garland.records.reading import _case_mapping

FIRST_SEED, FIRST_PATIENT = 1000, 5000
"""Seed of the first record, and of the first virtual patient among them."""
LEFT_OUT, ADDED, TURNED = 4, 3, 3
"""Changes of every record by kind."""
NEAR, SOON_MS = 0.03, 100.0
"""Total variation to the settled answer [-] and CPU time [ms] that a provisional answer should keep to."""
_RESULTS = (
    "absent",
    "reduced",
    "normal",
    "brisk",
    "present",
    "raised",
    "prolonged",
    "none",
    "mild",
    "severe",
)
_KEYS = ("history", "visits")
_NO_FINDING = (
    "day_since_onset",
    "day_precision",
    "other_tests",
    "published_impression",
    "age_at_onset_years",
)


@dataclass(frozen=True)
class Sampled:
    """A record with its answer, sampled afresh and ready to be weighed anew."""

    case: Case
    reading: EncodedCase
    posterior: Posterior
    kept: _KeptAnswer
    evaluated: int
    cpu: float


def record(seed: int) -> Case:
    """Return one of the records: four published ones, then a virtual patient, and so on."""
    virtual, place = divmod(seed - FIRST_SEED, 5)
    if place < 4:
        return shipped_case(shipped_cases()[seed - FIRST_SEED - virtual][0])
    return case_at(draw([FIRST_PATIENT + virtual])[0], LEVELS[-1 if virtual % 2 else 1])


def sampled(case: Case, seed: int = 0) -> Sampled:
    """Return the answer of a case, sampled afresh."""
    began = time.process_time()
    reading, problem, _, posterior = _posterior_of(case, Asked(seed=seed))
    took = time.process_time() - began
    return Sampled(case, reading, posterior, _kept(reading, posterior), problem.evaluated, took)


def leaves(plain: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path of every finding of a record: single values, and items of lists as a whole."""
    if isinstance(plain, dict):
        for key, value in plain.items():
            if key not in _NO_FINDING and (path or key in _KEYS):
                yield from leaves(value, f"{path}.{key}".lstrip("."))
    elif isinstance(plain, list) and path != "visits":
        yield from ((f"{path}[{i}]", value) for i, value in enumerate(plain))
    elif isinstance(plain, list):
        for i, value in enumerate(plain):
            yield from leaves(value, f"{path}[{i}]")
    else:
        yield path, plain


def left_out(case: Case, path: str) -> Case | None:
    """Return the case without a finding, if others do not need it."""
    try:
        return without(case, path)
    except InputError:
        return None


def turned(case: Case, path: str, value: Any, rng: np.random.Generator) -> Case | None:
    """Return the case with another result at a path, if one is known for it."""
    within = [(f"{path}.{k}", v) for k, v in value.items()] if isinstance(value, dict) else [(path, value)]
    options: list[tuple[str, Any]] = []
    for at, found in within:
        if isinstance(found, bool):
            options.append((at, not found))
        elif isinstance(found, int | float):
            options += [(at, other) for other in (found - 1, found + 1, round(0.4 * found, 1))]
        elif not at.endswith(("study", "muscle", "side", "dermatome", "nerve", "modality")):
            options += [(at, word) for word in _RESULTS if word != found]
    for at, other in rng.permutation(np.array(options, object)) if options else []:
        try:
            return with_values(case, {at: other})
        except InputError:
            continue
    return None


def changes(case: Case, seed: int) -> Iterator[tuple[str, str, Case]]:
    """Yield changes that the model notices: kind, path, and the other record."""
    rng = np.random.default_rng([seed, 7])
    reading = _encode_case(case, notes=False)
    found = list(leaves(_case_mapping(case)))
    left = {"left out": LEFT_OUT, "turned": TURNED}
    for number in rng.permutation(len(found)):
        kind = max(left, key=lambda k: left[k])
        path, value = found[number]
        other = left_out(case, path) if kind == "left out" else turned(case, path, value, rng)
        if other is None or _encode_case(other, notes=False).visits == reading.visits:
            continue
        left[kind] -= 1
        yield kind, path, other
        if not any(left.values()):
            return


def job(seed: int) -> dict[str, Any]:
    """Return what became of the changes of one record."""
    remember_compiled_programs()
    prepare_programs()
    case = record(seed)
    base, again = sampled(case), sampled(case, 1)
    Session(case).case  # noqa: B018 - tables that are made once do not count for the first change
    rows, added = [], 0
    for kind, path, other in changes(case, seed):
        target = sampled(other)
        rows.append({"kind": kind, "path": path, **compared(base, target)})
        if kind == "left out" and added < ADDED:
            added += 1
            rows.append({"kind": "added", "path": path, **compared(target, base)})
    noise = _away(base.posterior, again.posterior)
    return {"case": case.id, "findings": sum(map(len, base.reading.visits)), "noise": noise, "changes": rows}


def compared(before: Sampled, after: Sampled) -> dict[str, Any]:
    """Return how soon and how near the answer of one record came to that of another."""
    session = Session(before.case)
    session._last = before.kept
    wall, cpu = time.perf_counter(), time.process_time()
    session._take(after.case)
    found = session.provisional()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    rough = before.kept.reweighed(after.reading, after.posterior.prior)
    matter = np.flatnonzero(np.maximum(after.posterior.probability, rough.posterior.probability) > 0.01)
    return {
        "cpu_ms": round(1e3 * cpu, 1),
        "wall_ms": round(1e3 * wall, 1),
        "share": round(found.effective_share, 4),
        "changed": found.changed,
        "away": _away(rough.posterior, after.posterior),
        "printed": round(float(after.posterior.error.max()), 4),
        "error": round(max((cause.monte_carlo_error for cause in found.causes), default=1.0), 4),
        "afresh": [after.evaluated, round(after.cpu, 2)],
        "causes": [_about(int(c), before, rough, after) for c in matter],
    }


def _about(cause: int, before: Sampled, rough: Any, after: Sampled) -> list[float]:
    """Return of one cause: index, probability before, provisional and settled, share, patients, errors."""
    kept, old = before.kept.patients[cause], before.posterior
    row = (
        cause, old.probability[cause], rough.posterior.probability[cause], after.posterior.probability[cause],
        rough.shares[cause], kept.effective, old.evidence_error[cause], rough.posterior.error[cause],
    )  # fmt: skip
    return [round(float(value), 4) for value in row]


def _away(one: Posterior, other: Posterior) -> float:
    return round(0.5 * float(np.abs(one.probability - other.probability).sum()), 4)


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return figures over all changes, and over those with enough effective patients."""
    every = [change for row in rows for change in row["changes"]]
    shared = [change for change in every if change["share"] >= TRUSTED_SHARE]
    trusted = [change for change in shared if change["error"] <= TRUSTED_ERROR]
    stated = {"records": len(rows), "changes": len(every)}
    stated |= {"with_enough_share": len(shared) / len(every), "trusted": len(trusted) / len(every)}
    stated |= {
        f"changes_{kind}": sum(c["kind"] == kind for c in every) for kind in ("left out", "turned", "added")
    }
    stated |= _quantiles("noise_of_two_seeds", [row["noise"] for row in rows])
    for name in ("cpu_ms", "wall_ms", "share"):
        stated |= _quantiles(name, [change[name] for change in every])
    stated["soon"] = float(np.mean([change["cpu_ms"] <= SOON_MS for change in every]))
    for name, some in (("", every), ("_with_enough_share", shared), ("_trusted", trusted)):
        away = [change["away"] for change in some] or [np.nan]
        stated |= _quantiles(f"away{name}", away)
        stated[f"near{name}"] = float(np.mean(np.array(away) <= NEAR))
    both = [change["away"] / np.hypot(change["error"], change["printed"]) for change in shared] or [np.nan]
    stated |= _quantiles("away_in_errors_of_both_with_enough_share", both)
    return {name: round(float(value), 4) for name, value in stated.items()}


def _quantiles(name: str, values: Sequence[float]) -> dict[str, float]:
    median, most = np.quantile(values, (0.5, 0.95))
    return {f"{name}_median": float(median), f"{name}_95": float(most)}
