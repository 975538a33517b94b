"""A clinic that asks, examines and tests a virtual patient, and the case that it writes.

What is done depends on dice and on what is recorded already, never on the hidden truth, so that a missing
finding tells nothing by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.bedside import examination, history
from experiments.examiner import Chart
from experiments.studies import Recorder, laboratory
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.inference.likelihood import PRECISION_LN
from garland.records import Case, parse_case

LEVELS = ("history", "examination", "conduction", "needle", "laboratory")
"""Amounts of information, each holding the ones before it; the last is the full study."""
_LATEST_DAY = 36500.0
"""Latest day that a record takes [d]."""
_DIABETIC_FROM = 6.5
"""HbA1c from which a record is diabetic by itself [%]."""


def record(
    name: str, person: Mapping[str, float], day: float, expected: NDArray[np.float32], seed: int, level: str
) -> Case:
    """Return the case of one patient up to a level of information.

    Parameters
    ----------
    name : str
        Id of the case.
    person : mapping
        Fields of `garland.model.patient.Person`, none NaN.
    day : float
        True days since the first symptom [d].
    expected : ndarray
        Expected findings, (N_FINDINGS,).
    seed : int
        Seed of the patient; same seed, same case.
    level : str
        One of `LEVELS`.

    Raises
    ------
    InputError
        If there is no such level.
    """
    if level not in LEVELS:
        raise InputError("level", level, "is no level of information", did_you_mean(level, LEVELS))
    done = LEVELS.index(level)
    chart = Chart(expected, seed)
    rng = [np.random.default_rng([seed, 3, number]) for number in range(len(LEVELS) + 1)]
    known, diabetes, lipids = _background(person, rng[-1])
    stated = history(chart, rng[0], person["male"] < 0.5)
    if (
        person["diabetes"] > 0.5
        and rng[-1].random() < part("trust/clinic").table("history_asked")["hba1c_fall"]
    ):
        diabetes["hba1c_fall_percent"] = 3.0 if chart.yes("history", None, "hba1c_fall") else 0.5
    visit = _day(day, seed)
    if done >= 1:
        visit["examination"] = examination(chart, rng[1], bool(stated.get("upper_limb_symptoms")))
    recorder = Recorder(chart, person["age_years"], person["height_cm"], visit.get("examination", {}))
    if done >= 2:
        visit["nerve_conduction"] = {"results": recorder.conduction(rng[2])}
    if done >= 3:
        visit["needle"] = {"results": recorder.needle(rng[3])}
    if done >= 4:
        visit |= laboratory(chart, rng[4])
    body = {
        "garland_case": 1,
        "id": name,
        "simulated": True,
        "person": known,
        "diabetes": diabetes,
        "history": stated,
    }
    return parse_case(body | ({"lipids": lipids} if lipids else {}) | {"visits": [visit]})


def _background(
    person: Mapping[str, float], rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return person, diabetes and lipids as recorded; age, sex and diabetes always are."""
    share = part("trust/clinic").table("person_recorded")
    luck = {name: rng.random() for name in share}
    known: dict[str, Any] = {
        "age_years": person["age_years"],
        "sex": "male" if person["male"] > 0.5 else "female",
    }
    body = (("height", "height_cm"), ("weight", "weight_kg"))
    known |= {field: person[field] for name, field in body if luck[name] < share[name]}
    diabetic, hba1c, years = person["diabetes"] > 0.5, person["hba1c_percent"], person["diabetes_years"]
    stated: dict[str, Any] = {"type": "unspecified" if diabetic else "none"}
    if diabetic and luck["diabetes_years"] < share["diabetes_years"] and years <= person["age_years"]:
        stated["duration_years"] = round(years, 1)
    measured = luck["hba1c_diabetes"] < share["hba1c_diabetes" if diabetic else "hba1c_other"]
    if measured and 3.0 <= hba1c < (25.0 if diabetic else _DIABETIC_FROM):
        stated["hba1c_percent"] = round(hba1c, 1)
    fat = luck["triglycerides"] < share["triglycerides"]
    return known, stated, {"triglycerides_mg_dl": person["triglycerides_mg_dl"]} if fat else {}


def _day(day: float, seed: int) -> dict[str, Any]:
    """Return the recorded day of the visit and its precision, or nothing."""
    p, rng = part("trust/clinic"), np.random.default_rng([seed, 4])
    asked, luck, error = rng.random(), rng.random(), rng.standard_normal()
    precision = "exact" if luck < p.value("day_exact") else "about"
    stated = day * math.exp(PRECISION_LN[precision] * error)
    if asked >= p.value("day_recorded") or stated > _LATEST_DAY:
        return {}
    return {"day_since_onset": float(f"{stated:.3g}"), "day_precision": precision}
