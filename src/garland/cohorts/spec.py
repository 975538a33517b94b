"""The spec of a cohort: who, how many, how long, seen when, what is recorded, what care is given."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import model_validator

from garland.cohorts.measures import _Measure, _measures_of
from garland.errors import InputError, did_you_mean
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import SETTINGS
from garland.population.prevention import Programme, named
from garland.records.fields import RecordPart, Whole, number, refuse, word
from garland.records.treatment import Plan, parse_plan
from garland.units import DAYS_PER_YEAR

WHAT = "cohort"
_MOST_VISITS, _MOST_DAYS = 200, 36500.0
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class People(RecordPart):
    """Whom the cohort is made of.

    Attributes
    ----------
    source : str
        ``referral``: patients sent to a clinic, each with a cause; ``county``: adults followed over years.
    setting : str
        Referral only: whose mix, such as ``emg-laboratory``.
    causes : tuple of str
        Referral only: only these causes, in the proportion of the mix; empty: all.
    first_visit_day : float or None
        Referral only: day since the first symptom of the first visit [d]; None: as such patients come.
    span_years : float
        County only: how long everyone is followed [a].
    programme : str or None
        County only: name of a programme of prevention from the start on.
    """

    source: Annotated[Literal["referral", "county"], word("referral", "county")]
    setting: Annotated[str, word(*SETTINGS)] = "emg-laboratory"
    causes: tuple[str, ...] = ()
    first_visit_day: Annotated[float | None, number("d", 0.5, _MOST_DAYS)] = None
    span_years: Annotated[float, number("a", 0.1, 60.0)] = 1.0
    programme: str | None = None

    @model_validator(mode="after")
    def _fitting(self) -> People:
        """Refuse keys of the other kind of people, and names that do not exist."""
        others = {
            "referral": ("span_years", "programme"),
            "county": ("setting", "causes", "first_visit_day"),
        }[self.source]
        for key in others:
            if key in self.model_fields_set:
                refuse(f"has no meaning for a {self.source}", "leave it out", getattr(self, key), (key,))
        names = [cause.name for cause in DISEASES]
        for at, name in enumerate(self.causes):
            if name not in names:
                refuse("is not a cause of the model", did_you_mean(name, names), name, ("causes", at))
        if self.programme is not None:
            _as_problem(lambda: named(str(self.programme)), "programme")
        return self


class CohortSpec(RecordPart):
    """What a cohort is.

    Attributes
    ----------
    garland_cohort : int
        Version of the format: 1.
    name : str
        Lower-case letters, digits and hyphens.
    seed : int
        Same seed, same people.
    size : int
        People [-].
    people : People
        Whom.
    visits : tuple of float
        Days on which everyone is seen, rising: since the first visit (referral) or the start (county) [d].
    measures : tuple of str
        What is recorded at each visit; see `cohort.measures`.
    care : tuple of str
        Lines of a plan such as ``pregabalin 300 mg/d from day 0``, days since the first visit or the start.
    missing : float
        Share of measures left out by chance [0..1].
    part_size : int
        People in one file [-].
    """

    garland_cohort: Annotated[int, Whole("1", 1, 1)]
    name: str
    seed: Annotated[int, Whole("1", 0, 2**63 - 1)] = 0
    size: Annotated[int, Whole("people", 1, 10**10)]
    people: People
    visits: tuple[Annotated[float, number("d", 0.0, _MOST_DAYS)], ...] = (0,)
    measures: tuple[str, ...] = ("nis", "pain_nrs", "mrs")
    care: tuple[str, ...] = ()
    missing: Annotated[float, number("1", 0.0, 1.0)] = 0.0
    part_size: Annotated[int, Whole("people", 64, 10**6)] = 16_384

    @model_validator(mode="after")
    def _whole_and_in_order(self) -> CohortSpec:
        """Refuse names that are none, days out of order, and measures or care unknown."""
        if not _NAME.fullmatch(self.name):
            refuse("is not a name of a folder", "use a-z, 0-9 and hyphens, 60 at most", self.name, ("name",))
        county = self.people.source == "county"
        if not (0 if county else 1) <= len(self.visits) <= _MOST_VISITS:
            rule = f"is not a list of {0 if county else 1} to {_MOST_VISITS} days"
            refuse(rule, "write for instance [0, 90, 180]", list(self.visits), ("visits",))
        if county and self.visits and self.visits[-1] > DAYS_PER_YEAR * self.people.span_years:
            rule = f"is after the span of {self.people.span_years:g} years"
            at = len(self.visits) - 1
            refuse(rule, "leave it out, or follow people for longer", self.visits[-1], ("visits", at))
        if county and self.care:
            refuse("has no meaning for a county", "name a programme of prevention", self.care[0], ("care",))
        for at, (day, later) in enumerate(zip(self.visits, self.visits[1:], strict=False), start=1):
            if later <= day:
                refuse("is not after the day before it", "write rising days", later, ("visits", at))
        if not self.measures:
            refuse("names nothing", "write for instance [nis, pain_nrs, snap]", "nothing", ("measures",))
        _as_problem(lambda: self.columns)
        _as_problem(lambda: self.plan)
        return self

    @property
    def columns(self) -> tuple[_Measure, ...]:
        """The measures of each visit, in the order of their columns."""
        return _measures_of(self.measures)

    @property
    def plan(self) -> Plan | None:
        """The care that everyone gets, None for none."""
        return parse_plan("; ".join(self.care), "care") if self.care else None

    @property
    def programme(self) -> Programme:
        """The programme of prevention; one that does nothing where none is named."""
        return named(self.people.programme or "none")

    @property
    def parts(self) -> int:
        """Number of files of each table [-]."""
        return -(-self.size // self.part_size)

    def people_of(self, part: int) -> int:
        """Return how many people part `part` holds [-]."""
        return min(self.part_size, self.size - part * self.part_size)


def _as_problem(check: Any, key: str | None = None) -> None:
    """Turn what a check of names says into a problem of this spec, at its place."""
    try:
        check()
    except InputError as problem:
        head, _, index = problem.path.partition("[")
        at: tuple[str | int, ...] = (key or head,)
        if key is None and index:
            at = (head, int(index.partition("]")[0]))
        refuse(problem.rule, problem.remedy, problem.value, at)
