"""A report of a trial, made by hand: one design under three truths."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from garland.records.reading import parse_spec
from garland.trials.analysis import OutcomeCurve, _Estimate
from garland.trials.characteristics import (
    Characteristics,
    CurvePoint,
    SimulatedShare,
    _Estimates,
    _Exact,
    _Needed,
)
from garland.trials.run import NOTICE, TrialReport, _assumptions, _Example, _Flow
from garland.trials.spec import TrialSpec


def spec(**changes: Any) -> TrialSpec:
    """Return a checked spec."""
    mapping: dict[str, Any] = {
        "garland_trial": 1,
        "name": "a-trial",
        "description": "A drug against placebo",
        "patients": 75,
        "arms": {"drug": "methylprednisolone 1 g/wk from day 0", "placebo": "none"},
        "visits": [42, 84, 182],
        "outcome": {"what": "nis-gain"},
        "truths": {"small": {"attack": 0.1}, "large": {"attack": 0.5, "pain": 0.4}},
    }
    return parse_spec(TrialSpec, mapping | changes, "trial")


def share(value: float, n: int = 1000) -> SimulatedShare:
    """Return a share with an interval of about its binomial width."""
    reach = 2.0 * math.sqrt(max(value * (1.0 - value), 0.001) / n)
    return SimulatedShare(value, max(value - reach, 0.0), min(value + reach, 1.0), n)


def characteristics(truth: str, effect: float, powers: tuple[float, ...]) -> Characteristics:
    """Return what a design can do under a truth."""
    curve = [CurvePoint(n, share(power), power) for n, power in zip((40, 75, 300), powers, strict=False)]
    exact = _Exact(effect, 0.8, 0.74, 0.0, 182.0, -8.0, -0.4, 0.01, 0.24, 0.0)
    spread = [effect + 0.3 * z for z in (-1.96, -0.67, 0.0, 0.67, 1.96)]
    return Characteristics(
        truth=truth,
        exact=exact,
        power=share(powers[1]),
        wrong_way=share(0.02),
        estimates=_Estimates(1000, effect, 0.01, 0.001, *spread, se=0.3, coverage=share(0.95)),
        stopped_early=share(0.1),
        mean_patients=70.0,
        detectable=0.83,
        curve=() if truth == "none" else tuple(curve),
        needed=None if truth == "none" else _Needed(4858.0, 4652.0, math.inf if effect < 0.1 else 5078.0),
        closed_size=math.inf if truth == "none" else 4235.0,
    )


def report(**changes: Any) -> TrialReport:
    """Return a whole report; changes are those of its spec."""
    planned = spec(**changes)
    days = np.array([0.0, 42.0, 84.0, 182.0])
    rising = np.array([0.0, 0.2, 0.4, 0.7])
    curves = {
        arm: OutcomeCurve(
            days, by * rising, np.maximum(by * rising - 0.1, 0.0), np.minimum(by * rising + 0.1, 1.0)
        )
        for arm, by in (("drug", 1.0), ("placebo", 0.8))
    }
    flows = (_Flow("drug", 50, 4, 1, 43, 50), _Flow("placebo", 25, 2, 0, 22, 25))
    shown = _Example("large", 98, {"age": 6}, flows, curves, _Estimate(1.8, 0.42, 0.3, -0.17, 1.0), False, 0)
    truths = (
        characteristics("none", 0.0, (0.05, 0.052)),
        characteristics("small", 0.04, (0.05, 0.055, 0.06)),
        characteristics("large", 0.21, (0.08, 0.11, 0.29)),
    )
    return TrialReport(planned, "a" * 64, "0.0", NOTICE, 8000, 10752, truths, shown, _assumptions(planned))


REPORT = report()
WITHOUT_ESTIMATES = replace(
    REPORT,
    characteristics=tuple(replace(one, estimates=None, detectable=None) for one in REPORT.characteristics),
)
