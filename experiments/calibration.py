"""Whether stated probabilities come true: virtual patients consulted at every amount of information.

`job` consults one patient at every level; `summary` turns the rows of many into tables: how right, how sharp
and how calibrated at each level, and whether the ranks of the truth are uniform.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments import scores
from experiments.quantities import FAMILY_OF, draws_from, of_draws, of_truth
from experiments.ranks import Uniformity, histogram, rank, shares, uniformity
from experiments.scores import Bin, Floor
from experiments.virtual_patients import LEVELS, Virtual, case_at, draw
from garland.inference.consult import Asked, _posterior_of, remember_compiled_programs
from garland.model.diseases import DISEASES

DRAWS = 63
"""Posterior draws among which the truth is ranked [-]."""
SETTING = "emg-laboratory"
"""Referral mix of the patients."""
_ORDERED = ("ln day", "walking after a year")
_DIGITS = 6


def job(seed: int) -> dict[str, Any]:
    """Return what inference says of one virtual patient at every level of information; plain values."""
    remember_compiled_programs()
    patient = draw([seed], SETTING)[0]
    return {"cause": patient.cause, "levels": {level: _at_level(patient, level) for level in LEVELS}}


def _at_level(patient: Virtual, level: str) -> dict[str, Any]:
    case = case_at(patient, level)
    began = time.perf_counter()
    reading, problem, _, posterior = _posterior_of(case, Asked(SETTING, patient.seed))
    seconds = time.perf_counter() - began
    rng = np.random.default_rng([patient.seed, 5, LEVELS.index(level)])
    drawn = of_draws(problem, posterior, draws_from(posterior, DRAWS, rng))
    true = of_truth(patient, problem, posterior)
    recorded = reading.first_day is not None
    names = {
        name: f"{name}, {'recorded' if recorded else 'unknown'}" if name == "ln day" else name
        for name in true
    }
    return {
        "p": [round(float(p), _DIGITS) for p in posterior.probability],
        "error": round(float(posterior.error.max()), _DIGITS),
        "seconds": round(seconds, 3),
        "findings": len(reading.visits[0]),
        "evaluated": int(problem.evaluated),
        "steps": int(posterior.temperatures),
        "ranks": {names[name]: rank(true[name], drawn[name], rng) for name in true},
        "ranked": {
            name: round(scores.continuous_ranked(drawn[name], true[name]), _DIGITS)
            for name in _ORDERED
            if not (name == "ln day" and recorded)
        },
    }


@dataclass(frozen=True)
class Level:
    """How inference does at one amount of information, over N patients.

    Attributes
    ----------
    level : str
        Amount of information.
    patients : int
        N.
    findings : float
        Median number of findings [-].
    top_1, top_3 : float
        How often the cause leads, and is among the first three [0..1].
    family : float
        How often the family of the leader is right [0..1].
    brier, log_score : float
        Squared distance [0..2] and negative log probability of the truth [nat].
    calibration_error, floor, classwise_error, debiased_error : float, Floor
        Expected calibration error of the leading probability (headline) with its noise floor; that of all
        columns, averaged; and the root mean squared one with its bias taken off [0..1].
    list_length : float
        Causes that it takes to hold 95 % [-].
    ranked : tuple
        Continuous ranked probability score of ordered quantities: name and mean.
    seconds_median, seconds_95 : float
        Time of a consult [s].
    error_95 : float
        Monte Carlo error of the least certain cause, 95th percentile over patients [0..1].
    reliability : tuple of Bin
        The reliability diagram.
    """

    level: str
    patients: int
    findings: float
    top_1: float
    top_3: float
    family: float
    brier: float
    log_score: float
    calibration_error: float
    floor: Floor
    classwise_error: float
    debiased_error: float
    list_length: float
    ranked: tuple[tuple[str, float], ...]
    seconds_median: float
    seconds_95: float
    error_95: float
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class RankPlot:
    """What a rank plot of one quantity at one level shows: counts of equal bins, and the ranks as shares."""

    name: str
    counts: tuple[int, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Calibration:
    """The whole experiment.

    Attributes
    ----------
    setting : str
        Referral mix.
    draws : int
        Posterior draws behind each rank [-].
    levels : tuple of Level
        By amount of information.
    uniformity : tuple of Uniformity
        Tests of every quantity at every level, corrected together; names are ``level: quantity``.
    plots : tuple of RankPlot
        In the same order.
    confused : tuple of tuple of int
        At the full study: how often each cause (row) was answered with each (column).
    causes : tuple of str
        Names of the causes, in the order of rows and columns.
    """

    setting: str
    draws: int
    levels: tuple[Level, ...]
    uniformity: tuple[Uniformity, ...]
    plots: tuple[RankPlot, ...]
    confused: tuple[tuple[int, ...], ...]
    causes: tuple[str, ...]

    @property
    def rejected(self) -> tuple[str, ...]:
        """Quantities whose ranks are not uniform."""
        return tuple(one.name for one in self.uniformity if one.rejected)


def summary(rows: Sequence[dict[str, Any]]) -> Calibration:
    """Return the tables of an experiment."""
    truth = np.array([row["cause"] for row in rows])
    ranked: dict[str, list[int]] = {}
    for level in LEVELS:
        for row in rows:
            for name, value in row["levels"][level]["ranks"].items():
                ranked.setdefault(f"{level}: {name}", []).append(value)
    plots = (
        RankPlot(
            name, tuple(map(int, histogram(given, DRAWS))), tuple(map(float, np.sort(shares(given, DRAWS))))
        )
        for name, given in ranked.items()
    )
    full = scores.confusion(_probabilities(rows, LEVELS[-1]), truth)
    return Calibration(
        SETTING,
        DRAWS,
        tuple(_level(rows, truth, level) for level in LEVELS),
        uniformity(ranked, DRAWS),
        tuple(plots),
        tuple(tuple(map(int, row)) for row in full),
        tuple(cause.name for cause in DISEASES),
    )


def _probabilities(rows: Sequence[dict[str, Any]], level: str) -> scores.Floats:
    p = np.array([row["levels"][level]["p"] for row in rows])
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _level(rows: Sequence[dict[str, Any]], truth: scores.Ints, level: str) -> Level:
    p, truth = scores.checked(_probabilities(rows, level), truth)
    at = [row["levels"][level] for row in rows]
    families = scores.confusion(p, truth, FAMILY_OF)
    seconds = [one["seconds"] for one in at]
    means = {
        name: float(np.mean([one["ranked"][name] for one in at if name in one["ranked"]]))
        for name in _ORDERED
        if any(name in one["ranked"] for one in at)
    }
    return Level(
        level=level,
        patients=len(rows),
        findings=float(np.median([one["findings"] for one in at])),
        top_1=scores.top(p, truth, 1),
        top_3=scores.top(p, truth, 3),
        family=float(np.trace(families) / families.sum()),
        brier=scores.brier(p, truth),
        log_score=scores.log_score(p, truth),
        calibration_error=scores.calibration_error(p, truth),
        floor=scores.noise_floor(p, scores.calibration_error),
        classwise_error=scores.classwise_error(p, truth),
        debiased_error=scores.debiased_error(p, truth),
        list_length=scores.list_length(p),
        ranked=tuple(means.items()),
        seconds_median=float(np.median(seconds)),
        seconds_95=float(np.quantile(seconds, 0.95)),
        error_95=float(np.quantile([one["error"] for one in at], 0.95)),
        reliability=scores.reliability(p, truth),
    )


def lines(found: Calibration) -> list[str]:
    """Return the tables of an experiment as lines of text."""
    head = (
        "level",
        "n",
        "found",
        "top1",
        "top3",
        "family",
        "brier",
        "log",
        "ECE",
        "floor",
        "95%",
        "class",
        "list",
    )
    stated = [("{:12s}" + "{:>7s}" * 12).format(*head)]
    for one in found.levels:
        values = (
            one.top_1, one.top_3, one.family, one.brier, one.log_score, one.calibration_error, one.floor.mean,
            one.floor.upper, one.classwise_error,
        )  # fmt: skip
        figures = "".join(f"{value:7.3f}" for value in values)
        stated.append(f"{one.level:12s}{one.patients:7d}{one.findings:7.0f}{figures}{one.list_length:7.2f}")
    stated += ["", "ranks that are not uniform, corrected p below 0.01:"]
    stated += [
        f"  {one.name}: p {one.corrected_p:.2g}, mean rank {one.mean:.3f}, outer tenths {one.ends:.3f}"
        for one in found.uniformity
        if one.rejected
    ] or [f"  none of {len(found.uniformity)}"]
    stated += ["", "most often confused at the full study:"]
    table = np.array(found.confused)
    np.fill_diagonal(table, 0)
    for at in np.argsort(-table, axis=None)[:8]:
        row, col = divmod(int(at), len(table))
        if table[row, col]:
            stated.append(f"  {found.causes[row]} answered as {found.causes[col]}: {table[row, col]}")
    return stated
