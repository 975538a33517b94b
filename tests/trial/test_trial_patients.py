"""Who enters, and how the model's patients do under every arm and truth (runs the model)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from synthetic import OUTCOMES, spec

from garland.errors import InputError
from garland.evidence import part
from garland.model.latents import N_LATENTS, Latents, place_of
from garland.model.treatment.analgesics import _drug_hazard, relief
from garland.model.treatment.schedule import from_plan
from garland.model.treatment.untried import hold, pain_hold
from garland.progress import listening
from garland.trials import potential_outcomes
from garland.trials.potential_outcomes import MEASURES, _Bank, _block_path, _care, _make_bank, _score_of
from garland.trials.spec import TrialSpec

ELIGIBLE: dict[str, Any] = {
    "age_years": [40, 80],
    "least_nis": 10,
    "least_pain_nrs": 4,
    "walking": "needs-help",
}


def plan(**changes: Any) -> TrialSpec:
    same = {
        "arms": {"drug": "methylprednisolone 1 g/wk from day 0 for 12 wk", "twin": "none", "placebo": "none"},
        "compared": "drug",
        "control": "placebo",
        "patients": 60,
        "bank": 120,
        "blinded": True,
        "eligibility": ELIGIBLE,
        "outcome": OUTCOMES["nis-gain"],
        "truths": {"strong": {"attack": 0.5, "pain": 0.4}},
    }
    return spec(**(same | changes))


@pytest.fixture(scope="module")
def made() -> _Bank:
    return _make_bank(plan())


def test_everybody_in_the_bank_is_eligible(made: _Bank):
    assert made.size == 120
    assert made.people["age_years"].min() >= 40.0
    assert made.people["age_years"].max() <= 80.0
    assert (made.people["diabetes"] == 1.0).all()
    assert (made.people["death_day"] > 0.0).all()
    entry = {name: made.life(name, "none", "placebo")[0] for name in MEASURES}
    assert entry["nis"].min() >= 10.0
    assert entry["pain_nrs"].min() >= 4.0
    assert entry["walks_alone"].max() <= 0.5
    assert made.refused["age"] > 0
    assert made.screened >= made.size + sum(made.refused.values())


def test_without_a_difference_every_arm_is_the_control(made: _Bank):
    for name in MEASURES:
        for arm in ("drug", "twin"):
            assert np.array_equal(made.life(name, "none", arm), made.life(name, "none", "placebo"))


def test_the_same_chance_makes_an_arm_like_the_control_the_same_and_entry_the_same_in_all(made: _Bank):
    for name in MEASURES:
        control = made.life(name, "strong", "placebo")
        assert np.array_equal(made.life(name, "strong", "twin"), control)
        assert np.array_equal(made.life(name, "strong", "placebo"), made.life(name, "none", "placebo"))
        assert np.allclose(made.life(name, "strong", "drug")[0], control[0], atol=1e-3)


def test_a_drug_that_holds_back_damage_and_pain_leaves_less_of_both_in_everybody(made: _Bank):
    drug, control = (made.life("nis", "strong", arm) for arm in ("drug", "placebo"))
    assert (drug[-1] <= control[-1] + 0.1).all()
    assert (drug[-1] - control[-1]).mean() < -1.0
    pain = made.life("pain_nrs", "strong", "drug")[1] - made.life("pain_nrs", "strong", "placebo")[1]
    assert pain.mean() < -0.5


def test_the_same_seed_gives_the_same_patients(made: _Bank):
    again = _make_bank(plan(truths={}, bank=100))
    for name in MEASURES:
        assert np.array_equal(
            again.life(name, "none", "placebo"), made.life(name, "none", "placebo")[:, :100]
        )


def test_patients_drawn_before_a_stop_are_kept_and_not_drawn_again(
    made: _Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wanted = plan(truths={}, bank=100)

    def stop(words: str, share: float | None) -> None:
        if share is not None:
            raise KeyboardInterrupt(words)

    with listening(stop), pytest.raises(KeyboardInterrupt, match="eligible"):
        _make_bank(wanted, tmp_path)
    assert _block_path(tmp_path, 0).exists()
    drawn: list[int] = []
    original = potential_outcomes._block
    monkeypatch.setattr(
        potential_outcomes, "_block", lambda spec, mix, at: drawn.append(at) or original(spec, mix, at)
    )
    again = _make_bank(wanted, folder=tmp_path)
    assert drawn[0] == 1
    for name in MEASURES:
        assert np.array_equal(
            again.life(name, "none", "placebo"), made.life(name, "none", "placebo")[:, :100]
        )


def test_a_blinded_control_has_the_placebo_response_of_pain(made: _Bank):
    opened = _make_bank(plan(blinded=False, truths={}, bank=100))
    blind = made.life("pain_nrs", "none", "placebo")[:, :100]
    assert np.array_equal(opened.life("pain_nrs", "none", "placebo")[0], blind[0])
    assert (opened.life("pain_nrs", "none", "placebo")[1] - blind[1]).mean() > 0.3
    assert np.array_equal(opened.life("nis", "none", "placebo"), made.life("nis", "none", "placebo")[:, :100])


def test_a_blinded_arm_without_an_analgesic_has_exactly_the_placebo_response_and_no_dose():
    blind = _care(plan(), "placebo")
    assert {name for name, given in blind._asdict().items() if given[0] > 0.0} == {"placebo"}
    latents = Latents(jnp.asarray(np.random.default_rng(0).standard_normal((200, N_LATENTS)), jnp.float32))
    p, day = part("care/analgesics"), 84.0
    logit = p.value("placebo_logit") + p.value("placebo_logit_sd") * latents["placebo"]
    come_on = -np.expm1(-day / p.table("onset_day")["placebo"])
    assert np.allclose(relief(blind, latents, day), come_on / (1.0 + np.exp(-np.asarray(logit))), atol=1e-6)
    assert (_drug_hazard(blind, latents, day) == 0.0).all()
    assert (relief(_care(plan(blinded=False), "placebo"), latents, day) == 0.0).all()
    assert (relief(blind, latents, 0.0) == 0.0).all()


@pytest.mark.parametrize("wanted", [-0.4, 0.0, 0.3, 0.5])
@pytest.mark.parametrize("dose", ["methylprednisolone 1 g/wk from day 0", "prednisone 40 mg/d from day 0"])
def test_a_fixed_answer_is_the_effect_that_the_model_then_has(wanted: float, dose: str):
    treatment = from_plan(spec(arms={"drug": dose, "placebo": "none"}).plan("drug"))
    vector = np.zeros((1, N_LATENTS), np.float32)
    vector[:, place_of("immunotherapy")] = [
        _score_of(treatment, wanted, "attack"),
        _score_of(treatment, wanted, "pain"),
    ]
    latents = Latents(jnp.asarray(vector))
    assert float(hold(treatment, latents).effect[0]) == pytest.approx(wanted, abs=1e-5)
    assert float(pain_hold(treatment, latents, 5000.0)[0]) == pytest.approx(wanted, abs=1e-5)


def test_an_answer_beyond_the_model_is_refused():
    treatment = from_plan(spec().plan("drug"))
    with pytest.raises(InputError, match=r"0.9 is beyond what the model allows \(-1.23 to 0.55\)"):
        _score_of(treatment, 0.9, "attack")


def test_rules_that_admit_nobody_are_refused():
    narrow = {"age_years": [18, 19], "day_since_onset": [0, 1], "least_nis": 150}
    with pytest.raises(InputError, match="eligibility: 'synthetic' admits 0 of .* widen it"):
        _make_bank(plan(eligibility=narrow, truths={}))


def test_a_cause_that_the_model_does_not_know_is_refused():
    with pytest.raises(InputError, match="dlrpx"):
        _make_bank(plan(eligibility={"causes": ["dlrpx"]}))
