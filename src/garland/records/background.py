"""Who the patient is and what was told: publication, person, diabetes, lipids, blood pressure, history."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import model_validator

from garland.anatomy.terminology import terms
from garland.records.fields import (
    CauseName,
    NumberKind,
    RecordPart,
    Side,
    Words,
    YesNo,
    _Flag,
    _Keyed,
    _Name,
    number,
    refuse,
    word,
)

_BMI_TOLERANCE = 0.04
_LIPID_WORDS = ("normal", "raised", "low", "not-done")


class Source(RecordPart):
    """Where a published case stands."""

    citation: Words
    url: Words | None = None


class Published(RecordPart):
    """What the publication says of the case; for comparison, never evidence.

    Attributes
    ----------
    diagnosis : str
        Diagnosis of the publication.
    diagnosis_seen_in_text : bool
        Whether the diagnosis was read in the source itself.
    accepted_causes : tuple of str
        Names of the causes that count as this diagnosis.
    outcome, note : str
        What became of the patient; what a reader should know.
    not_published : tuple of str
        What the source, or the copy that was seen, does not give.
    """

    diagnosis: Words
    source: Source
    diagnosis_seen_in_text: YesNo | None = None
    accepted_causes: tuple[CauseName, ...] = ()
    outcome: Words | None = None
    note: Words | None = None
    not_published: tuple[Words, ...] = ()


_DECADES = (
    "teens",
    "twenties",
    "thirties",
    "forties",
    "fifties",
    "sixties",
    "seventies",
    "eighties",
    "nineties",
)


_ROUND_AN_AGE = re.compile(
    r"\b(in|his|her|the|their|about|around|approximately|aged?|years?|old|yrs?)\b|[~']"
)


class _Age(NumberKind):
    """An age in years, or as reports hide it: ``60s``, ``60-69``, ``sixties``, ``about 60``."""

    def check(self, value: Any) -> Any:
        """Accept a number, or words for which the middle of what they cover stands."""
        return super().check(_age_meant(value) if isinstance(value, str) else value)


def _age_meant(text: str) -> float | str:
    """Return the age that words stand for [a], or the words where they are none."""
    plain = re.sub(
        r"\b(in|his|her|the|their|about|around|approximately|aged?|years?|old|yrs?)\b|[~']", " ", text.lower()
    )
    plain = " ".join(plain.split())
    if plain in _DECADES:
        return 15.0 + 10.0 * _DECADES.index(plain)
    if decade := re.fullmatch(r"(early|mid|late)?[ -]?(\d)0s", plain):
        return 10.0 * int(decade[2]) + {"early": 2.0, "late": 8.0}.get(decade[1] or "", 5.0)
    if ages := re.fullmatch(r"(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})", plain):
        return 0.5 * (float(ages[1]) + float(ages[2]))
    return float(plain) if re.fullmatch(r"\d{1,3}(\.\d+)?", plain) else text


class Person(RecordPart):
    """Age [years], sex, height [cm], weight [kg], body mass index [kg/m2]."""

    age_years: Annotated[float, _Age("years", 0, 120)] | None = None
    sex: Annotated[str, word("female", "male")] | None = None
    height_cm: Annotated[float, number("cm", 40, 260)] | None = None
    weight_kg: Annotated[float, number("kg", 2, 450)] | None = None
    bmi_kg_m2: Annotated[float, number("kg/m2", 8, 150)] | None = None

    @model_validator(mode="after")
    def _bmi_agrees(self) -> Person:
        """Refuse a body mass index that height and weight contradict."""
        if self.bmi_kg_m2 is None or self.height_cm is None or self.weight_kg is None:
            return self
        computed = self.weight_kg / (self.height_cm / 100) ** 2
        if abs(computed - self.bmi_kg_m2) > _BMI_TOLERANCE * computed + 0.5:
            rule = f"disagrees with height and weight, which give {computed:.1f} kg/m2"
            refuse(rule, "correct one of the three or leave bmi_kg_m2 out", self.bmi_kg_m2, ("bmi_kg_m2",))
        return self


class Diabetes(RecordPart):
    """Type, duration [years], HbA1c [%], its fall in 3 months before onset [% points], glucose [mg/dL]."""

    type: Annotated[str, word("none", "type-1", "type-2", "newly-found", "unspecified")] | None = None
    duration_years: Annotated[float, number("years", 0, 100)] | None = None
    hba1c_percent: Annotated[float, number("%", 3, 25)] | None = None
    hba1c_fall_percent: Annotated[float, number("% points", -15, 20)] | None = None
    fasting_glucose_mg_dl: Annotated[float, number("mg/dL", 10, 2000)] | None = None
    two_hour_glucose_mg_dl: Annotated[float, number("mg/dL", 10, 2000)] | None = None

    @model_validator(mode="after")
    def _type_agrees(self) -> Diabetes:
        """Refuse diabetic values without diabetes, and years of diabetes where it was just found."""
        if self.type == "none" and self.hba1c_percent is not None and self.hba1c_percent >= 6.5:
            rule = "contradicts type: none (6.5 % or more is diabetes)"
            refuse(
                rule,
                "write type: newly-found or unspecified, or correct it",
                self.hba1c_percent,
                ("hba1c_percent",),
            )
        if self.type == "none" and self.duration_years:
            remedy = "give the type, or leave duration_years out"
            refuse("contradicts type: none", remedy, self.duration_years, ("duration_years",))
        if self.type == "newly-found" and (self.duration_years or 0) > 1:
            remedy = "write the type that is known, or leave duration_years out"
            refuse("contradicts type: newly-found", remedy, self.duration_years, ("duration_years",))
        return self


class Lipids(RecordPart):
    """Triglycerides, LDL and HDL cholesterol [mg/dL], or a word."""

    triglycerides_mg_dl: Annotated[float | str, number("mg/dL", 5, 20000, *_LIPID_WORDS)] | None = None
    ldl_mg_dl: Annotated[float | str, number("mg/dL", 1, 1500, *_LIPID_WORDS)] | None = None
    hdl_mg_dl: Annotated[float | str, number("mg/dL", 1, 300, *_LIPID_WORDS)] | None = None


class BloodPressure(RecordPart):
    """Systolic and diastolic blood pressure [mmHg]."""

    systolic_mmhg: Annotated[float, number("mmHg", 40, 320)] | None = None
    diastolic_mmhg: Annotated[float, number("mmHg", 20, 220)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> BloodPressure:
        """Refuse a diastolic pressure that is not below the systolic one."""
        systolic, diastolic = self.systolic_mmhg, self.diastolic_mmhg
        if systolic is not None and diastolic is not None and diastolic >= systolic:
            refuse(
                "is not below the systolic pressure", "check the two figures", diastolic, ("diastolic_mmhg",)
            )
        return self


Region = Annotated[str, _Name("region")]


class Symptom(RecordPart):
    """A complaint: whether it is there, on which side, in which regions.

    `spared` names regions that were asked for and are free on both sides; a region not named says nothing.
    """

    present: YesNo | None = None
    side: Side | None = None
    regions: tuple[Region, ...] = ()
    spared: tuple[Region, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Symptom:
        """Refuse places of an absent complaint, and places without a side."""
        if self.present is False and (self.regions or self.side):
            where = "regions" if self.regions else "side"
            value = list(self.regions) or self.side
            refuse("contradicts present: false", "leave it out, or write present: true", value, (where,))
        both = [region for region in self.spared if region in self.regions]
        if both:
            refuse("is affected and spared at once", "leave it out of one of the two", both, ("spared",))
        if self.side is None and any(region not in terms().midline_regions for region in self.regions):
            remedy = "write side: left, right or both (unstated if the source does not say)"
            refuse("needs a side", remedy, list(self.regions), ("regions",))
        return self


class Pain(Symptom):
    """Pain, with its word of severity or its grade on the numerical rating scale 0..10."""

    severity: Annotated[str, word("mild", "moderate", "severe")] | None = None
    intensity_nrs: Annotated[float, number("points", 0, 10)] | None = None

    @model_validator(mode="after")
    def _intensity_agrees(self) -> Pain:
        """Refuse the intensity of a pain that is not there."""
        if self.present is False and (self.severity or self.intensity_nrs):
            where = "severity" if self.severity else "intensity_nrs"
            refuse("contradicts present: false", "leave one of the two out", getattr(self, where), (where,))
        return self


_TEMPO = ("sudden", "acute", "subacute", "chronic", "stepwise", "relapsing")
_FIRST = ("pain", "weakness", "numbness", "paraesthesia", "wasting", "gait", "cramps", "weight-loss", "other")
_FAMILY = ("none", "neuropathy", "motor-neuron-disease", "myopathy")
_SURGERY = ("none", "hip", "knee", "spine", "abdominal-pelvic", "obstetric", "cardiac", "arm", "other")


class History(RecordPart):
    """What was told: course, complaints, and what came before. A key left out says nothing; false says no.

    `weakness_within_days_of_pain` is an upper bound [days]; `weight_loss_days` the time the loss took [days].
    `other_findings` are signs, blood values and circumstances of a disease elsewhere, each found or not.
    """

    tempo: Annotated[str, word(*_TEMPO)] | None = None
    first_symptom: Annotated[str, word(*_FIRST)] | None = None
    age_at_onset_years: Annotated[float, number("years", 0, 120)] | None = None
    pain: Pain = Pain()
    weakness: Symptom = Symptom()
    numbness: Symptom = Symptom()
    paraesthesia: Symptom = Symptom()
    weakness_within_days_of_pain: Annotated[float, number("days", 0, 3650)] | None = None
    weight_loss_kg: Annotated[float | str, number("kg", 0, 200, "none", "present")] | None = None
    weight_loss_days: Annotated[float, number("days", 1, 3650)] | None = None
    walking_difficulty: YesNo | None = None
    back_pain: YesNo | None = None
    cancer: YesNo | None = None
    anticoagulant: YesNo | None = None
    radiation: YesNo | None = None
    surgery: Annotated[str, word(*_SURGERY)] | None = None
    trauma: YesNo | None = None
    injection: YesNo | None = None
    leg_crossing: YesNo | None = None
    childbirth: YesNo | None = None
    autoimmune_disease: YesNo | None = None
    infection_before: YesNo | None = None
    family_history: Annotated[str, word(*_FAMILY)] | None = None
    drugs: tuple[Words, ...] = ()
    upper_limb_symptoms: YesNo | None = None
    bulbar_symptoms: YesNo | None = None
    sphincter_symptoms: YesNo | None = None
    cramps: YesNo | None = None
    other_findings: Annotated[dict[str, bool], _Keyed("other-finding", _Flag())] | None = None

    @model_validator(mode="after")
    def _pain_agrees(self) -> History:
        """Refuse an interval from pain to weakness, or pain as first symptom, where pain is denied."""
        if self.pain.present is False:
            days, first = self.weakness_within_days_of_pain, self.first_symptom
            remedy = "correct pain.present or leave this out"
            if days is not None:
                refuse("contradicts pain.present: false", remedy, days, ("weakness_within_days_of_pain",))
            if first == "pain":
                refuse("contradicts pain.present: false", remedy, first, ("first_symptom",))
        return self
