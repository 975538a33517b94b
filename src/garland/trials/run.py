"""A trial from its spec to everything that can be said of it, in numbers and words."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from garland import __version__
from garland._types import Bools
from garland.errors import InputError
from garland.evidence import part
from garland.inference.consult import remember_compiled_programs
from garland.io import plain, scratch_folder
from garland.progress import stretch
from garland.records.reading import find_spec, spec_hash
from garland.records.treatment import evidence_of
from garland.trials.analysis import RULES, OutcomeCurve, _Estimate, _kaplan_meier, _Result, _result, _Seen
from garland.trials.characteristics import Characteristics, _characteristics
from garland.trials.potential_outcomes import _Bank, _load
from garland.trials.replicate import _conduct, _deal, _Dealt, _repeat, _visits, _Workshop
from garland.trials.spec import TrialSpec


def _assumptions(spec: TrialSpec) -> tuple[str, ...]:
    """Return what had to be assumed to run a trial, as plain sentences."""
    stated = [
        *spec.remarks,
        _lost(spec),
        _measured(),
        f"Missing values: {RULES[spec.outcome.what]}.",
        *_fixed(spec),
    ]
    given = [treatment for arm in spec.arms for treatment in spec.plan(arm).treatments]
    without = sorted({one.title for one in given if evidence_of(one.what) == "none"})
    if without:
        drugs = " or ".join(without)
        stated.append(
            f"No controlled trial of {drugs} in this disease can be used: its effects are stated here, "
            "not findings."
        )
    if spec.blinded:
        stated.append("Blinded: every arm has the placebo response of trials of neuropathic pain.")
    return tuple(stated)


def _lost(spec: TrialSpec) -> str:
    left, missed = 100.0 * spec.drop_out_per_year, 100.0 * spec.missed_visits
    return (
        f"{left:.0f} % of patients leave within a year and {missed:.0f} % of visits are missed, by chance: "
        "whatever the arm, and however patients do. Deaths come by age, sex and diabetes."
    )


def _measured() -> str:
    nis, pain = (
        part("trial/conduct").value("nis_repeat_sd"),
        part("care/analgesics").value("weekly_noise_nrs"),
    )
    return f"A measured NIS is off by {nis:g} points, a pain score by {pain:g} (standard deviations)."


def _fixed(spec: TrialSpec) -> tuple[str, ...]:
    return (
        "Screening goes by the true NIS, pain and walking of a patient, not by measured ones.",
        "A look comes when its share of patients has finished all visits; tests take no account of strata.",
        f"All trials draw from one bank of {spec.bank:,} patients; large trials overlap in whom they draw.",
    )


def truth_words(spec: TrialSpec, truth: str) -> str:
    """Return what a truth says of treatment, as a phrase."""
    meant = spec.truth(truth)
    if meant.kind == "none":
        return "no difference: every arm gets the care of the control"
    if meant.attack is None:
        return "each patient answers as the model draws it"
    return (
        f"{_share(meant.attack)} of new damage and {_share(meant.pain)} of pain held back while it is given"
    )


def outcome_words(spec: TrialSpec) -> str:
    """Return what the primary outcome is, as a phrase."""
    what, day = spec.outcome.what, spec.outcome.day or 0.0
    return {
        "nis-gain": f"time to the first visit with a NIS at least {spec.outcome.points:g} points below entry",
        "pain-responder": f"pain lower by {_share(spec.outcome.share)} or more on day {day:g}",
        "walks-alone": f"walking alone on day {day:g}",
        "nis-change": f"change of the NIS from entry to day {day:g}, adjusted for entry",
    }[what]


def analysis_words(spec: TrialSpec) -> str:
    """Return how the primary outcome is tested, as a phrase."""
    return {
        "nis-gain": "log-rank test (statsmodels); hazard ratio by Cox regression (lifelines)",
        "pain-responder": "z test of two proportions; Newcombe's interval of their difference (statsmodels)",
        "walks-alone": "z test of two proportions; Newcombe's interval of their difference (statsmodels)",
        "nis-change": "analysis of covariance by least squares (statsmodels)",
    }[spec.outcome.what]


def _share(value: float) -> str:
    return f"{100.0 * value:.0f} %"


@dataclass(frozen=True)
class _Flow:
    """What became of the patients of one arm, each a number of patients [-].

    Attributes
    ----------
    arm : str
        Name of the arm.
    randomised, left, died, seen_last, analysed : int
        Dealt to it; left of their own accord and died before the last visit; seen at the last visit; counted
        in the primary analysis.
    """

    arm: str
    randomised: int
    left: int
    died: int
    seen_last: int
    analysed: int


@dataclass(frozen=True, eq=False)
class _Example:
    """One trial in full.

    Attributes
    ----------
    truth : str
        What treatment truly does in it, by name.
    screened, refused : int, dict of str to int
        Patients screened for this many who enter, and refused by the first reason, on average [-].
    flows : tuple of Flow
        One for each arm.
    curves : dict of str to Curve
        By arm: share with a gain (Kaplan-Meier), or mean of the measure of the outcome at each visit, with
        its 95 % band.
    estimate : Estimate
        The primary analysis.
    rejects : bool
        Whether it finds a difference.
    look : int
        The look at which it ended, from 0.
    """

    truth: str
    screened: int
    refused: dict[str, int]
    flows: tuple[_Flow, ...]
    curves: dict[str, OutcomeCurve]
    estimate: _Estimate
    rejects: bool
    look: int


def _example(spec: TrialSpec, bank: _Bank, truth: str, trial: int = 0) -> _Example:
    """Carry out one trial and keep everything that a report of it shows."""
    n = spec.patients
    dealt = _deal(spec, bank, n, trial)
    shown = _visits(bank, truth, dealt)
    found = _result(shown, spec.outcome)
    ended = _conduct(spec, bank, truth, n, trial)
    arms = {arm: dealt.arms == place for place, arm in enumerate(spec.arms)}
    times = n / (bank.screened - sum(bank.refused.values()))
    return _Example(
        truth=truth,
        screened=math.ceil(bank.screened * times),
        refused={reason: round(count * times) for reason, count in bank.refused.items() if count},
        flows=tuple(_flow(arm, at, bank, dealt, found) for arm, at in arms.items()),
        curves={arm: _curve(spec, shown, found, at) for arm, at in arms.items()},
        estimate=ended.estimate,
        rejects=ended.rejects,
        look=ended.look,
    )


def _flow(arm: str, at: Bools, bank: _Bank, dealt: _Dealt, found: _Result) -> _Flow:
    end = bank.days[-1]
    gone = dealt.luck.stays_day[at] < end
    dies = bank.people["death_day"][dealt.rows][at] <= dealt.luck.stays_day[at]
    return _Flow(
        arm=arm,
        randomised=int(at.sum()),
        left=int((gone & ~dies).sum()),
        died=int((gone & dies).sum()),
        seen_last=int(dealt.luck.attends[-1][at].sum()),
        analysed=int(found.known[at].sum()),
    )


def _curve(spec: TrialSpec, shown: _Seen, found: _Result, at: Bools) -> OutcomeCurve:
    if spec.outcome.what == "nis-gain":
        return _kaplan_meier(found.value[at], found.event[at])
    measure = {"pain-responder": shown.pain_nrs, "walks-alone": shown.walks, "nis-change": shown.nis}
    values = measure[spec.outcome.what][:, at]
    count = np.maximum(np.isfinite(values).sum(axis=1), 1)
    middle = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in values])
    spread = np.array([row[np.isfinite(row)].std() for row in values]) / np.sqrt(count)
    return OutcomeCurve(shown.days, middle, middle - 1.96 * spread, middle + 1.96 * spread)


NOTICE = "SIMULATED by a research model. Not a medical device; not evidence that a treatment works."

_OF_THE_BANK = 0.3
"""Share of the work that goes into the patients, before any trial [-]."""


@dataclass(frozen=True, eq=False)
class TrialReport:
    """Everything that can be said of a trial.

    Attributes
    ----------
    spec : TrialSpec
        The trial on paper.
    sha256, version, notice : str
        Hash of the spec, version of Garland, and what the numbers are not.
    bank_size, screened : int
        Patients from whom all trials draw, and patients screened for them [-].
    characteristics : tuple of Characteristics
        One for each truth, the one without a difference first.
    example : Example
        One trial in full: the one with the median test statistic, under the last truth.
    assumptions : tuple of str
        What had to be assumed, in words.
    """

    spec: TrialSpec
    sha256: str
    version: str
    notice: str
    bank_size: int
    screened: int
    characteristics: tuple[Characteristics, ...]
    example: _Example
    assumptions: tuple[str, ...]

    @property
    def null(self) -> Characteristics:
        """The truth in which no arm differs: its power is the error of the first kind."""
        return self.characteristics[0]

    @property
    def others(self) -> tuple[Characteristics, ...]:
        """Truths in which the arms may differ."""
        return self.characteristics[1:]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; what is not finite becomes None when printed."""
        return {
            "garland_trial": 1,
            "simulated": True,
            "version": self.version,
            "notice": self.notice,
            "spec_sha256": self.sha256,
            "seed": self.spec.seed,
            "spec": self.spec.model_dump(mode="json"),
            "bank": {"patients": self.bank_size, "screened": self.screened},
            "type_one_error": asdict(self.null.power),
            "truths": [asdict(one) for one in self.characteristics],
            "example": plain(asdict(self.example)),
            "assumptions": list(self.assumptions),
        }


