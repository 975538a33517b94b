"""From evidence to probabilities of causes, on problems whose answer is known in closed form."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from closed_form import gaussian
from scipy.stats import norm
from small_cases import FOOT_DROP, small_case

from garland._types import Float32s, Float64s
from garland.inference import posterior as module
from garland.inference.consult import NO_ANSWER, PARTICLES, _problem_of, _rounded, consult
from garland.inference.encode_case import _encode_case
from garland.inference.laplace import _MixtureProposal
from garland.inference.likelihood import _Problem
from garland.inference.posterior import (
    LEAST_EFFECTIVE,
    TOLERATED_ERROR,
    Posterior,
    _complete_tempering,
    _infer,
)
from garland.inference.smc import GROUP, Particles
from garland.model.diseases import DISEASES
from garland.model.patient import unknown_person

C = len(DISEASES)
SPREAD = 0.2
ENTRIES, APART = 3, 0.5
NEVER = 7
"""A cause that nobody has before any finding."""


def measured(cause: int) -> float:
    """Return the value that three entries of chance must have under a cause: harder from cause to cause."""
    return APART * cause


@pytest.fixture
def problem(monkeypatch: pytest.MonkeyPatch) -> _Problem:
    """Give a problem that each cause explains with a known evidence."""

    def log_likelihood(self: _Problem, cause: int, vectors: Float32s) -> tuple[Float64s, Float64s]:
        return gaussian(ENTRIES, measured(cause))(vectors)

    monkeypatch.setattr(_Problem, "log_likelihood", log_likelihood)
    return _Problem(unknown_person(), (), ())


def before() -> Float64s:
    prior = np.ones(C)
    prior[NEVER] = 0.0
    return prior / prior.sum()


def exact() -> Float64s:
    evidence = [ENTRIES * norm.logpdf(measured(cause), 0.0, math.hypot(1.0, SPREAD)) for cause in range(C)]
    weight = before() * np.exp(evidence)
    return np.asarray(weight / weight.sum())


def test_probabilities_of_causes_are_prior_times_evidence(problem: _Problem):
    found = _infer(problem, before(), 0, 4 * GROUP)
    np.testing.assert_allclose(found.probability, exact(), atol=0.03)
    assert found.probability.sum() == pytest.approx(1.0)
    assert found.order[:3] == [0, 1, 2]
    assert found.failures == ()


def test_the_printed_error_of_a_probability_is_what_it_misses_by(problem: _Problem):
    pairs = [
        (f.probability[0] - exact()[0], f.error[0])
        for f in (_infer(problem, before(), s, 512) for s in range(6))
    ]
    missed, printed = np.sqrt((np.array(pairs) ** 2).mean(axis=0))
    assert missed < 2.5 * printed
    assert printed < module.WANTED_ERROR[0]


def test_the_answer_does_not_depend_on_how_many_causes_are_worked_on_at_once(
    problem: _Problem, monkeypatch: pytest.MonkeyPatch
):
    answers = []
    for workers in (1, 2):
        monkeypatch.setattr(module, "_WORKERS", workers)
        answers.append(_infer(problem, before(), 3, 2 * GROUP))
    one, two = answers
    np.testing.assert_array_equal(one.probability, two.probability)
    np.testing.assert_array_equal(one.log_evidence, two.log_evidence)
    for cause in one.clouds:
        np.testing.assert_array_equal(one.clouds[cause].vectors, two.clouds[cause].vectors)


def test_the_answer_does_not_depend_on_the_order_in_which_causes_are_worked_on(
    problem: _Problem, monkeypatch: pytest.MonkeyPatch
):
    plain = _infer(problem, before(), 3, 2 * GROUP)
    work = module._side_by_side
    monkeypatch.setattr(module, "_side_by_side", lambda do, causes: work(do, [int(c) for c in causes][::-1]))
    turned = _infer(problem, before(), 3, 2 * GROUP)
    np.testing.assert_array_equal(plain.probability, turned.probability)


def test_another_seed_gives_other_patients(problem: _Problem):
    one, two = (_infer(problem, before(), seed, 2 * GROUP) for seed in (1, 2))
    assert not np.array_equal(one.probability, two.probability)


def test_a_cause_that_nobody_has_keeps_probability_zero_and_costs_nothing(problem: _Problem):
    found = _infer(problem, before(), 0, 2 * GROUP)
    assert found.probability[NEVER] == 0.0
    assert found.error[NEVER] == 0.0
    assert NEVER not in found.clouds


def test_causes_in_contest_have_enough_patients_and_others_keep_their_first_look(problem: _Problem):
    found = _infer(problem, before(), 0, 2 * GROUP)
    for cause in (0, 1):
        assert len(found.clouds[cause].vectors) >= 4 * GROUP
        assert found.clouds[cause].effective > 2 * LEAST_EFFECTIVE
    assert len(found.clouds[C - 1].vectors) == GROUP
    assert found.clouds[C - 1].inverse_temperature == 0.0


def test_settling_draws_patients_to_the_end_and_leaves_probabilities_alone(problem: _Problem):
    found = _infer(problem, before(), 0, 2 * GROUP)
    settled = _complete_tempering(problem, found, [0, 5, NEVER, C - 1], 0)
    np.testing.assert_array_equal(settled.probability, found.probability)
    np.testing.assert_array_equal(settled.error, found.error)
    assert all(settled.clouds[c].effective >= LEAST_EFFECTIVE for c in (0, 5, C - 1))
    assert settled.clouds[0] is found.clouds[0]
    assert found.clouds[C - 1].inverse_temperature == 0.0
    assert NEVER not in settled.clouds


def test_settled_patients_are_those_of_the_posterior(problem: _Problem):
    settled = _complete_tempering(problem, _infer(problem, before(), 0, 2 * GROUP), [6], 0)
    own = settled.clouds[6].weights @ settled.clouds[6].vectors[:, :ENTRIES]
    np.testing.assert_allclose(own, measured(6) / (1.0 + SPREAD**2), atol=0.1)


def test_settling_twice_with_one_seed_gives_the_same_patients(problem: _Problem):
    found = _infer(problem, before(), 0, 2 * GROUP)
    one, two = (_complete_tempering(problem, found, [6], 4).clouds[6].vectors for _ in range(2))
    np.testing.assert_array_equal(one, two)


def built(error: float = 0.01, effective: int = 128, probability: float = 0.6) -> Posterior:
    """Return a posterior with this error of the first cause and so many patients that count."""
    p = np.zeros(C)
    p[0], p[1] = probability, 1.0 - probability
    errors = np.zeros(C)
    errors[0] = error
    gap = np.full(128, -1e3)
    gap[:effective] = 0.0
    vectors = np.zeros((128, 1), np.float32)
    cloud = Particles(0, _MixtureProposal(), vectors, gap, gap, np.zeros(1))
    return Posterior(p, p, errors, np.zeros(C), np.zeros(C), {0: cloud, 1: replace(cloud, cause=1)})


def test_an_answer_that_can_be_trusted_names_no_failure():
    assert built(TOLERATED_ERROR).failures == ()
    assert built(effective=int(LEAST_EFFECTIVE) + 1).failures == ()


def test_a_large_error_is_named_with_its_cause_and_size():
    (stated,) = built(error=0.12).failures
    assert DISEASES[0].title in stated
    assert "12 points" in stated


def test_too_few_patients_that_count_are_a_failure():
    (stated,) = built(effective=int(LEAST_EFFECTIVE) - 1).failures
    assert "too few virtual patients" in stated


def test_probabilities_that_are_no_numbers_are_a_failure():
    broken = replace(built(), probability=np.full(C, np.nan))
    assert "no cause could have produced the findings" in broken.failures[0]


@pytest.mark.parametrize(
    ("asked", "kept"), [(None, PARTICLES), (1, GROUP), (GROUP, GROUP), (GROUP + 1, 2 * GROUP), (1000, 1024)]
)
def test_patients_are_kept_in_whole_groups(asked: int | None, kept: int):
    assert _rounded(asked) == kept


def test_a_visit_without_findings_is_left_out_of_the_problem():
    case = small_case(**{part: FOOT_DROP[part] for part in ("examination", "needle")})
    again = case.model_copy(update={"visits": (*case.visits, type(case.visits[0])(day_since_onset=60))})
    problem, used = _problem_of(_encode_case(again))
    assert len(problem.seen) == len(problem.timings) == len(used) == 1
    assert problem.came == _encode_case(again).timings[0]


def test_an_answer_is_json_though_some_causes_are_impossible():
    never = [cause.name for cause in DISEASES if cause.name != "femoral"]
    answer = consult(small_case(), frequencies=dict.fromkeys(never, 0.0))
    json.dumps(answer.as_dict(), allow_nan=False)
    assert {cause.name for cause in answer.causes if cause.log_evidence is not None} == {"femoral"}


def test_where_sampling_failed_no_probability_is_told(monkeypatch: pytest.MonkeyPatch):
    failed = built(error=0.12)
    monkeypatch.setattr("garland.inference.consult._infer", lambda *stated: failed)
    answer = consult(small_case(examination=FOOT_DROP["examination"]))
    assert not answer.diagnostics.passed
    assert answer.summary == NO_ANSWER
    assert answer.causes == answer.lesions == answer.findings == answer.next_tests == ()
    assert answer.explanation is answer.plan is answer.doubts is None
