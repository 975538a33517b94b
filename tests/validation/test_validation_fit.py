"""Calibration: what may move, how far, and how it is written."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from garland.errors import EvidenceError
from garland.evidence import part
from garland.evidence.library import ROOT
from garland.validation import calibrate as fitting
from garland.validation.calibrate import _calibration_rows, _reach
from garland.validation.rows import RowResult


def listed(tmp_path: Path, **entries: object) -> Path:
    file = tmp_path / "calibration.yaml"
    file.write_text(yaml.safe_dump({name.replace("__", "."): limits for name, limits in entries.items()}))
    return file


def test_only_assumed_numbers_may_move_and_each_stands_inside_its_range():
    free = fitting._free_numbers()
    assert len(free) > 15
    for number in free:
        name, _, key = number.address.rpartition(".")
        assert part(name).number(key.partition("~")[0]).standing == "assumed"
        assert number.low <= number.start <= number.high


def test_a_measured_number_is_refused(tmp_path: Path):
    file = tmp_path / "calibration.yaml"
    file.write_text("causes/dlrpn.age_years: {}\n")
    with pytest.raises(EvidenceError, match="only assumed numbers may be calibrated"):
        fitting._free_numbers(file)


def test_a_number_without_a_range_is_refused(tmp_path: Path):
    file = tmp_path / "calibration.yaml"
    file.write_text("bedside/pain.side_share: {}\n")
    with pytest.raises(EvidenceError, match="has no range of trust"):
        fitting._free_numbers(file)


def test_a_number_outside_its_range_is_refused(tmp_path: Path):
    file = tmp_path / "calibration.yaml"
    file.write_text("causes/dlrpn.severity~spread: {low: 0.9, high: 1.0}\n")
    with pytest.raises(EvidenceError, match="stands outside its range of trust"):
        fitting._free_numbers(file)


def test_a_share_of_the_range_and_back_is_the_same_value():
    for number in fitting._free_numbers():
        assert number.at(number.share_of(number.start)) == pytest.approx(number.start, rel=1e-9)
        assert number.at(0.0) == pytest.approx(number.low)
        assert number.at(1.0) == pytest.approx(number.high)


def test_a_model_that_says_too_much_lies_above_and_one_that_says_too_little_below():
    row = _calibration_rows(("olmsted",))[0]
    high, low = (RowResult(row, row.value + by, 0.0) for by in (1.0, -1.0))
    assert _reach(high) > 0.0 > _reach(low)
    assert _reach(RowResult(row, None, None)) == 10.0


def test_the_search_finds_numbers_that_meet_the_rows(monkeypatch: pytest.MonkeyPatch):
    rows = _calibration_rows(("olmsted",))[:3]
    free = fitting._free_numbers()[:2]

    def answers(numbers: dict[str, float], *_: object) -> tuple[RowResult, ...]:
        off = [np.log(numbers[f.address] / f.at(0.6)) for f in free]
        stated = (off[0], off[1], off[0] + off[1])
        return tuple(
            RowResult(row, row.value * (1.0 + float(x)), 0.0) for row, x in zip(rows, stated, strict=True)
        )

    monkeypatch.setattr(fitting, "_evaluate", answers)
    monkeypatch.setattr(fitting, "_free_numbers", lambda: free)
    found = fitting.fit(n=10, steps=30)
    stated = found.as_dict()
    assert stated["misfit_after"] <= stated["misfit_before"]
    for number in free:
        assert number.share_of(found.values[number.address]) == pytest.approx(0.6, abs=0.12)


def test_values_are_written_where_they_stand_and_nothing_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(ROOT / "parameters", tmp_path / "parameters")
    monkeypatch.setattr(fitting, "ROOT", tmp_path)
    attack = "causes/dlrpn.severity"
    values = {attack: 1.234, f"{attack}~spread": 0.567, "bedside/walking.grade_per_step": 0.89}
    files = fitting.write_numbers(values)
    assert sorted(file.name for file in files) == ["dlrpn.yaml", "walking.yaml"]
    before = yaml.safe_load((ROOT / "parameters/causes/dlrpn.yaml").read_text())
    after = yaml.safe_load((tmp_path / "parameters/causes/dlrpn.yaml").read_text())
    assert after["severity"]["value"] == {"distribution": "lognormal", "median": 1.234, "sd_ln": 0.567}
    assert {**after, "severity": None} == {**before, "severity": None}
    walking = yaml.safe_load((tmp_path / "parameters/bedside/walking.yaml").read_text())
    assert walking["grade_per_step"]["value"] == 0.89


def test_a_number_in_another_form_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    number = dataclasses.replace(part("bedside/walking").number("grade_per_step"))
    with pytest.raises(EvidenceError, match="not written in a form that can be replaced"):
        fitting._replaced("grade_per_step: 1\n", "bedside/walking.grade_per_step", number, False, 1.0)
