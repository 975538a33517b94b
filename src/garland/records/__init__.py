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
from garland.records.case import FORMAT_VERSION, Case, Visit
from garland.records.electrodiagnosis import ConductionResult, Limits, Needle, NeedleResult, NerveConduction
from garland.records.examination import Examination, Sensation, SensoryFinding, mrc_range
from garland.records.fields import BySide, RecordPart
from garland.records.laboratory import Imaging, Laboratory, OtherTest
from garland.records.reading import (
    _case_mapping,
    accepted_causes,
    case_schema,
    find_case,
    parse_case,
    read_case,
    shipped_case,
    shipped_cases,
    template,
    write_case,
)

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
    "Person",
    "Published",
    "RecordPart",
    "Sensation",
    "SensoryFinding",
    "Source",
    "Symptom",
    "Visit",
    "_case_mapping",
    "accepted_causes",
    "case_schema",
    "find_case",
    "mrc_range",
    "parse_case",
    "read_case",
    "shipped_case",
    "shipped_cases",
    "template",
    "write_case",
]
