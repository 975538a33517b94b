"""One simulated trial in full: who was screened, randomised, lost and analysed, and what it would have shown."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.trial.analysis import Curve, Estimate, kaplan_meier
from garland.trial.bank import Bank
from garland.trial.conduct import Dealt, conduct, deal, visits
from garland.trial.outcomes import Result, Seen, result
from garland.trial.spec import TrialSpec

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Flow:
    """What became of the patients of one arm, each a number of patients [-].

    Attributes
    ----------
    arm : str
        Name of the arm.
    randomised, left, died, seen_last, analysed : int
        Dealt to it; left of their own accord and died before the last visit; seen at the last visit; counted
        in the primary analysis.
    """

    arm: str
    randomised: int
    left: int
    died: int
    seen_last: int
    analysed: int


@dataclass(frozen=True, eq=False)
class Example:
    """One trial in full.

    Attributes
    ----------
    truth : str
        What treatment truly does in it, by name.
    screened, refused : int, dict of str to int
        Patients screened for this many who enter, and refused by the first reason, on average [-].
    flows : tuple of Flow
        One for each arm.
    curves : dict of str to Curve
        By arm: share with a gain (Kaplan-Meier), or mean of the measure of the outcome at each visit, with
        its 95 % band.
    estimate : Estimate
        The primary analysis.
    rejects : bool
        Whether it finds a difference.
    look : int
        The look at which it ended, from 0.
    """

    truth: str
    screened: int
    refused: dict[str, int]
    flows: tuple[Flow, ...]
    curves: dict[str, Curve]
    estimate: Estimate
    rejects: bool
    look: int


def example(spec: TrialSpec, bank: Bank, truth: str, trial: int = 0) -> Example:
    """Carry out one trial and keep everything that a report of it shows."""
    n = spec.patients
    dealt = deal(spec, bank, n, trial)
    shown = visits(bank, truth, dealt)
    found = result(shown, spec.outcome)
    ended = conduct(spec, bank, truth, n, trial)
    arms = {arm: dealt.arms == place for place, arm in enumerate(spec.arms)}
    times = n / (bank.screened - sum(bank.refused.values()))
    return Example(
        truth=truth,
        screened=math.ceil(bank.screened * times),
        refused={reason: round(count * times) for reason, count in bank.refused.items() if count},
        flows=tuple(_flow(arm, at, bank, dealt, found) for arm, at in arms.items()),
        curves={arm: _curve(spec, shown, found, at) for arm, at in arms.items()},
        estimate=ended.estimate,
        rejects=ended.rejects,
        look=ended.look,
    )


def _flow(arm: str, at: Bools, bank: Bank, dealt: Dealt, found: Result) -> Flow:
    end = bank.days[-1]
    gone = dealt.luck.stays_day[at] < end
    dies = bank.people["death_day"][dealt.rows][at] <= dealt.luck.stays_day[at]
    return Flow(
        arm=arm,
        randomised=int(at.sum()),
        left=int((gone & ~dies).sum()),
        died=int((gone & dies).sum()),
        seen_last=int(dealt.luck.attends[-1][at].sum()),
        analysed=int(found.known[at].sum()),
    )


def _curve(spec: TrialSpec, shown: Seen, found: Result, at: Bools) -> Curve:
    if spec.outcome.what == "nis-gain":
        return kaplan_meier(found.value[at], found.event[at])
    measure = {"pain-responder": shown.pain_nrs, "walks-alone": shown.walks, "nis-change": shown.nis}
    values = measure[spec.outcome.what][:, at]
    count = np.maximum(np.isfinite(values).sum(axis=1), 1)
    middle = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in values])
    spread = np.array([row[np.isfinite(row)].std() for row in values]) / np.sqrt(count)
    return Curve(shown.days, middle, middle - 1.96 * spread, middle + 1.96 * spread)
