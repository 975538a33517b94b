"""Whether forecasts come true: virtual patients seen on day 60, and their own course up to two years on.

A band of a forecast says how patients who fit the findings differ, so the course of the patient behind the
findings, run on with the same chance, should lie in the 80 % band in 80 of 100. Patients are drawn by the law
that inference assumes of somebody seen on this day: causes in which people come early are the commoner. Where
many patients share one value (full strength, no pain) the truth takes a place among them by lot. The same
patients come back on day 150, and the bands for the same days should have become narrower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments import clinic
from experiments.virtual_patients import Virtual, draw, shown
from garland.evidence import part
from garland.forecasts.members import CHUNK, MEMBERS, _followed, _quantiles, _Start, _start_of
from garland.forecasts.milestones import PLOTS, Take
from garland.forecasts.simulate import life
from garland.inference.consult import Asked, _posterior_of, remember_compiled_programs
from garland.inference.likelihood import PRECISION_LN, Timing, _coming
from garland.model.diseases import DISEASES
from garland.model.outcomes import Outcomes
from garland.model.patient import Person
from garland.model.treatment.schedule import no_care
from garland.records import Case, parse_case
from garland.records.reading import _case_mapping
from garland.units import DAYS_PER_MONTH

Floats = NDArray[np.float64]
GROUPS = ("radiculoplexus", "referral mix")
"""Whom even and odd seeds draw. Of the first the consult knows that it is one of the two radiculoplexus
neuropathies: who picks patients by their true diagnosis must tell it, or bands cannot be right for them."""
VISITS = ("one visit", "two visits")
FIRST_DAY, SECOND_DAY = 60.0, 150.0
"""Recorded days of the two visits, since the first symptom [d]."""
MONTHS = (6, 12, 24)
"""How long after the first visit the truth is looked at [months]."""
_OTHERS_NEVER = {cause.name: 0.0 for cause in DISEASES if cause.family != GROUPS[0]}
_SETTING, _FULL = "emg-laboratory", clinic.LEVELS[-1]
_KEYS = (
    "pain_nrs", "nis", "mrs", "weight_kg", "movement_grade:knee-extension", "movement_grade:hip-flexion",
    "movement_grade:ankle-dorsiflexion", "nerve_axons:femoral", "knee_jerk", "thigh_bulk_lost",
)  # fmt: skip
_AT_ONCE = (256, 32)
"""Patients drawn at a time until one of a group is found, for even and odd seeds: the first are rare [-]."""
_HIGHEST_LN = 1.0
"""Log density of coming on a day that is hardly exceeded [ln]."""
_DIGITS = 5
_NOTHING = 1e-4
"""Mean width or score below which a measure is as good as certain after one visit [unit of the measure]."""


@cache
def measures() -> dict[str, Take]:
    """Return the measures that are scored: the function that takes each from a life, (D, N), by its name."""
    plots = {plot.key: plot for plot in PLOTS}
    lines = {
        " ".join((plots[key].title, label)).strip(): take for key in _KEYS for label, take in plots[key].lines
    }
    return {**lines, "walking score": lambda life: np.asarray(life.walking_score, np.float64)}


def job(seed: int) -> dict[str, Any]:
    """Return how the forecasts for one virtual patient came out; plain values."""
    remember_compiled_programs()
    came = first_visit(seed)
    patient = somebody(seed, came)
    targets = DAYS_PER_MONTH * np.asarray(MONTHS, np.float64)
    day = float(shown(patient.person, patient.cause, patient.vector[None], came).day[0])
    true = _course(patient, day + targets)
    asked = Asked(setting=_SETTING, seed=seed, frequencies=None if seed % 2 else _OTHERS_NEVER)
    row: dict[str, Any] = {"cause": patient.cause, "group": GROUPS[seed % 2], "withheld": False}
    for name, case, later in zip(
        VISITS, _cases(patient, came, seed), (0.0, SECOND_DAY - FIRST_DAY), strict=True
    ):
        reading, _, _, posterior = _posterior_of(case, asked)
        row["withheld"] |= bool(posterior.failures)
        start = _start_of(reading, posterior, targets - later, MEMBERS, seed)
        row[name] = scored(start, _followed(start, [no_care()])[0], true, seed)
    return row


def first_visit(seed: int) -> Timing:
    """Return when the patient of a seed comes first: the day is recorded exactly or about."""
    exact = part("trust/clinic").value("day_exact")
    precision = "exact" if np.random.default_rng([seed, 8]).random() < exact else "about"
    return Timing(FIRST_DAY, PRECISION_LN[precision], 0.0, 0.0)


def somebody(seed: int, came: Timing) -> Virtual:
    """Return the patient of a seed: from the referral mix, of those who come on a day."""
    rng, start, some = np.random.default_rng([seed, 7]), 1_000_000 * seed, _AT_ONCE[seed % 2]
    while True:
        for patient in draw(range(start, start + some), _SETTING):
            wanted = seed % 2 == 1 or DISEASES[patient.cause].family == GROUPS[0]
            density = float(_coming(came, patient.cause, patient.vector[None])[0][0])
            if wanted and np.log(rng.random()) < density - _HIGHEST_LN:
                return patient
        start += some


def _cases(patient: Virtual, came: Timing, seed: int) -> tuple[Case, Case]:
    """Return the case after the full study of the first visit, and after that of the second as well."""
    person = {field: float(value) for field, value in zip(Person._fields, patient.person, strict=True)}
    precision = next(word for word, spread in PRECISION_LN.items() if spread == came.precision_ln)
    written = []
    for number, later in enumerate((0.0, SECOND_DAY - FIRST_DAY)):
        when = came._replace(later_day=later)
        shows = shown(patient.person, patient.cause, patient.vector[None], when).expected[0]
        case = clinic.record(f"virtual-{seed}", person, FIRST_DAY, shows, 2 * seed + number, _FULL)
        mapping = _case_mapping(case)
        known = {"day_since_onset": FIRST_DAY + later, "day_precision": precision}
        written.append({**mapping, "visits": [{**mapping["visits"][0], **known}]})
    both = {**written[0], "visits": [*written[0]["visits"], *written[1]["visits"]]}
    return parse_case(written[0]), parse_case(both)


def _course(patient: Virtual, days: Floats) -> Outcomes:
    """Return the patient's own untreated life on some days, axes day and one patient."""
    vectors = np.repeat(patient.vector[None], CHUNK, axis=0)
    when = np.repeat(days[:, None], CHUNK, axis=1)
    every = life(patient.person, patient.cause, vectors, when, no_care())
    return Outcomes._make(np.asarray(field)[:, :1] for field in every)


