"""Garland: an executable model of proximal diabetic neuropathy and of everything it is mistaken for.

The public names, in the order of the path from a case to a report. A research and teaching instrument,
not a medical device.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from garland.errors import EvidenceError, GarlandError, InputError, OutOfRange
    from garland.evidence import all_numbers, part, references
    from garland.inference.consult import consult
    from garland.inference.result import Consult
    from garland.population.prevention import Prevention, prevented
    from garland.records import case_schema, parse_case, read_case, shipped_case, shipped_cases, template
    from garland.report.consult.html import write_html
    from garland.report.consult.text import print_consult

_HOME = {
    "Prevention": "garland.population.prevention",
    "prevented": "garland.population.prevention",
    "EvidenceError": "garland.errors",
    "GarlandError": "garland.errors",
    "InputError": "garland.errors",
    "OutOfRange": "garland.errors",
    "all_numbers": "garland.evidence",
    "part": "garland.evidence",
    "references": "garland.evidence",
    "case_schema": "garland.records",
    "parse_case": "garland.records",
    "read_case": "garland.records",
    "shipped_case": "garland.records",
    "shipped_cases": "garland.records",
    "template": "garland.records",
    "consult": "garland.inference.consult",
    "Consult": "garland.inference.result",
    "print_consult": "garland.report.consult.text",
    "write_html": "garland.report.consult.html",
}

__all__ = [
    "Consult",
    "EvidenceError",
    "GarlandError",
    "InputError",
    "OutOfRange",
    "Prevention",
    "__version__",
    "all_numbers",
    "case_schema",
    "consult",
    "parse_case",
    "part",
    "prevented",
    "print_consult",
    "read_case",
    "references",
    "shipped_case",
    "shipped_cases",
    "template",
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
