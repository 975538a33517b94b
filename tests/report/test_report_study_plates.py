"""Trace plates: nothing clipped, negative up, sweep and gain printed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from fixture_study import clock, f_plate, h_plate, motor_plate, study, wave

from garland.edx_study.records import Marker, Plate, PlateTrace
from garland.report.study.plates import (
    ARTEFACT_CUT,
    COLUMN,
    TENTHS,
    _draw,
    _drawings,
    _Drawn,
    _fitting,
    _gain_words,
    _lay_out,
    _on_paper,
    _path,
)
from garland.signals.trace import Trace

RATE = 25_000.0


@cache
def all_drawn() -> tuple[_Drawn, ...]:
    return _drawings(study().plates)


def points(d: str) -> np.ndarray:
    """Return the points of a path, shape (n, 2) [tenths of a pixel]."""
    first, _, moves = d.removeprefix("M").partition("l")
    numbers = [int(one) for one in re.findall(r"-?\d+", moves)]
    steps = np.array(numbers, int).reshape(-1, 2)
    return np.cumsum(np.vstack([[int(one) for one in first.split()], steps]), axis=0)


def plate_of(uv: np.ndarray, gain: float = 1000.0, kind: str = "motor", sweep: float = 5.0) -> Plate:
    marks = (Marker(5.0, "onset"),)
    return Plate("Tibial", kind, sweep, gain, (PlateTrace("ankle", Trace(uv, RATE), marks),), "left")


def test_a_negative_wave_goes_up():
    drawn = _draw(plate_of(wave(clock(50.0, RATE), 5.0, 2000.0, 6.0)))
    y = points(re.search(r'class="trace" d="([^"]*)"', drawn)[1])[:, 1]
    base = y[0]
    assert base - y.min() == pytest.approx(TENTHS * 2 * 22, abs=3)
    assert base - y.min() > y.max() - base


@pytest.mark.parametrize("millivolts", [0.02, 0.9, 4.0, 17.9, 60.0, 900.0])
def test_no_response_is_ever_cut(millivolts):
    points_of_nerve = (("ankle", 5.0, millivolts, 6.0), ("knee", 12.0, millivolts, 6.0))
    drawn = _lay_out(motor_plate("left", "x", points_of_nerve))
    for lane in drawn.lanes:
        after = lane.trace.between(2.0, 50.0).samples_uv / lane.gain
        assert -after.min() <= lane.up + 1e-6
        assert after.max() <= lane.down + 1e-6
    assert max(lane.up + lane.down for lane in drawn.lanes) <= 8


def test_all_points_of_a_nerve_share_one_gain_that_is_printed():
    drawn = _lay_out(motor_plate("left", "x", (("ankle", 5.0, 30.0, 6.0), ("knee", 12.0, 2.0, 6.0))))
    assert len({lane.gain for lane in drawn.lanes}) == 1
    assert drawn.gain > 2000.0
    words = _draw(motor_plate("left", "x", (("ankle", 5.0, 30.0, 6.0),)))
    assert f'class="changed">{_gain_words(drawn.gain)}<' in words


def test_a_needle_recording_that_exceeds_its_lane_has_a_gain_of_its_own_beside_it():
    small, large = np.sin(clock(100.0, RATE)) * 60, np.sin(clock(100.0, RATE)) * 900
    lanes = (PlateTrace("rest 1", Trace(small, RATE)), PlateTrace("rest 2", Trace(large, RATE)))
    drawn = _draw(Plate("iliopsoas, rest", "needle", 10.0, 50.0, lanes, "left"))
    assert "10 ms/div" in drawn
    assert re.search(r'<tspan class="changed">\s*500 µV/div</tspan>', drawn)
    assert '<tspan class="gain">50 µV/div</tspan>' in drawn


def test_a_long_needle_recording_goes_on_in_further_sweeps():
    lanes = (PlateTrace("rest", Trace(np.zeros(7500), RATE)),)
    plate = Plate("iliopsoas, rest", "needle", 10.0, 50.0, lanes, "left")
    assert [lane.start_ms for lane in _lay_out(plate).lanes] == [0.0, 100.0, 200.0]
    long = replace(plate, traces=(PlateTrace("rest", Trace(np.zeros(75_000), RATE)),))
    drawn = _lay_out(long)
    assert len(drawn.lanes) == 4
    assert drawn.remarks == ("The first 400 of 3,000 ms.",)


def test_one_sample_beyond_the_last_division_starts_no_new_one():
    trace = Trace(np.zeros(25_000), RATE).between(0.0, 100.0)
    drawn = _lay_out(Plate("x, rest", "needle", 10.0, 50.0, (PlateTrace("rest", trace),), "left"))
    assert len(drawn.lanes) == 1
    assert drawn.columns == 10


def test_only_the_artefact_of_the_stimulus_may_leave_its_lane_and_then_it_is_said():
    uv = wave(clock(50.0, RATE), 5.0, 2000.0, 6.0)
    assert _lay_out(plate_of(uv)).remarks == ()
    uv[5] = 40_000.0
    drawn = _lay_out(plate_of(uv))
    assert drawn.remarks == (ARTEFACT_CUT,)
    assert drawn.gain == 1000.0


def test_both_sides_of_a_nerve_stand_beside_each_other_left_first_at_equal_heights():
    first = all_drawn()[0]
    assert len(first.panels) == 2
    assert ">Left<" in first.panels[0]
    assert ">Right<" in first.panels[1]
    assert len({re.search(r'viewBox="([^"]*)"', panel)[1] for panel in first.panels}) == 1
    turned = _drawings((study().plates[1], study().plates[0]))[0]
    assert turned.panels == first.panels


def test_plates_of_one_muscle_stand_together():
    drawn = [one for one in all_drawn() if one.kind == "needle"]
    assert drawn[0].title == "Left iliopsoas"
    for panel, head in zip(drawn[0].panels, (">Rest<", ">Weak<", ">Full<"), strict=True):
        assert head in panel


def test_cursors_stand_at_their_times_and_are_named():
    drawn = _draw(plate_of(wave(clock(50.0, RATE), 5.0, 2000.0, 6.0)))
    assert re.search(r'class="cursor" d="M40\.0,', drawn)
    assert ">onset<" in drawn
    assert "onset 5.0 ms" in drawn


def test_a_study_without_cursors_says_no_response():
    plate = replace(study().plates[0], traces=(replace(study().plates[0].traces[0], markers=()),))
    assert ">no response<" in _draw(plate)


def test_f_waves_are_rastered_with_the_m_response_at_its_own_gain():
    drawn = _lay_out(f_plate("left", "Tibial", 55.0, 0.8))
    assert drawn.overlap
    assert len(drawn.lanes) == 20
    assert drawn.gain == 200.0
    assert drawn.early_gain > drawn.gain
    assert drawn.split_ms is not None
    assert 10.0 < drawn.split_ms < 40.0
    assert drawn.shortest is not None
    words = _draw(f_plate("left", "Tibial", 55.0, 0.8))
    assert f"shortest {drawn.shortest:.1f} ms" in words
    assert _gain_words(drawn.early_gain) in words


def test_no_f_or_m_wave_leaves_the_raster():
    plate = f_plate("right", "Tibial", 55.0, 1.0)
    drawn = _lay_out(plate)
    height = 18 * drawn.divisions
    for lane in drawn.lanes:
        above = sum(other.up + other.down for other in drawn.lanes[: lane.place])
        _, y = lane.places(18.0 * (above + lane.up))
        late = lane.trace.times_ms >= 2.0
        assert y[late].min() >= -0.5
        assert y[late].max() <= height + 0.5


def test_the_m_and_the_h_response_share_a_gain():
    drawn = _lay_out(h_plate("left", 33.0, 2.0))
    assert len({lane.gain for lane in drawn.lanes}) == 1


def test_a_single_trace_of_a_raster_and_one_without_any_f_wave_are_drawn():
    plate = f_plate("left", "Tibial", 55.0, 0.0)
    assert _lay_out(plate).shortest is None
    assert "0 of 20 traces" in _draw(plate)
    assert _draw(replace(plate, traces=plate.traces[:1]))


@pytest.mark.parametrize("size", [1, 2, 7, 400, 25_000])
def test_a_path_keeps_every_peak_and_passes_every_point_closely(size):
    rng = np.random.default_rng(size)
    x = np.linspace(0.0, 4000.0, size)
    y = np.cumsum(rng.normal(0, 20, size)) + 500
    drawn = points(_path(x, y))
    assert drawn[0].tolist() == [round(x[0]), round(y[0])]
    assert drawn[-1, 0] == round(x[-1])
    assert drawn[:, 1].max() == pytest.approx(y.max(), abs=3)
    assert drawn[:, 1].min() == pytest.approx(y.min(), abs=3)
    beside = np.abs(np.interp(x, drawn[:, 0], drawn[:, 1]) - y)
    assert np.quantile(beside, 0.9) < (3.0 if size < 1000 else 120.0)


def test_a_flat_trace_is_one_line():
    assert _path(np.linspace(0, 4000, 5000), np.full(5000, 7.0)).count(" ") <= 4


@pytest.mark.parametrize(
    ("gain", "up", "fits"), [(50.0, 100.0, 50.0), (50.0, 900.0, 200.0), (20.0, 1e6, 200_000.0)]
)
def test_gains_go_down_in_steps_of_one_two_and_five(gain, up, fits):
    assert _fitting(gain, up, 0.0, 6.0) == pytest.approx(fits)


def test_gains_read_as_on_a_machine():
    assert _gain_words(50.0) == "50 µV/div"
    assert _gain_words(2000.0) == "2 mV/div"


def test_a_plate_on_paper_brings_its_own_style():
    drawn = _on_paper(_draw(study().plates[0]))
    assert drawn.startswith("<svg ")
    assert drawn.count("<style>") == 1
    assert "var(" not in drawn


def test_all_plates_of_a_study_take_little_room():
    size = sum(len(panel) for one in all_drawn() for panel in one.panels)
    assert size < 1_200_000
    assert COLUMN * 10 == 400
