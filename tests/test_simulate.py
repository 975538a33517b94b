"""The spine: one patient is one patient, alone or among others, today or again."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.errors import InputError
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, SIDED, UNSIDED, Address, column, noise_sd
from garland.model.latents import Latents, draw
from garland.model.patient import unknown_person
from garland.model.simulate import expected_findings, state_on_day
from garland.reference_values import mean_and_spread
from tests.compiling import FEW_CALLS

Model = Callable[[int, Latents], np.ndarray]
PATIENTS = draw(jax.random.key(11), 4)


@pytest.fixture(scope="module")
def model() -> Model:
    compiled = jax.jit(lambda *person: expected_findings(state_on_day(*person)), compiler_options=FEW_CALLS)

    def at_day_60(cause: int, latents: Latents) -> np.ndarray:
        day = jnp.full((latents.vector.shape[0],), 60.0)
        return np.asarray(compiled(unknown_person(), jnp.asarray(cause), latents, day))

    return at_day_60


def test_every_cause_gives_a_number_for_every_finding(model: Model):
    for cause in range(len(DISEASES)):
        found = model(cause, PATIENTS)
        assert found.shape == (4, N_FINDINGS)
        assert np.isfinite(found).all(), DISEASES[cause].name


def test_the_same_chance_makes_the_same_patient(model: Model):
    np.testing.assert_array_equal(model(0, PATIENTS), model(0, PATIENTS))


def test_a_batch_equals_its_patients_one_by_one(model: Model):
    for cause in (0, 9, 22, 28):
        together = model(cause, PATIENTS)
        alone = [model(cause, Latents(PATIENTS.vector[i : i + 1]))[0] for i in range(4)]
        np.testing.assert_allclose(together, alone, rtol=1e-3, atol=1e-3)


def test_a_patient_does_not_change_with_the_others_in_the_batch(model: Model):
    others = Latents(PATIENTS.vector.at[1:].multiply(-1.0))
    np.testing.assert_allclose(model(0, others)[0], model(0, PATIENTS)[0], atol=1e-5)


def test_every_finding_has_its_own_place():
    sided = [(field, side, item) for field in SIDED for side in (0, 1) for item in SIDED[field]]
    unsided = [(field, None, item) for field in UNSIDED for item in UNSIDED[field]]
    places = [column(Address(*address)) for address in sided + unsided]
    assert sorted(places) == list(range(N_FINDINGS))


def test_every_finding_has_a_positive_noise():
    assert noise_sd().shape == (N_FINDINGS,)
    assert (noise_sd() > 0).all()


def test_an_unknown_kind_of_finding_is_refused():
    with pytest.raises(InputError, match="is not a kind of finding"):
        column(Address("reflexes", 0, "knee"))


def test_an_unknown_item_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="knee"):
        column(Address("reflex", 0, "kneee"))


def test_amplitudes_of_healthy_people_fall_with_age():
    young, old = (mean_and_spread("sural", "amplitude", age, 170.0)[0] for age in (30.0, 80.0))
    assert young > old
