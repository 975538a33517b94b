"""Numbers inside the model that nobody has measured, integrated over their ranges of trust."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss

from garland.evidence import numbers_at, part
from garland.evidence.provenance import _given_or, numbers_given, numbers_read, remembered
from garland.inference.consult import Asked, _posterior_of, consult
from garland.inference.likelihood import UNKNOWN, _as_now, _evaluation, _in_doubt
from garland.inference.uncertain_numbers import (
    _REACH,
    _asked,
    _at_ends,
    _columns,
    _each_gained,
    _integrated,
    _ranges,
    _Response,
)
from garland.model.diseases import DISEASES
from garland.model.latents import normals
from garland.model.patient import unknown_person
from tests.inference.small_cases import foot_drop, small_case


@pytest.mark.parametrize(("slope", "bend"), [(0.0, 0.0), (0.7, 0.0), (-0.4, -0.6), (0.3, 0.4), (0.0, -2.0)])
def test_the_mean_of_an_evidence_that_is_a_parabola_is_its_integral(slope: float, bend: float):
    at, weight = hermegauss(60)
    expected = np.log((weight / weight.sum()) @ np.exp(slope * at + 0.5 * bend * at**2))
    shifts = np.array([[-slope + 0.5 * bend, slope + 0.5 * bend]])
    assert _each_gained(shifts).sum() == pytest.approx(expected, abs=1e-6)


def test_numbers_that_move_nothing_gain_nothing_and_gains_add_up():
    np.testing.assert_array_equal(_each_gained(np.zeros((5, 2))), 0.0)


def test_the_shift_of_an_evidence_is_that_of_its_patients_to_second_order():
    """Where patients are spread normally and the fit of each is a straight line, the evidence is known."""
    rng = np.random.default_rng(1)
    slopes = rng.normal(0.3, 0.5, 200_000)
    response = _Response(np.full(len(slopes), 1.0 / len(slopes)), np.stack([-slopes, slopes])[None])
    exact = [[-0.3 + 0.5 * 0.25, 0.3 + 0.5 * 0.25]]
    np.testing.assert_allclose(response.shifts(), exact, atol=0.01)
    gain, error = response.gained()
    assert gain == pytest.approx(_each_gained(np.array(exact))[0], abs=0.01)
    assert error < 0.01


def test_the_error_of_what_is_gained_is_the_spread_between_samples():
    rng = np.random.default_rng(2)

    def sample() -> tuple[float, float]:
        slopes = rng.normal(0.8, 0.6, 256)
        return _Response(np.full(256, 1.0 / 256), np.stack([-slopes, slopes])[None]).gained()

    found = np.array([sample() for _ in range(200)])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.3)


def test_the_ends_of_a_range_lie_on_the_parabola():
    np.testing.assert_allclose(_at_ends(np.array([-0.5, 0.7]), 1.0), [-0.5, 0.7])
    np.testing.assert_allclose(_at_ends(np.array([-0.6, 0.6]), 2.0), [-1.2, 1.2])


def test_every_number_in_doubt_is_unmeasured_and_has_a_range_about_its_value():
    numbers = {number.path: number for number in numbers_at(_in_doubt())}
    assert set(numbers) == set(_in_doubt())
    for where in _ranges():
        low, high = where.ends
        assert numbers[where.path].standing in ("assumed", "recalled")
        assert low <= where.value <= high
        assert low < high


def test_a_number_given_is_read_inside_the_block_and_nowhere_else():
    path, reflexes = "bedside/reflexes.normal_grade", part("bedside/reflexes")
    filed = reflexes.value("normal_grade")
    with numbers_given({path: 9.0}), numbers_read() as read:
        assert reflexes.value("normal_grade") == reflexes.normal_grade == 9.0
    assert path in read
    assert reflexes.normal_grade == _given_or(path, filed) == filed


def test_what_is_remembered_is_never_remembered_with_a_number_given():
    @remembered
    def grade() -> float:
        return float(part("bedside/reflexes").value("normal_grade"))

    with numbers_given({"bedside/reflexes.normal_grade": 9.0}):
        assert grade() == 9.0
    assert grade() == part("bedside/reflexes").value("normal_grade")


@pytest.fixture(scope="module")
def moved() -> dict[str, set[int]]:
    """Return which findings of patients of some causes each number in doubt moves."""
    found: dict[str, set[int]] = {path: set() for path in _in_doubt()}
    ranges, now = _ranges(), _as_now()
    every = [now]
    for place, where in enumerate(ranges):
        values = now.copy()
        values[place] = max(where.ends, key=lambda end, at=where.value: abs(end - at))
        every.append(values)
    vectors = normals(np.random.default_rng(3), 64)
    for cause in range(0, len(DISEASES), 3):
        shown = _evaluation(unknown_person(), cause, (UNKNOWN,))(vectors, every)
        first = np.asarray(shown[0][0])
        for path, (expected, _) in zip(found, shown[1:], strict=True):
            found[path] |= set(np.flatnonzero((np.abs(np.asarray(expected) - first) > 1e-5).any(axis=1)))
    return found


def test_a_number_moves_findings_of_the_group_that_it_is_said_to_reach_and_of_no_other(moved):
    for path, columns in moved.items():
        group = _REACH.get(path.rpartition(".")[0])
        assert columns, f"{path} moves nothing"
        if group is not None:
            assert columns <= _columns()[group], path


def test_only_numbers_that_can_reach_a_finding_are_asked():
    _, problem, _, _ = _posterior_of(small_case(examination={"reflexes": {"right": {"knee": 1}}}), Asked())
    asked = {_in_doubt()[place].rpartition(".")[0] for place in _asked(problem)}
    assert "bedside/reflexes" in asked
    assert "bedside/pain" not in asked
    assert "recordings/needle" not in asked


def test_integrating_keeps_probabilities_whole_and_tells_what_moves_them():
    _, problem, _, posterior = _posterior_of(foot_drop(), Asked())
    found = _integrated(problem, posterior)
    assert found.posterior.probability.sum() == pytest.approx(1.0)
    assert found.moved
    for where, ends in found.moved.values():
        assert ends.shape == (2, len(DISEASES))
        assert where.path in _in_doubt()


def test_a_consult_of_a_real_record_names_a_number_inside_the_model_where_it_hangs_on_it():
    reflexes = {"reflexes": {"both": {"knee": 1, "ankle": 1}}, "strength": {"both": {"hip-flexion": 4}}}
    answer = consult(small_case(examination=reflexes))
    assert any(number.path in _in_doubt() for number in answer.hangs_on)
    for number in answer.hangs_on:
        assert 0.0 <= number.low <= 1.0
        assert 0.0 <= number.high <= 1.0


def test_a_virtual_patient_is_as_the_numbers_say():
    case = small_case(examination={"reflexes": {"both": {"knee": 1}}}).model_copy(update={"simulated": True})
    assert not any(number.path in _in_doubt() for number in consult(case).hangs_on)
