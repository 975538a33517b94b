"""Garland: an executable model of proximal diabetic neuropathy and of everything it is mistaken for.

The public names, in the order of the path from a case to a report. A research and teaching instrument,
not a medical device.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# XLA tells on standard error of every option of the processor that a stored program lacks. It asks for this
# when it is loaded, so it must be said before; a program's key makes sure that it fits.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if TYPE_CHECKING:
    from garland.cohorts.spec import CohortSpec
    from garland.cohorts.summary import CohortSummary, cohort
    from garland.edx_study.records import EdxStudy
    from garland.edx_study.virtual import StudyRequest, record
    from garland.errors import EvidenceError, GarlandError, InputError, InputErrors, OutOfRange
    from garland.evidence import all_numbers, part, references
    from garland.forecasts.forecast import ForecastOptions, forecast
    from garland.forecasts.patient import PatientSpec, patient
    from garland.forecasts.records import CourseReport
    from garland.inference.consult import consult
    from garland.inference.result import Consult
    from garland.inference.session import Session, SessionAnswer
    from garland.population.demographics import sample_adults
    from garland.population.prevention import Prevention, prevented
    from garland.progress import listening
    from garland.records import case_schema, parse_case, read_case, shipped_case, shipped_cases, template
    from garland.report.consult.html import write_html
    from garland.report.consult.text import print_consult
    from garland.signals.measured import Measurement, measure
    from garland.trials.run import TrialReport, trial
    from garland.trials.spec import TrialSpec
    from garland.validation.run import validate

_NAMES = {
    "errors": ("EvidenceError", "GarlandError", "InputError", "InputErrors", "OutOfRange"),
    "evidence": ("all_numbers", "part", "references"),
    "records": ("case_schema", "parse_case", "read_case", "shipped_case", "shipped_cases", "template"),
    "population.demographics": ("sample_adults",),
    "population.prevention": ("Prevention", "prevented"),
    "inference.consult": ("consult",),
    "inference.result": ("Consult",),
    "inference.session": ("Session", "SessionAnswer"),
    "progress": ("listening",),
    "forecasts.patient": ("PatientSpec", "patient"),
    "forecasts.forecast": ("ForecastOptions", "forecast"),
    "forecasts.records": ("CourseReport",),
    "signals.measured": ("Measurement", "measure"),
    "edx_study.virtual": ("StudyRequest", "record"),
    "edx_study.records": ("EdxStudy",),
    "cohorts.spec": ("CohortSpec",),
    "cohorts.summary": ("CohortSummary", "cohort"),
    "trials.spec": ("TrialSpec",),
    "trials.run": ("TrialReport", "trial"),
    "validation.run": ("validate",),
    "report.consult.html": ("write_html",),
    "report.consult.text": ("print_consult",),
}
_HOME = {name: f"garland.{home}" for home, names in _NAMES.items() for name in names}

__all__ = [
    "CohortSpec",
    "CohortSummary",
    "Consult",
    "CourseReport",
    "EdxStudy",
    "EvidenceError",
    "ForecastOptions",
    "GarlandError",
    "InputError",
    "InputErrors",
    "Measurement",
    "OutOfRange",
    "PatientSpec",
    "Prevention",
    "Session",
    "SessionAnswer",
    "StudyRequest",
    "TrialReport",
    "TrialSpec",
    "__version__",
    "all_numbers",
    "case_schema",
    "cohort",
    "consult",
    "forecast",
    "listening",
    "measure",
    "parse_case",
    "part",
    "patient",
    "prevented",
    "print_consult",
    "read_case",
    "record",
    "references",
    "sample_adults",
    "shipped_case",
    "shipped_cases",
    "template",
    "trial",
    "validate",
    "write_html",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'garland' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
