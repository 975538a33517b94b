"""A polyneuropathy besides the leading cause, and two causes where one does not do."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from small_cases import at

from garland.inference.likelihood import Timing, _Problem
from garland.inference.observations import INF, _Observation
from garland.inference.predictive import _PredictiveSample
from garland.inference.record_checks import _comorbid_polyneuropathy, _coverage, _diabetic_loss, _Patients
from garland.model.diseases import index_of
from garland.model.findings import N_FINDINGS
from garland.model.latents import N_LATENTS, place_of
from garland.model.patient import Person

DLRPN, FEMORAL, POLYNEUROPATHY = (index_of(n) for n in ("dlrpn", "femoral", "distal-polyneuropathy"))
L4, MYOPATHY = index_of("radiculopathy-l4"), index_of("myopathy")
DAY_30 = Timing(30.0, 0.03, 0.0, 0.0)


def person(years: float = 10.0, diabetes: float = 1.0, age: float = 65.0) -> Person:
    values = (age, 1.0, 175.0, 90.0, diabetes, years, 8.0 if diabetes else 5.5, 180.0)
    return Person(*[jnp.asarray(value, jnp.float32) for value in values])


def drawn(background: float | None = None, n: int = 2000) -> np.ndarray:
    vectors = np.random.default_rng(5).standard_normal((n, N_LATENTS), np.float32)
    if background is not None:
        vectors[:, place_of("background")] = background
    return vectors


def besides(someone: Person, vectors: np.ndarray, cause: int = DLRPN):
    weights = np.full(len(vectors), 1.0 / len(vectors))
    return _comorbid_polyneuropathy(_Problem(someone, (DAY_30,), ()), _Patients(cause, vectors, weights), 0)


def test_without_diabetes_there_is_no_diabetic_loss_at_any_age():
    assert _diabetic_loss(person(0.0, 0.0, age=85.0), FEMORAL, drawn(), DAY_30).max() == 0.0


def test_age_does_not_count_as_polyneuropathy():
    young, old = (_diabetic_loss(person(age=age), DLRPN, drawn(), DAY_30) for age in (40.0, 85.0))
    np.testing.assert_allclose(young, old, rtol=1e-5)


def test_more_years_of_diabetes_make_polyneuropathy_likelier():
    shares = [besides(person(years), drawn()).probability for years in (0.0, 10.0, 25.0)]
    assert shares[0] < shares[1] < shares[2]
    assert shares[1] == pytest.approx(0.45, abs=0.2)


def test_patients_from_the_prior_leave_the_probability_where_it_was():
    found = besides(person(), drawn())
    assert found.probability == pytest.approx(found.before, abs=0.05)
    assert found.low <= found.loss <= found.high


def test_patients_with_a_worn_background_have_polyneuropathy_besides():
    found = besides(person(), drawn(background=2.0))
    assert found.probability > 0.99
    assert found.message.startswith("Besides: distal symmetric (diabetic) polyneuropathy, almost certain")
    assert "unlikely (0.00" in besides(person(), drawn(background=-2.5)).message


def test_the_weights_of_the_patients_count():
    vectors = np.concatenate([drawn(2.5, 1000), drawn(-2.5, 1000)])
    weights = np.repeat([0.9e-3, 0.1e-3], 1000)
    given = _Patients(DLRPN, vectors, weights)
    found = _comorbid_polyneuropathy(_Problem(person(), (DAY_30,), ()), given, 0)
    assert found is not None
    assert found.probability == pytest.approx(0.9)


def test_nothing_is_besides_a_polyneuropathy():
    assert besides(person(), drawn(), POLYNEUROPATHY) is None


def finding(number: int) -> _Observation:
    return _Observation(f"finding {number}", "examination", "yes", at("reflex", "knee"), 0.0, INF)


def explains(*log_p: float) -> _PredictiveSample:
    rows = np.tile(np.array(log_p), (50, 1))
    shown = np.zeros((50, N_FINDINGS), np.float32)
    return _PredictiveSample(np.full(50, 0.02), (rows,), (shown,), np.zeros((50, 2, 1), np.float32))


RECORD = (tuple(finding(i) for i in range(4)),)
ODD = float(np.log(0.009))


def test_the_second_cause_is_the_one_that_explains_what_the_first_leaves():
    views = {
        DLRPN: explains(-0.1, -0.1, ODD, ODD),
        MYOPATHY: explains(ODD, ODD, -0.1, -0.1),
        FEMORAL: explains(-0.1, ODD, -0.5, ODD),
    }
    found = _coverage(views, [DLRPN, FEMORAL, MYOPATHY], RECORD)
    assert found is not None
    assert found.second == "inflammatory or necrotising myopathy"
    assert found.by_first == ("finding 0", "finding 1")
    assert found.by_second == ("finding 2", "finding 3")
    assert found.bits == pytest.approx(2 * (-0.1 - ODD) / np.log(2.0))
    assert found.message.startswith("Two diseases at once? Diabetic")


def test_what_neither_cause_explains_is_told():
    views = {DLRPN: explains(-0.1, ODD, ODD, ODD), FEMORAL: explains(ODD, -0.1, -0.1, ODD)}
    found = _coverage(views, [DLRPN, FEMORAL], RECORD)
    assert found is not None
    assert found.by_neither == ("finding 3",)


def test_one_cause_that_explains_all_needs_no_second():
    views = {DLRPN: explains(-0.1, -0.1, -0.1, -0.1), FEMORAL: explains(-0.2, -0.2, ODD, 0.0)}
    assert _coverage(views, [DLRPN, FEMORAL], RECORD) is None


def test_a_cause_of_the_same_family_is_no_second_disease():
    l5 = index_of("radiculopathy-l5")
    views = {L4: explains(-0.1, -0.1, ODD, ODD), l5: explains(ODD, ODD, -0.1, -0.1)}
    assert _coverage(views, [L4, l5], RECORD) is None


def test_causes_without_patients_in_view_are_not_asked():
    assert _coverage({FEMORAL: explains(0.0, 0.0, 0.0, 0.0)}, [DLRPN, FEMORAL], RECORD) is None
