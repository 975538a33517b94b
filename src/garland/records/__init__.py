"""Records: a patient's case, its format, its vocabulary, and the published cases."""

from garland.records.background import (
    BloodPressure,
    Diabetes,
    History,
    Lipids,
    Pain,
    Person,
    Published,
    Source,
    Symptom,
)
from garland.records.base import BySide, Part, sides_of
from garland.records.case import FORMAT_VERSION, Case, Visit
from garland.records.conduction import ConductionResult, Limits, NerveConduction
from garland.records.examination import Examination, Sensation, SensoryFinding
from garland.records.grades import mrc_range
from garland.records.laboratory import Imaging, Laboratory, OtherTest
from garland.records.needle import Needle, NeedleResult
from garland.records.reading import case_mapping, case_schema, parse_case, read_case, template, write_case
from garland.records.shipped import accepted_causes, shipped_case, shipped_cases

__all__ = [
    "FORMAT_VERSION",
    "BloodPressure",
    "BySide",
    "Case",
    "ConductionResult",
    "Diabetes",
    "Examination",
    "History",
    "Imaging",
    "Laboratory",
    "Limits",
    "Lipids",
    "Needle",
    "NeedleResult",
    "NerveConduction",
    "OtherTest",
    "Pain",
    "Part",
    "Person",
    "Published",
    "Sensation",
    "SensoryFinding",
    "Source",
    "Symptom",
    "Visit",
    "accepted_causes",
    "case_mapping",
    "case_schema",
    "mrc_range",
    "parse_case",
    "read_case",
    "shipped_case",
    "shipped_cases",
    "sides_of",
    "template",
    "write_case",
]
