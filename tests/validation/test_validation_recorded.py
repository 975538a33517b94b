"""What is recorded is judged as a clinic would: helpers against people whose answer is known."""

from __future__ import annotations

from types import SimpleNamespace
from zlib import crc32

import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.evidence.findings import declared_findings
from garland.model.findings import N_FINDINGS, Address, column
from garland.reference_values import limit_of, mean_and_spread, smallest_response_ln
from garland.validation.cohorts import RECIPES, _Cohort, _field, _make_cohort, _Recipe
from garland.validation.examined import _kappa, _kappas, _pooled_kappa
from garland.validation.questions import _average, _centile, _share, _spread
from garland.validation.recorded import (
    _NOW,
    _STUDIES,
    _amplitude,
    _apart,
    _blocked,
    _by,
    _fibrillates,
    _latency_long,
    _limits,
    _nerves,
    _Record,
    _root_called,
    _slow,
    _small,
    _symmetric,
    _wave_absent,
    _wave_late,
    _worded,
)
from garland.validation.rows import study_rows

SURAL, MEDIAN, ULNAR = "sural", "median-abductor-pollicis-brevis", "ulnar-abductor-digiti-minimi"
N = 400


def record(n: int = N, age: float = 50.0, height: float = 170.0, **items: dict[str, float]) -> _Record:
    """Return the record of n people with these values on both sides, by field and item; all else zero."""
    values = np.zeros((n, N_FINDINGS))
    for field, known in items.items():
        for item, value in known.items():
            for side in (0, 1) if declared_findings()[field].sided else (None,):
                values[:, column(Address(field, side, item))] = value
    lacking = {study: np.zeros((n, 2), bool) for study in _STUDIES}
    return _Record(values, lacking, np.full(n, age), np.full(n, height))


def cohort(*records: _Record) -> _Cohort:
    """Return a cohort whose examiners wrote these records, the right side the worse."""
    n = len(records[0].values)
    hazard = np.tile([0.1, 0.9], (n, 1))
    members = (SimpleNamespace(seen_day=np.zeros(n), cause=0),)
    made = _Cohort(_Recipe("made up", {"none": 1.0}), members, {})  # type: ignore[arg-type]
    made._scenes[_NOW] = SimpleNamespace(affected_hazard=hazard)  # type: ignore[assignment]
    made.records.update({(examiner, _NOW): one for examiner, one in enumerate(records)})
    return made


@pytest.mark.parametrize(("factor", "percent"), [(0.5, 100.0), (2.0, 0.0)])
def test_a_response_below_its_limit_is_small_and_one_above_is_not(factor: float, percent: float):
    limit = limit_of(SURAL, "amplitude", 50.0, 170.0)
    found = record(snap={SURAL: np.log(limit.value * factor)})
    assert _share(_by(_nerves(_small, (SURAL,), (0,))))(cohort(found)).value == percent


def test_a_response_below_the_smallest_is_zero_and_small():
    found = record(snap={SURAL: smallest_response_ln(SURAL) - 0.1})
    assert (_amplitude(SURAL)(found) == 0.0).all()
    assert _small(SURAL)(found).all()


def test_who_lacks_a_response_in_health_has_none():
    found = record(snap={SURAL: np.log(20.0)})
    found.lacking[SURAL][:] = True
    assert (_amplitude(SURAL)(found) == 0.0).all()


def test_slow_late_and_long_are_measured_against_their_limits():
    there = {f"{MEDIAN}@{number}": np.log(8.0) for number in (0, 1)}
    speed = limit_of(MEDIAN, "velocity", 50.0, 170.0, point="elbow").value
    latency = limit_of(MEDIAN, "latency", 50.0, 170.0).value
    wave = limit_of("tibial-f-wave", "f-latency", 50.0, 170.0).value
    for over, answer in ((0.99, False), (1.01, True)):
        found = record(
            cmap=there,
            motor_velocity={f"{MEDIAN}@1": np.log(speed / over)},
            motor_latency={MEDIAN: np.log(latency * over)},
            f_latency={"tibial": np.log(wave * over)},
            f_response={"tibial": 1.0},
        )
        for test in (_slow(MEDIAN), _latency_long(MEDIAN), _wave_late("f", "tibial")):
            assert (test(found) == answer).all()
        assert not _wave_absent("f", "tibial")(found).any()


@pytest.mark.parametrize(("fall", "blocked"), [(0.45, False), (0.55, True)])
def test_a_block_is_a_fall_by_more_than_half(fall: float, blocked: bool):
    there = {f"{ULNAR}@{number}": np.log(8.0) for number in range(3)}
    found = record(cmap=there, cmap_drop={f"{ULNAR}@1": np.log1p(-fall)})
    assert (_blocked(ULNAR)(found) == blocked).all()


def test_the_healthy_are_below_the_97th_centile_in_97_percent():
    mean, sd = mean_and_spread("femoral-rectus-femoris", "amplitude", 50.0, 170.0)
    rng = np.random.default_rng(1)
    found = record(20_000)
    for side in (0, 1):
        found.values[:, column(Address("cmap", side, "femoral-rectus-femoris@0"))] = mean + sd * (
            rng.standard_normal(20_000)
        )
    share = _share(_by(_nerves(_small, ("femoral-rectus-femoris",), (0,))))(cohort(found))
    assert 100.0 - share.value == pytest.approx(97.0, abs=0.4)


