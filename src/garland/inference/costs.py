"""What a test costs: minutes, needle insertions, discomfort."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import NamedTuple

from garland.errors import EvidenceError, InputError
from garland.evidence import part

_UNLIMITED = float("inf")


class Cost(NamedTuple):
    """What one test costs, or several together.

    Attributes
    ----------
    minutes : float
        Time [min].
    insertions : float
        Insertions of the EMG needle [-].
    discomfort : float
        Discomfort, 0 to 10 for one test; added up over tests [-].
    """

    minutes: float = 0.0
    insertions: float = 0.0
    discomfort: float = 0.0

    def and_also(self, other: Cost) -> Cost:
        """Return the cost of both."""
        return Cost(*(mine + its for mine, its in zip(self, other, strict=True)))


@cache
def _cost_of(kind: str, name: str = "") -> Cost:
    """Return what one test on one side costs."""
    own, shared = part("inference/costs"), part("study/cost")
    discomfort = own.table("discomfort")
    if kind not in discomfort:
        raise EvidenceError(f"inference/costs: no cost of {kind!r}; use one of {', '.join(discomfort)}")
    minutes = {**own.table("minutes"), **shared.table("minutes")}
    single = own.table("discomfort_of_single_tests")
    insertions = shared.value("insertions") if kind == "needle" else 0.0
    return Cost(minutes[kind], insertions, single.get(name, discomfort[kind]))


@dataclass(frozen=True)
class Budget:
    """What tests may cost in all.

    Attributes
    ----------
    minutes, insertions, discomfort : float
        Time [min], insertions of the needle [-], and discomfort added up over tests [-].
    tests : int
        Number of tests [-].
    """

    minutes: float = _UNLIMITED
    insertions: float = _UNLIMITED
    discomfort: float = _UNLIMITED
    tests: int = 6

    def __post_init__(self) -> None:
        """Refuse a budget that is no number or below zero (InputError)."""
        for name, value in asdict(self).items():
            if not value >= 0.0:
                raise InputError(name, value, "is no budget", "give a number from 0 on")

    def fits(self, cost: Cost) -> bool:
        """Tell whether a cost stays within the budget; the number of tests apart."""
        return all(spent <= most + 1e-9 for spent, most in zip(cost, self._limits, strict=True))

    def share(self, cost: Cost) -> float:
        """Return a cost as a share of what is limited, added up over the limits [-]."""
        limited = [(c, m) for c, m in zip(cost, self._limits, strict=True) if 0.0 < m < _UNLIMITED]
        return sum(c / m for c, m in limited)

    @property
    def limited(self) -> bool:
        """Whether anything but the number of tests is limited."""
        return min(self._limits) < _UNLIMITED

    @property
    def _limits(self) -> Cost:
        return Cost(self.minutes, self.insertions, self.discomfort)
