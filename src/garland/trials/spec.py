"""The spec of a trial: everything that a protocol fixes, read from YAML and checked before anything is run.

Its parts say who may enter, how arms are dealt, what is counted, when looks come, and what treatment truly
does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field, model_validator

from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.evidence.treatments import treatments_of_kind
from garland.records.fields import (
    CauseName,
    FormatVersion,
    Kind,
    NumberKind,
    RecordPart,
    Whole,
    Words,
    YesNo,
    number,
    refuse,
    word,
)
from garland.records.treatment import Plan, arms, read_plan


@dataclass(frozen=True)
class _Span(Kind):
    """A lowest and a highest number, ``[low, high]``, within bounds."""

    unit: str
    low: float
    high: float

    def check(self, value: Any) -> Any:
        """Accept two numbers within the bounds, the first below the second."""
        if not isinstance(value, list | tuple) or len(value) != 2:
            refuse("is not a range", f"write [lowest, highest] in {self.unit}", value)
        low, high = (NumberKind(self.unit, self.low, self.high).check(one) for one in value)
        if not low < high:
            refuse("is a range that holds nothing", "write the lower number first", list(value))
        return float(low), float(high)

    def schema(self) -> dict[str, Any]:
        """Describe as two bounded numbers."""
        return {
            "type": "array",
            "items": NumberKind(self.unit, self.low, self.high).schema(),
            "minItems": 2,
            "maxItems": 2,
        }


STRATA = ("sex", "diabetes", "age", "nis", "walking")
"""What randomisation can be stratified by; cuts stand in evidence/parameters/trial/conduct.yaml."""

OUTCOMES = ("nis-gain", "pain-responder", "walks-alone", "nis-change")

Share = Annotated[float, number("share", 0.0, 1.0)]
Days = Annotated[float, number("days", 1.0, 3650.0)]


class Eligibility(RecordPart):
    """Who may enter.

    Attributes
    ----------
    causes : tuple of str
        Causes that may be enrolled, by name; in the mix of an EMG laboratory.
    age_years, day_since_onset : tuple of float
        Lowest and highest age [a] and time since the first symptom [d] at randomisation.
    diabetes : bool or None
        Whether diabetes is required (true), refused (false) or does not matter (None).
    least_nis, least_pain_nrs : float
        Neuropathy Impairment Score [0..244] and worst pain [NRS] from which patients may enter.
    walking : str
        ``any``, ``alone`` or ``needs-help``: whether patients more likely than not walk alone.
    recruited : str
        ``community``: randomised on the day of diagnosis; ``referral``: as much later as a referral centre
        sees them.
    """

    causes: tuple[CauseName, ...] = ("dlrpn",)
    age_years: Annotated[tuple[float, float], _Span("years", 18.0, 90.0)] = (18.0, 90.0)
    day_since_onset: Annotated[tuple[float, float], _Span("days", 0.0, 3650.0)] = (0.0, 365.0)
    diabetes: YesNo | None = None
    least_nis: Annotated[float, number("points", 0.0, 200.0)] = 0.0
    least_pain_nrs: Annotated[float, number("NRS", 0.0, 10.0)] = 0.0
    walking: Annotated[str, word("any", "alone", "needs-help")] = "any"
    recruited: Annotated[str, word("community", "referral")] = "community"

    @model_validator(mode="after")
    def _somebody(self) -> Eligibility:
        """Refuse an empty list of causes, and one named twice."""
        if not self.causes or len(set(self.causes)) < len(self.causes):
            refuse("names no cause, or one twice", "name each cause once", list(self.causes), ("causes",))
        return self


class Randomisation(RecordPart):
    """How arms are dealt.

    Attributes
    ----------
    method : str
        ``simple``: each patient alone; ``blocked``: permuted blocks; ``stratified``: permuted blocks within
        each stratum.
    block_size : int or None
        Patients of a block [-]; a multiple of the sum of the allocation.
    allocation : mapping of str to int
        Parts that each arm gets; empty: one each.
    strata : tuple of str
        Of `STRATA`.
    """

    method: Annotated[str, word("simple", "blocked", "stratified")] = "blocked"
    block_size: Annotated[int, Whole("patients", 2, 100)] | None = None
    allocation: dict[str, Annotated[int, Whole("parts", 1, 20)]] = Field(default_factory=dict)
    strata: tuple[Annotated[str, word(*STRATA)], ...] = ()

    @model_validator(mode="after")
    def _fitting(self) -> Randomisation:
        """Refuse strata without stratification, and the other way round; blocks where there are none."""
        if (self.method == "stratified") != bool(self.strata):
            remedy = "list strata with method: stratified, and only there"
            refuse("does not go with the strata", remedy, self.method, ("method",))
        if len(set(self.strata)) < len(self.strata):
            refuse("names one stratum twice", "name each once", list(self.strata), ("strata",))
        if self.method == "simple" and self.block_size is not None:
            refuse("is for blocks only", "leave it out", self.block_size, ("block_size",))
        return self


class Outcome(RecordPart):
    """The primary outcome.

    Attributes
    ----------
    what : str
        ``nis-gain``: time to the first visit at which the NIS is lower than at entry by `points`;
        ``pain-responder``: pain lower by `share` on `day`; ``walks-alone``: walking alone on `day`;
        ``nis-change``: change of the NIS from entry to `day`.
    day : float or None
        Day of a visit, after randomisation [d]; none for ``nis-gain``, which is followed to the last visit.
    points : float
        Fall of the NIS that is a gain, for ``nis-gain`` [points].
    share : float
        Fall of pain that is a response, for ``pain-responder`` [0..1].
    """

    what: Annotated[str, word(*OUTCOMES)]
    day: Days | None = None
    points: Annotated[float, number("points", 0.25, 60.0)] = 4.0
    share: Annotated[float, number("share", 0.05, 0.95)] = 0.5

    @model_validator(mode="after")
    def _dated(self) -> Outcome:
        """Refuse a day where time itself is the outcome, and its absence elsewhere."""
        timed = self.what == "nis-gain"
        if timed and self.day is not None:
            refuse("is not used: the outcome is a time", "leave it out", self.day, ("day",))
        if not timed and self.day is None:
            refuse("is missing", "add the day of a visit", "nothing", ("day",))
        return self


class Looks(RecordPart):
    """Interim looks.

    Attributes
    ----------
    fractions : tuple of float
        Shares of the patients who have finished at each look, rising to 1.
    spending : str
        How the error is spent (Lan and DeMets): ``obrien-fleming``, little at first, or ``pocock``.
    """

    fractions: tuple[Annotated[float, number("share", 0.05, 1.0)], ...] = (1.0,)
    spending: Annotated[str, word("obrien-fleming", "pocock")] = "obrien-fleming"

    @model_validator(mode="after")
    def _rising(self) -> Looks:
        """Refuse fractions that do not rise to 1, and more than ten."""
        given = list(self.fractions)
        if not given or given[-1] != 1.0 or given != sorted(set(given)) or len(given) > 10:
            refuse("do not rise to 1", "write such as [0.5, 1]; ten at most", given, ("fractions",))
        return self


class Losses(RecordPart):
    """Who is lost: share of patients who leave within a year, and of visits that are missed [0..1]; None: as
    assumed in evidence/parameters/trial/conduct.yaml.
    """

    drop_out_per_year: Annotated[float, number("share", 0.0, 0.9)] | None = None
    missed_visits: Annotated[float, number("share", 0.0, 0.9)] | None = None


class Truth(RecordPart):
    """What treatment truly does in the simulated world.

    Attributes
    ----------
    kind : str
        ``none``: every arm gets the control's care; ``as-modelled``: effects as the model draws them;
        ``fixed``: every patient answers alike to immunotherapy.
    attack : float or None
        For ``fixed``: share of new damage held back while it is given [-]; below 0: harm.
    pain : float
        For ``fixed``: share of pain taken away once it has come on [-]; below 0: harm.
    """

    kind: Annotated[str, word("none", "as-modelled", "fixed")]
    attack: Annotated[float, number("share", -1.2, 0.55)] | None = None
    pain: Annotated[float, number("share", -1.2, 0.55)] = 0.0

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        """Take a word for a kind, and effects alone for fixed ones."""
        if value is None or isinstance(value, str):
            return {"kind": value or "none"}
        if isinstance(value, Mapping) and "kind" not in value:
            return {"kind": "fixed", **value}
        return value

    @model_validator(mode="after")
    def _complete(self) -> Truth:
        """Refuse a fixed truth without its effect, and effects of truths that are not fixed."""
        if (self.kind == "fixed") != (self.attack is not None):
            remedy = "write none, as-modelled, or {attack: 0.3}"
            refuse("does not say what treatment truly does", remedy, self.kind, ("kind",))
        return self


IMMUNOTHERAPY = treatments_of_kind("immunotherapy")
NULL = "none"
"""Name of the truth in which no arm differs; every run holds it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9 +.-]{0,39}")
Kept = TypeVar("Kept")


