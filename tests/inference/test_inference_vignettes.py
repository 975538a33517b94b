"""Textbook patients are recognised: thirty records, written before the model was asked about any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from garland import consult
from garland.model.diseases import index_of
from garland.records import read_case

RECORDS = sorted((Path(__file__).resolve().parent.parent / "vignettes").glob("*.yaml"))
FIRST_AT_LEAST, ALARMS_AT_MOST = 28, 2
"""Textbook patients that are told right, and that the model may find odd."""


@dataclass(frozen=True)
class Row:
    """One patient: the true cause, where it stands, and how well the leading cause fits."""

    patient: str
    cause: str
    rank: int
    probability: float
    leader: str
    fits: bool
    fit: float

    def __str__(self) -> str:
        verdict = "fits" if self.fits else "nothing fits"
        first = "" if self.rank == 1 else f"  first: {self.leader}"
        return f"{self.patient:34}{self.rank:4}{self.probability:8.3f}{self.fit:8.3f}  {verdict}{first}"


Rows = Callable[[Path], Row]


def true_cause(record: Path) -> str:
    return record.stem.partition("-")[2]


def row_of(record: Path) -> Row:
    answer = consult(read_case(record))
    assert answer.causes, f"{record.stem}: {answer.summary}"
    order = sorted(answer.causes, key=lambda cause: -cause.probability)
    rank, found = next((n, c) for n, c in enumerate(order, 1) if c.name == true_cause(record))
    fit = answer.fit
    return Row(record.stem, found.name, rank, found.probability, order[0].name, fit.fits, fit.p_value)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """Consult a record once, whoever asks first."""
    known: dict[Path, Row] = {}

    def call(record: Path) -> Row:
        if record not in known:
            known[record] = row_of(record)
        return known[record]

    return call


def test_there_are_thirty_records_that_name_a_modelled_cause():
    assert len(RECORDS) == 30
    for record in RECORDS:
        case = read_case(record)
        index_of(true_cause(record))
        assert case.id == record.stem
        assert case.published.accepted_causes == (true_cause(record),)


@pytest.mark.slow
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_textbook_patient_has_an_answer(record: Path, rows: Rows):
    row = rows(record)
    print(row)  # pytest shows it with -rP, or where the test fails
    assert 0.0 <= row.probability <= 1.0
    assert 0.0 <= row.fit <= 1.0


@pytest.mark.slow
def test_the_true_cause_is_first_in_nearly_all_and_the_alarm_is_rare(rows: Rows):
    found = [rows(record) for record in RECORDS]
    first = sum(row.rank == 1 for row in found)
    alarms = sum(not row.fits for row in found)
    heading = f"{'patient':34}{'rank':>4}{'prob.':>8}{'fit':>8}"
    table = "\n".join(["", heading, *map(str, found), f"first in {first}, nothing fits in {alarms}"])
    print(table)
    assert first >= FIRST_AT_LEAST, table
    assert alarms <= ALARMS_AT_MOST, table
