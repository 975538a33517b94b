"""One patient's record, visit by visit, and the same record as it stood before all tests were done.

The clock is days since the first symptom. A key that is left out says nothing; `false`, 0, ``absent`` and
``not-done`` each say something. What the publication concluded is kept too and is never evidence.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from garland.records.background import BloodPressure, Diabetes, History, Lipids, Person, Published
from garland.records.electrodiagnosis import Needle, NerveConduction
from garland.records.examination import Examination
from garland.records.fields import FormatVersion, RecordPart, Words, YesNo, _Day, refuse, word
from garland.records.laboratory import Imaging, Laboratory, OtherTest

FORMAT_VERSION = 1
_OWN_AGE_SLACK = 1.0
_HBA1C_SLACK = 0.05


class Visit(RecordPart):
    """Everything found on one day [days since the first symptom; None where it is not known]."""

    day_since_onset: Annotated[float, _Day()] | None = None
    day_precision: Annotated[str, word("exact", "about", "rough")] | None = None
    examination: Examination = Examination()
    nerve_conduction: NerveConduction = NerveConduction()
    needle: Needle = Needle()
    laboratory: Laboratory = Laboratory()
    imaging: tuple[Imaging, ...] = ()
    other_tests: tuple[OtherTest, ...] = ()
    published_impression: tuple[Words, ...] = ()


class Case(RecordPart):
    """A case: who, what was told, and the visits in order of time.

    Attributes
    ----------
    garland_case : int
        Version of the format, 1.
    id, title : str
        Name of the case and a line for the reader.
    published : Published or None
        Source and conclusion of a published case; never evidence.
    simulated : bool
        Whether it is a virtual patient of this model, to whom no doubt about reports and model applies.
    person, diabetes, lipids, blood_pressure, history
        What is known of the patient.
    visits : tuple of Visit
        At least one, in order of time.
    """

    garland_case: Annotated[int, FormatVersion("case")]
    id: Words
    title: Words | None = None
    published: Published | None = None
    simulated: YesNo = False
    person: Person = Person()
    diabetes: Diabetes = Diabetes()
    lipids: Lipids = Lipids()
    blood_pressure: BloodPressure = BloodPressure()
    history: History = History()
    visits: Annotated[tuple[Visit, ...], Field(json_schema_extra={"minItems": 1})]

    @model_validator(mode="after")
    def _agrees(self) -> Case:
        """Refuse visits out of order, years that exceed the age, and two values of HbA1c."""
        if not self.visits:
            refuse("is empty", "write one visit at least; its day may be left out", [], ("visits",))
        last = 0.0
        for row, visit in enumerate(self.visits):
            if visit.day_since_onset is not None and visit.day_since_onset < last:
                rule = f"is before the visit above it (day {last:g})"
                refuse(
                    rule,
                    "list the visits in order of time",
                    visit.day_since_onset,
                    ("visits", row, "day_since_onset"),
                )
            last = visit.day_since_onset if visit.day_since_onset is not None else last
        self._check_age()
        self._check_hba1c()
        return self

    def _check_age(self) -> None:
        if self.person.age_years is None:
            return
        for part, field in (("diabetes", "duration_years"), ("history", "age_at_onset_years")):
            value = getattr(getattr(self, part), field)
            if value is not None and value > self.person.age_years + _OWN_AGE_SLACK:
                rule = f"is more than the age, {self.person.age_years:g} years"
                refuse(rule, "correct one of the two", value, (part, field))

    def _check_hba1c(self) -> None:
        stated, found = self.diabetes.hba1c_percent, self.visits[0].laboratory.hba1c_percent
        if stated is not None and isinstance(found, int | float) and abs(stated - found) > _HBA1C_SLACK:
            rule = f"contradicts diabetes.hba1c_percent: {stated:g}"
            refuse(rule, "give HbA1c in one place", found, ("visits", 0, "laboratory", "hba1c_percent"))


AMOUNTS = ("history", "examination", "conduction", "needle", "everything")
"""What is known, each with all before it."""

_ADDED: tuple[tuple[str, ...], ...] = (
    (),
    ("examination",),
    ("nerve_conduction",),
    ("needle",),
    ("laboratory", "imaging", "other_tests", "published_impression"),
)


def up_to(case: Case, amount: str) -> Case:
    """Return a case without what is learnt after this amount of work."""
    known = {field for fields in _ADDED[: AMOUNTS.index(amount) + 1] for field in fields}
    later = {field for fields in _ADDED for field in fields} - known
    empty: dict[str, Any] = {field: Visit.model_fields[field].default for field in later}
    return case.model_copy(update={"visits": tuple(v.model_copy(update=empty) for v in case.visits)})