class TrialSpec(RecordPart):
    """A trial on paper.

    Attributes
    ----------
    garland_trial : int
        Version of the format.
    name, description : str
        Short name, and what it is in words.
    remarks : tuple of str
        What a reader should know of it, in sentences; told with what was assumed.
    seed : int
        Seed of every random choice.
    patients : int
        Patients randomised in one trial [-].
    arms : mapping of str to str
        By name: a plan of care in words, with days counted from randomisation.
    control, compared : str
        The arm compared with, and the one that is tested against it; by default the last and the first.
    blinded : bool
        Whether every arm has the placebo response of a trial of pain.
    eligibility, randomisation, outcome, looks, losses
        See `garland.trials.spec`.
    visits : tuple of float
        Days of the visits after randomisation, rising [d].
    alpha, target_power : float
        Two-sided error of the first kind, and the power that a sample size is sought for [0..1].
    truths : mapping of str to Truth
        What treatment might truly do, by name; `NULL` is always added.
    trials : int
        Trials simulated under each truth [-].
    bank : int
        Patients simulated once, from whom every trial draws [-].
    sizes : tuple of int
        Sizes of the power curve [patients]; empty: around `patients`.
    """

    garland_trial: Annotated[int, FormatVersion("trial")]
    name: Words
    description: Words | None = None
    remarks: tuple[Words, ...] = ()
    seed: Annotated[int, Whole("seed", 0, 2**31 - 1)] = 0
    patients: Annotated[int, Whole("patients", 8, 20000)]
    arms: dict[str, Words]
    control: Words | None = None
    compared: Words | None = None
    blinded: YesNo = False
    eligibility: Eligibility = Eligibility()
    randomisation: Randomisation = Randomisation()
    visits: tuple[Days, ...]
    outcome: Outcome
    alpha: Annotated[float, number("share", 0.0005, 0.5)] = 0.05
    target_power: Annotated[float, number("share", 0.5, 0.99)] = 0.8
    looks: Looks = Looks()
    losses: Losses = Losses()
    truths: dict[str, Truth] = Field(default_factory=lambda: {"as-modelled": Truth(kind="as-modelled")})
    trials: Annotated[int, Whole("trials", 1, 100000)] = 1000
    bank: Annotated[int, Whole("patients", 50, 100000)] = 4000
    sizes: tuple[Annotated[int, Whole("patients", 8, 20000)], ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> TrialSpec:
        """Refuse what each part allows but the whole does not."""
        for check in (_check_arms, _check_allocation, _check_visits, _check_sizes, _check_truths):
            check(self)
        return self

    @property
    def control_arm(self) -> str:
        """Name of the arm compared with."""
        return self.control or list(self.arms)[-1]

    @property
    def compared_arm(self) -> str:
        """Name of the arm that is tested."""
        return self.compared or next(name for name in self.arms if name != self.control_arm)

    @property
    def allocation(self) -> dict[str, int]:
        """Parts of every arm, in the order of the arms [-]."""
        given = self.randomisation.allocation
        return {name: given.get(name, 1) for name in self.arms}

    @property
    def block_size(self) -> int:
        """Patients of a block: as written, else twice the sum of the allocation [-]."""
        return self.randomisation.block_size or 2 * sum(self.allocation.values())

    @property
    def drop_out_per_year(self) -> float:
        """Share of patients who leave within a year [0..1]."""
        given = self.losses.drop_out_per_year
        return part("trial/conduct").value("drop_out_per_year") if given is None else given

    @property
    def missed_visits(self) -> float:
        """Share of visits that are missed [0..1]."""
        given = self.losses.missed_visits
        return part("trial/conduct").value("missed_visits") if given is None else given

    def plan(self, arm: str) -> Plan:
        """Return what an arm gives, with days counted from randomisation."""
        return _plan_of(self.arms[arm])

    def truth(self, name: str) -> Truth:
        """Return a truth by name; `NULL` is always there."""
        return self.truths.get(name, Truth(kind="none"))

    @property
    def truth_names(self) -> tuple[str, ...]:
        """Names of the truths, `NULL` first."""
        return (NULL, *(name for name, truth in self.truths.items() if truth.kind != "none"))


def _plan_of(text: str) -> Plan:
    """Return a plan of care from words; a shipped plan without a day begins on day 0."""
    if text.strip().lower().endswith((".yaml", ".yml", ".json")):
        raise InputError("plan", text, "is a file", "write the treatments of an arm in words")
    plan = read_plan(text)
    return plan.starting(0.0) if plan.name in arms() and " day " not in text else plan


def _kept(read: Callable[[], Kept], at: tuple[str | int, ...]) -> Kept:
    """Return what a reader gives; its error becomes one of this spec."""
    try:
        return read()
    except InputError as error:
        refuse(error.rule, error.remedy, error.value, at)


def _check_arms(spec: TrialSpec) -> None:
    names = list(spec.arms)
    if not 2 <= len(names) <= 6:
        refuse("are not two to six arms", "name each arm and its care", names, ("arms",))
    for name, text in spec.arms.items():
        if not _NAME.fullmatch(name):
            refuse("is not a name of an arm", "use up to 40 lower-case letters and digits", name, ("arms",))
        _kept(lambda text=text: _plan_of(text), ("arms", name))  # type: ignore[misc]
    for key in ("control", "compared"):
        given = getattr(spec, key)
        if given is not None and given not in names:
            refuse("is not one of the arms", did_you_mean(given, names), given, (key,))
    if spec.compared is None and len(names) > 2:
        refuse("is missing where there are more than two arms", "add compared: ...", "nothing", ("compared",))
    if spec.compared_arm == spec.control_arm:
        refuse("is compared with itself", "name two arms", spec.compared_arm, ("compared",))


def _check_allocation(spec: TrialSpec) -> None:
    for name in spec.randomisation.allocation:
        if name not in spec.arms:
            at = ("randomisation", "allocation")
            refuse("is not one of the arms", did_you_mean(name, list(spec.arms)), name, at)
    size, parts = spec.randomisation.block_size, sum(spec.allocation.values())
    if size is not None and size % parts:
        rule = f"does not divide by the {parts} parts of the allocation"
        refuse(rule, f"write a multiple of {parts}", size, ("randomisation", "block_size"))


def _check_visits(spec: TrialSpec) -> None:
    days = list(spec.visits)
    if not days or days != sorted(set(days)) or len(days) > 60:
        refuse("are not rising days", "write up to 60 such as [42, 84, 182]", days, ("visits",))
    day = spec.outcome.day
    if day is not None and day not in days:
        stated = ", ".join(f"{visit:g}" for visit in days)
        refuse("is not the day of a visit", f"use one of {stated}", day, ("outcome", "day"))


def _check_sizes(spec: TrialSpec) -> None:
    largest = max((spec.patients, *spec.sizes))
    if largest > spec.bank:
        rule = f"is smaller than a trial of {largest} patients"
        refuse(rule, "simulate at least as many patients as the largest trial has", spec.bank, ("bank",))
    smallest = min((spec.patients, *spec.sizes)) * spec.looks.fractions[0]
    if smallest < 2 * len(spec.arms):
        rule = "leaves fewer than two patients for each arm at the first look"
        refuse(rule, "look later, or randomise more", spec.looks.fractions[0], ("looks", "fractions"))


def _check_truths(spec: TrialSpec) -> None:
    given = {treatment.what for treatment in spec.plan(spec.compared_arm).treatments}
    for name, truth in spec.truths.items():
        if not _NAME.fullmatch(name) or (name == NULL) != (truth.kind == "none"):
            remedy = f"use lower-case letters; keep {NULL} for the truth in which no arm differs"
            refuse("is not a name for this truth", remedy, name, ("truths",))
        if truth.kind == "fixed" and not given & set(IMMUNOTHERAPY):
            rule = "fixes the answer to immunotherapy, and the arm compared gives none"
            refuse(rule, f"give one of {', '.join(IMMUNOTHERAPY)}", name, ("truths",))
