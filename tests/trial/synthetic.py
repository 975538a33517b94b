"""A bank of patients built from arrays, whose truth is known without the model, and specs for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from garland.records.reading import parse_spec
from garland.trials.potential_outcomes import _Bank
from garland.trials.spec import TrialSpec

OUTCOMES: dict[str, dict[str, Any]] = {
    "nis-gain": {"what": "nis-gain"},
    "pain-responder": {"what": "pain-responder", "day": 84},
    "walks-alone": {"what": "walks-alone", "day": 84},
    "nis-change": {"what": "nis-change", "day": 84},
}


def mapping(**changes: Any) -> dict[str, Any]:
    """Return a spec as YAML gives it."""
    return {
        "garland_trial": 1,
        "name": "synthetic",
        "patients": 100,
        "arms": {"drug": "methylprednisolone 1 g/wk from day 0", "placebo": "none"},
        "visits": [28, 84],
        "outcome": OUTCOMES["walks-alone"],
        "losses": {"drop_out_per_year": 0.0, "missed_visits": 0.0},
        "truths": {"real": "as-modelled"},
        "bank": 4000,
    } | changes


def spec(**changes: Any) -> TrialSpec:
    """Return a checked spec."""
    return parse_spec(TrialSpec, mapping(**changes), "trial")


def bank(size: int = 4000, walks: tuple[float, float] = (0.5, 0.3), nis_shift: float = -3.0) -> _Bank:
    """Return patients whose drug changes walking alone from `walks[1]` to `walks[0]` and the NIS by a shift.

    Under the truth ``none`` both arms are the control's.
    """
    rng = np.random.default_rng(7)
    days = np.array([0.0, 28.0, 84.0])
    entry = rng.normal(40.0, 8.0, size)
    drift = np.array([0.0, 0.5, 1.0])[:, None]
    control = entry + drift * rng.normal(-3.0, 5.0, size)
    pain = 8.0 * (1.0 - drift * rng.beta(2.0, 2.0, size))
    lives = {
        "nis": (control + drift * nis_shift, control),
        "pain_nrs": (0.8 * pain, pain),
        "walks_alone": (np.full((3, size), walks[0]), np.full((3, size), walks[1])),
    }
    people = {name: rng.normal(60.0, 10.0, size) for name in ("age_years", "hba1c_percent", "onset_day")}
    people |= {name: (rng.random(size) < 0.5) * 1.0 for name in ("male", "diabetes")}
    return _Bank(
        truths=("none", "real"),
        arms=("drug", "placebo"),
        days=days,
        people=people | {"death_day": np.full(size, np.inf)},
        lives={name: np.array([[c, c], [t, c]]) for name, (t, c) in lives.items()},
        screened=2 * size,
        refused={"age": size},
    )
