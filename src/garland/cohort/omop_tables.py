"""The columns of the tables of OMOP 5.4 that a cohort fills, and the standard concepts it uses."""

from __future__ import annotations

from typing import NamedTuple


class _Concept(NamedTuple):
    """A standard concept: its id, its name and the vocabulary it comes from."""

    number: int
    name: str
    vocabulary: str


CONCEPTS = {
    "male": _Concept(8507, "MALE", "Gender"),
    "female": _Concept(8532, "FEMALE", "Gender"),
    "visit": _Concept(9202, "Outpatient Visit", "Visit"),
    "diabetes": _Concept(201820, "Diabetes mellitus", "SNOMED"),
    "weight_kg": _Concept(3025315, "Body weight", "LOINC"),
    "height_cm": _Concept(3036277, "Body height", "LOINC"),
    "hba1c_percent": _Concept(3004410, "Hemoglobin A1c/Hemoglobin.total in Blood", "LOINC"),
    "kg": _Concept(9529, "kilogram", "UCUM"),
    "cm": _Concept(8582, "centimeter", "UCUM"),
    "%": _Concept(8554, "percent", "UCUM"),
    "mg/dL": _Concept(8840, "milligram per deciliter", "UCUM"),
}
"""Standard concepts by what they are used for; everything else has concept 0 and a source value."""

UNITS = {unit: CONCEPTS[unit].number for unit in ("kg", "cm", "%", "mg/dL")}
"""Standard concepts of units."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "person": (
        "person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime",
        "race_concept_id", "ethnicity_concept_id", "location_id", "provider_id", "care_site_id",
        "person_source_value", "gender_source_value", "gender_source_concept_id", "race_source_value",
        "race_source_concept_id", "ethnicity_source_value", "ethnicity_source_concept_id",
    ),
    "observation_period": (
        "observation_period_id", "person_id", "observation_period_start_date", "observation_period_end_date",
        "period_type_concept_id",
    ),
    "death": (
        "person_id", "death_date", "death_datetime", "death_type_concept_id", "cause_concept_id",
        "cause_source_value", "cause_source_concept_id",
    ),
    "visit_occurrence": (
        "visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_start_datetime",
        "visit_end_date", "visit_end_datetime", "visit_type_concept_id", "provider_id", "care_site_id",
        "visit_source_value", "visit_source_concept_id", "admitted_from_concept_id",
        "admitted_from_source_value", "discharged_to_concept_id", "discharged_to_source_value",
        "preceding_visit_occurrence_id",
    ),
    "condition_occurrence": (
        "condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date",
        "condition_start_datetime", "condition_end_date", "condition_end_datetime",
        "condition_type_concept_id", "condition_status_concept_id", "stop_reason", "provider_id",
        "visit_occurrence_id", "visit_detail_id", "condition_source_value", "condition_source_concept_id",
        "condition_status_source_value",
    ),
    "drug_exposure": (
        "drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date",
        "drug_exposure_start_datetime", "drug_exposure_end_date", "drug_exposure_end_datetime",
        "verbatim_end_date", "drug_type_concept_id", "stop_reason", "refills", "quantity", "days_supply",
        "sig", "route_concept_id", "lot_number", "provider_id", "visit_occurrence_id", "visit_detail_id",
        "drug_source_value", "drug_source_concept_id", "route_source_value", "dose_unit_source_value",
    ),
    "measurement": (
        "measurement_id", "person_id", "measurement_concept_id", "measurement_date", "measurement_datetime",
        "measurement_time", "measurement_type_concept_id", "operator_concept_id", "value_as_number",
        "value_as_concept_id", "unit_concept_id", "range_low", "range_high", "provider_id",
        "visit_occurrence_id", "visit_detail_id", "measurement_source_value",
        "measurement_source_concept_id", "unit_source_value", "unit_source_concept_id",
        "value_source_value", "measurement_event_id", "meas_event_field_concept_id",
    ),
    "observation": (
        "observation_id", "person_id", "observation_concept_id", "observation_date", "observation_datetime",
        "observation_type_concept_id", "value_as_number", "value_as_string", "value_as_concept_id",
        "qualifier_concept_id", "unit_concept_id", "provider_id", "visit_occurrence_id", "visit_detail_id",
        "observation_source_value", "observation_source_concept_id", "unit_source_value",
        "qualifier_source_value", "value_source_value", "observation_event_id", "obs_event_field_concept_id",
    ),
}  # fmt: skip
"""Columns of each table in the order of OMOP 5.4."""

README = """# {name}, in the shape of OMOP 5.4

{simulated}

{size} people, seed {seed}. The shape is that of the OMOP common data model; it was not checked by OHDSI's
tools, and this is no extract of a health record: every `*_type_concept_id` is 0.

| table | rows |
|---|---|
{rows}

- **Dates are invented.** Each patient's first symptom (of a county: the start) is {start}, and all days count
  from there; the year of birth follows from the age on that day.
- **Concepts.** `concepts.csv` lists every standard concept that is used. Everything else has concept 0 and a
  source value: the name of the cause, or the name of the column in the cohort.
- Findings are in `measurement`; signs that are there or not, and quantities of daily life, in `observation`.
- No response is an amplitude of 0 with `value_source_value` "no response"; its latency and velocity have no
  row. What was not done has no row either.
- `drug_exposure` is filled where the spec names care; it includes therapies that are no drugs.
- Amounts in `quantity` are doses in the unit of `dose_unit_source_value`.
"""
