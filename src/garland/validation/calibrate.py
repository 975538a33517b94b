"""Assumed numbers moved towards the published rows, inside their ranges.

Only numbers listed in `FREE` move, each inside its range of trust, and only rows used for calibration are
asked. The same seed gives the same patients, so that the misfit is a smooth function of the numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from garland._types import Float64s
from garland.errors import EvidenceError
from garland.evidence import Number, part, read_yaml
from garland.evidence.library import ROOT
from garland.io import write_whole
from garland.progress import tell
from garland.validation.rows import RowResult, StudyRow, study_rows
from garland.validation.run import _measure_cohort

_WORST = 10.0


def _calibration_rows(cohorts: Iterable[str] | None = None) -> tuple[StudyRow, ...]:
    """Return the rows the model may be set with, of some cohorts or of all."""
    wanted = None if cohorts is None else set(cohorts)
    return tuple(
        row
        for row in study_rows()
        if row.use == "calibration" and row.question and (wanted is None or row.question.cohort in wanted)
    )


def _evaluate(
    numbers: Mapping[str, Any], n: int = 1024, seed: int = 0, cohorts: Iterable[str] | None = None
) -> tuple[RowResult, ...]:
    """Answer the calibration rows with other numbers than the evidence holds."""
    rows = _calibration_rows(cohorts)
    names = dict.fromkeys(row.question.cohort for row in rows if row.question)
    stated = [_measure_cohort(name, n, seed, numbers, rows) for name in names]
    found = {key: answer for answers in stated for key, answer in answers.items()}
    return tuple(RowResult(row, found[row.id].value, found[row.id].error) for row in rows)


def distance(result: RowResult) -> float:
    """Return how far an answer lies from what was published, in half-widths of its band [-].

    1 is the edge of the interval, or 15 % where there is none; never above 10, so that one row cannot
    outweigh all others. A row without an answer counts 10.
    """
    if result.simulated is None or not math.isfinite(result.simulated):
        return _WORST
    value = result.row.value
    low, high = result.row.band
    half = value - low if result.simulated < value else high - value
    return min(abs(result.simulated - value) / max(half, 1e-3 * max(abs(value), 1.0)), _WORST)


def _reach(result: RowResult) -> float:
    """Return `distance` with its sign: positive where the model says more than was published [-]."""
    if result.simulated is None or not math.isfinite(result.simulated):
        return _WORST
    return math.copysign(distance(result), result.simulated - result.row.value)


def misfit(results: Iterable[RowResult]) -> float:
    """Return the mean squared `distance` of some answers [-]; below 1 most lie within their bands."""
    squares = [distance(result) ** 2 for result in results]
    return sum(squares) / max(len(squares), 1)


FREE = ROOT / "studies" / "calibration.yaml"
COHORTS = ("olmsted", "mayo", "mayo-diabetic", "mayo-other", "bilateral", "femoral", "diabetic")
"""Cohorts whose rows depend on the free numbers."""
_LEASH = 1.0
"""Weight of staying where the search began, in half-widths of a row per whole range of trust [-]."""
_STEP = 0.04
_MARGIN = 1e-3


@dataclass(frozen=True)
class _Free:
    """A number that may move.

    Attributes
    ----------
    address : str
        ``causes/dlrpn.severity`` or ``causes/dlrpn.severity~spread``.
    start, low, high : float
        Where the search begins and how far it may go, in the unit of the number (its natural log for the
        spread of a lognormal).
    """

    address: str
    start: float
    low: float
    high: float

    @property
    def on_log(self) -> bool:
        """Whether it moves on the logarithmic scale."""
        return self.low > 0.0

    def at(self, share: float) -> float:
        """Return the value at a share of its range [0..1]."""
        if self.on_log:
            return float(self.low * (self.high / self.low) ** share)
        return float(self.low + share * (self.high - self.low))

    def share_of(self, value: float) -> float:
        """Return where in its range a value lies [0..1]."""
        if self.on_log:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return float((value - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class Fit:
    """What calibration found.

    Attributes
    ----------
    free : tuple of Free
        Numbers that could move, from where the search began.
    values : mapping of str to float
        Where they stand now.
    before, after : tuple of RowResult
        The calibration rows with the numbers of the beginning and of the end.
    evaluations : int
        How often the cohorts were simulated [-].
    """

    free: tuple[_Free, ...]
    values: Mapping[str, float]
    before: tuple[RowResult, ...]
    after: tuple[RowResult, ...]
    evaluations: int

    def as_dict(self) -> dict[str, object]:
        """Return numbers and misfit for ``--json``."""
        return {
            "numbers": [{**asdict(free), "value": self.values[free.address]} for free in self.free],
            "misfit_before": misfit(self.before),
            "misfit_after": misfit(self.after),
            "evaluations": self.evaluations,
        }


def _free_numbers(path: Path = FREE) -> tuple[_Free, ...]:
    """Return the numbers that calibration may move."""
    return tuple(_free(address, limits or {}) for address, limits in read_yaml(path).items())


def _free(address: str, limits: Mapping[str, float]) -> _Free:
    name, _, rest = address.rpartition(".")
    key, _, spread = rest.partition("~")
    number = part(name).number(key)
    if number.standing != "assumed":
        raise EvidenceError(f"{address}: is {number.standing}; only assumed numbers may be calibrated")
    low, high = (limits["low"], limits["high"]) if spread else number.trusted
    if low is None or high is None:
        raise EvidenceError(f"{address}: has no range of trust; write one in the evidence file")
    start = float(limits.get("start", part(name).spread(key) if spread else part(name).value(key)))
    if not low <= start <= high:
        raise EvidenceError(f"{address}: {start:g} stands outside its range of trust, {low:g} to {high:g}")
    return _Free(address, start, float(low), float(high))


def fit(n: int = 1536, seed: int = 0, steps: int = 8) -> Fit:
    """Move the free numbers towards the calibration rows."""
    from scipy.optimize import least_squares

    free = _free_numbers()
    begin = np.clip([f.share_of(f.start) for f in free], _MARGIN, 1.0 - _MARGIN)
    # Every step asks each number in turn how the rows change with it.
    calls, most = [0], steps * (len(free) + 1)

    def misses(shares: Float64s) -> Float64s:
        results = _evaluate(_numbers(free, shares), n, seed, COHORTS)
        far = np.array([_reach(result) for result in results])
        calls[0] += 1
        tell(f"simulation {calls[0]}: misfit {misfit(results):.2f}", min(calls[0] / most, 1.0))
        return np.concatenate([far, _LEASH * (shares - begin)])

    found = least_squares(
        misses, begin, bounds=(0.0, 1.0), diff_step=_STEP, max_nfev=steps, loss="soft_l1", f_scale=1.0
    )
    values = _numbers(free, found.x)
    before = _evaluate(_numbers(free, begin), n, seed, COHORTS)
    return Fit(free, values, before, _evaluate(values, n, seed, COHORTS), calls[0])


def _numbers(free: tuple[_Free, ...], shares: Float64s) -> dict[str, float]:
    """Return values at shares of the ranges, to three digits, as they would be written."""
    inside = np.clip(shares, 0.0, 1.0)
    return {one.address: float(f"{one.at(float(s)):.4g}") for one, s in zip(free, inside, strict=True)}


def write_numbers(values: Mapping[str, float]) -> list[Path]:
    """Write calibrated values into the evidence files; all else in them stays as it is."""
    texts: dict[Path, str] = {}
    for address, value in values.items():
        name, _, rest = address.rpartition(".")
        key, _, spread = rest.partition("~")
        file = ROOT / "parameters" / f"{name}.yaml"
        text = texts.get(file) or file.read_text(encoding="utf-8")
        texts[file] = _replaced(text, address, part(name).number(key), bool(spread), value)
    for file, text in texts.items():
        write_whole(file, text)
    return list(texts)


def _replaced(text: str, address: str, number: Number, spread: bool, value: float) -> str:
    """Return the text of an evidence file with one value or spread replaced."""
    key = address.rpartition(".")[2].partition("~")[0]
    block = rf"(?m)^({key}:\n(?:  [^\n]*\n)*?"
    if number.distribution:
        words = r"(?:sd_ln|sd)" if spread else r"(?:median|mean)"
        pattern = rf"{block}  value: \{{[^\n]*?)({words}: )[-+.\deE]+"
    else:
        pattern = rf"{block})(  value: )[-+.\deE]+"
    changed, times = re.subn(pattern, rf"\g<1>\g<2>{value:.4g}", text, count=1)
    if times != 1:
        raise EvidenceError(f"{address}: is not written in a form that can be replaced")
    return changed
