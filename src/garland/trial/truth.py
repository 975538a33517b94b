"""The exact effect of a treatment: every patient of the bank under both arms, with the same chance and luck.

Nobody is lost and no visit is missed. Each patient is compared with itself, so that an arm that gives what
the control gives has an effect of exactly none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part
from garland.trial.analysis import _cox
from garland.trial.bank import MEASURES, _Bank
from garland.trial.outcomes import NO_LOSSES, _luck, _Result, _result, _seen
from garland.trial.spec import _TrialSpec

Floats = NDArray[np.float64]
OWN = {
    "nis-gain": "nis",
    "pain-responder": "pain_nrs",
    "walks-alone": "walks_alone",
    "nis-change": "nis",
}
"""Measure in which patients are compared with themselves, by outcome."""


@dataclass(frozen=True)
class _Exact:
    """What the arm compared truly does, against the control, in the patients of the bank.

    Attributes
    ----------
    effect : float
        On the scale of the outcome: log hazard ratio of a gain [-], difference of shares [-], or difference
        of the change of the NIS [points]; exactly 0 where both arms give the same.
    treated, control : float
        Share with a gain or a response by the end [0..1], or mean change [points], in each arm.
    spread : float
        Standard deviation of the outcome about what entry foretells, for a change [points]; else 0.
    own_day : float
        Day on which patients are compared with themselves [d].
    own_low, own_middle, own_high : float
        10th, 50th and 90th centile of the difference in one patient, of the measure behind the outcome
        (`OWN`): true NIS [points], true pain [NRS], or the probability of walking alone [0..1].
    clearly_better, clearly_worse : float
        Share of patients who differ by `clear_difference` or more [0..1].
    """

    effect: float
    treated: float
    control: float
    spread: float
    own_day: float
    own_low: float
    own_middle: float
    own_high: float
    clearly_better: float
    clearly_worse: float


def _exact(spec: _TrialSpec, bank: _Bank, truth: str) -> _Exact:
    """Return the exact effect under a truth."""
    one, other = (_outcome_of_all(spec, bank, truth, arm) for arm in (spec.compared_arm, spec.control_arm))
    day = spec.outcome.day or float(bank.days[-1])
    at = bank.day_index(day)
    measure = OWN[spec.outcome.what]
    own = bank.life(measure, truth, spec.compared_arm)[at] - bank.life(measure, truth, spec.control_arm)[at]
    low, middle, high = (float(value) for value in np.percentile(own, (10.0, 50.0, 90.0)))
    gained = own if measure == "walks_alone" else -own
    clear = clear_difference(spec)
    timed = spec.outcome.what == "nis-gain"
    means = [float((found.event if timed else found.value).mean()) for found in (one, other)]
    effect = _log_ratio(one, other) if timed else float((one.value - other.value).mean())
    return _Exact(
        effect=effect,
        treated=means[0],
        control=means[1],
        spread=_residual(one, other) if spec.outcome.what == "nis-change" else 0.0,
        own_day=day,
        own_low=low,
        own_middle=middle,
        own_high=high,
        clearly_better=float((gained >= clear).mean()),
        clearly_worse=float((gained <= -clear).mean()),
    )


def clear_difference(spec: _TrialSpec) -> float:
    """Return the difference that counts as clearly better or worse for one patient [unit of the measure]."""
    return part("trial/conduct").table("clear_difference")[OWN[spec.outcome.what]]


def _outcome_of_all(spec: _TrialSpec, bank: _Bank, truth: str, arm: str) -> _Result:
    """Return the outcome of every patient of the bank under one arm; luck is the same in every arm.

    Walking alone is returned as its probability, so that it needs no luck.
    """
    rng = np.random.default_rng([spec.seed, 44])
    happens = _luck(bank.days, np.full(bank.size, np.inf), NO_LOSSES, rng)
    lives = {name: bank.life(name, truth, arm) for name in MEASURES}
    found = _result(_seen(bank.days, lives, happens), spec.outcome)
    if spec.outcome.what != "walks-alone":
        return found
    return found._replace(value=lives["walks_alone"][bank.day_index(spec.outcome.day or 0.0)])


def _log_ratio(one: _Result, other: _Result) -> float:
    """Return the log hazard ratio with every patient in both arms [-]."""
    if np.array_equal(one.value, other.value) and np.array_equal(one.event, other.event):
        return 0.0
    value = np.concatenate([one.value, other.value])
    event = np.concatenate([one.event, other.event])
    group = np.repeat([True, False], len(one.value))
    return _cox(value, event, group)[0]


def _residual(*arms: _Result) -> float:
    """Return the spread of a change about the line on its entry, over both arms [points]."""
    left = []
    for found in arms:
        slope, start = np.polyfit(found.entry, found.value, 1)
        left.append(found.value - start - slope * found.entry)
    return float(np.std(left))
