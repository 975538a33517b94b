"""What an answer rests on is what was read for it, also where the numbers were read for an earlier answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import jax.numpy as jnp
import numpy as np

from garland.evidence import part
from garland.evidence.provenance import Compiled, numbers_read, remembered

REGROWTH, INJURY = "fibres/regrowth", "fibres/injury"


def test_a_part_that_is_read_is_noted():
    with numbers_read() as found:
        part(REGROWTH)
    assert found == {REGROWTH}


def test_nothing_is_noted_outside():
    with numbers_read() as found:
        pass
    part(REGROWTH)
    assert found == set()


def test_an_answer_within_an_answer_tells_both():
    with numbers_read() as outer:
        part(INJURY)
        with numbers_read() as inner:
            part(REGROWTH)
    assert inner == {REGROWTH}
    assert outer == {REGROWTH, INJURY}


def test_what_isremembered_notes_its_parts_again():
    calls = []

    @remembered
    def table(times: float) -> float:
        calls.append(times)
        return times * part(REGROWTH).value("rate_mm_per_day")

    first = table(2.0)
    with numbers_read() as found:
        assert table(2.0) == first
    assert calls == [2.0]
    assert found == {REGROWTH}


def test_a_compiled_program_notes_the_numbers_inside_it_on_every_call():
    program = Compiled(lambda day: day * part(REGROWTH).value("rate_mm_per_day"))
    first = program(jnp.arange(3.0))
    with numbers_read() as found:
        again = program(jnp.arange(3.0))
    np.testing.assert_array_equal(first, again)
    assert found == {REGROWTH}


def test_a_thread_in_a_copy_of_the_context_tells_the_answer_that_started_it():
    with numbers_read() as found, ThreadPoolExecutor(1) as pool:
        pool.submit(copy_context().run, part, REGROWTH).result()
    assert found == {REGROWTH}
