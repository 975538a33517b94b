"""A cohort as one self-contained HTML page: no script, no network, light and dark, phone and paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from garland.cohorts.summary import CohortSummary, MeasureSummary
from garland.report.cohort import content as values
from garland.report.cohort import figures
from garland.report.common import pages
from garland.report.common.svg import line_sample
from garland.report.common.words import in_words

OPEN_ROWS = 24
"""Measures shown at once; more are folded by their beginnings."""
_SHEETS = ("style.css", "course.css", "trial.css", "cohort.css")
_DRAWINGS = (
    figures._share_bar, figures._pyramid, figures._histogram, figures._sparkline, figures._course,
    figures._rates_plot, figures._risk_plot, line_sample,
)  # fmt: skip
_FIRST = 16
"""Courses shown at once."""


class _Group(NamedTuple):
    """Measures whose names begin alike."""

    title: str
    measures: tuple[MeasureSummary, ...]

    @property
    def scale(self) -> str:
        """What the grades mean, where they are not plain numbers."""
        one = self.measures[0]
        return values._unit_words(one.unit) if one.kind == "grade" and "," in one.unit else ""


def cohort_page(summary: CohortSummary) -> str:
    """Render the summary of a cohort as one HTML page."""
    days = [float(day) for day in summary.spec["visits"]]
    courses = [one for one in summary.measures[1:] if figures._drawable(one)]
    people = {one.name: one for one in summary.numbers}
    return pages.page_template("cohort.html.j2", _SHEETS, _DRAWINGS).render(
        s=summary,
        v=pages.template_names(values),
        county=summary.county,
        compared=values._comparison(summary.county) if summary.county else (),
        lead=values._lead(summary),
        people=people,
        causes=[one for one in summary.causes if summary.county is None or one.name != "none"],
        ill=sum(one.count for one in summary.causes if one.name != "none"),
        hba1c=[("without diabetes", summary.hba1c[0]), ("with diabetes", summary.hba1c[1])],
        courses=courses[:_FIRST],
        more_courses=courses[_FIRST:],
        days=days,
        groups=_groups(summary.measures[1:]),
        folded=len(summary.measures) > OPEN_ROWS,
        programme=summary.county is not None and bool(summary.county.saved),
        spec=yaml.safe_dump(_written(summary.spec), sort_keys=False, allow_unicode=True),
    )


def _groups(measures: Sequence[MeasureSummary]) -> tuple[_Group, ...]:
    """Return measures by what their names begin with: daily life first, then each kind of finding."""
    found: dict[str, list[MeasureSummary]] = {}
    for one in measures:
        title = "daily life" if one.life else one.name.partition("_left")[0].partition("_right")[0]
        found.setdefault(title.replace("_", " "), []).append(one)
    ordered = sorted(found.items(), key=lambda group: group[0] != "daily life")
    return tuple(_Group(_first_up(in_words(title)), tuple(each)) for title, each in ordered)


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]


def _written(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec without what says nothing."""
    kept = {key: value for key, value in spec.items() if value not in (None, [], ())}
    people = spec["people"]
    county = people["source"] == "county"
    mine = (
        ("source", "span_years", "programme")
        if county
        else ("source", "setting", "causes", "first_visit_day")
    )
    kept["people"] = {key: people[key] for key in mine if people[key] not in (None, [], ())}
    return kept
