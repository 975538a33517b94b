"""Arms: plans of care to set side by side, no treatment always first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from garland.errors import InputError
from garland.model.treatment.schedule import Treatments, from_plan
from garland.records.treatment import Plan, arms, evidence_of, read_plan

NO_TREATMENT = "no treatment"
_FILES = (".yaml", ".yml", ".json")


class _ArmPlan(NamedTuple):
    """One arm before it is followed.

    Attributes
    ----------
    name : str
        Short name.
    plan : Plan
        What is given, days as in the care.
    """

    name: str
    plan: Plan

    @property
    def treatment(self) -> Treatments:
        """The care it prescribes, fields of shape ()."""
        return from_plan(self.plan)

    @property
    def words(self) -> tuple[str, ...]:
        """The plan in plain sentences."""
        return self.plan.words()

    @property
    def not_known(self) -> tuple[str, ...]:
        """Sentences on what no controlled trial has shown, one for each such treatment."""
        return tuple(
            f"what {t.title} does here is assumed"
            if t.is_procedure
            else f"whether {t.title} helps in radiculoplexus neuropathy is not known; harm is possible"
            for t in self.plan.treatments
            if evidence_of(t.what) == "none"
        )

    @property
    def evidence(self) -> str:
        """What its effects rest on, in one sentence for each kind of treatment."""
        procedures = [t.title for t in self.plan.treatments if t.is_procedure]
        drugs = [t for t in self.plan.treatments if not t.is_procedure]
        without = [t.title for t in drugs if evidence_of(t.what) == "none"]
        sentences = []
        if len(without) < len(drugs):
            sentences.append(
                "Trials in neuropathic pain or diabetes, none of them in radiculoplexus neuropathy."
            )
        if without:
            names = " and ".join(without)
            sentences.append(
                f"No controlled trial of {names} in radiculoplexus neuropathy: there it is drawn wide "
                "around none."
            )
        if procedures:
            names = " and ".join(procedures).capitalize()
            sentences.append(f"{names}: one trial of surgery in disc disease; all else is assumed.")
        return " ".join(sentences)


def _arms_of(texts: Sequence[str], day: float) -> tuple[_ArmPlan, ...]:
    """Return no treatment and then every arm that is asked for."""
    found = [_ArmPlan(NO_TREATMENT, Plan())]
    for text in texts:
        arm = _arm(text, day)
        if not arm.plan.treatments:
            continue
        if any(arm.name == other.name for other in found):
            raise InputError("arm", text, "is asked for twice", "leave one out, or give its days")
        found.append(arm)
    return tuple(found)


def _arm(text: str, day: float) -> _ArmPlan:
    plan = read_plan(text)
    if text.strip().lower().endswith(_FILES):
        return _ArmPlan(plan.name or Path(text).stem, plan)
    bare = plan.name in arms() and " day " not in text
    return _ArmPlan(" ".join(text.split()), plan.starting(day) if bare else plan)
