"""Changes of a record: which ones the experiment makes, and what it makes of their answers."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from experiments.changes import FIRST_SEED, changes, leaves, record, summary, turned
from garland.inference.encode_case import _encode_case
from garland.records import shipped_case, shipped_cases
from garland.records.reading import _case_mapping


def change(kind: str, share: float, away: float, error: float = 0.005) -> dict[str, object]:
    figures = {"share": share, "away": away, "error": error, "printed": 0.01, "cpu_ms": 30.0, "wall_ms": 40.0}
    return {"kind": kind, **figures}


def test_every_published_record_is_asked_and_every_fifth_is_a_virtual_patient():
    names = [record(FIRST_SEED + place).id for place in range(4)]
    assert names == [name for name, _ in shipped_cases()[:4]]
    assert record(FIRST_SEED + 28).id == shipped_cases()[23][0]


def test_findings_are_left_out_as_values_or_rows_and_days_never_are():
    paths = [path for path, _ in leaves(_case_mapping(shipped_case("04")))]
    assert "visits[0].examination.reflexes.right.knee" in paths
    assert "visits[0].needle.results[2]" in paths
    assert not any("day" in path for path in paths)


def test_changes_are_of_both_kinds_valid_and_noticed_by_the_model():
    case = shipped_case("04")
    found = list(islice(changes(case, 3), 7))
    assert {kind for kind, _, _ in found} == {"left out", "turned"}
    seen = _encode_case(case, notes=False).visits
    assert all(_encode_case(other, notes=False).visits != seen for _, _, other in found)


def test_a_result_is_turned_into_another_one():
    path = "visits[0].examination.reflexes.right.knee"
    other = turned(shipped_case("04"), path, "reduced", np.random.default_rng(0))
    assert other is not None
    assert other.visits[0].examination.reflexes != shipped_case("04").visits[0].examination.reflexes


def test_figures_are_told_of_all_changes_and_of_those_with_enough_share():
    some = [change("turned", 0.9, 0.01), change("added", 0.1, 0.2), change("left out", 0.8, 0.04, 0.03)]
    found = summary([{"noise": 0.01, "changes": [*some, change("turned", 0.7, 0.02)]}])
    assert found["changes"] == 4
    assert found["near"] == found["trusted"] == pytest.approx(0.5)
    assert found["with_enough_share"] == pytest.approx(0.75)
    assert found["near_with_enough_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["near_trusted"] == found["soon"] == 1.0
