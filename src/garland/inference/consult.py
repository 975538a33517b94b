"""A consult: a case read, weighed under every cause, explained, and put together as one answer."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from garland.evidence import UNMEASURED, numbers_at
from garland.evidence.provenance import numbers_read
from garland.inference.candidate_tests import Budget
from garland.inference.doubtful_numbers import _hangs_on
from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.explain import _explain, _worth_explaining
from garland.inference.likelihood import _Problem, prepare_programs
from garland.inference.observations import _arrays, _Observation
from garland.inference.outside import _NOTHING_OUTSIDE, FAMILY, NAME, TITLE, _Outside, _weigh_outside
from garland.inference.phrases import _expected_words
from garland.inference.posterior import Posterior, _complete_tempering, _infer, _side_by_side
from garland.inference.predictive import (
    _all_left_out,
    _left_out,
    _lesion_map,
    _predictive_p_value,
    _PredictiveSample,
    _tail,
    _unexplained,
    _view,
)
from garland.inference.record_checks import _doubts
from garland.inference.record_doubts import Doubts
from garland.inference.reporting import _how_much
from garland.inference.result import (
    NOTICE,
    Basis,
    CauseProbability,
    Consult,
    DoubtfulNumber,
    Explanation,
    FindingReview,
    NotMentioned,
    SiteLoss,
    TwoDiseases,
    _Diagnostics,
    _FitCheck,
)
from garland.inference.smc import GROUP
from garland.inference.test_selection import Rule, TestPlan, _plan
from garland.inference.two_diseases import _shown_pairs, _with_pairs, _WithPairs
from garland.inference.uncertain_numbers import _Integrated, _integrated
from garland.io import at_a_stop, forget_half_kept
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.model.findings import Address
from garland.programs import cache_of_jax, why_unwritable
from garland.progress import tell
from garland.records import Case
from garland.reference_values import REFERENCE_HEIGHT_CM


def _basis_of(paths: Iterable[str]) -> tuple[Basis, ...]:
    """Return the recalled and assumed ones of the numbers at some paths."""
    return tuple(
        Basis(n.path, n.description, n.unit, n.standing, n.source)
        for n in numbers_at(paths)
        if n.standing in UNMEASURED
    )


PARTICLES = 1024
_NOTHING_TO_EXPLAIN = _FitCheck(True, 1.0, "There are no findings to explain.")
NO_ANSWER = "No answer: the virtual patients did not agree well enough on one."
"""The summary of a consult whose sampling failed its checks."""
Visits = list[tuple[_Observation, ...]]
Sampled = tuple[EncodedCase, _Problem, Visits, Posterior]
Sample = Callable[[Case, "Asked"], Sampled]
_LEADING_SEEN, _OTHERS_SEEN = 1024, 256
_ODD = 0.03


@cache
def _begin_to_use(folder: Path) -> None:
    """Have a stop leave no torn program in JAX's own cache, which would never replace it."""
    # A folder that is full or read-only only costs the next run its time; the command line says so once.
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
    at_a_stop(partial(forget_half_kept, folder, "*-cache"))


def remember_compiled_programs() -> None:
    """Have JAX keep what else it compiles in the user's cache, for later runs on this machine."""
    settings: Any = jax.config
    if settings.jax_compilation_cache_dir is None and not why_unwritable():
        settings.update("jax_compilation_cache_dir", str(cache_of_jax()))
        settings.update("jax_persistent_cache_min_compile_time_secs", 0.3)
    if settings.jax_compilation_cache_dir is not None:
        _begin_to_use(Path(settings.jax_compilation_cache_dir))


@dataclass(frozen=True)
class Asked:
    """What is asked of a consult besides the case.

    Attributes
    ----------
    setting : str
        Where the patient is met: ``emg-laboratory``, ``spine-clinic`` or ``population``.
    seed : int
        Same seed, same answer.
    particles : int or None
        Virtual patients kept per cause in contest, rounded up to a multiple of 128; None: as many as the
        answer needs [-].
    frequencies : mapping or None
        Frequencies by cause name that replace those of the setting; the cause is then one of the list [-].
    budget : Budget or None
        What further tests may cost; None: six tests.
    rule : Rule or None
        When to stop testing; None: at a certainty of 0.9.
    """

    setting: str = "emg-laboratory"
    seed: int = 0
    particles: int | None = None
    frequencies: Mapping[str, float] | None = None
    budget: Budget | None = None
    rule: Rule | None = None


