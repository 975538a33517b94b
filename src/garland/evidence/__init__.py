"""Evidence: every number about people, with unit, source and standing, read from data files.

>>> part("fibres/regrowth").rate_mm_per_day  # doctest: +SKIP
1.5
"""

from garland.evidence.library import STANDINGS, Library, all_numbers, part, references, replaced
from garland.evidence.number import Distribution, Number, Reference, Value
from garland.evidence.parts import Part
from garland.evidence.yamlfile import read_yaml

__all__ = [
    "STANDINGS",
    "Distribution",
    "Library",
    "Number",
    "Part",
    "Reference",
    "Value",
    "all_numbers",
    "part",
    "read_yaml",
    "references",
    "replaced",
]
