"""One number about people, as a frozen record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

SHAPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"normal": ("mean", "sd"), "lognormal": ("median", "sd_ln"), "uniform": ("low", "high")}
)
"""Distributions a number may have, with the names of their two parameters."""


@dataclass(frozen=True)
class _Distribution:
    """How a number varies or how unsure it is.

    Attributes
    ----------
    name : str
        ``normal`` (mean, sd), ``lognormal`` (median, sd_ln) or ``uniform`` (low, high).
    first, second : float
        The two parameters, in that order; in the number's unit, `sd_ln` on the natural-log scale [-].
    """

    name: str
    first: float
    second: float

    @property
    def parameters(self) -> Mapping[str, float]:
        """Parameters by name, such as ``{"mean": 1.5, "sd": 0.2}``."""
        return MappingProxyType(dict(zip(SHAPES[self.name], (self.first, self.second), strict=True)))

    @property
    def centre(self) -> float:
        """Mean, median or midpoint, in the number's unit."""
        return (self.first + self.second) / 2 if self.name == "uniform" else self.first

    @property
    def spread(self) -> float:
        """Standard deviation in the number's unit; for ``lognormal`` that of the natural log [-]."""
        return (self.second - self.first) / math.sqrt(12.0) if self.name == "uniform" else self.second


Value: TypeAlias = "float | tuple[Value, ...] | Mapping[str, Value]"
"""A central value: one float, a tuple, or a read-only table by name."""

Node: TypeAlias = "float | _Distribution | tuple[Node, ...] | Mapping[str, Node]"
"""A value as written: like ``Value``, with a distribution wherever a float may stand."""


@dataclass(frozen=True)
class Reference:
    """A source.

    Attributes
    ----------
    key, citation : str
        Short name used by numbers, and what to look for in a library.
    address : str or None
        Where the text was read.
    seen : bool
        True if the source (mostly its abstract or a table) was read; False if it is remembered.
    note : str or None
        What the reader must know before using it.
    """

    key: str
    citation: str
    address: str | None
    seen: bool
    note: str | None = None


@dataclass(frozen=True)
class Number:
    """A number measured or assumed about people.

    Attributes
    ----------
    path, name : str
        ``fibres/regrowth.rate_mm_per_day`` and its last part.
    description, unit : str
        What it is, in words, and its unit (``"1"`` for a pure number).
    node : Node
        The value as written: float, distribution, tuple or table of them.
    source, where : str
        Key of the reference and the place in it.
    standing : str
        ``measured``, ``derived``, ``recalled`` or ``assumed``.
    low, high : float or None
        Range of trust, in `unit`; None: open on that side.
    open_question, note : str or None
        A doubt to settle, and a remark.
    """

    path: str
    name: str
    description: str
    unit: str
    node: Node
    source: str
    where: str
    standing: str
    low: float | None = None
    high: float | None = None
    open_question: str | None = None
    note: str | None = None

    @property
    def value(self) -> Value:
        """Central value: float, tuple or read-only table, in `unit`."""
        return _centre(self.node)

    @property
    def spread(self) -> Value:
        """Spread of the same shape as `value`; zero where no distribution is given."""
        return _spread(self.node)

    @property
    def distribution(self) -> _Distribution | None:
        """The distribution, if the number is a single one and has one."""
        return self.node if isinstance(self.node, _Distribution) else None

    @property
    def trusted(self) -> tuple[float | None, float | None]:
        """Range of trust (low, high), in `unit`."""
        return (self.low, self.high)


def _centre(node: Node) -> Value:
    """Reduce a value as written to its central value.

    The same shape, each distribution replaced by its mean, median or midpoint.
    """
    if isinstance(node, _Distribution):
        return node.centre
    if isinstance(node, tuple):
        return tuple(_centre(entry) for entry in node)
    if isinstance(node, Mapping):
        return MappingProxyType({key: _centre(entry) for key, entry in node.items()})
    return node


def _spread(node: Node) -> Value:
    """Reduce a value as written to its spread.

    The same shape; see `Distribution.spread`, 0.0 for a bare float.
    """
    if isinstance(node, _Distribution):
        return node.spread
    if isinstance(node, tuple):
        return tuple(_spread(entry) for entry in node)
    if isinstance(node, Mapping):
        return MappingProxyType({key: _spread(entry) for key, entry in node.items()})
    return 0.0