def consult(case: Case, asked: Asked | None = None, **named: Any) -> Consult:
    """Answer one case.

    Parameters
    ----------
    case : Case
        The record.
    asked : Asked, optional
        Setting, seed and all else that may be asked.
    **named
        The same one by one, such as ``setting="spine-clinic"`` or ``seed=3``.

    Returns
    -------
    Consult
        Causes, lesion map, findings, explanation, next tests, doubts and checks.

    Raises
    ------
    InputError
        If the setting or a named cause is unknown.
    """
    return consult_in_full(case, asked, **named).answer


@dataclass(frozen=True)
class FullConsult:
    """An answer with the virtual patients behind it.

    Attributes
    ----------
    answer : Consult
        What `consult` gives.
    reading : EncodedCase
        The case as the model sees it, with the timing of every visit.
    posterior : Posterior
        Probabilities of causes and the virtual patients of each.
    """

    answer: Consult
    reading: EncodedCase
    posterior: Posterior


def consult_in_full(
    case: Case, asked: Asked | None = None, sample: Sample | None = None, **named: Any
) -> FullConsult:
    """Answer one case and keep the virtual patients behind the answer; see `consult`.

    Who has sampled already says with `sample` how to come by it.
    """
    asked = replace(asked or Asked(), **named)
    tell("reading the record", 0.0)
    remember_compiled_programs()
    prepare_programs()
    started = time.perf_counter()
    with numbers_read() as read:
        reading, problem, used, posterior = (sample or _posterior_of)(case, asked)
        alone = posterior
        found = (
            _with_pairs(problem, posterior, asked.seed)
            if _any_cause(problem, asked)
            else _WithPairs(posterior)
        )
        followed = _Integrated(found.posterior)
        if _any_cause(problem, asked) and not found.posterior.failures:
            followed = _integrated(problem, found.posterior)
        found = found.beside(followed.posterior)
        posterior = followed.posterior
        looking = time.perf_counter()
        failures = posterior.failures
        outside = _outside_of(problem, asked)
        looked = _Looked()
        if not failures:
            looked = _look(case, reading, problem, used, followed, asked, outside)
        together = _shown_pairs(problem, found, used) if not failures else ()
    ended = time.perf_counter()
    causes = _causes(posterior, outside) if not failures else ()
    parts = {"sampling": looking - started, "looking": ended - looking}
    answer = Consult(
        case_id=case.id,
        title=case.title or case.id,
        published_diagnosis=case.published.diagnosis if case.published else None,
        setting=asked.setting,
        summary=_summary(causes, together, outside, looked.fit) if not failures else NO_ANSWER,
        causes=causes,
        lesions=looked.lesions,
        findings=looked.findings,
        next_tests=looked.plan.next_tests() if looked.plan else (),
        fit=looked.fit,
        not_used=reading.not_used,
        basis=_basis_of(read),
        diagnostics=_Diagnostics(
            asked.seed,
            problem.evaluated,
            posterior.temperatures,
            posterior.clouds[posterior.order[0]].effective,
            ended - started,
            parts,
            failures,
        ),
        version=_version(),
        notice=NOTICE,
        explanation=looked.explanation,
        plan=looked.plan,
        doubts=looked.doubts,
        not_mentioned=looked.not_mentioned,
        hangs_on=looked.hangs_on,
        together=together,
    )
    return FullConsult(answer, reading, replace(posterior, clouds=alone.clouds))


def _posterior_of(case: Case, asked: Asked) -> Sampled:
    """Return a case as the model sees it, its findings as arrays and by visit, and the posterior."""
    reading = _encode_case(case)
    problem, used = _problem_of(reading)
    before = prior(reading.person, asked.setting, asked.frequencies)
    return reading, problem, used, _infer(problem, before, asked.seed, _rounded(asked.particles))


def _any_cause(problem: _Problem, asked: Asked) -> bool:
    """Tell whether the patient may have two causes, or none of the list; who says how often each is met names
    them all.
    """
    return problem.real and asked.frequencies is None


