"""Two diseases at once as a hypothesis of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from garland.inference.consult import Asked, consult
from garland.inference.laplace import _MixtureProposal
from garland.inference.likelihood import _Pair
from garland.inference.posterior import Posterior, _from_evidence
from garland.inference.result import Consult
from garland.inference.smc import GROUP, Particles
from garland.inference.two_diseases import _joint, _laid_over, _shares, _Weighed
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import N_FINDINGS, Address, column
from garland.model.latents import N_LATENTS
from garland.report.consult.selection import _together_words
from tests.inference.small_cases import small_case

HEREDITARY, FIBULAR = index_of("hereditary-demyelinating"), index_of("fibular")
SLOW_NERVES = {
    "history": {"age_at_onset_years": 15},
    "examination": {
        "pes_cavus": True,
        "reflexes": {"both": {"ankle": "absent", "knee": "absent"}},
        "strength": {
            "right": {"knee-extension": 1, "hip-flexion": 5, "hip-adduction": 5, "ankle-dorsiflexion": 4},
            "left": {"knee-extension": 5, "hip-flexion": 5, "hip-adduction": 5, "ankle-dorsiflexion": 4},
        },
    },
    "nerve_conduction": {
        "results": [
            {"study": "arm-motor", "side": "both", "velocity_m_s": 22},
            {"study": "all-sensory", "side": "both", "amplitude_uv": "absent"},
            {"study": "femoral-vastus-medialis", "side": "right", "amplitude_mv": "absent"},
            {"study": "femoral-vastus-medialis", "side": "left", "amplitude_mv": "normal"},
        ]
    },
    "needle": {
        "results": [
            {"muscle": "vastus-lateralis", "side": "right", "fibrillations": 3, "recruitment": "none"},
            {"muscle": "vastus-lateralis", "side": "left", "fibrillations": 0, "recruitment": "normal"},
            {"muscle": "iliopsoas", "side": "right", "fibrillations": 0, "recruitment": "normal"},
        ]
    },
}


def flat_posterior(evidence: float = -10.0) -> Posterior:
    """Return a posterior in which every cause has the same prior, evidence and no error."""
    n = len(DISEASES)
    prior = np.full(n, 1.0 / n)
    pairs = np.stack([np.full(n, evidence), np.zeros(n)], axis=1)
    return _from_evidence(prior, np.log(prior), pairs, {c: cloud(c, evidence) for c in range(n)})


def cloud(cause: int | _Pair, evidence: float) -> Particles:
    """Return patients whose log evidence is known exactly."""
    width = N_LATENTS * (2 if isinstance(cause, _Pair) else 1)
    zeros, groups = np.zeros(2 * GROUP), np.full(2, evidence)
    base = _MixtureProposal(diseases=width // N_LATENTS)
    return Particles(cause, base, np.zeros((2 * GROUP, width), np.float32), zeros, zeros, groups, 1.0, 2)


def test_every_pair_has_two_causes_and_a_share_that_is_small():
    for pair, share in _shares().items():
        assert pair.first != pair.second
        assert DISEASES[pair.first].name != "none"
        assert 0.0 < share < 0.3


@pytest.mark.parametrize("gain", [-3.0, 0.0, 4.0])
def test_a_pair_adds_to_its_first_cause_what_its_share_and_evidence_say(gain: float):
    pair, share = _Pair(FIBULAR, HEREDITARY, True), 0.05
    found = _joint(flat_posterior(), [_Weighed(pair, share, cloud(pair, -10.0 + gain))])
    odds = (1.0 - share) + share * np.exp(gain)
    n = len(DISEASES)
    assert found.posterior.probability[FIBULAR] == pytest.approx(odds / (odds + n - 1.0))
    assert found.pairs[pair][0] == pytest.approx(share * np.exp(gain) / (odds + n - 1.0))
    assert found.posterior.probability.sum() == pytest.approx(1.0)


def test_the_patients_of_a_cause_have_both_diseases_where_that_is_likelier():
    pair = _Pair(FIBULAR, HEREDITARY, True)
    for gain, expected in ((0.0, FIBULAR), (6.0, pair)):
        found = _joint(flat_posterior(), [_Weighed(pair, 0.05, cloud(pair, -10.0 + gain))])
        assert found.posterior.clouds[FIBULAR].cause == expected


def test_laid_over_departures_add_up_and_words_take_the_likelier():
    healthy, one, other = (np.zeros(N_FINDINGS, np.float32) for _ in range(3))
    strength = column(Address("movement_strength", 0, "knee-extension"))
    trauma = column(Address("history", None, "trauma"))
    healthy[strength], one[strength], other[strength] = 5.0, 4.0, 3.5
    one[trauma], other[trauma] = -1.0, 0.5
    over = _laid_over(one, other[None], healthy)[0]
    assert over[strength] == pytest.approx(2.5)
    assert over[trauma] == pytest.approx(0.5)


@pytest.fixture(scope="module")
def answer() -> Consult:
    return consult(
        small_case(SLOW_NERVES["history"], **{k: SLOW_NERVES[k] for k in SLOW_NERVES if k != "history"})
    )


def test_a_palsy_on_an_old_polyneuropathy_is_told_with_both_names(answer: Consult):
    first = answer.together[0]
    assert set(first.names) == {"femoral", "hereditary-demyelinating"}
    assert first.since_long
    assert first.probability > 0.5
    assert "together with" in answer.summary


def test_each_finding_goes_to_the_disease_that_it_needs(answer: Consult):
    first = answer.together[0]
    assert any("vastus" in label for label in first.by_first)
    assert any("velocity" in label or "SNAP" in label for label in first.by_second)
    assert not any("SNAP" in label or "reflex" in label for label in first.by_first)
    head, parts = _together_words(first)
    assert "there for long" in head
    assert "The second is needed for" in parts


def test_probabilities_still_add_up(answer: Consult):
    assert sum(cause.probability for cause in answer.causes) == pytest.approx(1.0)
    pairs = [pair for pair in answer.together if pair.names[0] == answer.causes[0].name]
    assert sum(pair.probability for pair in pairs) <= answer.causes[0].probability + 1e-6


def test_a_virtual_patient_and_named_frequencies_have_one_disease():
    case = small_case(examination=SLOW_NERVES["examination"])
    virtual = case.model_copy(update={"simulated": True})
    assert consult(virtual).together == ()
    assert consult(case, replace(Asked(), frequencies={"femoral": 10.0})).together == ()
