"""Protein of the cerebrospinal fluid."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.model.axons.state import axon_state
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.electrodiagnosis.laboratory import _leak_share, csf_protein_mg_dl
from garland.model.latents import Latents, draw
from garland.model.patient import Person, complete, unknown_person
from garland.model.patterns import sites_by_part
from tests.compiling import for_few_calls
from tests.truth.signs_in_full import _leak_ode

N = 400
LUCK = draw(jax.random.key(2), N)
fibres = for_few_calls(axon_state)


def people(diabetes: float, years: float | np.ndarray) -> Person:
    known = {"age_years": 60.0, "diabetes": diabetes, "diabetes_years": years, "hba1c_percent": 6.5}
    fields = {name: jnp.asarray(value, jnp.float32) for name, value in known.items()}
    return complete(unknown_person()._replace(**fields), LUCK, float("nan"))


def protein(person: Person, lesion_process: LesionProcess, day: float, luck: Latents = LUCK) -> np.ndarray:
    days = jnp.full((N,), day)
    return np.asarray(
        csf_protein_mg_dl(person, luck, lesion_process, fibres(person, luck, lesion_process, days), days)
    )


def affected(part: str) -> LesionProcess:
    loss = jnp.broadcast_to(0.3 * sites_by_part(part), _no_damage(N).axon_loss.shape)
    return _no_damage(N)._replace(axon_loss=loss, span_day=jnp.full((N,), 30.0))


@pytest.mark.parametrize("gradual", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("span", [5.0, 40.0, 58.0, 62.0, 400.0])
def test_the_closed_form_of_the_leak_is_the_solution_of_its_equation(span: float, gradual: float):
    days = np.array([1.0, 10.0, 30.0, 60.0, 150.0, 500.0])
    closed = _leak_share(jnp.asarray(days, jnp.float32), jnp.asarray(span), 120.0, gradual)
    np.testing.assert_allclose(closed, _leak_ode(days, span, 120.0, gradual), atol=0.01)


def test_nothing_leaks_before_the_damage():
    assert float(_leak_share(jnp.asarray(-3.0), jnp.asarray(10.0), 120.0)) == 0.0


def test_protein_in_health_is_normal_and_in_diabetes_as_published():
    healthy = protein(people(0.0, 0.0), _no_damage(N), 30.0)
    diabetic = protein(people(1.0, 10.0), _no_damage(N), 30.0)
    assert 34.0 < np.median(healthy) < 42.0
    assert 47.0 < np.median(diabetic) < 58.0


def test_protein_goes_with_the_years_of_diabetes_as_published():
    years = np.clip(np.random.default_rng(3).normal(11.0, 8.0, N), 0.2, 30.0)
    value = protein(people(1.0, years), _no_damage(N), 30.0)
    assert np.corrcoef(np.log(value), years)[0, 1] == pytest.approx(0.642, abs=0.12)


def test_damaged_roots_leak_and_damaged_nerves_do_not():
    person = people(1.0, 8.0)
    rest = protein(person, _no_damage(N), 60.0)
    np.testing.assert_allclose(protein(person, affected("nerve"), 60.0), rest, rtol=1e-5)
    assert (protein(person, affected("root"), 60.0) > 1.3 * rest).all()


def test_protein_falls_back_within_two_years():
    person = people(1.0, 8.0)
    rest = protein(person, _no_damage(N), 60.0)
    peak, late = protein(person, affected("root"), 60.0), protein(person, affected("root"), 730.0)
    assert (late < rest + 0.1 * (peak - rest)).all()
