"""One part of a cohort: who is in it, what is recorded of them, and how it is written."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_cohorts import small_spec

from garland.cohorts.measures import GROUPS, LIVED, _measures_of
from garland.cohorts.shard import _make, _recorded, _with_responses
from garland.cohorts.spec import CohortSpec
from garland.cohorts.visits import _generator_of, _mix_of, _rows_of
from garland.errors import InputError
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import column, noise_sd
from garland.model.outcomes import Outcomes


@pytest.fixture(scope="module")
def tables(small: CohortSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    part = _make(small, 1)
    people, visits = (pq.read_table(io.BytesIO(content)).to_pandas() for content in part)
    return people, visits


def test_a_part_is_the_same_bytes_whenever_it_is_made(small: CohortSpec):
    assert _make(small, 3) == _make(small, 3)


def test_parts_are_different_people(small: CohortSpec):
    one, two = (_rows_of(small, part).vectors for part in (0, 1))
    assert not np.isclose(one, two).any(axis=1).all()


def test_everybody_has_one_row_and_a_row_for_every_visit(small: CohortSpec, tables):
    people, visits = tables
    assert people["patient"].tolist() == list(range(64, 128))
    assert len(visits) == 2 * len(people)
    later = visits[visits["visit"] == 1].set_index("patient")["day"]
    first = visits[visits["visit"] == 0].set_index("patient")["day"]
    np.testing.assert_allclose(later - first, 90.0, atol=0.05)
    np.testing.assert_allclose(first, people.set_index("patient")["seen_day"], rtol=1e-6)


def test_every_column_tells_its_unit_and_every_file_that_it_is_simulated(small: CohortSpec):
    for content in _make(small, 0):
        schema = pq.read_schema(io.BytesIO(content))
        assert schema.metadata[b"simulated"] == b"true"
        assert schema.metadata[b"seed"] == b"7"
        assert all({b"unit", b"description"} <= set(field.metadata) for field in schema)


def test_no_response_is_an_amplitude_of_zero_without_a_velocity(tables):
    _, visits = tables
    amplitude, velocity = visits["snap_left_sural_uv"], visits["sensory_velocity_left_sural_m_s"]
    gone = amplitude == 0.0
    assert gone.any()
    assert velocity[gone].isna().all()
    assert velocity[~gone & amplitude.notna()].notna().mean() > 0.8


def test_a_tenth_is_missing_where_a_tenth_was_asked_to_be(tables):
    _, visits = tables
    share = visits[["snap_left_sural_uv", "reflex_left_knee_grade"]].isna().to_numpy().mean()
    assert share == pytest.approx(0.1, abs=4.0 * np.sqrt(0.09 / (4 * 64)))


def test_nothing_is_missing_unless_asked_for():
    _, content = _make(small_spec(missing=0.0, measures=["reflex/knee", "nis"], size=64), 0)
    assert not pq.read_table(io.BytesIO(content)).to_pandas().isna().any(axis=None)


def test_grades_are_those_of_the_scale(tables):
    _, visits = tables
    assert set(visits["reflex_left_knee_grade"].dropna()) <= {0, 1, 2, 3, 4}
    mrc = np.unique(visits["movement_strength_left_knee_extension_mrc"].dropna())
    assert all(np.isclose(value, [0, 1, 2, 3, 11 / 3, 4, 5]).any() for value in mrc)


def test_a_cohort_of_named_causes_holds_these_alone_in_their_proportion():
    spec = small_spec(people={"source": "referral", "causes": ["dlrpn", "lrpn"]})
    mix = _mix_of(spec)
    whole = _mix_of(small_spec())
    assert mix.sum() == pytest.approx(1.0)
    a, b = index_of("dlrpn"), index_of("lrpn")
    assert mix[a] / mix[b] == pytest.approx(whole[a] / whole[b])
    assert set(_rows_of(spec, 0).people["cause"]) <= {a, b}


def test_a_first_visit_on_a_set_day_is_on_that_day():
    spec = small_spec(people={"source": "referral", "first_visit_day": 60})
    assert (_rows_of(spec, 0).people["seen_day"] == 60.0).all()


def test_the_mix_of_causes_is_that_of_the_setting():
    spec = small_spec(size=20_000, part_size=20_000)
    cause = _rows_of(spec, 0).people["cause"]
    counts = np.bincount(cause, minlength=len(DISEASES))
    expected = 20_000 * _mix_of(spec)
    assert (np.abs(counts - expected) < 5.0 * np.sqrt(expected + 1.0)).all()


def test_care_starts_with_the_first_visit():
    spec = small_spec(care=["pregabalin 300 mg/d from day 10"])
    rows = _rows_of(spec, 0)
    assert rows.treatment is not None
    np.testing.assert_allclose(rows.treatment.pregabalin.start_day, rows.people["seen_day"] + 10.0, rtol=1e-5)


def test_the_noise_of_a_recording_is_that_of_the_findings():
    (velocity,) = _measures_of(["sensory_velocity/left/sural"])
    asked = _with_responses((velocity,))
    shown = np.tile(np.log([[40.0, 1e3]]), (4000, 1)).astype(np.float32)
    values = _recorded(asked, shown, np.zeros((4000, 0), np.float32), np.random.default_rng(1), 0.0)
    assert velocity.address is not None
    noise = noise_sd()[column(velocity.address)]
    assert np.nanstd(np.log(values[velocity.name])) == pytest.approx(noise, rel=0.1)
    assert np.nanmean(values[velocity.name]) == pytest.approx(40.0, rel=0.01)
    assert np.isnan(values[velocity.name]).mean() == pytest.approx(asked[1].absent_in_health, abs=0.02)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_measures_has_columns_with_names_of_their_own(group: str):
    found = _measures_of([group])
    assert found
    assert len({one.name for one in found}) == len(found)


def test_a_field_stands_for_both_sides_and_an_item_may_be_given_by_its_start():
    assert len(_measures_of(["reflex/knee"])) == 2
    assert _measures_of(["cmap/left/tibial"])[0].name.startswith("cmap_left_tibial")
    assert _measures_of(["nis", "nis"]) == _measures_of(["nis"])
    assert len(_measures_of(["life"])) == len(LIVED)


def test_a_measure_with_too_many_parts_is_refused():
    with pytest.raises(InputError, match="write field, field/item or field/side/item"):
        _measures_of(["snap/left/sural/2"])


def test_a_cause_that_a_setting_never_meets_is_refused(monkeypatch: pytest.MonkeyPatch):
    from garland.cohorts import visits

    monkeypatch.setattr(visits, "prior", lambda person, setting: np.zeros(len(DISEASES)))
    with pytest.raises(InputError, match="are never met in the setting"):
        _mix_of(small_spec(people={"source": "referral", "causes": ["gbs"]}))


def test_dice_of_a_part_do_not_hang_on_other_parts(small: CohortSpec):
    assert _generator_of(small, 2, 0).random() == _generator_of(small, 2, 0).random()
    assert _generator_of(small, 2, 0).random() != _generator_of(small, 2, 1).random()


def test_every_quantity_of_daily_life_is_one_that_the_model_gives():
    assert set(LIVED) <= set(Outcomes._fields)
