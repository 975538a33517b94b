"""How the model did on published patients: one row each, and the board of all of them.

Patients whose cause is none of the list count by whether the model said that nothing fits; all other figures
are of those whose cause is in the list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from garland.scores import Bin, Floor, calibration_gap, perfect_gap, reliability_bins
from garland.statistics import binomial_interval

_LEAST = 1e-6
"""What a probability of nought counts as in a log score [-]."""
_BINS = 5
SURE = (0.8, 0.9)
"""Leading probabilities from which an answer is called sure [-]."""


@dataclass(frozen=True)
class CaseScore:
    """One published case and what the model made of it.

    Attributes
    ----------
    case_id, title, published : str
        Identifier, the case in words, and the diagnosis its authors gave.
    accepted : tuple of str
        Names of the causes that count as the published diagnosis; none where it is not in the list.
    rank : int or None
        Rank of the best accepted cause, from 1; None where the case was not answered or has none.
    probability : float
        Summed probability of the accepted causes [-].
    leading : str
        Title of the cause the model puts first.
    leading_probability : float
        Its probability [-].
    seconds : float
        Wall time [s].
    note : str
        What a reader should know: what was missing, or why there is no answer.
    prior : float
        Summed prior of the accepted causes [-].
    flagged : bool
        Whether the answer says that nothing modelled fits.
    answered : bool
        Whether there is an answer.
    """

    case_id: str
    title: str
    published: str
    accepted: tuple[str, ...]
    rank: int | None
    probability: float
    leading: str
    leading_probability: float
    seconds: float
    note: str = ""
    prior: float = 0.0
    flagged: bool = False
    answered: bool = True

    @property
    def outside(self) -> bool:
        """Whether the published diagnosis is none of the list."""
        return not self.accepted


@dataclass(frozen=True)
class _Share:
    """Some of a number, with the 95 % interval of the share (Wilson) [0..1]."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class _Board:
    """How the model did on many published cases.

    Attributes
    ----------
    cases, answered, listed, outside : int
        All; those with an answer; of these those whose cause is in the list, and those whose is not.
    first, first_three : int
        Those of the list whose cause came first, or among the first three.
    mean_probability, log_score, prior_log_score : float
        Mean probability of the accepted causes, mean of its log, and the same of the prior [-, nat].
    calibration, perfect : float, Floor
        Calibration error of the leading probability, and that of a perfect forecaster [0..1].
    reliability : tuple of Bin
        Leading probabilities against what came true.
    sure : tuple
        Right among those sure at each of `SURE`.
    flagged_right, flagged_wrong, flagged_outside : Share
        How often nothing is said to fit, where the leading cause is right, wrong, or none of the list.
    seconds : float
        Wall time of all [s].
    """

    cases: int
    answered: int
    listed: int
    outside: int
    first: int
    first_three: int
    mean_probability: float
    log_score: float
    prior_log_score: float
    calibration: float
    perfect: Floor
    reliability: tuple[Bin, ...]
    sure: tuple[_Share, ...]
    flagged_right: _Share
    flagged_wrong: _Share
    flagged_outside: _Share
    seconds: float


def _share(flags: Sequence[bool]) -> _Share:
    low, high = binomial_interval(sum(flags), len(flags), "wilson")
    return _Share(sum(flags), len(flags), low, high)


def _mean_log(values: Sequence[float]) -> float:
    return sum(math.log(max(value, _LEAST)) for value in values) / len(values) if values else 0.0


def board_of(rows: Sequence[CaseScore]) -> _Board:
    """Return the board of some cases; no cases give zeros."""
    answered = [row for row in rows if row.answered]
    listed = [row for row in answered if not row.outside]
    stated = np.array([row.leading_probability for row in listed])
    came = np.array([float(row.rank == 1) for row in listed])
    bins = min(_BINS, max(len(listed), 1))
    return _Board(
        cases=len(rows),
        answered=len(answered),
        listed=len(listed),
        outside=len(answered) - len(listed),
        first=sum(row.rank == 1 for row in listed),
        first_three=sum(row.rank is not None and row.rank <= 3 for row in listed),
        mean_probability=sum(row.probability for row in listed) / max(len(listed), 1),
        log_score=_mean_log([row.probability for row in listed]),
        prior_log_score=_mean_log([row.prior for row in listed]),
        calibration=calibration_gap(stated, came, bins) if len(listed) else 0.0,
        perfect=perfect_gap(stated, bins),
        reliability=reliability_bins(stated, came, bins) if len(listed) else (),
        sure=tuple(_share([row.rank == 1 for row in listed if row.leading_probability > s]) for s in SURE),
        flagged_right=_share([row.flagged for row in listed if row.rank == 1]),
        flagged_wrong=_share([row.flagged for row in listed if row.rank != 1]),
        flagged_outside=_share([row.flagged for row in answered if row.outside]),
        seconds=sum(row.seconds for row in rows),
    )
