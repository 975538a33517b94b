"""The numbers of a cohort as words, shared by page and terminal, and the published rows beside a county."""

from __future__ import annotations

import math
from dataclasses import dataclass

from garland.cohorts.summary import CohortSummary, CountySummary, MeasureSummary, Saved, Spread
from garland.population.incidence import Rate, Share
from garland.report.common.words import in_words
from garland.validation.rows import study_rows

DASH = "–"
OUTCOME_WORDS = {"onset": "radiculoplexus neuropathy", "neuropathy": "distal polyneuropathy"}
_UNITS = {
    "1": "",
    "a": "years",
    "d": "days",
    "mg/dL": "mg/dL",
    "uV": "µV",
    "mm[Hg]": "mmHg",
    "{score}": "score",
}
_LIFE = {
    "day": "day since the first symptom",
    "nis": "NIS",
    "mrs": "modified Rankin scale",
    "pain_nrs": "pain",
    "wheelchair": "needs a wheelchair",
    "walks_alone": "walks alone",
    "walks_with_aid": "walks with an aid",
    "walking_score": "walking score",
    "weight_kg": "weight",
    "weight_lost_kg": "weight lost",
    "oxygen_mmhg": "oxygen in nerve",
    "hba1c_percent": "HbA1c",
    "csf_protein_mg_dl": "CSF protein",
}
_STUDY = "ng-2019-"
_SPACE = "\u00a0"
"""A space that does not break."""


@dataclass(frozen=True)
class _Compared:
    """One line of a county: what it is, its value here, what was published, and whether they meet.

    `meets` is None where there is no published interval.
    """

    what: str
    here: str
    published: str
    meets: bool | None


