"""A trial as one self-contained HTML page: no script, no network, light and dark, phone and paper."""

from __future__ import annotations

from garland.report.common import pages
from garland.report.common.svg import line_sample
from garland.report.trial import content as values
from garland.report.trial.figures import (
    _estimate_axis,
    _estimate_plot,
    _measure_words,
    _power_plot,
    _trial_curves,
)
from garland.trials.analysis import limits
from garland.trials.characteristics import clear_difference
from garland.trials.run import TrialReport, analysis_words, outcome_words, truth_words

_DRAWINGS = (line_sample, _estimate_axis, _estimate_plot, _power_plot, _trial_curves)


def render_trial(report: TrialReport) -> str:
    """Render a trial as one HTML page."""
    spec = report.spec
    page = pages.page_template("trial.html.j2", ("style.css", "course.css", "trial.css"), _DRAWINGS)
    return page.render(
        r=report,
        spec=spec,
        v=pages.template_names(values),
        what=spec.outcome.what,
        outcome=outcome_words(spec),
        test=analysis_words(spec),
        truth_words={one.truth: truth_words(spec, one.truth) for one in report.characteristics},
        measure=_measure_words(report),
        clear=values._own_words(spec.outcome.what, clear_difference(spec)).removeprefix("+"),
        plans={arm: " ".join(spec.plan(arm).words()) for arm in spec.arms},
        looks=list(zip(spec.looks.fractions, _limits(report), strict=True)),
        eligibility=_eligibility_words(report),
        randomisation=_randomisation_words(report),
    )


def _limits(report: TrialReport) -> tuple[float, ...]:
    spec = report.spec
    return limits(spec.looks.fractions, spec.alpha, spec.looks.spending)


def _eligibility_words(report: TrialReport) -> str:
    """Return who may enter, as a phrase."""
    rule = report.spec.eligibility
    stated = [
        ", ".join(rule.causes),
        f"age {rule.age_years[0]:g} to {rule.age_years[1]:g}",
        f"{rule.day_since_onset[0]:g} to {rule.day_since_onset[1]:g} days since the first symptom",
    ]
    if rule.diabetes is not None:
        stated.append("with diabetes" if rule.diabetes else "without diabetes")
    stated += [f"NIS {rule.least_nis:g} or more"] if rule.least_nis else []
    stated += [f"pain {rule.least_pain_nrs:g} or more"] if rule.least_pain_nrs else []
    stated += [] if rule.walking == "any" else [rule.walking.replace("-", " ")]
    late = " (seen as late as at a referral centre)" if rule.recruited == "referral" else ""
    return "; ".join(stated) + late


def _randomisation_words(report: TrialReport) -> str:
    """Return how arms are dealt, as a phrase."""
    spec = report.spec
    ratio = " to ".join(f"{parts}" for parts in spec.allocation.values())
    words = {
        "simple": "each patient alone",
        "blocked": f"permuted blocks of {spec.block_size}",
        "stratified": f"permuted blocks of {spec.block_size} within {' by '.join(spec.randomisation.strata)}",
    }[spec.randomisation.method]
    return f"{words}, {ratio}"
