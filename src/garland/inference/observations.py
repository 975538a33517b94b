"""What was found, on the scales of the model: a value, or the interval that a grade or word stands for.

Every finding becomes one observation. Where a record does not say which of several items was tested (a
group of muscles, a side left out), the observation names them all, and its likelihood is the mean over them.
A statement about many items at once (``others: normal``) is one observation too: all of them hold, or the
statement was a slip.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Bools, Float64s
from garland.evidence import part
from garland.evidence.findings import Interval
from garland.model.diseases.tables import cause_tables
from garland.model.findings import FINDINGS, UNSIDED, Address, column, noise_sd
from garland.records import mrc_range

SIDES = ("left", "right")
INF = math.inf


@dataclass(frozen=True)
class _Observation:
    """One finding.

    Attributes
    ----------
    label, kind : str
        What was examined, in words, and the modality.
    text : str
        The record's own words.
    where : tuple of Address
        The findings of the model it may be about; more than one where the record leaves it open.
    low, high : float
        Interval on the scale of the finding; equal for a measured value.
    every : bool
        Whether it says something of every item of `where`; otherwise of any one of them.
    absent_in_health : float
        Probability that a healthy nerve gives no response; counts only for an absent response [0..1].
    power : float
        Power of its likelihood: below one where real patients depart from the model more than noise [0..1].
    silence : float
        For what a record leaves out, how surely leaving it out means that it is normal; 0 for what is written
        [0..1].
    """

    label: str
    kind: str
    text: str
    where: tuple[Address, ...]
    low: float
    high: float
    every: bool = False
    absent_in_health: float = 0.0
    power: float = 1.0
    silence: float = 0.0

    @property
    def measured(self) -> bool:
        """Whether a number was recorded rather than a grade or word."""
        return self.low == self.high


class _Arrays(NamedTuple):
    """Observations of one visit as arrays: O observations, and E entries (findings of the model).

    Nearly every observation speaks of one finding. The first entry of each therefore stands at the place of
    its observation; what some speak of besides follows from place O on.

    Attributes
    ----------
    column, low, high, sd, absent : (E,)
        Position in the expected vector; interval on its scale; noise; chance of no response in health.
    share : (E,)
        Share of each entry in its observation.
    more : (E - O, O)
        1 where a further entry belongs to an observation.
    every : (O,)
        Whether an observation speaks of every one of its entries, not of any.
    measured : (E,)
        Whether a number was recorded.
    slip : (O,)
        Probability that an observation is a mistake, or that its silence means nothing [0..1].
    contamination : (O,)
        Likelihood of such an observation [-] or, for numbers, its density.
    power : (O,)
        Power of the likelihood of an observation [0..1].
    """

    column: NDArray[np.int32]
    low: Float64s
    high: Float64s
    sd: Float64s
    absent: Float64s
    share: Float64s
    more: Float64s
    every: Bools
    measured: Bools
    slip: Float64s
    contamination: Float64s
    power: Float64s

    @property
    def silent(self) -> Bools:
        """Which observations are of what the record leaves out, (O,)."""
        return np.asarray(self.contamination == 1.0)

    def summed(self, entries: Float64s) -> Float64s:
        """Return the sum over the entries of each observation, (..., E) to (..., O)."""
        own = entries[..., : len(self.every)]
        return own + entries[..., len(self.every) :] @ self.more if len(self.more) else own


_CONTAMINATION_INTERVAL = 0.3
_CONTAMINATION_DENSITY = 0.25


def _arrays(observations: tuple[_Observation, ...]) -> _Arrays:
    """Return the observations of one visit as arrays."""
    further = [(o, address) for o, obs in enumerate(observations) for address in obs.where[1:]]
    placed = [(o, obs.where[0]) for o, obs in enumerate(observations)] + further
    each = [observations[o] for o, _ in placed]
    belongs = np.zeros((len(further), len(observations)))
    belongs[np.arange(len(further)), [o for o, _ in further]] = 1.0
    columns = np.array([column(address) for _, address in placed], np.int32)
    slips = [_slip_of(o) for o in observations]
    return _Arrays(
        column=columns,
        low=np.array([o.low for o in each], np.float64),
        high=np.array([o.high for o in each], np.float64),
        sd=noise_sd()[columns].astype(np.float64),
        absent=np.array([o.absent_in_health for o in each], np.float64),
        share=np.array([1.0 / len(o.where) for o in each], np.float64),
        more=belongs,
        every=np.array([o.every for o in observations], bool),
        measured=np.array([o.measured for o in each], bool),
        slip=np.array([share for share, _ in slips], np.float64),
        contamination=np.array([likelihood for _, likelihood in slips], np.float64),
        power=np.array([o.power for o in observations], np.float64),
    )


def _slip_of(observation: _Observation) -> tuple[float, float]:
    """Return how often an observation is a slip, and how likely it is then."""
    if observation.silence:
        return 1.0 - observation.silence, 1.0
    if observation.measured:
        return _contamination_rate(), _CONTAMINATION_DENSITY
    common = [_how_common(address) for address in observation.where]
    if None in common:
        return _contamination_rate(), _CONTAMINATION_INTERVAL
    # Of what is there or not by the cause alone, a slip is as likely as the thing is among all patients.
    there = sum(share for share in common if share is not None) / len(common)
    return _contamination_rate(), there if observation.high == INF else 1.0 - there


def _how_common(address: Address) -> float | None:
    """Return how often an item is there over all causes; None where that hangs on more than the cause."""
    table = getattr(cause_tables(), address.field, None)
    if FINDINGS[address.field].kind != "presence" or table is None:
        return None
    by_cause = ndtr(np.asarray(table, np.float64)[:, UNSIDED[address.field].index(address.item)])
    return float(by_cause.mean())


def _contamination_rate() -> float:
    """Return the share of findings recorded wrongly or for a reason outside the model [0..1]."""
    return part("recordings/noise").value("odd_share")


def _sided(field: str, side: str, items: tuple[str, ...] | str) -> tuple[Address, ...]:
    """Return addresses of items on a side; a side left out (``unstated``) stands for either."""
    names = (items,) if isinstance(items, str) else items
    which = SIDES if side == "unstated" else (side,)
    return tuple(Address(field, SIDES.index(s), name) for s in which for name in names)


def _unsided(field: str, item: str) -> tuple[Address, ...]:
    """Return the address of an item that has no side."""
    return (Address(field, None, item),)


_PLUS_STEP = 1.0 / 3.0
_STRENGTH = FINDINGS["movement_strength"]
Words = tuple[tuple[int | str, float], ...]


def _mrc_interval(grade: int | str) -> Interval | None:
    """Return the interval of an MRC grade, range or word; None for ``not-done``."""
    ends = mrc_range(grade)
    if ends is None:
        return _STRENGTH.words.get(str(grade))
    plain = str(grade).isdigit() or " to " in str(grade)
    margin = 0.5 if plain else _PLUS_STEP / 2.0
    low = -INF if ends[0] == 0 else ends[0] - margin
    high = INF if ends[1] >= 5 else ends[1] + margin
    return (_STRENGTH.words["normal"][0] if ends[0] >= 5 else low), high


def _declared_words(field: str) -> dict[str, Interval]:
    """Return the declared words of a field with their intervals on its scale."""
    return dict(FINDINGS[field].words)


def _cells(intervals: Mapping[int | str, Interval]) -> Words:
    """Return words, from low to high, with the upper ends of their cells, which share the scale out.

    Where the intervals of two words overlap, or leave a gap, their cells meet in the middle.
    """
    ends = [
        high if low == -INF else 0.5 * (low + high)
        for (low, _), (_, high) in zip([*intervals.values()][1:], intervals.values(), strict=False)
    ]
    return tuple(zip(intervals, (*ends, INF), strict=True))


@cache
def written_cells(field: str) -> Words:
    """Return what an examiner writes of a field, from low to high, each with the upper end of its cell."""
    kind = FINDINGS[field]
    graded = kind.part == "strength"
    return _cells(
        {w: (_mrc_interval(w) if graded else kind.words[str(w)]) or (-INF, INF) for w in kind.written}
    )
