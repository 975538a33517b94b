"""A consult of any valid case ends with an answer that holds together; more in -m experiments.any_case."""

from __future__ import annotations

import pytest
from any_answer import answered
from hypothesis import given, settings
from random_valid_cases import EVERY, case_of, cases

from garland.inference.encode_case import _encode_case
from garland.records import Case
from garland.records.reading import _case_mapping, parse_case


@settings(EVERY, max_examples=40, derandomize=True)
@given(cases())
def test_any_valid_case_can_be_read_and_written(case: Case):
    assert parse_case(_case_mapping(case)) == case
    found = _encode_case(case)
    assert len(found.visits) == len(case.visits) == len(found.timings)
    assert not [o.label for visit in found.visits for o in visit if not o.where or o.low > o.high]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 5))
def test_any_valid_case_gets_an_answer_that_holds_together(number: int):
    answered(case_of(number), closely=number == 1)
