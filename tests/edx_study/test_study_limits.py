"""Limits of normal: strata, words, standings, marks and weights."""

from __future__ import annotations

import math

import pytest

from garland.anatomy.tree import load
from garland.edx_study.limits import KINDS, NEEDLE, _judge, _limit_of, _limits_of_muscle, _series_of, _stratum
from garland.errors import InputError
from garland.evidence import part, references

A = load()


def value(study: str, measure: str, age: float = 50.0, height: float = 170.0, **more: object) -> float:
    found = _limit_of(study, measure, age, height, **more)  # type: ignore[arg-type]
    assert found is not None
    return found.value


@pytest.mark.parametrize(("age", "limit"), [(19, 2.6), (39, 2.6), (40, 1.1), (85, 1.1)])
def test_the_smallest_normal_fibular_cmap_is_that_of_the_age_group(age: float, limit: float):
    assert value("fibular-edb", "amplitude", age) == limit


@pytest.mark.parametrize(
    ("age", "height", "limit"), [(30, 155, 44), (30, 165, 42), (70, 165, 37), (70, 185, 34)]
)
def test_the_slowest_normal_tibial_velocity_falls_with_age_and_height(
    age: float, height: float, limit: float
):
    assert value("tibial-ah", "velocity", age, height) == limit


def test_people_younger_or_shorter_than_any_row_have_the_first_one():
    rows = ({"age": 40.0, "height": 170.0, "limit": 1.0}, {"age": 40.0, "height": 180.0, "limit": 2.0})
    assert _stratum(rows, 18.0, 150.0) == 1.0


def test_the_h_reflex_of_the_old_and_tall_may_be_late():
    assert value("soleus-h-reflex", "h_latency", 60, 182) > value("h-reflex", "h_latency", 25, 155)


def test_a_published_limit_names_its_source_and_standing():
    found = _limit_of("sural", "amplitude", 50, 170)
    assert found is not None
    assert (found.words, found.source, found.standing) == ("≥ 4 µV", "Buschbacher 2003", "measured")


@pytest.mark.parametrize("study", ["femoral-rectus-femoris", "radial-extensor-indicis"])
def test_an_unpublished_limit_is_the_models_centile_and_says_so(study: str):
    found = _limit_of(study, "amplitude", 50, 170)
    assert found is not None
    assert found.source == "model, 3rd centile"
    group = part("recordings/reference_limits").group(study)
    deviate = (math.log(found.value) - group.value("amplitude_ln")) / group.spread("amplitude_ln")
    assert deviate == pytest.approx(-1.881, abs=1e-3)


def test_an_upper_limit_of_the_model_is_its_97th_centile():
    found = _limit_of("femoral-rectus-femoris", "latency", 50, 170)
    assert found is not None
    assert (found.source, found.kind) == ("model, 97th centile", "upper")


@pytest.mark.parametrize("study", [*A.motor_study_ids, *A.sensory_study_ids])
@pytest.mark.parametrize("measure", ["amplitude", "latency", "velocity"])
def test_every_study_has_a_limit_of_each_measure_on_each_side_and_between(study: str, measure: str):
    assert value(study, measure) > 0.0
    assert value(study, measure, side_difference=True) > 0.0


def test_amplitudes_of_sides_are_compared_in_per_cent_and_times_in_their_unit():
    assert _limit_of("fibular-edb", "amplitude", 50, 170, side_difference=True).words == "≤ 61 %"  # type: ignore[union-attr]
    assert _limit_of("fibular-edb", "latency", 50, 170, side_difference=True).words == "≤ 1.6 ms"  # type: ignore[union-attr]


def test_a_stretch_with_its_own_limit_has_that_one_and_others_the_models():
    assert value("fibular-edb", "drop_percent", point="popliteal") == 25.0
    assert _limit_of("fibular-edb", "drop", 50, 170, point="fibular-head").source == "model, 97th centile"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("study", "measure"),
    [
        ("sural", "duration"),
        ("sural", "persistence"),
        ("fibular-f-wave", "amplitude"),
        ("fibular-f-wave", "persistence"),
    ],
)
def test_what_was_not_published_and_the_model_does_not_know_has_no_limit(study: str, measure: str):
    assert _limit_of(study, measure, 50, 170) is None


def test_a_difference_nobody_knows_has_no_limit():
    assert _limit_of("sural", "f-latency", 50, 170, side_difference=True) is None
    assert _limit_of("tibial-f-wave", "latency", 50, 170, side_difference=True) is None


def test_an_unknown_measure_is_refused_with_a_suggestion():
    with pytest.raises(InputError, match="is not a measure of a study; did you mean velocity"):
        _limit_of("sural", "velocities", 50, 170)


def test_a_measure_without_side_comparison_is_refused():
    with pytest.raises(InputError, match="has no limit between sides"):
        _limit_of("tibial-ah", "duration", 50, 170, side_difference=True)


def test_an_unknown_study_is_refused():
    with pytest.raises(InputError, match="sural"):
        _limit_of("surral", "amplitude", 50, 170)


