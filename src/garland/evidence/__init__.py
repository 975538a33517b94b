"""Evidence: every number about people, with unit, source and standing, read from data files.

>>> part("fibres/regrowth").rate_mm_per_day  # doctest: +SKIP
1.5
"""

from garland.evidence.library import (
    STANDINGS,
    UNMEASURED,
    all_numbers,
    is_as_filed,
    numbers_at,
    part,
    references,
    replaced,
)
from garland.evidence.number import Number, Reference, Value
from garland.evidence.parse import read_yaml
from garland.evidence.parts import Part

__all__ = [
    "STANDINGS",
    "UNMEASURED",
    "Number",
    "Part",
    "Reference",
    "Value",
    "all_numbers",
    "is_as_filed",
    "numbers_at",
    "part",
    "read_yaml",
    "references",
    "replaced",
]
