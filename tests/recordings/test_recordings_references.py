"""Healthy values of conduction studies, and how people differ in them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.errors import EvidenceError
from garland.evidence import replaced
from garland.model.electrodiagnosis.nerve_conduction import (
    _common_sd_ln,
    _healthy_amplitude,
    _healthy_velocity,
    _slowing_of_stretches,
)
from garland.model.latents import draw
from garland.model.patient import complete, unknown_person
from garland.reference_values import HealthyStudies, _healthy, healthy_studies

A = load()
MOTOR, SENSORY = healthy_studies("motor"), healthy_studies("sensory")
CHANCE = draw(jax.random.key(21), 2000)


@pytest.mark.parametrize("healthy", [MOTOR, SENSORY])
def test_every_study_has_a_healthy_value_above_what_can_be_detected(healthy: HealthyStudies):
    assert (healthy.amplitude_ln > healthy.detectable_ln).all()
    assert (healthy.amplitude_sd_ln > 0).all()
    assert (healthy.latency_ms > 0).all()
    assert (healthy.velocity_m_s > 35.0).all()
    assert (healthy.velocity_m_s < 75.0).all()
    assert (healthy.amplitude_age_slope <= 0).all()


def test_a_study_without_reference_values_is_refused():
    with pytest.raises(EvidenceError, match="has no 'phrenic-diaphragm'"):
        _healthy(("phrenic-diaphragm",))


def test_arms_conduct_faster_than_legs():
    velocity = dict(zip(A.motor_study_ids, MOTOR.velocity_m_s, strict=True))
    assert velocity["ulnar-abductor-digiti-minimi"] > velocity["tibial-abductor-hallucis"]


def test_the_spread_between_people_is_less_than_the_whole_spread():
    with replaced({"recordings/conduction.laboratory_sd_ln": 0.0}):
        assert (_common_sd_ln(SENSORY) <= np.maximum(SENSORY.amplitude_sd_ln, 0.1)).all()


def test_people_spread_about_the_reference_as_the_reference_says():
    whole = complete(unknown_person()._replace(age_years=jnp.asarray(50.0)), CHANCE, 0.0)
    amplitude = np.asarray(_healthy_amplitude(whole, CHANCE["sensory_amplitude"], SENSORY))
    np.testing.assert_allclose(amplitude.std(axis=0), _common_sd_ln(SENSORY), rtol=0.08)
    velocity = np.asarray(_healthy_velocity(whole, CHANCE, MOTOR))
    assert 2.0 < velocity[:, 0].std() < 5.0


def test_a_stretch_without_a_site_of_its_own_slows_with_its_whole_nerve_but_not_with_one_place_on_it():
    study = A.motor_study("ulnar-abductor-digiti-minimi")
    elbow, wrist = A.site("ulnar-elbow"), A.site("ulnar-wrist")
    nerve = np.zeros((len(A.motor_study_ids), len(A.sites)), bool)
    nerve[study, [elbow, wrist]] = True
    forearm = 1
    assert not A.segment_incidence[study, forearm].any()
    at_elbow = jnp.zeros((1, 2, len(A.sites))).at[..., elbow].set(0.8)
    everywhere = at_elbow.at[..., wrist].set(0.5)
    focal = _slowing_of_stretches(at_elbow, A.segment_incidence, nerve)
    diffuse = _slowing_of_stretches(everywhere, A.segment_incidence, nerve)
    assert float(focal[0, 0, study, forearm]) == 0.0
    assert float(diffuse[0, 0, study, forearm]) == pytest.approx(0.5)
    assert float(focal[0, 0, study, 2]) == pytest.approx(0.8)
