"""Answers that follow a record being written: soon from kept patients, then sampled, and never by mistake."""

from __future__ import annotations

import math
from dataclasses import replace
from threading import Timer
from typing import Any

import numpy as np
import pytest
from closed_form import Weigh, of_residuals
from scipy.stats import norm
from small_cases import foot_drop, small_case

import garland
from garland._types import Float32s, Float64s
from garland.errors import InputError
from garland.inference import kept_patients as module
from garland.inference.consult import consult
from garland.inference.encode_case import _encode_case
from garland.inference.kept_patients import _chosen, _Patients, _weighed_anew
from garland.inference.likelihood import _Problem
from garland.inference.posterior import Posterior, _infer
from garland.inference.session import TRUSTED_SHARE, Session, SessionAnswer
from garland.inference.smc import GROUP
from garland.model.diseases import DISEASES
from garland.model.patient import unknown_person
from garland.records import parse_case

C = len(DISEASES)
APART = 0.5
VISIT = "visits[0].examination"
ANKLE, EVERSION = f"{VISIT}.reflexes.right.ankle", f"{VISIT}.strength.right.ankle-eversion"


@pytest.fixture(scope="module")
def settled() -> Session:
    """Give a session with an answer; tests leave its record as it was."""
    session = Session(foot_drop(), seed=2)
    session.settle()
    return session


@pytest.fixture
def session(settled: Session) -> Session:
    """Give a session of its own with the answer of the shared one."""
    own = Session(settled.case, seed=2)
    own._answer, own._answered, own._last = settled._answer, settled._answered, settled._last
    return own


def probabilities(answer: SessionAnswer) -> dict[str, float]:
    return {cause.name: cause.probability for cause in answer.causes}


def away(one: Any, other: Any) -> float:
    """Return the total variation between the causes of two answers."""
    p, q = probabilities(one), probabilities(other)
    return 0.5 * sum(abs(p[name] - q[name]) for name in p)


NOISE, VALUE = np.array([0.2, 0.2, 1.5]), APART * np.array([1.0, 1.0, 3.0])
"""Noise and value, times the number of the cause, with which entries of chance are measured.

The last may be left out: of a narrower one the likelihood ratio would have no variance.
"""


def measured(entries: int, cause: int) -> Weigh:
    """Return a problem of so many entries, harder from cause to cause."""
    height = -float(np.log(NOISE[:entries] * math.sqrt(2.0 * math.pi)).sum())
    return of_residuals(
        lambda vectors: (vectors[:, :entries] - VALUE[:entries] * cause) / NOISE[:entries], height
    )


def closed(entries: int) -> Float64s:
    """Return the probabilities of causes when so many entries of chance were measured."""
    spread = np.hypot(1.0, NOISE[:entries])
    log = np.array([norm.logpdf(VALUE[:entries] * cause, 0.0, spread).sum() for cause in range(C)])
    return np.asarray(np.exp(log) / np.exp(log).sum())


@pytest.mark.parametrize(("before", "after"), [(3, 2), (2, 3)])
def test_a_finding_left_out_or_added_agrees_with_the_closed_form(
    before: int, after: int, monkeypatch: pytest.MonkeyPatch
):
    def log_likelihood(self: _Problem, cause: int, vectors: Float32s) -> tuple[Float64s, Float64s]:
        return measured(before, cause)(vectors)

    monkeypatch.setattr(_Problem, "log_likelihood", log_likelihood)
    prior = np.full(C, 1.0 / C)
    found = _infer(_Problem(unknown_person(), (), ()), prior, 0, 8 * GROUP)
    patients, ratios = {}, {}
    for cause, cloud in found.clouds.items():
        vectors, log_weights = _chosen(cloud, 512)
        patients[cause] = _Patients(vectors, log_weights, cloud.effective, ())
        now, then = (measured(n, cause)(vectors)[0] for n in (after, before))
        ratios[cause] = now - then
    anew, shares = _weighed_anew(found, patients, ratios, prior)
    assert np.abs(closed(after) - closed(before)).max() > 0.03
    np.testing.assert_allclose(anew.probability, closed(after), atol=0.03)
    assert np.abs(anew.probability - closed(after)).max() < 4.0 * anew.error.max()
    assert (shares[:2] > 0.5).all()