def scored(start: _Start, lives: Outcomes, true: Outcomes, seed: int) -> dict[str, list[list[float]]]:
    """Return place, score and width for every measure and day."""
    rng, weight = np.random.default_rng([seed, 9]), start.members.weight
    rows: dict[str, list[list[float]]] = {}
    for name, take in measures().items():
        values, truth = take(lives), take(true)[:, 0]
        low, high = _quantiles(values, weight, (0.1, 0.9))
        lots = rng.random(len(truth))
        rows[name] = [
            [round(float(x), _DIGITS) for x in (place(v, weight, t, u), crps(v, weight, t), h - b)]
            for v, t, u, b, h in zip(values, truth, lots, low, high, strict=True)
        ]
    return rows


def place(values: Floats, weight: Floats, truth: float, lot: float) -> float:
    """Return the share of members below the truth; those equal to it count by lot [0..1]."""
    same = np.abs(values - truth) <= 1e-6 * max(abs(truth), 1.0)
    below = (values < truth) & ~same
    return float(np.clip(below @ weight + lot * (same @ weight), 0.0, 1.0))


def crps(values: Floats, weight: Floats, truth: float) -> float:
    """Return the continuous ranked probability score of weighted members [unit of the values]."""
    order = np.argsort(values)
    x, w = values[order], weight[order]
    ladder = np.cumsum(w)
    spread = float((np.diff(x) * ladder[:-1] * (1.0 - ladder[:-1])).sum())
    return float(np.abs(x - truth) @ w) - spread


@dataclass(frozen=True)
class Coverage:
    """How often the truth lay in the bands, for one group, number of visits, measure and time.

    Attributes
    ----------
    group, visits, measure : str
        Who, how often seen, and what; ``all`` takes every measure together.
    months : int
        Time since the first visit [months].
    patients : int
        How many [-].
    inside80, inside50, error80 : float
        Share of truths in the 80 % and in the 50 % band, and standard error of the first over patients [-].
    crps, width : float
        Mean score and mean width of the 80 % band [unit of the measure; for ``all`` the median over measures
        of what they are relative to one visit].
    """

    group: str
    visits: str
    measure: str
    months: int
    patients: int
    inside80: float
    inside50: float
    error80: float
    crps: float
    width: float


@dataclass(frozen=True)
class Bands:
    """What the forecasts of many virtual patients came to.

    Attributes
    ----------
    coverage : tuple of Coverage
        By group, visits, measure and time; the rows of ``all`` stand first.
    withheld : int
        Patients left out because the diagnostics of one of their posteriors forbade an answer [-].
    """

    coverage: tuple[Coverage, ...]
    withheld: int

    @property
    def overall(self) -> tuple[Coverage, ...]:
        """The rows that take every measure together."""
        return tuple(row for row in self.coverage if row.measure == "all")


def summary(rows: Sequence[dict[str, Any]]) -> Bands:
    """Return how often truths lay in their bands, how good the forecasts were and how narrow."""
    overall: list[Coverage] = []
    single: list[Coverage] = []
    stated_of = [row for row in rows if not row["withheld"]]
    for group in dict.fromkeys(row["group"] for row in stated_of):
        own = [row for row in stated_of if row["group"] == group]
        table = {v: np.array([list(row[v].values()) for row in own], np.float64) for v in VISITS}
        scale = table[VISITS[0]][..., 1:].mean(axis=0)
        scale = np.where(scale > _NOTHING, scale, np.nan)
        for visits, values in table.items():
            for at, months in enumerate(MONTHS):
                stated = values[:, :, at]
                relative = np.nanmedian(stated[..., 1:].mean(axis=0) / scale[:, at], axis=0)
                overall.append(_coverage((group, visits, "all"), months, stated[..., 0], relative))
                for number, measure in enumerate(own[0][visits]):
                    one = stated[:, number]
                    key = (group, visits, measure)
                    single.append(_coverage(key, months, one[:, :1], one[:, 1:].mean(axis=0)))
    return Bands((*overall, *single), len(rows) - len(stated_of))


def _coverage(key: tuple[str, str, str], months: int, places: Floats, stated: Floats) -> Coverage:
    """Return a row from the places of the truths, (patients, measures), and mean score and width."""
    inside = (places >= 0.1) & (places < 0.9)
    by_patient = inside.mean(axis=1)
    error = float(by_patient.std(ddof=1) / np.sqrt(len(places))) if len(places) > 1 else 1.0
    half = float(((places >= 0.25) & (places < 0.75)).mean())
    return Coverage(
        *key, months, len(places), float(by_patient.mean()), half, error, float(stated[0]), float(stated[1])
    )
