"""Why a consult answers as it does, as frozen records that the reports print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["not yet excluded", "unlikely", "excluded"]


@dataclass(frozen=True)
class Weight:
    """What a finding, or several taken together, adds for a cause.

    Attributes
    ----------
    words : str
        The finding as a clinician names it, such as ``the absent right knee jerk``.
    findings : tuple of int
        Positions of the findings in `garland.inference.result.Consult.findings`.
    bits : float
        By how much the log odds of the cause rise once these are known, all others being known [bit].
    rough : bool
        Whether it rests on fewer than fifty effective patients.
    """

    words: str
    findings: tuple[int, ...]
    bits: float
    rough: bool = False


@dataclass(frozen=True)
class CauseCase:
    """What speaks for and against one cause.

    Attributes
    ----------
    name, title : str
        The cause.
    probability : float
        After the findings [-].
    sentence : str
        For and against in one or two plain sentences.
    bits : tuple of float or None
        Weight of every finding for this cause against all others, in the order of the findings [bit]; None
        where fewer than ten effective patients tell it.
    speaks_for, against : tuple of Weight
        Findings, or studies of one nerve or muscle, of most weight; the heaviest first.
    together : tuple of Weight
        Each part of the examination left out as a whole: findings that say the same share no credit here.
        A part that fewer than ten effective patients tell of is not listed.
    rough : bool
        Whether any weight named in the sentence is rough.
    """

    name: str
    title: str
    probability: float
    sentence: str
    bits: tuple[float | None, ...]
    speaks_for: tuple[Weight, ...]
    against: tuple[Weight, ...]
    together: tuple[Weight, ...]
    rough: bool


@dataclass(frozen=True)
class _Counterfactual:
    """What would be thought had one finding come out otherwise.

    Attributes
    ----------
    finding : int
        Position of the finding in `garland.inference.result.Consult.findings`.
    result : str
        The other result, in words.
    plausibility : float
        Probability of that result, given all other findings [-].
    leader, title : str
        The cause that would lead, by name and in words.
    probability, now : float
        Its probability then and now [-].
    changes_leader : bool
        Whether it does not lead now.
    moved : float
        Total variation between the probabilities of causes then and now [0..1].
    sentence : str
        All this in one sentence.
    rough : bool
        Whether it rests on fewer than fifty effective patients.
    """

    finding: int
    result: str
    plausibility: float
    leader: str
    title: str
    probability: float
    now: float
    changes_leader: bool
    moved: float
    sentence: str
    rough: bool


@dataclass(frozen=True)
class Exclusion:
    """One alternative to the leading cause, and what excludes it.

    Attributes
    ----------
    name, title, family : str
        The alternative.
    probability, ratio : float
        Its probability after the findings, and that over the leader's [-].
    status : str
        ``excluded`` below a hundredth of the leader, ``unlikely`` below a tenth, otherwise
        ``not yet excluded``. Two Monte Carlo errors are added first.
    by : str
        What speaks most against it and for the leader, in words; empty if nothing does.
    bits : float
        How much that is [bit].
    rarity_bits : float
        How much rarer it was before the findings than the leader [bit]; negative if it was more frequent.
    test, result : str
        The open test that tells it best from the leader, and the result that would speak for it; empty if it
        is excluded or no test does.
    test_bits : float
        Expected information of that test about which of the two it is [bit].
    sentence : str
        All this in one sentence.
    rough : bool
        Whether `bits` is rough.
    """

    name: str
    title: str
    family: str
    probability: float
    ratio: float
    status: Status
    by: str
    bits: float
    rarity_bits: float
    test: str
    result: str
    test_bits: float
    sentence: str
    rough: bool


@dataclass(frozen=True)
class Explanation:
    """Why the causes stand as they do.

    Attributes
    ----------
    causes : tuple of CauseCase
        Causes looked at in full, the most probable first.
    counterfactuals : tuple of Counterfactual
        Other results that would change the leader or move the causes most.
    exclusions : tuple of Exclusion
        The alternatives, the most probable first.
    not_looked_at : tuple of str
        Titles of the causes whose patients were not looked at in full.
    not_looked_at_probability : float
        Their probability together [-].
    """

    causes: tuple[CauseCase, ...]
    counterfactuals: tuple[_Counterfactual, ...]
    exclusions: tuple[Exclusion, ...]
    not_looked_at: tuple[str, ...]
    not_looked_at_probability: float
