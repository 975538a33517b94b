"""Many trials of one size under one truth, in batches that are kept as they are done."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError
from garland.executors import losses_told
from garland.trial.bank import _Bank, _load
from garland.trial.conduct import _conduct, _Finding
from garland.trial.spec import _TrialSpec
from garland.trust.runner import Job, Row, run

BATCH = 25
"""Trials that are carried out, and kept, together [-]."""
FIELDS = ("rejects", "look", "patients", "z", "effect", "se", "low", "high")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Workshop:
    """Where and how trials are carried out.

    Attributes
    ----------
    spec : TrialSpec
        The trial on paper.
    folder : Path
        Where the bank and finished batches lie.
    workers : int
        Processes [-].
    tell : callable or None
        Told how far the work is.
    """

    spec: _TrialSpec
    folder: Path
    workers: int = 1
    tell: Callable[[str], None] | None = field(default=None, compare=False)

    @property
    def bank_path(self) -> Path:
        """File of the bank."""
        return self.folder / "bank.npz"


@dataclass(frozen=True, eq=False)
class _Trials:
    """What K trials of one size found.

    Attributes
    ----------
    n : int
        Patients of each [-].
    rejects, look, patients, z, effect, se, low, high : (K,)
        As in `garland.trial.conduct.Finding` and `garland.trial.analysis.Estimate`; NaN: no estimate.
    """

    n: int
    rejects: Floats
    look: Floats
    patients: Floats
    z: Floats
    effect: Floats
    se: Floats
    low: Floats
    high: Floats


def _repeat(shop: _Workshop, truth: str, n: int, trials: int, *, estimate: bool) -> _Trials:
    """Carry out many trials; what was done before in this folder is not done again."""
    job = partial(_batch_row, str(shop.bank_path), shop.spec, truth, n, estimate)
    name = f"{truth.replace(' ', '_')}-{n}-{'effects' if estimate else 'tests'}"
    batches = range(math.ceil(trials / BATCH))
    rows = _carried_out(shop, name, job, batches)
    columns = {key: _column(rows, key)[:trials] for key in FIELDS}
    return _Trials(n, **columns)


def _carried_out(shop: _Workshop, name: str, job: Job, batches: range) -> list[Row]:
    """Return the rows of all batches; a lost process or a full disk becomes an error that says what to do."""
    try:
        with losses_told():
            try:
                return run(name, job, batches, folder=shop.folder, workers=shop.workers, tell=shop.tell)
            except RuntimeError as problem:
                lost = isinstance(problem.__cause__, BrokenProcessPool)
                raise (problem.__cause__ if lost and problem.__cause__ else problem) from None
    except OSError as problem:
        rule = f"cannot be written ({problem.strerror})"
        raise InputError("--out", str(shop.folder), rule, "make room, and run it again to go on") from problem


def _column(rows: list[dict[str, Any]], key: str) -> Floats:
    values = [math.nan if value is None else float(value) for row in rows for value in row[key]]
    return np.array(values, np.float64)


def _batch_row(path: str, spec: _TrialSpec, truth: str, n: int, estimate: bool, batch: int) -> dict[str, Any]:
    """Return what the trials of one batch find, as plain values for a line of JSON."""
    bank = _bank(path)
    numbers = range(batch * BATCH, (batch + 1) * BATCH)
    found = [_plain(_conduct(spec, bank, truth, n, number, estimate=estimate)) for number in numbers]
    return {key: [one[key] for one in found] for key in FIELDS}


def _plain(found: _Finding) -> dict[str, float | int | bool | None]:
    numbers = {key: _finite(getattr(found.estimate, key)) for key in ("z", "effect", "se", "low", "high")}
    return {"rejects": bool(found.rejects), "look": found.look, "patients": found.patients, **numbers}


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


@lru_cache(maxsize=2)
def _bank(path: str) -> _Bank:
    return _load(Path(path))
