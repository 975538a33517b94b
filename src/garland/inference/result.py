"""Why a consult answers as it does, as frozen records that the reports print.

What a consult says, as frozen records that the reports print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

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


if TYPE_CHECKING:
    from garland.inference.record_doubts import Doubts
    from garland.inference.result import Explanation
    from garland.inference.test_selection import TestPlan

NOTICE = "For research and teaching. Not a medical device: no decision about a patient may rest on it."
"""What every answer and forecast says of itself."""


@dataclass(frozen=True)
class CauseProbability:
    """One cause with its probability after the findings.

    Attributes
    ----------
    name, title, family : str
        Identifier, the words for a reader, and the family it belongs to (``radiculopathy`` ...).
    prior, probability : float
        Before and after the findings [-].
    monte_carlo_error : float
        Standard error of `probability` from the sampling alone [-].
    log_evidence : float or None
        Log marginal likelihood of the findings under this cause; None where nobody can have it [nat].
    """

    name: str
    title: str
    family: str
    prior: float
    probability: float
    monte_carlo_error: float
    log_evidence: float | None

    def named(self, together: Sequence[TwoDiseases]) -> str:
        """Return the title, with the second disease where both are likelier than the first alone."""
        for pair in together:
            if pair.names[0] == self.name and pair.probability > 0.5 * self.probability:
                return f"{self.title} together with {pair.titles[1]}"
        return self.title


@dataclass(frozen=True)
class SiteLoss:
    """Loss at one site of the lesion map, averaged over causes.

    Attributes
    ----------
    site, label, part, side : str
        Identifier, words, the part of the path (``cord``, ``root``, ``plexus``, ``nerve``) and the side.
    mean, low, high : float
        Share of axons cut or blocked here: posterior mean and 80 % interval [0..1].
    involved : float
        Probability that more than a tenth is lost here [-].
    """

    site: str
    label: str
    part: str
    side: str
    mean: float
    low: float
    high: float
    involved: float


@dataclass(frozen=True)
class FindingReview:
    """One finding, as recorded and as expected by the leading cause.

    Attributes
    ----------
    label, kind : str
        What was examined, in words, and the modality (``history``, ``examination``, ``nerve conduction``,
        ``needle``, ``laboratory``, ``imaging``, ``conclusion``, ``other findings``).
    visit : int
        Index of the visit, from 0.
    observed, expected : str
        The record's own words, and the leading cause's expectation with its 80 % range.
    bits : float
        How much the finding speaks for the leading cause against the runner-up [bit]; negative: against.
    tail : float
        Posterior predictive probability of a finding at least as odd as this one [0..1].
    """

    label: str
    kind: str
    visit: int
    observed: str
    expected: str
    bits: float
    tail: float


@dataclass(frozen=True)
class DoubtfulNumber:
    """A number that nobody has measured, and how the answer hangs on it.

    Attributes
    ----------
    path, description, standing : str
        Where it stands in the evidence, what it is, and whether it is ``recalled`` or ``assumed``.
    value, least, most : float
        The number and the ends of its range, in its unit.
    low, high : float
        Probability of the leading cause with the number at its least and at its most [0..1].
    """

    path: str
    description: str
    standing: str
    value: float
    least: float
    most: float
    low: float
    high: float


@dataclass(frozen=True)
class NotMentioned:
    """What the record leaves out beside what it says, and so speaks weakly for being normal.

    Attributes
    ----------
    items : str
        How much of what is left out, in words.
    bits : float
        How much all of it speaks for the leading cause against the runner-up [bit]; negative: against.
    """

    items: str
    bits: float


@dataclass(frozen=True)
class NextTest:
    """An item not yet tested and what it would tell.

    Attributes
    ----------
    label, kind : str
        What to test, in words, and its modality.
    bits : float
        Expected information about the cause [bit].
    says : str
        A sentence: which result points to which cause.
    """

    label: str
    kind: str
    bits: float
    says: str


@dataclass(frozen=True)
class TwoDiseases:
    """Two diseases at once, weighed like any cause.

    Attributes
    ----------
    names, titles : (str, str)
        Identifiers of both, the one that brings the patient first, and words for a reader.
    since_long : bool
        Whether the second was there long before; else both began at once.
    probability, before : float
        Probability of both after the findings, and of the second in patients with the first before [0..1].
    by_first, by_second : tuple of str
        Labels of the findings that need the first, and of those that need the second.
    """

    names: tuple[str, str]
    titles: tuple[str, str]
    since_long: bool
    probability: float
    before: float
    by_first: tuple[str, ...]
    by_second: tuple[str, ...]


@dataclass(frozen=True)
class _FitCheck:
    """Whether any modelled cause explains the findings.

    Attributes
    ----------
    fits : bool
        False when the findings are odder than the best cause would produce once in a hundred patients.
    p_value : float
        Posterior predictive tail probability of the whole set of findings [0..1].
    message : str
        The verdict in one sentence.
    clashes : tuple of str
        Labels of the findings that the best cause explains least.
    """

    fits: bool
    p_value: float
    message: str
    clashes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Basis:
    """One number the answer rests on that nobody has measured (or one source it cites).

    Attributes
    ----------
    path, description, unit, standing, source : str
        Where the number lives, what it is, its unit, its standing and the source.
    """

    path: str
    description: str
    unit: str
    standing: str
    source: str


@dataclass(frozen=True)
class _Diagnostics:
    """How the answer was computed.

    Attributes
    ----------
    seed, patients, temperatures : int
        Seed, number of virtual patients evaluated, tempering steps of the final stage.
    effective_sample : float
        Effective number of particles behind the answer.
    seconds : float
        Wall time [s].
    parts : dict
        Wall time per part [s].
    failures : tuple of str
        Why the sampling cannot be trusted, in words; then the answer holds no probability at all.
    """

    seed: int
    patients: int
    temperatures: int
    effective_sample: float
    seconds: float
    parts: dict[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the sampling can be trusted."""
        return not self.failures


@dataclass(frozen=True)
class Consult:
    """The answer to one case: causes, lesion map, findings, next tests, checks and what it rests on.

    Where the sampling failed its checks (`diagnostics.failures`), there are no causes, lesions, findings or
    tests. Explanation, plan and doubts are None where there is nothing to explain, to plan or to doubt.
    """

    case_id: str
    title: str
    published_diagnosis: str | None
    setting: str
    summary: str
    causes: tuple[CauseProbability, ...]
    lesions: tuple[SiteLoss, ...]
    findings: tuple[FindingReview, ...]
    next_tests: tuple[NextTest, ...]
    fit: _FitCheck
    not_used: tuple[str, ...]
    basis: tuple[Basis, ...]
    diagnostics: _Diagnostics
    version: str
    notice: str
    explanation: Explanation | None = None
    plan: TestPlan | None = None
    doubts: Doubts | None = None
    not_mentioned: NotMentioned | None = None
    hangs_on: tuple[DoubtfulNumber, ...] = ()
    together: tuple[TwoDiseases, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the whole answer as plain values, ready for JSON."""
        return asdict(self)
