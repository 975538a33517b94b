"""What an answer rests on is what was read for it, also where the numbers were read for an earlier answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from garland.evidence import all_numbers, numbers_at, part
from garland.evidence.provenance import numbers_read, remembered
from garland.programs import Compiled
from tests.programs import said_by

RATE, HAZARD = "fibres/regrowth.rate_mm_per_day", "recordings/conduction.drop_sd_ln"


def read(path: str) -> float:
    name, _, number = path.partition(".")
    return part(name).value(number)


def test_a_number_that_is_read_is_noted_and_others_of_its_file_are_not():
    with numbers_read() as found:
        read(RATE)
    assert found == {RATE}


@pytest.mark.parametrize("way", ["attribute", "item", "value", "number", "spread"])
def test_every_way_to_read_is_noted(way: str):
    group = part("recordings/reference_limits").group("sural")
    with numbers_read() as found:
        {
            "attribute": lambda: group.amplitude_ln,
            "item": lambda: group["amplitude_ln"],
            "value": lambda: group.value("amplitude_ln"),
            "number": lambda: group.number("amplitude_ln"),
            "spread": lambda: group.spread("amplitude_ln"),
        }[way]()
    assert found == {"recordings/reference_limits.sural.amplitude_ln"}


def test_nothing_is_noted_outside():
    with numbers_read() as found:
        pass
    read(RATE)
    assert found == set()


def test_an_answer_within_an_answer_tells_both():
    with numbers_read() as outer:
        read(HAZARD)
        with numbers_read() as inner:
            read(RATE)
    assert inner == {RATE}
    assert outer == {RATE, HAZARD}


def test_what_is_remembered_notes_its_numbers_again():
    calls = []

    @remembered
    def table(times: float) -> float:
        calls.append(times)
        return times * read(RATE)

    first = table(2.0)
    with numbers_read() as found:
        assert table(2.0) == first
    assert calls == [2.0]
    assert found == {RATE}


def test_a_compiled_program_notes_the_numbers_inside_it_on_every_call():
    program = Compiled(lambda day: day * read(RATE))
    first = program(jnp.arange(3.0))
    with numbers_read() as found:
        again = program(jnp.arange(3.0))
    np.testing.assert_array_equal(first, again)
    assert found == {RATE}


def test_programs_of_different_static_arguments_do_not_share_their_numbers():
    program = Compiled(lambda path, day: day * read(path), (0,))
    program(HAZARD, jnp.arange(3.0))
    with numbers_read() as found:
        program(RATE, jnp.arange(3.0))
    assert found == {RATE}


def test_a_thread_in_a_copy_of_the_context_tells_the_answer_that_started_it():
    with numbers_read() as found, ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, read, RATE).result()
    assert found == {RATE}


def test_numbers_are_found_by_path_in_the_order_of_the_evidence():
    paths = [number.path for number in all_numbers()]
    assert [number.path for number in numbers_at([paths[40], paths[3]])] == [paths[3], paths[40]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two consults and a course, in a process that also notes every number by itself."""
    folder = tmp_path_factory.mktemp("programs")  # of a program that is kept, nothing is read again
    return said_by(Path(__file__).with_name("every_read.py"), XDG_CACHE_HOME=str(folder))


def test_a_consult_rests_on_what_was_read_since_the_program_began(answers: dict[str, Any]):
    assert set(answers["first"]) == set(answers["read"])


def test_a_second_consult_rests_on_the_same_although_it_reads_less(answers: dict[str, Any]):
    assert answers["second"] == answers["first"]


def test_a_course_rests_on_no_number_of_another_disease(answers: dict[str, Any]):
    stations = {line.split(":")[0] for line in answers["course"]}
    assert {"fibres", "vessels", "bedside"} <= stations
    assert not {name for name in stations if name.startswith("causes/")} - {"causes/dlrpn"}
