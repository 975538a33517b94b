"""How the answer moves with the prior, against posteriors worked out anew."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from garland.inference.record_checks import PriorSensitivity, _commoner, _other_prior, _sensitivity
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.prior import SETTINGS, prior
from garland.model.patient import unknown_person

HERE = "emg-laboratory"
DLRPN, FEMORAL = index_of("dlrpn"), index_of("femoral")


def answer(log_evidence: dict[str, float]) -> Any:
    """Return a posterior with this evidence; causes not named have very little."""
    evidence = np.full(len(DISEASES), -60.0)
    for name, value in log_evidence.items():
        evidence[index_of(name)] = value
    before = prior(unknown_person(), HERE)
    weight = before * np.exp(evidence)
    probability = weight / weight.sum()
    order = [int(i) for i in np.argsort(-probability, kind="stable")]
    return SimpleNamespace(prior=before, probability=probability, order=order, log_evidence=evidence)


def stated(log_evidence: dict[str, float]) -> PriorSensitivity:
    return _sensitivity(answer(log_evidence), unknown_person(), HERE)


def test_another_prior_gives_what_the_evidence_says_under_it():
    found = answer({"dlrpn": 0.0, "femoral": -1.0})
    instead = prior(unknown_person(), "spine-clinic")
    weight = instead * np.exp(found.log_evidence)
    np.testing.assert_allclose(
        _other_prior(found.probability, found.prior, instead), weight / weight.sum(), rtol=1e-9
    )


def test_a_cause_that_was_impossible_stays_impossible():
    before, probability = np.array([0.5, 0.5, 0.0]), np.array([0.9, 0.1, 0.0])
    assert _other_prior(probability, before, np.array([0.2, 0.2, 0.6]))[2] == 0.0


def test_an_answer_that_no_cause_of_the_other_prior_can_give_is_kept():
    probability = np.array([1.0, 0.0])
    np.testing.assert_array_equal(_other_prior(probability, probability, np.array([0.0, 1.0])), probability)


def test_odds_of_a_cause_three_times_as_common_are_three_times_as_high():
    row = _commoner(np.array([0.5, 0.2, 0.0, 1.0]), 3.0)
    assert row[0] / (1.0 - row[0]) == pytest.approx(3.0)
    assert row[1] / (1.0 - row[1]) == pytest.approx(0.75)
    assert (row[2], row[3]) == (0.0, 1.0)


def test_the_range_holds_the_answer_and_the_answer_in_every_setting():
    for row in stated({"dlrpn": 0.0, "femoral": -1.0, "radiculopathy-l4": -2.0}).causes:
        assert 0.0 <= row.low <= row.probability <= row.high <= 1.0
        assert set(row.by_setting) == set(SETTINGS)
        assert all(row.low <= p <= row.high for p in row.by_setting.values())


def test_the_leader_made_rarer_by_the_stated_factor_is_level_with_the_runner_up():
    found = answer({"dlrpn": 0.0, "femoral": -1.0})
    result = _sensitivity(found, unknown_person(), HERE)
    first, second = found.order[:2]
    weight = found.probability.copy()
    weight[first] /= result.rarer
    assert weight[first] == pytest.approx(weight[second])


def test_a_firm_lead_and_a_bare_one_are_put_into_words():
    assert "a thousand times rarer" in stated({"dlrpn": 0.0}).message
    evidence = {"dlrpn": -float(np.log(prior(unknown_person(), HERE)[DLRPN]))}
    evidence["femoral"] = -float(np.log(prior(unknown_person(), HERE)[FEMORAL]))
    assert "the prior decides" in stated(evidence).message
    evidence["dlrpn"] += np.log(6.0)
    message = stated(evidence).message
    assert message.startswith("Diabetic lumbosacral radiculoplexus neuropathy would still lead if it were")
    assert "6.0 times rarer" in message or "5.9 times rarer" in message
    evidence["dlrpn"] += np.log(5.0)
    assert "29 times rarer" in stated(evidence).message or "30 times rarer" in stated(evidence).message


def test_a_setting_in_which_another_cause_leads_is_named():
    mine, spine = (prior(unknown_person(), place) for place in (HERE, "spine-clinic"))
    gain = spine / mine
    lead, other = int(np.argmin(gain)), int(np.argmax(gain))
    evidence = {DISEASES[lead].name: -np.log(mine[lead]) + 0.2, DISEASES[other].name: -np.log(mine[other])}
    result = stated({name: float(value) for name, value in evidence.items()})
    assert result.leaders["spine-clinic"] == DISEASES[other].title
    assert f"In the setting spine-clinic, {DISEASES[other].title} would lead" in result.message


def test_causes_that_matter_under_no_prior_are_left_out():
    assert {row.name for row in stated({"dlrpn": 0.0, "femoral": -1.0}).causes} <= {"dlrpn", "femoral"}