def _number(value: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, thousands apart; a dash where there is none."""
    if not math.isfinite(value):
        return DASH
    if value == 0.0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if abs(value) < 10.0 ** (-digits - 2):
        return "0.0"
    decimals = max(digits - 1 - size, 0)
    return f"{value:,.{decimals}f}".replace("-", "−")


def _percent(share: float) -> str:
    """Return a share in per cent: one decimal below 10 %, none above."""
    if not math.isfinite(share):
        return DASH
    shown = 100.0 * share
    if 0.0 < shown < 0.095:
        return f"{shown:.2g}{_SPACE}%"
    return f"{shown:.1f}{_SPACE}%" if 0.0 < shown < 9.95 else f"{shown:.0f}{_SPACE}%"


def _unit_words(unit: str) -> str:
    """Return a unit for a reader: ``{MRC 0..5}`` becomes *MRC 0–5*."""
    return _UNITS.get(unit, unit.strip("{}").replace("..", "–"))


def _after_value(unit: str) -> str:
    """Return a unit as it follows a number: nothing for a scale."""
    return "" if unit.startswith("{") else _unit_words(unit)


def _spread_words(one: Spread) -> str:
    """Return median and middle 80 % of a column of numbers, such as ``31.2 (8.5 to 58.7)``."""
    if not one.quantiles or not math.isfinite(one.quantiles[2]):
        return DASH
    low, _, middle, _, high = ("<0.01" if 0.0 < q < 0.01 else _number(q) for q in one.quantiles)
    return f"{middle} ({low} to {high})"


def _grade_words(one: Spread) -> str:
    """Return the share of each grade, the least frequent left out, such as ``0: 12 %, 2: 88 %``."""
    total = sum(one.counts)
    if not total:
        return DASH
    stated = [
        f"{_grade(edge)}: {_percent(n / total)}" for edge, n in zip(one.edges, one.counts, strict=True) if n
    ]
    return ", ".join(stated)


def _grade(value: float) -> str:
    """Return a grade as it is written: that between 3 and 4 is 4−."""
    return f"{value:g}" if value == int(value) else f"{math.ceil(value)}−"


def _title(measure: MeasureSummary) -> str:
    """Return what a column is, for a reader."""
    return _LIFE.get(measure.name, in_words(measure.description))


def _words_of(measure: MeasureSummary, visit: int = 0) -> str:
    """Return the spread of a measure at a visit."""
    one = measure.visits[visit]
    return _grade_words(one) if measure.kind == "grade" else _spread_words(one)


def _lead(summary: CohortSummary) -> str:
    """Return who the cohort is made of, in a sentence."""
    people = summary.spec["people"]
    if summary.county is not None:
        programme = summary.county.programme
        under = "" if programme == "none" else f", under the programme {programme.replace('-', ' ')}"
        years = f"{summary.county.span_years:g} years"
        return f"{summary.people:,} adults of a county, followed for {years}{under}."
    causes = ", ".join(people["causes"])
    whose = f" with {causes}" if causes else ""
    times = len(summary.spec["visits"])
    visits = "one visit" if times == 1 else f"{times} visits each"
    setting = people["setting"].replace("-", " ").replace("emg", "EMG")
    return f"{summary.people:,} patients{whose}, the mix of the setting {setting}; {visits}."


def _rate_words(rate: Rate) -> str:
    """Return a rate with its interval."""
    return f"{_number(rate.per_100000_year)} ({_number(rate.low)} to {_number(rate.high)})"


def _share_words(share: Share) -> str:
    """Return a share with its interval, in per cent."""
    low, high = (_percent(edge).removesuffix(f"{_SPACE}%") for edge in (share.low, share.high))
    return f"{_percent(share.value)} ({low} to {high})"


def _comparison(county: CountySummary) -> tuple[_Compared, ...]:
    """Return the county beside the one that was published."""
    c = county.counted
    odds, age = c.odds_ratio, c.age_adjusted
    odds_words = f"{_number(odds.ratio)} ({_number(odds.low)} to {_number(odds.high)})"
    lines = [
        ("incidence", "Incidence per 100,000 a year, adjusted", _rate_words(c.adjusted),
         c.adjusted.per_100000_year),
        ("incidence-diabetic", "… with diabetes", _rate_words(c.diabetic), c.diabetic.per_100000_year),
        ("incidence-other", "… without diabetes", _rate_words(c.other), c.other.per_100000_year),
        ("or-diabetes", "Odds ratio for diabetes", odds_words, odds.ratio),
        ("men", "Men among cases, adjusted", _share_words(c.men_adjusted), 100.0 * c.men_adjusted.value),
        ("age", "Age of cases, adjusted: median (quartiles)",
         f"{_number(age.median)} ({_number(age.low)} to {_number(age.high)}) years", age.median),
    ]  # fmt: skip
    rows = {row.id: row for row in study_rows()}
    return tuple(_compared(what, here, value, rows[_STUDY + key]) for key, what, here, value in lines)


def _compared(what: str, here: str, value: float, row: object) -> _Compared:
    stated, interval, unit = row.value, row.interval, row.unit  # type: ignore[attr-defined]
    ending = {"%": " %", "a": " years"}.get(unit, "")
    published = f"{_number(stated)}{ending}"
    if interval is None:
        return _Compared(what, here, published, None)
    low, high = interval
    published = f"{_number(stated)} ({_number(low)} to {_number(high)}){ending}"
    return _Compared(what, here, published, low <= value <= high)


def _crude_words(county: CountySummary) -> str:
    """Return the crude incidence in a sentence."""
    c = county.counted.crude
    return (
        f"{c.cases:,.0f} first episodes in {c.person_years:,.0f} person-years at risk: "
        f"{_rate_words(c)} per 100,000 a year as the county grows old (exact Poisson interval)."
    )


def _saved_words(one: Saved) -> str:
    """Return what a programme did to one outcome in these very people, in a sentence."""
    what = OUTCOME_WORDS[one.outcome]
    stated = f"{one.without:,} people would have had a first {what}; "
    stated += f"under the programme {one.with_programme:,} do."
    changes = (("prevented", one.prevented), ("put off", one.later), ("the same", one.same))
    harm = (("brought forward", one.earlier), ("caused", one.caused))
    listed = [f"{count:,} {word}" for word, count in changes]
    listed += [f"{count:,} {word}" for word, count in harm if count]
    return f"{stated} Person by person, by the same chance: {', '.join(listed)}."


def _doubt_words(one: Saved) -> str:
    """Return how surely a programme lowers the risk of one outcome, in sentences."""
    return (
        f"The programme concerns {_percent(one.concerned_share)} of adults; their risk falls by "
        f"{_percent(one.reduction)} ({_percent(one.low)} to {_percent(one.high)}). "
        f"In {_percent(one.harm_share)} of draws it does harm."
    ).replace("-", "−")
