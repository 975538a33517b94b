"""What a consult doubts, as frozen records that the reports print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class _PartInDoubt:
    """One part of a record that may have left and right exchanged.

    Attributes
    ----------
    visit : int
        Index of the visit, from 0.
    kind : str
        The modality.
    says : str
        The worse side by this part: ``left``, ``right``, or ``neither``.
    probability : float
        Probability that its sides are exchanged [0..1].
    """

    visit: int
    kind: str
    says: str
    probability: float


@dataclass(frozen=True)
class _SideDoubt:
    """The doubt that some part of a record has left and right exchanged.

    Attributes
    ----------
    probability : float
        Probability that the sides of some part are exchanged [0..1].
    parts : tuple of PartInDoubt
        Which part it may be, the likeliest first; those of less than a tenth of the first are left out.
    message : str
        The doubt in one sentence.
    """

    probability: float
    parts: tuple[_PartInDoubt, ...]
    message: str


@dataclass(frozen=True)
class _EntryDoubt:
    """One finding that is probably a slip.

    Attributes
    ----------
    label, kind, observed : str
        What was examined, the modality, and the record's own words.
    visit : int
        Index of the visit, from 0.
    probability : float
        Probability that the entry is wrong, all other findings known [0..1].
    remedy : str
        What would make it fit, empty if nothing does.
    message : str
        The doubt in one sentence.
    """

    label: str
    kind: str
    observed: str
    visit: int
    probability: float
    remedy: str
    message: str


@dataclass(frozen=True)
class _UnitDoubt:
    """A number that no patient has.

    Attributes
    ----------
    where : str
        Its key in the record.
    value : float
        As written, in the unit of the key.
    instead : str
        The unit in which it would be ordinary, empty if there is none.
    meant : float or None
        The value in the unit of the key, if the other unit was meant.
    message : str
        The doubt in one sentence.
    """

    where: str
    value: float
    instead: str
    meant: float | None
    message: str


@dataclass(frozen=True)
class _Suspicion:
    """What in a record is doubted.

    Attributes
    ----------
    sides : SideDoubt or None
        That some part has left and right exchanged.
    entries : tuple of EntryDoubt
        Findings that are probably slips, outside the parts whose sides are in doubt.
    units : tuple of UnitDoubt
        Numbers that no patient has.
    """

    sides: _SideDoubt | None = None
    entries: tuple[_EntryDoubt, ...] = ()
    units: tuple[_UnitDoubt, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """All doubts in words, the gravest kind first."""
        sides = (self.sides.message,) if self.sides else ()
        return (*sides, *(doubt.message for doubt in self.units), *(doubt.message for doubt in self.entries))


@dataclass(frozen=True)
class _CauseRange:
    """Probability of one cause as the prior is varied.

    Attributes
    ----------
    name, title : str
        Identifier and words for a reader.
    probability, low, high : float
        As answered; least and most over the settings and over the cause made rarer and commoner [0..1].
    by_setting : dict
        Probability in each setting, the prior otherwise unchanged [0..1].
    """

    name: str
    title: str
    probability: float
    low: float
    high: float
    by_setting: dict[str, float]


@dataclass(frozen=True)
class PriorSensitivity:
    """How far the answer hangs on the prior.

    Attributes
    ----------
    factor : float
        By how much each cause was made rarer and commoner [-].
    causes : tuple of CauseRange
        Causes that matter under some prior, from the most to the least probable.
    leader, runner_up : str
        Titles of the first two causes.
    rarer : float
        How many times rarer the leading cause would have to be for the runner-up to draw level [-].
    leaders : dict
        Title of the leading cause in each setting.
    message : str
        The same in one or two sentences.
    """

    factor: float
    causes: tuple[_CauseRange, ...]
    leader: str
    runner_up: str
    rarer: float
    leaders: dict[str, str]
    message: str


@dataclass(frozen=True)
class _Comorbidity:
    """A distal polyneuropathy besides the leading cause.

    Attributes
    ----------
    cause, title : str
        The leading cause: identifier and words.
    probability, before : float
        Probability that diabetes has cost the longest fibres enough to be called polyneuropathy, after and
        before the findings [0..1].
    loss, low, high : float
        Share of the longest fibres lost to it: mean and 80 % interval [0..1].
    message : str
        The same in words.
    """

    cause: str
    title: str
    probability: float
    before: float
    loss: float
    low: float
    high: float
    message: str


@dataclass(frozen=True)
class _Cover:
    """Two causes that together leave less unexplained than any one.

    Attributes
    ----------
    first, second : str
        Titles of the two causes.
    by_first, by_second, by_neither : tuple of str
        Labels of the findings that the first explains better, the second explains better, and those that
        neither explains.
    bits : float
        How much better the findings are explained by the pair than by the first alone, each finding by the
        better of the two; no evidence for the pair, which would have to be paid for [bit].
    message : str
        The same in words.
    """

    first: str
    second: str
    by_first: tuple[str, ...]
    by_second: tuple[str, ...]
    by_neither: tuple[str, ...]
    bits: float
    message: str


@dataclass(frozen=True)
class Doubts:
    """How far an answer can be trusted: the record, the prior, and the assumption of one disease.

    Attributes
    ----------
    suspicion : Suspicion
        What in the record is doubted.
    sensitivity : PriorSensitivity
        How far the answer hangs on the prior.
    besides : Besides or None
        A polyneuropathy besides the leading cause; None where that is one itself.
    cover : Cover or None
        Two causes instead of one, where no single cause fits.
    """

    suspicion: _Suspicion
    sensitivity: PriorSensitivity
    besides: _Comorbidity | None = None
    cover: _Cover | None = None