def test_limits_are_those_of_each_age_and_height():
    found = record(2)._replace(age=np.array([25.0, 75.0]), height=np.array([160.0, 180.0]))
    stated = _limits(found, SURAL, "amplitude")
    expected = [limit_of(SURAL, "amplitude", *one).value for one in ((25.0, 160.0), (75.0, 180.0))]
    assert stated.tolist() == expected


def test_a_root_is_called_from_two_muscles_of_different_nerves_and_not_of_one():
    call = _root_called(_fibrillates)
    assert call(record(fibrillation={"tibialis-anterior": 2.0, "tensor-fasciae-latae": 2.0})).all()
    assert call(record(fibrillation={"tibialis-anterior": 2.0, "paraspinal-l5": 2.0})).all()
    assert not call(record(fibrillation={"tibialis-anterior": 2.0, "vastus-medialis": 0.0})).any()
    assert not call(record(fibrillation={"vastus-medialis": 2.0, "medial-gastrocnemius": 2.0})).any()


def test_equal_sides_are_symmetric_and_one_weak_foot_is_not():
    even = record(movement_strength=dict.fromkeys(load().movements, 5.0))
    assert _symmetric(even).all()
    even.values[:, column(Address("movement_strength", 0, "ankle-dorsiflexion"))] = 2.0
    assert not _symmetric(even).any()


def test_means_centiles_and_side_differences_leave_out_who_has_none():
    found = record()
    group = cohort(found)
    values = np.where(np.arange(N) % 2 == 0, np.nan, np.arange(N))
    known = values[np.isfinite(values)]
    assert _average(lambda _: values)(group).value == pytest.approx(known.mean())
    assert _centile(lambda _: values, 0.5)(group).value == pytest.approx(np.median(known), abs=1.0)
    assert _spread(lambda _: values, 1.0, 2.0)(group).value == pytest.approx(known.mean() + 2 * known.std())
    assert _apart(lambda r: _field(r.values, "snap")[:, :, 0])(found).tolist() == [0.0] * N


def test_kappa_is_that_of_a_table():
    first = np.repeat([True, True, False, False], [20, 5, 10, 15])
    second = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert _kappa(first, second, np.ones(50)) == pytest.approx(0.4)


def test_two_examiners_without_noise_agree_and_two_who_guess_do_not():
    rng = np.random.default_rng(2)

    def guess() -> _Record:
        made = record()
        _field(made.values, "movement_strength")[:] = rng.choice([3.0, 5.0], (N, 2, len(load().movements)))
        return made

    one, other = guess(), guess()
    weak = _worded("movement_strength", "ankle-dorsiflexion", "reduced")
    same, apart = cohort(one, one, one), cohort(one, one, other)
    sign = [lambda examiner: _by(lambda r: weak(r)[:, 0], examiner)]
    assert _kappas(sign, min)(same).value == pytest.approx(1.0)
    assert abs(_kappas(sign, min)(apart).value) < 0.15
    asked = _pooled_kappa("movement_strength", ("ankle-dorsiflexion", "knee-extension"), "reduced")
    assert asked(same).value == pytest.approx(1.0)
    assert abs(asked(apart).value) < 0.15


def test_the_lowest_kappa_of_a_small_study_is_lower_than_that_of_a_large_one():
    rng = np.random.default_rng(3)

    def guess(truth: np.ndarray) -> _Record:
        made = record()
        told = np.where(rng.random(truth.shape) < 0.8, truth, 8.0 - truth)
        _field(made.values, "movement_strength")[:] = told
        return made

    truth = rng.choice([3.0, 5.0], (N, 2, len(load().movements)))
    seen = cohort(record(), guess(truth), guess(truth))
    signs = [
        lambda examiner, name=name: _by(
            lambda r: _worded("movement_strength", name, "reduced")(r)[:, 0], examiner
        )
        for name in ("ankle-dorsiflexion", "knee-extension", "hip-flexion")
    ]
    assert _kappas(signs, min, sample=24)(seen).value < _kappas(signs, min)(seen).value
    assert _kappas(signs, max, sample=24)(seen).value > _kappas(signs, max)(seen).value


def test_the_use_of_the_second_papers_follows_the_rule():
    second = [row for row in study_rows() if row.papers == "second"]
    assert len(second) > 200
    for row in second:
        free = row.standing != "recalled" and row.quality != "poor"
        even = crc32(row.source.key.encode()) % 2 == 0
        assert row.use == ("calibration" if even and free else "check"), row.id
    uses = {(row.source.key, row.use) for row in second}
    assert len(uses) == len({key for key, _ in uses})


def test_every_cohort_is_asked_and_every_row_is_asked_or_says_why_not():
    rows = study_rows()
    assert set(RECIPES) <= {row.question.cohort for row in rows if row.question}
    assert all((row.question is None) != (row.left_out is None) for row in rows)


@pytest.mark.slow
def test_a_cohort_has_the_days_ages_and_diabetes_of_its_recipe():
    early, old = _make_cohort("gbs-week-1", 200, 0), _make_cohort("healthy-60-88", 200, 0)
    day, age = early.day(_NOW), np.asarray(old.scene().person.age_years)
    assert day.min() >= 1.0
    assert day.max() <= 7.0
    assert age.min() >= 60.0
    assert age.max() <= 88.0
    assert np.asarray(old.scene().person.diabetes).max() == 0.0
    assert _make_cohort("foot-drop", 100, 0).weight.max() <= 1.0
