"""Records: a patient's case, its format, its vocabulary, and the published cases."""

from garland.records.background import (
    History,
    Symptom,
    _BloodPressure,
    _Diabetes,
    _Lipids,
    _Pain,
    _Person,
    _Published,
    _Source,
)
from garland.records.case import FORMAT_VERSION, Case, Visit
from garland.records.electrodiagnosis import ConductionResult, Needle, NeedleResult, NerveConduction, _Limits
from garland.records.examination import Examination, Sensation, SensoryFinding, mrc_range
from garland.records.fields import Part, _BySide, _sides_of
from garland.records.laboratory import Imaging, Laboratory, _OtherTest
from garland.records.reading import (
    accepted_causes,
    case_mapping,
    case_schema,
    parse_case,
    read_case,
    shipped_case,
    shipped_cases,
    template,
    write_case,
)

__all__ = [
    "FORMAT_VERSION",
    "Case",
    "ConductionResult",
    "Examination",
    "History",
    "Imaging",
    "Laboratory",
    "Needle",
    "NeedleResult",
    "NerveConduction",
    "Part",
    "Sensation",
    "SensoryFinding",
    "Symptom",
    "Visit",
    "_BloodPressure",
    "_BySide",
    "_Diabetes",
    "_Limits",
    "_Lipids",
    "_OtherTest",
    "_Pain",
    "_Person",
    "_Published",
    "_Source",
    "_sides_of",
    "accepted_causes",
    "case_mapping",
    "case_schema",
    "mrc_range",
    "parse_case",
    "read_case",
    "shipped_case",
    "shipped_cases",
    "template",
    "write_case",
]
