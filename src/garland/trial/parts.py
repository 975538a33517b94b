"""The parts of a trial's spec: who may enter, how arms are dealt, what is counted, looks, and the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from garland.records.base import CauseName, Part, YesNo, number, word
from garland.records.values import Whole, refuse
from garland.trial.kinds import _Span

STRATA = ("sex", "diabetes", "age", "nis", "walking")
"""What randomisation can be stratified by; cuts stand in evidence/parameters/trial/conduct.yaml."""

OUTCOMES = ("nis-gain", "pain-responder", "walks-alone", "nis-change")

Share = Annotated[float, number("share", 0.0, 1.0)]
Days = Annotated[float, number("days", 1.0, 3650.0)]


class _Eligibility(Part):
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
    def _somebody(self) -> _Eligibility:
        """Refuse an empty list of causes, and one named twice."""
        if not self.causes or len(set(self.causes)) < len(self.causes):
            refuse("names no cause, or one twice", "name each cause once", list(self.causes), ("causes",))
        return self


class _Randomisation(Part):
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
    def _fitting(self) -> _Randomisation:
        """Refuse strata without stratification, and the other way round; blocks where there are none."""
        if (self.method == "stratified") != bool(self.strata):
            remedy = "list strata with method: stratified, and only there"
            refuse("does not go with the strata", remedy, self.method, ("method",))
        if len(set(self.strata)) < len(self.strata):
            refuse("names one stratum twice", "name each once", list(self.strata), ("strata",))
        if self.method == "simple" and self.block_size is not None:
            refuse("is for blocks only", "leave it out", self.block_size, ("block_size",))
        return self


class _Outcome(Part):
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
    def _dated(self) -> _Outcome:
        """Refuse a day where time itself is the outcome, and its absence elsewhere."""
        timed = self.what == "nis-gain"
        if timed and self.day is not None:
            refuse("is not used: the outcome is a time", "leave it out", self.day, ("day",))
        if not timed and self.day is None:
            refuse("is missing", "add the day of a visit", "nothing", ("day",))
        return self


class _Looks(Part):
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
    def _rising(self) -> _Looks:
        """Refuse fractions that do not rise to 1, and more than ten."""
        given = list(self.fractions)
        if not given or given[-1] != 1.0 or given != sorted(set(given)) or len(given) > 10:
            refuse("do not rise to 1", "write such as [0.5, 1]; ten at most", given, ("fractions",))
        return self


class _Losses(Part):
    """Who is lost: share of patients who leave within a year, and of visits that are missed [0..1]; None: as
    assumed in evidence/parameters/trial/conduct.yaml.
    """

    drop_out_per_year: Annotated[float, number("share", 0.0, 0.9)] | None = None
    missed_visits: Annotated[float, number("share", 0.0, 0.9)] | None = None


class _Truth(Part):
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
    def _complete(self) -> _Truth:
        """Refuse a fixed truth without its effect, and effects of truths that are not fixed."""
        if (self.kind == "fixed") != (self.attack is not None):
            remedy = "write none, as-modelled, or {attack: 0.3}"
            refuse("does not say what treatment truly does", remedy, self.kind, ("kind",))
        return self
