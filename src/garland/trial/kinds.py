"""Kinds of value that the spec of a trial needs beside those of a case: ranges and the version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from garland.records.values import Kind, Number, refuse

FORMAT_VERSION = 1


@dataclass(frozen=True)
class _Span(Kind):
    """A lowest and a highest number, ``[low, high]``, within bounds."""

    unit: str
    low: float
    high: float

    def check(self, value: Any) -> Any:
        """Accept two numbers within the bounds, the first below the second."""
        if not isinstance(value, list | tuple) or len(value) != 2:
            refuse("is not a range", f"write [lowest, highest] in {self.unit}", value)
        low, high = (Number(self.unit, self.low, self.high).check(one) for one in value)
        if not low < high:
            refuse("is a range that holds nothing", "write the lower number first", list(value))
        return float(low), float(high)

    def schema(self) -> dict[str, Any]:
        """Describe as two bounded numbers."""
        return {
            "type": "array",
            "items": Number(self.unit, self.low, self.high).schema(),
            "minItems": 2,
            "maxItems": 2,
        }


@dataclass(frozen=True)
class _Version(Kind):
    """The one version of the format that there is."""

    def check(self, value: Any) -> Any:
        """Accept that version alone."""
        if value is True or value != FORMAT_VERSION:
            refuse("is not a version of the trial format", f"write garland_trial: {FORMAT_VERSION}", value)
        return FORMAT_VERSION

    def schema(self) -> dict[str, Any]:
        """Describe as a constant."""
        return {"const": FORMAT_VERSION}
