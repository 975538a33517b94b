"""What a report of a trial says in words: what was assumed, what each truth and outcome means."""

from __future__ import annotations

from garland.evidence import part
from garland.records.treatment import evidence_of
from garland.trial.outcomes import RULES
from garland.trial.spec import _TrialSpec


def _assumptions(spec: _TrialSpec) -> tuple[str, ...]:
    """Return what had to be assumed to run a trial, as plain sentences."""
    told = [
        *spec.remarks,
        _lost(spec),
        _measured(),
        f"Missing values: {RULES[spec.outcome.what]}.",
        *_fixed(spec),
    ]
    given = {treatment.what for arm in spec.arms for treatment in spec.plan(arm).treatments}
    without = sorted(name.replace("-", " ") for name in given if evidence_of(name) == "none")
    if without:
        drugs = " or ".join(without)
        told.append(
            f"No controlled trial of {drugs} in this disease can be used: its effects are stated here, "
            "not findings."
        )
    if spec.blinded:
        told.append("Blinded: every arm has the placebo response of trials of neuropathic pain.")
    return tuple(told)


def _lost(spec: _TrialSpec) -> str:
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


def _fixed(spec: _TrialSpec) -> tuple[str, ...]:
    return (
        "Screening goes by the true NIS, pain and walking of a patient, not by measured ones.",
        "A look comes when its share of patients has finished all visits; tests take no account of strata.",
        f"All trials draw from one bank of {spec.bank:,} patients; large trials overlap in whom they draw.",
    )


def truth_words(spec: _TrialSpec, truth: str) -> str:
    """Return what a truth says of treatment, as a phrase."""
    meant = spec.truth(truth)
    if meant.kind == "none":
        return "no difference: every arm gets the care of the control"
    if meant.attack is None:
        return "each patient answers as the model draws it"
    return (
        f"{_share(meant.attack)} of new damage and {_share(meant.pain)} of pain held back while it is given"
    )


def outcome_words(spec: _TrialSpec) -> str:
    """Return what the primary outcome is, as a phrase."""
    what, day = spec.outcome.what, spec.outcome.day or 0.0
    return {
        "nis-gain": f"time to the first visit with a NIS at least {spec.outcome.points:g} points below entry",
        "pain-responder": f"pain lower by {_share(spec.outcome.share)} or more on day {day:g}",
        "walks-alone": f"walking alone on day {day:g}",
        "nis-change": f"change of the NIS from entry to day {day:g}, adjusted for entry",
    }[what]


def analysis_words(spec: _TrialSpec) -> str:
    """Return how the primary outcome is tested, as a phrase."""
    return {
        "nis-gain": "log-rank test (statsmodels); hazard ratio by Cox regression (lifelines)",
        "pain-responder": "z test of two proportions; Newcombe's interval of their difference (statsmodels)",
        "walks-alone": "z test of two proportions; Newcombe's interval of their difference (statsmodels)",
        "nis-change": "analysis of covariance by least squares (statsmodels)",
    }[spec.outcome.what]


def _share(value: float) -> str:
    return f"{100.0 * value:.0f} %"