def test_patients_weighed_anew_by_nothing_say_what_they_said(settled: Session):
    last = settled._last
    assert last is not None
    same = last.reweighed(_encode_case(settled.case), last.posterior.prior)
    np.testing.assert_allclose(same.posterior.probability, last.posterior.probability, atol=1e-9)
    assert same.changed == 0
    assert same.least_share > TRUSTED_SHARE


def test_nothing_is_provisional_before_something_was_settled():
    with pytest.raises(InputError, match="has no patients to weigh anew"):
        Session(foot_drop()).provisional()


def test_a_provisional_answer_says_that_it_is_one(session: Session):
    session.set(ANKLE, "normal")
    found = session.provisional()
    assert not found.settled
    assert found.stage == "provisional"
    assert found.summary.startswith("Provisional")
    assert found.answer is None
    assert "medical device" in found.notice
    assert 0.0 <= found.effective_share <= 1.0
    assert found.changed == 1
    assert sum(probabilities(found).values()) == pytest.approx(1.0)
    assert session.answer is not None
    assert not session.settled


def test_few_patients_that_fit_are_told_in_the_summary(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_least_share", lambda *given: 0.1)
    session.set(ANKLE, "normal")
    assert "Too rough to be trusted" in session.provisional().summary


def test_a_change_taken_back_leaves_no_trace(session: Session):
    session.set(EVERSION, 2)
    before = session.provisional()
    session.set({ANKLE: "normal", f"{VISIT}.reflexes.right.knee": "normal"})
    assert probabilities(session.provisional()) != probabilities(before)
    session.remove(ANKLE)
    session.remove(f"{VISIT}.reflexes.right.knee")
    assert probabilities(session.provisional()) == probabilities(before)
    session.set(EVERSION, 4)
    assert session.settled
    assert session.provisional().settled


def test_a_change_that_makes_the_record_invalid_leaves_the_session_as_it_was(session: Session):
    session.set(ANKLE, "normal")
    case, before = session.case, session.provisional()
    with pytest.raises(InputError) as refused:
        session.set({EVERSION: 3, ANKLE: "gone"})
    assert refused.value.path == ANKLE
    with pytest.raises(InputError, match="is not in the record"):
        session.remove("history.numbness")
    with pytest.raises(InputError, match="is not a list"):
        session.add("person.age_years", 3)
    assert session.case is case
    assert probabilities(session.provisional()) == probabilities(before)


def test_a_row_is_added_to_a_list_of_the_record(session: Session):
    session.add(
        "visits[0].needle.results", {"muscle": "gastrocnemius-medial", "side": "right", "fibrillations": 0}
    )
    assert len(session.case.visits[0].needle.results) == 2
    assert session.provisional().changed == 1


def test_another_person_or_day_shows_the_kept_patients_to_the_model_once_more(session: Session):
    session.set("person.age_years", 51)
    first = session.provisional()
    assert first.changed == np.inf
    assert session.answer is not None
    assert away(first, session.answer) < 0.1
    assert probabilities(session.provisional()) == probabilities(first)
    session.set({"person.age_years": 50, "visits[0].day_since_onset": 32})
    assert away(session.provisional(), session.answer) < 0.1


def test_a_later_visit_is_shown_to_the_model(session: Session):
    session.add("visits", {"day_since_onset": 60})
    assert session.answer is not None
    assert away(session.provisional(), session.answer) < 1e-9
    session.set("visits[1].examination.strength.right.ankle-dorsiflexion", 3)
    found = session.provisional()
    assert found.changed == np.inf
    assert sum(probabilities(found).values()) == pytest.approx(1.0)


def test_few_patients_of_each_cause_are_kept(settled: Session):
    assert settled._last is not None
    kept = settled._last.patients
    assert set(kept) == set(settled._last.posterior.clouds)
    assert max(len(one.vectors) for one in kept.values()) <= 512
    assert sum(shown.nbytes for one in kept.values() for shown in one.expected) < 75e6
    assert all(np.exp(one.log_weights).sum() == pytest.approx(1.0) for one in kept.values())


def test_a_record_of_many_visits_keeps_fewer_patients(settled: Session, monkeypatch: pytest.MonkeyPatch):
    assert settled._last is not None
    monkeypatch.setattr(module, "_MOST_BYTES", 4e6)
    kept = module._kept(settled._last.reading, settled._last.posterior).patients
    assert sum(shown.nbytes for one in kept.values() for shown in one.expected) < 4e6


def test_the_first_settled_answer_is_that_of_a_consult(settled: Session):
    plain = consult(settled.case, seed=2)
    assert settled.answer is not None
    assert settled.answer.causes == plain.causes
    assert settled.answer.basis == plain.basis
    assert settled.answer.lesions == plain.lesions
    assert settled.answer.diagnostics.patients == plain.diagnostics.patients


def test_a_refinement_ends_with_what_a_consult_says(session: Session):
    session.set(EVERSION, 3)
    steps = list(session.refine())
    assert [step.settled for step in steps] == [False] * (len(steps) - 1) + [True]
    assert [steps[0].stage, steps[1].stage, steps[-1].stage] == ["provisional", "refining", "settled"]
    assert all(sum(probabilities(step).values()) == pytest.approx(1.0) for step in steps)
    plain = consult(session.case, seed=2)
    assert steps[-1].causes == plain.causes
    assert steps[-1].answer is not None
    assert steps[-1].answer.summary == plain.summary
    assert session.answer is steps[-1].answer
    assert session.settled
    assert list(session.refine()) == [steps[-1]]


def test_a_refinement_that_is_not_iterated_to_its_end_changes_nothing(session: Session):
    before = session.answer
    session.set(EVERSION, 3)
    for step in session.refine():
        assert not step.settled
        break
    assert session.answer is before


def test_cancel_from_another_thread_ends_a_refinement(session: Session):
    session.set(EVERSION, 3)
    timer = Timer(0.3, session.cancel)
    timer.start()
    steps = list(session.refine())
    timer.join()
    assert steps
    assert not any(step.settled for step in steps)
    assert not session.settled


def test_a_change_ends_a_refinement_that_is_running(session: Session):
    session.set(EVERSION, 3)
    steps = session.refine()
    assert not next(steps).settled
    session.set(EVERSION, 2)
    assert list(steps) == []
    assert not session.settled


def test_settling_is_cancelled_too(session: Session, monkeypatch: pytest.MonkeyPatch):
    session.set(EVERSION, 3)
    monkeypatch.setattr("garland.inference.session.prepare_programs", session.cancel)
    assert session.settle() is None


def test_a_failed_answer_gives_patients_that_are_not_trusted(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Posterior, "failures", property(lambda self: ("failed",)))
    session.set(ANKLE, "normal")
    assert session.provisional().effective_share == 0.0


def test_a_cause_that_became_possible_has_no_patients_and_is_not_trusted(settled: Session):
    last = settled._last
    assert last is not None
    fewer = replace(last, patients=dict(list(last.patients.items())[1:]))
    assert fewer.reweighed(last.reading, last.posterior.prior).least_share == 0.0


def test_a_session_reads_cases_files_and_published_ids(tmp_path: Any):
    file = tmp_path / "one.json"
    garland.records.write_case(small_case(), file)
    assert Session(file).case == Session(str(file)).case == small_case()
    assert garland.Session("04").case == garland.shipped_case("04")
    with pytest.raises(InputError, match="is not one of the published cases"):
        Session("no-such-case")
    with pytest.raises(InputError, match="is not a known setting"):
        Session("04", setting="nowhere")


def test_a_session_of_an_empty_record_answers_a_first_finding():
    never = {cause.name: 0.0 for cause in DISEASES if cause.name not in ("none", "femoral")}
    empty = parse_case({"garland_case": 1, "id": "empty", "visits": [{}]})
    session = Session(empty, frequencies=never)
    session.settle()
    session.set(f"{VISIT}.strength.right.knee-extension", 2)
    assert session.answer is not None
    before = {cause.name: cause.probability for cause in session.answer.causes}
    assert probabilities(session.provisional())["femoral"] > 2.0 * before["femoral"]
