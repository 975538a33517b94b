"""What the people of a county lived through, counted from their table: who fell ill by when.

Everyone is followed until death or the end of the span, so that the share who have fallen ill by a day is a
plain share, with death as the other way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.cohort.spec import _CohortSpec

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
STEPS = 64
"""Steps of the curves over the span [-]."""
OUTCOMES = ("onset", "neuropathy")
WORLDS = ("with", "without")
CHANGES = ("prevented", "later", "same", "earlier", "caused")
"""What a programme can do to a case."""


@dataclass(frozen=True)
class _LifeCounts:
    """Counts of a county, with its programme and, where there is one, without.

    Attributes
    ----------
    people, survivors : int
        At the start, and alive at the end [-].
    fallen : ndarray
        New cases by the end of each step, by world and outcome, (2, 2, STEPS + 1).
    at_start : int
        People with distal polyneuropathy at the start.
    at_end : ndarray
        Survivors with it, by world, (2,).
    free_years : ndarray
        Years lived without it, by world, (2,) [a].
    changed : ndarray
        By outcome, how many cases are prevented, later, the same, earlier, or caused, (2, 5).
    """

    people: int
    survivors: int
    fallen: Ints
    at_start: int
    at_end: Ints
    free_years: Floats
    changed: Ints

    def __add__(self, other: _LifeCounts) -> _LifeCounts:
        """Return the counts of both together."""
        return _LifeCounts(
            *[getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__]
        )


def _steps(spec: _CohortSpec) -> Floats:
    """Return the ends of the steps of the curves, (STEPS + 1,) [a]."""
    return np.linspace(0.0, spec.people.span_years, STEPS + 1)


def _counted_lives(spec: _CohortSpec, people: Any) -> _LifeCounts:
    """Return the counts of one table of people."""
    followed = _years(people, "followed_years", np.nan)
    years = [[_of_world(people, f"{what}_year", world) for what in OUTCOMES] for world in WORLDS]
    survives = followed >= spec.people.span_years - 1e-6
    nerves = [world[1] for world in years]
    return _LifeCounts(
        people=followed.size,
        survivors=int(survives.sum()),
        fallen=np.array([[_fallen(one, spec) for one in world] for world in years], np.int64),
        at_start=int((nerves[0] <= 0.0).sum()),
        at_end=np.array([int((np.isfinite(one) & survives).sum()) for one in nerves], np.int64),
        free_years=np.array([float(np.minimum(one, followed).sum()) for one in nerves]),
        changed=np.array([_changed(*pair) for pair in zip(*years, strict=True)], np.int64),
    )


def _of_world(people: Any, name: str, world: str) -> Floats:
    other = f"{name}_without"
    return _years(people, other if world == "without" and other in people.column_names else name, np.inf)


def _years(people: Any, name: str, never: float) -> Floats:
    values = np.asarray(people.column(name).to_numpy(zero_copy_only=False), np.float64)
    return np.where(np.isnan(values), never, values)


def _fallen(when: Floats, spec: _CohortSpec) -> Ints:
    """Return how many have newly fallen ill by each step, (STEPS + 1,)."""
    new = np.sort(when[(when > 0.0) & np.isfinite(when)])
    return np.searchsorted(new, _steps(spec) + 1e-6, side="right").astype(np.int64)


def _changed(now: Floats, before: Floats) -> list[int]:
    """Return what a programme did to the new cases, in the order of `CHANGES`."""
    both = np.isfinite(now) & np.isfinite(before) & (before > 0.0)
    return [
        int((np.isfinite(before) & ~np.isfinite(now)).sum()),
        int((both & (now > before)).sum()),
        int((both & (now == before)).sum()),
        int((both & (now < before)).sum()),
        int((np.isfinite(now) & ~np.isfinite(before)).sum()),
    ]
