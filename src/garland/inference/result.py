"""What a consult says, as frozen records that the reports print."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from garland.inference.doubted import Doubts
    from garland.inference.explained import Explanation
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
        ``needle``, ``laboratory``, ``imaging``).
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

    def as_dict(self) -> dict[str, Any]:
        """Return the whole answer as plain values, ready for JSON."""
        return asdict(self)