@pytest.mark.parametrize("muscle", A.muscles)
def test_every_muscle_has_limits_of_amplitude_and_duration(muscle: str):
    for measure in ("muap_amplitude", "muap_duration"):
        low, high = _limits_of_muscle(muscle, measure)
        assert (low.kind, high.kind) == ("lower", "upper")
        assert low.value < high.value


def test_a_muscle_without_a_series_borrows_one_and_says_so():
    low = _limits_of_muscle("rectus-femoris", "muap-duration")[0]
    assert (low.source, low.standing) == ("Posa 2017, as vastus lateralis", "assumed")
    assert _limits_of_muscle("tibialis-anterior", "muap-duration")[0].standing == "derived"


def test_paraspinals_have_the_limits_of_the_erector_spinae():
    assert _series_of("paraspinal-l4") == "erector-spinae"
    assert _limits_of_muscle("paraspinal-l4", "muap-duration")[0].source == "Posa 2017"


def test_polyphasia_is_limited_only_where_it_was_counted():
    assert [one.value for one in _limits_of_muscle("tibialis-anterior", "polyphasic_percent")] == [35.0]
    assert _limits_of_muscle("deltoid", "polyphasic") == ()


def test_an_unknown_measure_of_motor_units_is_refused():
    with pytest.raises(InputError, match="is not a measure of motor units"):
        _limits_of_muscle("deltoid", "turns")


@pytest.mark.parametrize(
    ("size", "verdict"), [(1.1, ("", 0)), (1.0, ("low", 1)), (0.5, ("low", 2)), (0.2, ("low", 3))]
)
def test_the_smaller_the_cmap_the_greater_the_weight(size: float, verdict: tuple[str, int]):
    assert _judge(size, _limit_of("fibular-edb", "amplitude", 50, 170)) == verdict


@pytest.mark.parametrize(
    ("ms", "verdict"), [(6.5, ("", 0)), (6.6, ("high", 1)), (8.0, ("high", 2)), (10.0, ("high", 3))]
)
def test_the_longer_the_latency_the_greater_the_weight(ms: float, verdict: tuple[str, int]):
    assert _judge(ms, _limit_of("fibular-edb", "latency", 50, 170)) == verdict


@pytest.mark.parametrize(
    ("speed", "verdict"), [(36.0, ("", 0)), (35.0, ("low", 1)), (30.0, ("low", 2)), (25.0, ("low", 3))]
)
def test_the_slower_the_nerve_the_greater_the_weight(speed: float, verdict: tuple[str, int]):
    assert _judge(speed, _limit_of("fibular-edb", "velocity", 50, 170)) == verdict


def test_a_value_between_two_limits_is_normal_and_beyond_either_is_not():
    limits = _limits_of_muscle("tibialis-anterior", "muap-duration")
    assert [_judge(ms, *limits)[0] for ms in (7.0, 9.0, 12.0)] == ["low", "", "high"]


@pytest.mark.parametrize("nothing", [None, math.nan])
def test_a_missing_amplitude_is_absent_and_a_missing_time_cannot_be_judged(nothing: float | None):
    assert _judge(nothing, _limit_of("sural", "amplitude", 50, 170)) == ("absent", 3)
    assert _judge(nothing, _limit_of("sural", "latency", 50, 170)) == ("", 0)


def test_a_missing_sural_response_is_not_abnormal_at_80_years():
    assert _judge(None, _limit_of("sural", "amplitude", 80, 170)) == ("", 0)


def test_without_a_limit_nothing_is_abnormal():
    assert _judge(0.1, None) == ("", 0)


def test_every_group_of_limits_is_a_study_a_muscle_or_the_grading():
    known = part("study/limits")
    names = (*A.motor_study_ids, *A.sensory_study_ids, *(s.id for s in (*A.f_studies, *A.h_studies)))
    muscles = {f"muscle-{name}" for name in (*A.muscles, "erector-spinae")}
    assert set(known.group_names) <= {*names, *muscles, "grading"}


def test_every_limit_is_of_a_known_measure_and_point_and_begins_its_source_in_short():
    points = {point for names in A.point_names for point in names}
    for name in part("study/limits").group_names:
        for number in part("study/limits").group(name).numbers:
            if name == "grading":
                continue
            short, colon, _ = number.where.partition(":")
            assert colon, number.path
            assert 0 < len(short) < 20, number.path
            plain = number.name.removeprefix("side-")
            stem = plain if plain in {*KINDS, *NEEDLE} else plain.partition("-")[0]
            assert stem in {*KINDS, *NEEDLE}, number.path
            assert stem == plain or plain.partition("-")[2] in points, number.path


def test_most_limits_rest_on_a_source_that_was_read():
    numbers = [n for n in part("study/limits").numbers if ".grading." not in n.path]
    read = [n for n in numbers if references()[n.source].seen and n.standing in ("measured", "derived")]
    assert len(read) >= 0.95 * len(numbers)
