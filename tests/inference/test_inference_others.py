"""That all the rest is normal never speaks for a cause that would have made it abnormal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from answers import Answer, Ask, more_likely
from small_cases import FOOT_DROP, foot_drop

from garland.model.diseases import DISEASES

WIDESPREAD = ("gbs", "cidp", "distal-polyneuropathy", "motor-neuron-disease", "myopathy")
STRENGTH = FOOT_DROP["examination"]["strength"]["right"]
OTHERS: dict[str, dict[str, Any]] = {
    "strength": {
        "examination": {"strength": {"right": {**STRENGTH, "others": "normal"}, "left": {"others": "normal"}}}
    },
    "needle": {"needle": {"others": "normal"}},
    "conduction": {"nerve_conduction": {"others": "normal"}},
    "sensation": {"examination": {"sensation": {"others": "normal"}}},
}
SPEAKS_AGAINST = {
    "strength": ("gbs", "cidp", "motor-neuron-disease", "myopathy"),
    "needle": ("gbs", "cidp", "motor-neuron-disease", "myopathy"),
    "conduction": ("gbs", "cidp", "distal-polyneuropathy"),
    "sensation": ("distal-polyneuropathy", "cidp"),
}
FOCAL = ("fibular", "sciatic", "radiculopathy-l5")
FREQUENCIES = {cause.name: float(cause.name in (*WIDESPREAD, *FOCAL)) for cause in DISEASES}


@pytest.fixture(scope="module")
def base(ask: Ask) -> Answer:
    """Answer the foot drop among the causes that matter here."""
    return ask(foot_drop(), particles=512, frequencies=FREQUENCIES)


@pytest.mark.parametrize("what", list(OTHERS))
def test_normal_others_speak_against_widespread_causes_of_a_foot_drop(base: Answer, what: str):
    stated = more_likely(base, foot_drop(), foot_drop(**OTHERS[what]), (*WIDESPREAD, *FOCAL))
    focal, focal_error = stated["fibular"]
    for name in SPEAKS_AGAINST[what]:
        mean, error = stated[name]
        assert mean <= focal * (1.0 + 3.0 * np.hypot(error, focal_error)), (name, mean, focal)


@pytest.mark.parametrize("what", list(OTHERS))
def test_normal_others_never_raise_a_widespread_cause_of_a_foot_drop(base: Answer, what: str):
    stated = more_likely(base, foot_drop(), foot_drop(**OTHERS[what]), (*WIDESPREAD, *FOCAL))
    before = {name: base.probability(name) for name in (*WIDESPREAD, *FOCAL)}
    total = sum(before[name] * stated[name][0] for name in before)
    for name in SPEAKS_AGAINST[what]:
        after = before[name] * stated[name][0] / total
        error = base.error(name) + after * stated[name][1]
        assert after <= before[name] + 3.0 * error + 0.005, (name, before[name], after)


def test_the_same_seed_gives_the_same_answer(ask: Ask, base: Answer):
    one, two = base.consult, ask(foot_drop(), again=1, particles=512, frequencies=FREQUENCIES).consult
    assert one.causes == two.causes
    assert one.lesions == two.lesions
    assert one.findings == two.findings
    assert one.next_tests == two.next_tests
    assert one.fit == two.fit


def test_a_cause_that_is_never_met_is_never_the_answer(base: Answer):
    assert base.probability("dlrpn") == 0.0
    assert base.consult.causes[0].name in FOCAL