def _outside_of(problem: _Problem, asked: Asked) -> _Outside:
    """Return what speaks for a cause outside the list."""
    return _weigh_outside(problem) if _any_cause(problem, asked) else _NOTHING_OUTSIDE


@dataclass(frozen=True)
class _Looked:
    """What is seen when the patients of the causes that matter are looked at in full."""

    lesions: tuple[SiteLoss, ...] = ()
    findings: tuple[FindingReview, ...] = ()
    fit: _FitCheck = _NOTHING_TO_EXPLAIN
    explanation: Explanation | None = None
    plan: TestPlan | None = None
    doubts: Doubts | None = None
    not_mentioned: NotMentioned | None = None
    hangs_on: tuple[DoubtfulNumber, ...] = ()


def _look(
    case: Case,
    reading: EncodedCase,
    problem: _Problem,
    used: Visits,
    followed: _Integrated,
    asked: Asked,
    outside: _Outside,
) -> _Looked:
    posterior = followed.posterior
    if not any(used):
        return _Looked(doubts=_doubts(case, problem, used, posterior, {}, asked.setting, True))
    tell("explaining", 0.9)
    settled = _complete_tempering(problem, posterior, _worth_explaining(posterior), asked.seed)
    elsewhere = outside.probability(settled.log_evidence_within)
    settled = settled.beside(elsewhere)
    every = _views(problem, settled)
    views = {c: every[c] for c in settled.mattering[:8]}
    findings = _findings(problem, used, settled, views)
    fit = _fit(problem, settled, views, findings, (elsewhere, outside), asked.seed)
    tested = _tested(used)
    age, height = (float(x) for x in (reading.person.age_years, reading.person.height_cm))
    body = (60.0 if np.isnan(age) else age, REFERENCE_HEIGHT_CM if np.isnan(height) else height)
    lesions = _lesion_map(views, settled.probability)
    explanation = _explain(problem, used, settled, every, tested)
    tell("planning tests", 0.94)
    return _Looked(
        lesions,
        findings,
        fit,
        explanation,
        _plan(views, settled.probability, tested, body, asked.budget, asked.rule),
        _doubts(case, problem, used, settled, views, asked.setting, fit.fits),
        _not_mentioned(problem, reading, settled, views),
        _hangs_on(used, settled, views, asked.setting, followed.moved) if asked.frequencies is None else (),
    )


def _tested(used: Visits) -> set[Address]:
    """Return the items that were surely tested: "any of these" does not say which."""
    sure = (o for visit in used for o in visit if o.every or len(o.where) == 1)
    return {address for observation in sure for address in observation.where}


def _version() -> str:
    from garland import __version__

    return __version__


