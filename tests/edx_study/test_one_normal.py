"""There is one normal: reader of words, planner of tests and printed tables have the same limits."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.edx_study.tables import _Judge
from garland.evidence import part
from garland.inference.candidate_tests import open_tests
from garland.inference.encode_recordings import _ConductionEncoder
from garland.model.electrodiagnosis.nerve_conduction import _healthy_latency, _healthy_velocity
from garland.model.findings import Address, study_measure
from garland.model.latents import draw
from garland.model.patient import complete, unknown_person
from garland.records.electrodiagnosis import ConductionResult, NerveConduction
from garland.reference_values import (
    REFERENCE_AGE_YEARS,
    REFERENCE_HEIGHT_CM,
    healthy_studies,
    limit_of,
    smallest_response_ln,
)

A = load()
BODIES = [(28.0, 158.0), (50.0, 170.0), (75.0, 190.0)]
TIMED = ("motor_latency", "motor_velocity", "sensory_latency", "sensory_velocity", "f_latency", "h_latency")


def cuts(age: float, height: float) -> dict[Address, float]:
    """Return where the planner divides normal from abnormal, by finding of the left side."""
    found = {}
    for test in open_tests(set(), age, height):
        for item in test.items:
            if item.where.side == 0 and item.where.field in (*TIMED, "cmap", "snap"):
                found[item.where] = item.cuts[-1]
    return found


def read_as(where: Address, word: str, age: float, height: float) -> tuple[float, float]:
    """Return the interval that a reader gives to a word on a finding."""
    study, measure, point = study_measure(where)
    field = {"latency": "distal_latency_ms", "velocity": "velocity_m_s", "f-latency": "f_latency_ms",
             "h-latency": "h_latency_ms"}[measure]  # fmt: skip
    row = {"study": study, "side": "left", field: word} | ({"stimulate": point} if point else {})
    table = NerveConduction(results=(ConductionResult.model_validate(row),))
    read = list(_ConductionEncoder(age, height).conduction(table))
    (one,) = [o for o in read if where in o.where]
    return one.low, one.high


@pytest.mark.parametrize("body", BODIES)
def test_planner_and_printed_table_have_one_limit(body: tuple[float, float]):
    for where, cut in cuts(*body).items():
        study, measure, point = study_measure(where)
        limit = limit_of(study, measure, *body, point=point)
        assert limit is not None
        least = smallest_response_ln(study) + 0.1 if measure == "amplitude" else -math.inf
        assert cut == pytest.approx(max(math.log(max(limit.value, 1e-9)), least)), where


@pytest.mark.parametrize("body", BODIES)
def test_what_a_reader_takes_for_slow_begins_at_that_limit(body: tuple[float, float]):
    for where, cut in cuts(*body).items():
        if where.field not in TIMED:
            continue
        slow = "reduced" if where.field.endswith("velocity") else "prolonged"
        low, high = read_as(where, slow, *body)
        assert (high if slow == "reduced" else low) == pytest.approx(cut), where


def test_the_fibular_velocity_of_an_old_tall_person_has_one_limit_whoever_asks():
    old, tall = 75.0, 190.0
    where = Address("motor_velocity", 0, "fibular-extensor-digitorum-brevis@1")
    cell = _Judge(old, tall).cell("fibular-extensor-digitorum-brevis", "velocity", 35.9)
    assert cuts(old, tall)[where] == pytest.approx(math.log(36.0))
    assert read_as(where, "reduced", old, tall)[1] == pytest.approx(math.log(36.0))
    assert (cell.limit, cell.mark) == ("≥ 36.0", "low")


def test_a_limit_that_is_a_centile_of_the_model_is_that_of_its_virtual_people():
    old, tall, n = 75.0, 190.0, 40_000
    latents = draw(jax.random.key(1), n)
    body = {"age_years": jnp.asarray(old), "height_cm": jnp.asarray(tall)}
    person = complete(unknown_person()._replace(**body), latents, 0.0)
    healthy = healthy_studies("motor")
    noise = np.random.default_rng(0).standard_normal(n)
    for study in ("femoral-rectus-femoris", "radial-extensor-indicis"):
        index = A.motor_study_ids.index(study)
        speed = np.asarray(_healthy_velocity(person, latents, healthy))[:, index]
        speed = speed * np.exp(healthy.velocity_repeat_ln[index] * noise)
        late = np.asarray(_healthy_latency(person, latents, healthy))[:, index]
        late = late * np.exp(healthy.latency_repeat_ln[index] * noise)
        slowest, latest = limit_of(study, "velocity", old, tall), limit_of(study, "latency", old, tall)
        assert slowest is not None
        assert latest is not None
        # Repeat variation is a share of a speed that height has lowered: the tail is a little shorter.
        assert slowest.value == pytest.approx(np.quantile(speed, 0.03), rel=0.025)
        assert latest.value == pytest.approx(np.quantile(late, 0.97), rel=0.03)


def test_the_reference_person_is_the_one_of_the_evidence():
    person = part("recordings/reference_limits").group("reference-person")
    assert (person.age_years, person.height_cm) == (REFERENCE_AGE_YEARS, REFERENCE_HEIGHT_CM)