def trial(
    spec: TrialSpec | str | Path,
    folder: Path | None = None,
    workers: int = 1,
) -> TrialReport:
    """Carry out a trial many times under every truth and say what the design can do.

    Parameters
    ----------
    spec : TrialSpec, str or Path
        The plan; a shipped one by its name, or a file (YAML or JSON).
    folder : Path, optional
        Keeps patients and trials, so that work that was stopped goes on; None: nothing is kept.
    workers : int
        Processes that carry out trials [-].

    Returns
    -------
    TrialReport
        Error of the first kind, power, bias and coverage under every truth, and one example.

    Raises
    ------
    InputError
        If the plan cannot be read or carried out, or the folder cannot be written.
    """
    spec = spec if isinstance(spec, TrialSpec) else find_spec(TrialSpec, spec, "trial", "trial")
    if folder is None:
        with scratch_folder() as scratch:
            return _reported(_Workshop(spec, scratch, workers))
    place = folder / f"trials-{_design_hash(spec)[:16]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        rule = f"cannot be written ({problem.strerror})"
        raise InputError("--out", str(folder), rule, "name a folder you may write") from problem
    return _reported(_Workshop(spec, place, workers))


def _design_hash(spec: TrialSpec) -> str:
    """Return a hash of all that changes a single trial: not how many there are, nor the sizes tried."""
    same = {"trials": 1, "sizes": (), "target_power": 0.8, "patients": 8}
    same |= {"name": "-", "description": None, "remarks": ()}
    design = [spec_hash(spec.model_copy(update=same)), list(spec.arms), list(spec.truths), __version__]
    return hashlib.sha256(json.dumps(design).encode()).hexdigest()