def _rounded(particles: int | None) -> int:
    """Return how many patients to keep of a cause: as many as asked for, in whole groups [-]."""
    return max(-(-(particles or PARTICLES) // GROUP), 1) * GROUP


def _problem_of(reading: EncodedCase) -> tuple[_Problem, Visits]:
    """Return the findings as arrays and the observations in the same order; empty visits are left out."""
    rows = [
        (when, visit, every)
        for when, visit, every in zip(reading.timings, reading.visits, reading.weighed, strict=True)
        if every
    ]
    problem = _Problem(
        reading.person,
        tuple(when for when, _, _ in rows),
        tuple(_arrays(every) for _, _, every in rows),
        reading.timings[0],
        reading.arrival,
        reading.real,
    )
    return problem, [visit for _, visit, _ in rows]


def _views(problem: _Problem, posterior: Posterior) -> dict[int, _PredictiveSample]:
    """Return the patients of the causes worth explaining in full, more of the two most probable ones."""
    causes = [c for c in _worth_explaining(posterior) if c in posterior.clouds]
    found: dict[int, _PredictiveSample] = {}

    def see(cause: int) -> None:
        most = _LEADING_SEEN if cause in posterior.order[:2] else _OTHERS_SEEN
        found[cause] = _view(problem, posterior.clouds[cause], most)

    _side_by_side(see, causes)
    return {cause: found[cause] for cause in causes}


def _causes(posterior: Posterior, outside: _Outside) -> tuple[CauseProbability, ...]:
    """Return causes with probability and error, the most probable first, none of these among them."""
    elsewhere = outside.probability(posterior.log_evidence_within)
    whole = posterior.beside(elsewhere)
    rows = [
        CauseProbability(
            DISEASES[i].name,
            DISEASES[i].title,
            DISEASES[i].family,
            float(whole.prior[i]) * (1.0 - outside.share),
            float(whole.probability[i]),
            float(whole.error[i]),
            float(whole.log_evidence[i]) if np.isfinite(whole.log_evidence[i]) else None,
        )
        for i in posterior.order
    ]
    if outside.share > 0.0:
        error = elsewhere * (1.0 - elsewhere) * posterior.error_within
        rows.append(
            CauseProbability(NAME, TITLE, FAMILY, outside.share, elsewhere, error, outside.log_evidence)
        )
    return tuple(sorted(rows, key=lambda row: -row.probability))


def _findings(
    problem: _Problem, used: Visits, posterior: Posterior, views: dict[int, _PredictiveSample]
) -> tuple[FindingReview, ...]:
    """Return every finding under the leading cause against the runner-up."""
    first, second = (views[c] for c in posterior.order[:2])
    rows = []
    for visit, observations in enumerate(used):
        lead, other = _left_out(first, visit), _left_out(second, visit)
        for index, observation in enumerate(observations):
            noise = float(problem.seen[visit].sd[index])
            rows.append(
                FindingReview(
                    observation.label,
                    observation.kind,
                    visit,
                    observation.text,
                    _expected_words(first, observation, visit),
                    float((lead[index] - other[index]) / np.log(2.0)),
                    _tail(first, visit, observation, index, noise),
                )
            )
    return tuple(rows)


def _not_mentioned(
    problem: _Problem, reading: EncodedCase, posterior: Posterior, views: dict[int, _PredictiveSample]
) -> NotMentioned | None:
    """Return what the record leaves out, and how that moves the leading cause against the runner-up."""
    items = _how_much(reading.silent)
    if not items:
        return None
    lead, other = (_all_left_out(views[c], problem) for c in posterior.order[:2])
    return NotMentioned(items, float((lead - other) / np.log(2.0)))


def _fit(
    problem: _Problem,
    posterior: Posterior,
    views: dict[int, _PredictiveSample],
    findings: tuple[FindingReview, ...],
    elsewhere: tuple[float, _Outside],
    seed: int,
) -> _FitCheck:
    rng = np.random.default_rng(seed)
    best = max(_predictive_p_value(views[c], problem, rng) for c in posterior.order[:2])
    clashes = tuple(f.label for f in sorted(findings, key=lambda f: f.tail) if f.tail < _ODD)[:6]
    leader = DISEASES[posterior.order[0]].title
    probability, outside = elsewhere
    beyond = probability > posterior.probability[posterior.order[0]]
    if _unexplained(best) or beyond:
        message = f"No modelled cause explains these findings well; {leader} comes nearest. "
        kind = f", or of {outside.nearest}" if outside.nearest else ""
        message += f"Think of two diseases at once{kind}."
    elif clashes:
        message = f"The findings fit {leader} as a whole; those named here fit least."
    else:
        message = f"The findings fit {leader}."
    return _FitCheck(not (_unexplained(best) or beyond), best, message, clashes)


def _summary(
    causes: Sequence[CauseProbability],
    together: Sequence[TwoDiseases],
    outside: _Outside,
    fit: _FitCheck,
) -> str:
    lead, other = causes[:2]
    p, q = lead.probability, other.probability
    how = (
        "almost certainly"
        if p > 0.95
        else "probably"
        if p > 0.7
        else "perhaps"
        if p > 0.4
        else "undecided, foremost"
    )
    kind = f", such as {outside.nearest}" if lead.name == NAME and outside.nearest else ""
    text = f"{how} {lead.named(together)}{kind} ({_percent(p)}); next {other.title} ({_percent(q)})."
    return text[0].upper() + text[1:] + ("" if fit.fits else " No modelled cause explains the findings well.")


def _percent(p: float) -> str:
    """Return a probability in per cent that never claims certainty."""
    return ">99 %" if p > 0.99 else "<1 %" if p < 0.01 else f"{100.0 * p:.0f} %"
