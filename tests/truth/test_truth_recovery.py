"""How nerve and muscle recover: from near to far, by sprouts and by regrowth, often not fully."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import N, Seen, at_sites, cut, made, patients

from garland.model.diseases.lesion_process import _no_damage

DAYS = np.linspace(1.0, 1200.0, N).astype(np.float32)
ALL_ROOTS = [f"ventral-root-{root}" for root in ("l2", "l3", "l4", "l5", "s1", "s2")]


def on(seen: np.ndarray, day: float) -> float:
    return float(seen[np.argmin(np.abs(DAYS - day))])


@pytest.fixture(scope="module")
def severe() -> Seen:
    return cut(*ALL_ROOTS, day=DAYS, hazard=4.0)


@pytest.fixture(scope="module")
def partial() -> Seen:
    return cut("femoral-pelvic", day=DAYS, hazard=1.2)


def test_the_knee_recovers_before_the_ankle_after_a_proximal_lesion(severe: Seen):
    knee = severe("movement_strength", "knee-extension")
    ankle = severe("movement_strength", "ankle-dorsiflexion")
    assert on(knee, 400.0) > on(ankle, 400.0) + 0.5
    assert on(knee, 730.0) > on(ankle, 730.0)
    assert on(knee, 730.0) > 4.0


def test_the_small_muscles_of_the_foot_recover_least(severe: Seen):
    foot, calf = (severe("muscle_strength", m) for m in ("abductor-hallucis", "medial-gastrocnemius"))
    assert on(foot, 730.0) < on(calf, 730.0)


def test_strength_never_falls_once_the_lesion_is_complete(partial: Seen):
    assert (np.diff(partial("movement_strength", "knee-extension")) > -1e-3).all()


def test_motor_units_are_large_after_recovery(partial: Seen):
    amplitude = partial("muap_amplitude", "vastus-lateralis")
    assert on(amplitude, 10.0) == pytest.approx(0.0, abs=0.05)
    assert on(amplitude, 1000.0) > 0.25
    assert on(partial("muap_duration", "vastus-lateralis"), 1000.0) > 0.05


def test_polyphasia_is_the_mark_of_young_reinnervation(partial: Seen):
    polyphasia = partial("polyphasia", "vastus-lateralis")
    assert on(polyphasia, 10.0) < -1.0
    assert on(polyphasia, 150.0) > on(polyphasia, 10.0) + 0.5
    assert on(polyphasia, 1100.0) < on(polyphasia, 150.0)


def test_recruitment_stays_reduced_where_axons_are_missing(partial: Seen):
    recruitment = partial("recruitment", "vastus-lateralis")
    assert on(recruitment, 5.0) < -1.0
    assert on(recruitment, 1100.0) > on(recruitment, 5.0)


def test_block_clears_within_months_and_leaves_nothing():
    block = at_sites({"common-fibular": 2.5})
    affected = made(_no_damage(N)._replace(block=block, span_day=jnp.full((N,), 0.5)), DAYS)
    strength = affected("movement_strength", "ankle-dorsiflexion")
    assert on(strength, 1.0) < 4.0
    assert on(strength, 365.0) == pytest.approx(5.4, abs=0.02)
    assert affected("fibrillation", "tibialis-anterior").max() < 0.0


def test_in_motor_neuron_disease_axons_never_come_back():
    early, late = (patients("motor-neuron-disease", day).course.muscle.axons for day in (100.0, 900.0))
    assert float((late - early).max()) < 1e-4
    assert float(late.mean()) < float(early.mean())


def test_a_radiculoplexus_neuropathy_worsens_and_then_improves():
    def weakest(day: float) -> float:
        seen = patients("dlrpn", day)
        return float(np.mean(seen("movement_strength", "knee-extension")))

    start, low, end = weakest(3.0), weakest(100.0), weakest(1000.0)
    assert low < start - 0.3
    assert end > low + 0.3
    assert end < 5.4
