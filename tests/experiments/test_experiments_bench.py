"""The table of costs: times in units of a workload, beside what was kept, on a quiet machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments import bench, bench_rows
from experiments.bench_rows import Clock, Row, Spent


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock whose unit takes 2 s, of which the processor works 0.5 s."""
    monkeypatch.setattr(bench_rows, "unit", lambda: Spent(2.0, 0.5))
    return Clock()


def test_a_time_is_compared_in_units_and_anything_else_as_it_is(clock: Clock):
    clock.add_spent("a consult", Spent(8.0, 8.0))
    clock.add("a patient", 50.0, "us CPU")
    clock.add("a consult", 600.0, "MB")
    assert [row.ratio for row in clock.done()] == pytest.approx([4.0, 16.0, 1e-4, 600.0])


def test_many_answers_are_told_by_median_tail_and_worst(clock: Clock):
    spent = [Spent(float(second), 1.0) for second in range(1, 102)]
    bench_rows.add_distribution(clock, "cases", spent, [10] * 101)
    found = {(row.name, row.unit): row.value for row in clock.done()}
    assert found["cases, median", "s wall"] == 51.0
    assert found["cases, 95th percentile", "s wall"] == 96.0
    assert found["cases, worst", "s wall"] == 101.0
    assert found["cases, all", "patients"] == 1010


def test_a_row_stands_beside_what_was_kept():
    row = Row("consult 04, second start", 5.0, "s wall", 10.0)
    before = {"rows": {"consult 04, second start [s wall]": {"value": 8.0, "ratio": 20.0}}}
    assert bench.line(row, before).split() == [
        "consult", "04,", "second", "start", "5", "s", "wall", "8", "0.50", "wanted:", "4", "or", "less",
    ]  # fmt: skip
    assert bench.line(row, {}).split()[7:9] == ["-", "-"]


def test_what_was_nothing_before_and_is_nothing_now_is_the_same():
    row = Row("shipped cases, without answer", 0.0, "cases", 0.0)
    before = {"rows": {bench.key(row): {"value": 0.0, "ratio": 0.0}}}
    assert bench.line(row, before).endswith("1.00")


def test_a_table_is_kept_on_a_quiet_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench, "BASELINE", tmp_path / "baseline.json")
    monkeypatch.setattr(bench, "unit", lambda: Spent(0.5, 0.5))
    rows = [Row("a consult", 600.0, "MB", 600.0)]
    assert bench.kept(rows, quiet=False, began=(9.0, 9.0, 9.0)).startswith("not kept")
    assert not bench.BASELINE.exists()
    bench.kept(rows, quiet=True, began=(0.1, 0.2, 0.3))
    content = json.loads(bench.BASELINE.read_text())
    assert content["rows"] == {"a consult [MB]": {"value": 600.0, "ratio": 600.0}}
    assert content["load"] == [0.1, 0.2, 0.3]
    assert bench.line(rows[0], content).endswith("1.00")


@pytest.mark.parametrize(
    ("load", "taken", "quiet"),
    [(0.1, Spent(1.0, 1.0), True), (90.0, Spent(1.0, 1.0), False), (0.1, Spent(1.5, 1.0), False)],
)
def test_a_machine_is_quiet_where_the_workload_has_a_processor_for_itself(
    monkeypatch: pytest.MonkeyPatch, load: float, taken: Spent, quiet: bool
):
    monkeypatch.setattr(bench, "unit", lambda: taken)
    monkeypatch.setattr(bench.os, "cpu_count", lambda: 2)
    assert bench.is_quiet((load, load, load)) is quiet


def test_the_workload_is_work_of_the_processor():
    taken = bench_rows.unit()
    assert 0.0 < taken.cpu <= 1.2 * taken.wall
