"""The spec of a trial: everything that a protocol fixes, read from YAML and checked before anything is
run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, model_validator

from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.records.base import Part, Words, YesNo, number
from garland.records.spec import read_spec
from garland.records.treatment import Plan, arms, read_plan
from garland.records.values import Whole, refuse
from garland.trial.kinds import _Version
from garland.trial.parts import Days, _Eligibility, _Looks, _Losses, _Outcome, _Randomisation, _Truth

SHIPPED = Path(__file__).resolve().parents[1] / "evidence" / "trials"
"""Folder of the specs that come with Garland."""

IMMUNOTHERAPY = ("methylprednisolone", "prednisone", "immunoglobulin")
NULL = "none"
"""Name of the truth in which no arm differs; every run holds it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9 +.-]{0,39}")
_FILES = (".yaml", ".yml", ".json")
Kept = TypeVar("Kept")


class _TrialSpec(Part):
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
        See `garland.trial.parts`.
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

    garland_trial: Annotated[int, _Version()]
    name: Words
    description: Words | None = None
    remarks: tuple[Words, ...] = ()
    seed: Annotated[int, Whole("seed", 0, 2**31 - 1)] = 0
    patients: Annotated[int, Whole("patients", 8, 20000)]
    arms: dict[str, Words]
    control: Words | None = None
    compared: Words | None = None
    blinded: YesNo = False
    eligibility: _Eligibility = _Eligibility()
    randomisation: _Randomisation = _Randomisation()
    visits: tuple[Days, ...]
    outcome: _Outcome
    alpha: Annotated[float, number("share", 0.0005, 0.5)] = 0.05
    target_power: Annotated[float, number("share", 0.5, 0.99)] = 0.8
    looks: _Looks = _Looks()
    losses: _Losses = _Losses()
    truths: dict[str, _Truth] = Field(default_factory=lambda: {"as-modelled": _Truth(kind="as-modelled")})
    trials: Annotated[int, Whole("trials", 1, 100000)] = 1000
    bank: Annotated[int, Whole("patients", 50, 100000)] = 4000
    sizes: tuple[Annotated[int, Whole("patients", 8, 20000)], ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> _TrialSpec:
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

    def truth(self, name: str) -> _Truth:
        """Return a truth by name; `NULL` is always there."""
        return self.truths.get(name, _Truth(kind="none"))

    @property
    def truth_names(self) -> tuple[str, ...]:
        """Names of the truths, `NULL` first."""
        return (NULL, *(name for name, truth in self.truths.items() if truth.kind != "none"))


def _plan_of(text: str) -> Plan:
    """Return a plan of care from words; a shipped plan without a day begins on day 0."""
    if text.strip().lower().endswith(_FILES):
        raise InputError("plan", text, "is a file", "write the treatments of an arm in words")
    plan = read_plan(text)
    return plan.starting(0.0) if plan.name in arms() and " day " not in text else plan


def _kept(read: Callable[[], Kept], at: tuple[str | int, ...]) -> Kept:
    """Return what a reader gives; its error becomes one of this spec."""
    try:
        return read()
    except InputError as error:
        refuse(error.rule, error.remedy, error.value, at)


def _check_arms(spec: _TrialSpec) -> None:
    names = list(spec.arms)
    if not 2 <= len(names) <= 6:
        refuse("are not two to six arms", "name each arm and its care", names, ("arms",))
    for name, text in spec.arms.items():
        if not _NAME.fullmatch(name):
            refuse("is no name of an arm", "use up to 40 lower-case letters and digits", name, ("arms",))
        _kept(lambda text=text: _plan_of(text), ("arms", name))  # type: ignore[misc]
    for key in ("control", "compared"):
        given = getattr(spec, key)
        if given is not None and given not in names:
            refuse("is not one of the arms", did_you_mean(given, names), given, (key,))
    if spec.compared is None and len(names) > 2:
        refuse("is missing where there are more than two arms", "add compared: ...", "nothing", ("compared",))
    if spec.compared_arm == spec.control_arm:
        refuse("is compared with itself", "name two arms", spec.compared_arm, ("compared",))


def _check_allocation(spec: _TrialSpec) -> None:
    for name in spec.randomisation.allocation:
        if name not in spec.arms:
            at = ("randomisation", "allocation")
            refuse("is not one of the arms", did_you_mean(name, list(spec.arms)), name, at)
    size, parts = spec.randomisation.block_size, sum(spec.allocation.values())
    if size is not None and size % parts:
        rule = f"does not divide by the {parts} parts of the allocation"
        refuse(rule, f"write a multiple of {parts}", size, ("randomisation", "block_size"))


def _check_visits(spec: _TrialSpec) -> None:
    days = list(spec.visits)
    if not days or days != sorted(set(days)) or len(days) > 60:
        refuse("are not rising days", "write up to 60 such as [42, 84, 182]", days, ("visits",))
    day = spec.outcome.day
    if day is not None and day not in days:
        told = ", ".join(f"{visit:g}" for visit in days)
        refuse("is not the day of a visit", f"use one of {told}", day, ("outcome", "day"))


def _check_sizes(spec: _TrialSpec) -> None:
    largest = max((spec.patients, *spec.sizes))
    if largest > spec.bank:
        rule = f"is smaller than a trial of {largest} patients"
        refuse(rule, "simulate at least as many patients as the largest trial has", spec.bank, ("bank",))
    smallest = min((spec.patients, *spec.sizes)) * spec.looks.fractions[0]
    if smallest < 2 * len(spec.arms):
        rule = "leaves fewer than two patients for each arm at the first look"
        refuse(rule, "look later, or randomise more", spec.looks.fractions[0], ("looks", "fractions"))


def _check_truths(spec: _TrialSpec) -> None:
    given = {treatment.what for treatment in spec.plan(spec.compared_arm).treatments}
    for name, truth in spec.truths.items():
        if not _NAME.fullmatch(name) or (name == NULL) != (truth.kind == "none"):
            remedy = f"use lower-case letters; keep {NULL} for the truth in which no arm differs"
            refuse("is no name for this truth", remedy, name, ("truths",))
        if truth.kind == "fixed" and not given & set(IMMUNOTHERAPY):
            rule = "fixes the answer to immunotherapy, and the arm compared gives none"
            refuse(rule, f"give one of {', '.join(IMMUNOTHERAPY)}", name, ("truths",))


@cache
def _shipped() -> Mapping[str, Path]:
    """Return the specs that come with Garland, by name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


def find_trial(name: str | Path) -> _TrialSpec:
    """Read a spec from a file, or the shipped one of that name."""
    path = Path(name)
    if path.exists() or path.suffix.lower() in _FILES or len(path.parts) > 1:
        return read_spec(_TrialSpec, path, "trial")
    if str(name) not in _shipped():
        raise InputError("trial", str(name), "is neither a file nor a shipped trial",
                         did_you_mean(str(name), list(_shipped())))  # fmt: skip
    return read_spec(_TrialSpec, _shipped()[str(name)], "trial")