def _reported(shop: _Workshop) -> TrialReport:
    spec = shop.spec
    with stretch(0.0, _OF_THE_BANK):
        bank = _bank(shop)
    found, each = [], (1.0 - _OF_THE_BANK) / len(spec.truth_names)
    for done, truth in enumerate(spec.truth_names):
        with stretch(_OF_THE_BANK + done * each, _OF_THE_BANK + (done + 1) * each):
            found.append(_characteristics(shop, bank, truth))
    return TrialReport(
        spec=spec,
        sha256=spec_hash(spec),
        version=__version__,
        notice=NOTICE,
        bank_size=bank.size,
        screened=bank.screened,
        characteristics=tuple(found),
        example=_example(spec, bank, spec.truth_names[-1], _typical(shop, spec.truth_names[-1])),
        assumptions=_assumptions(spec),
    )


def _typical(shop: _Workshop, truth: str) -> int:
    """Return the number of the trial whose test statistic is nearest to the median of all."""
    made = _repeat(shop, truth, shop.spec.patients, shop.spec.trials, estimate=True)
    return int(np.argmin(np.abs(made.z - np.median(made.z))))


def _bank(shop: _Workshop) -> _Bank:
    if shop.bank_path.exists():
        return _load(shop.bank_path)
    from garland.trials.potential_outcomes import _block_path, _make_bank

    remember_compiled_programs()
    made = _make_bank(shop.spec, shop.folder)
    made.save(shop.bank_path)
    for block in count():
        if not (path := _block_path(shop.folder, block)).exists():
            break
        path.unlink()
    return made
