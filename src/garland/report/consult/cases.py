"""How the model did on one worked case, as the row of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CaseScore:
    """One published case and what the model made of it.

    Attributes
    ----------
    case_id, title, published : str
        Identifier, the case in words, and the diagnosis its authors gave.
    accepted : tuple of str
        Names of the causes that count as the published diagnosis.
    rank : int or None
        Rank of the best accepted cause, from 1; None where the case was not answered.
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


@dataclass(frozen=True)
class _CasesSummary:
    """Counts over many cases.

    Attributes
    ----------
    cases, answered, first, first_three : int
        All cases, those with an answer, and those whose accepted cause came first or among the first three.
    mean_probability : float
        Mean probability of the accepted causes over the answered cases [-].
    seconds : float
        Wall time of all [s].
    """

    cases: int
    answered: int
    first: int
    first_three: int
    mean_probability: float
    seconds: float


def _summarise(rows: tuple[CaseScore, ...]) -> _CasesSummary:
    """Count the cases whose published diagnosis was found; no cases give zeros."""
    answered = [row for row in rows if row.rank is not None]
    ranks = [row.rank for row in answered if row.rank is not None]
    return _CasesSummary(
        cases=len(rows),
        answered=len(answered),
        first=sum(rank == 1 for rank in ranks),
        first_three=sum(rank <= 3 for rank in ranks),
        mean_probability=sum(row.probability for row in answered) / max(len(answered), 1),
        seconds=sum(row.seconds for row in rows),
    )
