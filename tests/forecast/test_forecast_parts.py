"""The parts of a forecast: arms, days, events, who is followed, bands, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from garland.anatomy.tree import load
from garland.errors import InputError
from garland.forecasts import forecast as forecasting
from garland.forecasts.arms import _arms_of
from garland.forecasts.members import (
    CHUNK,
    _followed_causes,
    _mean_with_interval,
    _Members,
    _members_of,
    _quantiles,
)
from garland.forecasts.milestones import _events, _outlook
from garland.forecasts.sentences import (
    DIFFERENCES,
    _answers,
    _difference_words,
    _months_words,
    assumed_lines,
    person_lines,
)
from garland.forecasts.simulate import DAYS_PER_MONTH, _spaced, _weekly, later
from garland.inference.laplace import _MixtureProposal
from garland.inference.smc import Particles
from garland.model.diseases import DISEASES
from garland.model.latents import N_LATENTS, place_of
from garland.model.outcomes import NERVES, Outcomes
from garland.model.patient import unknown_person
from garland.model.treatment.schedule import Dose, no_care
from garland.records import shipped_case

KNEE = load().movement("knee-extension")
NO_ERROR = np.zeros(len(DISEASES))
PAIN = DIFFERENCES[0]


def well(days: int, n: int = 1) -> dict[str, Any]:
    """Return the fields of people who are well on every day."""
    shapes = {
        "movement_grade": (2, len(load().movements)),
        "nerve_axons": (2, len(NERVES)),
        "knee_jerk": (2,),
        "fibrillating_quadriceps": (2,),
        "thigh_bulk_lost": (2,),
        "twitching": (2,),
    }
    fields = {name: np.zeros((days, n, *shapes.get(name, ()))) for name in Outcomes._fields}
    fields["movement_grade"] += 5.0
    fields["knee_jerk"] += 2.0
    fields["walks_alone"] += 1.0
    return fields


def crowd(n: int = 512, groups: int = 4, seed: int = 0) -> _Members:
    """Return patients of one cause, drawn from chance alone."""
    vectors = np.random.default_rng(seed).standard_normal((n, N_LATENTS)).astype(np.float32)
    return _Members(vectors, np.zeros(n, np.int64), np.arange(n) % groups, np.full(n, 1.0 / n))


def test_no_treatment_is_first_even_when_it_is_asked_for():
    assert [arm.name for arm in _arms_of(("none", "therapy"), 12.0)] == ["no treatment", "therapy"]


def test_a_shipped_plan_begins_on_the_day_given_and_a_plan_in_words_on_its_own():
    bare, own = _arms_of(("pregabalin", "pregabalin 300 mg/d from day 40"), 12.0)[1:]
    assert float(bare.treatment.pregabalin.start_day) == 12.0
    assert float(own.treatment.pregabalin.start_day) == 40.0


def test_an_arm_says_what_its_effects_rest_on():
    none, drug, both = _arms_of(("pregabalin", "immunoglobulin"), 0.0)
    assert none.evidence == ""
    assert drug.not_known == ()
    assert "Trials in neuropathic pain" in drug.evidence
    assert both.not_known == (
        "whether immunoglobulin helps in radiculoplexus neuropathy is not known; harm is possible",
    )


def test_an_arm_asked_for_twice_is_refused():
    with pytest.raises(InputError, match="is asked for twice"):
        _arms_of(("therapy", "therapy"), 0.0)


def test_every_day_of_a_plan_moves_with_today_and_no_dose_does():
    treatment = no_care()._replace(pregabalin=Dose(jnp.float32(300), jnp.float32(3), jnp.float32(9)))
    moved = later(treatment, np.array([10.0, 20.0]))
    assert moved.pregabalin.start_day.tolist() == [13.0, 23.0]
    assert moved.pregabalin.stop_day.tolist() == [19.0, 29.0]
    assert float(moved.pregabalin.amount) == 300.0
    assert moved.glucose.start_day.min() > 1e5


def test_whole_months_are_among_the_days_of_a_forecast():
    months = _spaced(36) / DAYS_PER_MONTH
    assert {0.0, 1.0, 3.0, 6.0, 12.0, 24.0, 36.0} <= set(np.round(months, 6))
    assert months[-1] == 36.0
    assert (np.diff(months) > 0).all()


def test_a_patient_is_followed_every_week():
    assert (np.diff(_weekly(3)) == 7.0).all()


def test_a_person_who_is_well_has_no_events():
    for event in _events(Outcomes(**well(4))):
        assert event.place.tolist() == [-1], event.key


def test_events_come_on_the_first_day_on_which_they_are_so():
    fields = well(6)
    fields["pain_nrs"][:, 0] = [0, 4, 7, 5, 2, 2]
    fields["movement_grade"][2:4, 0, 1, KNEE] = [3.0, 2.0]
    fields["knee_jerk"][3:5, 0, 1] = 0.0
    fields["walks_alone"][3:5, 0] = 0.1
    fields["nis"][:, 0] = [0, 0, 5, 20, 9, 0]
    fields["weight_lost_kg"][:, 0] = [0, 1, 3, 6, 4, 1]
    place = {event.key: int(event.place[0]) for event in _events(Outcomes(**fields))}
    note = {event.key: event.note[0] for event in _events(Outcomes(**fields))}
    assert place == {
        "first-pain": 1, "worst-pain": 2, "first-weakness": 2, "other-side": -1, "knee-jerk-lost": 3,
        "walking-aid": 3, "wheelchair": -1, "worst-strength": 3, "worst-nis": 3, "lightest": 3,
        "pain-below-3": 4, "walks-alone": 5, "knee-jerk-back": 5, "strength-back": 4,
    }  # fmt: skip
    assert (note["first-weakness"], note["knee-jerk-lost"], note["worst-nis"]) == ("right", "right", "NIS 20")


def test_the_other_side_is_the_one_that_is_weak_later():
    fields = well(5)
    fields["movement_grade"][1:, 0, 0, KNEE] = 3.0
    fields["movement_grade"][3:, 0, 1, KNEE] = 2.0
    stated = {event.key: event for event in _events(Outcomes(**fields))}
    assert stated["first-weakness"].note == ("left",)
    assert stated["other-side"].place.tolist() == [3]


def test_a_knee_jerk_that_was_never_there_is_said_to_be_absent_from_the_first():
    fields = well(3)
    fields["knee_jerk"][:, 0, 0] = 0.0
    (jerk,) = [event for event in _events(Outcomes(**fields)) if event.key == "knee-jerk-lost"]
    assert (jerk.place.tolist(), jerk.note) == ([0], ("absent from the first",))


def test_a_state_is_settled_from_the_day_after_which_it_never_ceases():
    fields = well(5, 3)
    fields["pain_nrs"][:, 0] = [5, 2, 5, 2, 2]
    fields["pain_nrs"][:, 1] = [1, 1, 1, 1, 5]
    (pain,) = [event for event in _outlook(Outcomes(**fields)) if event.key == "pain-below-3"]
    assert pain.place.tolist() == [3, -1, 0]


def test_quantiles_of_equal_weights_are_those_of_the_ranked_values():
    values = np.array([[4.0, 1.0, 3.0, 2.0], [8.0, 8.0, 8.0, 8.0]])
    stated = _quantiles(values, np.full(4, 0.25), (0.25, 0.5, 1.0))
    assert stated.tolist() == [[1.0, 8.0], [2.0, 8.0], [4.0, 8.0]]


def test_a_heavy_patient_draws_the_quantiles_to_itself():
    assert _quantiles(np.array([1.0, 9.0]), np.array([0.05, 0.95]), (0.1, 0.5)).tolist() == [9.0, 9.0]


def test_what_is_the_same_in_all_patients_has_no_interval():
    stated = _mean_with_interval(np.full((1, 512), 0.3), crowd(), NO_ERROR)
    assert stated[:, 0] == pytest.approx([0.3] * 5, abs=1e-6)


def test_what_hangs_on_regrowth_is_less_sure_than_what_hangs_on_nothing():
    members = crowd()
    regrowth = members.vectors[:, place_of("regrowth_success")][:, 0]
    by_regrowth = 1.0 / (1.0 + np.exp(-2.0 * regrowth))
    shuffled = np.random.default_rng(1).permutation(by_regrowth)
    wide, narrow = _mean_with_interval(np.stack([by_regrowth, shuffled]), members, NO_ERROR).T
    assert wide[4] - wide[0] > 2.0 * (narrow[4] - narrow[0])


def test_the_interval_holds_the_answer_of_a_world_in_which_patients_regrow_better():
    members = crowd(4096)
    regrowth = members.vectors[:, place_of("regrowth_success")][:, 0].astype(np.float64)
    low, _, middle, _, high = _mean_with_interval((regrowth > 0).astype(float)[None], members, NO_ERROR)[:, 0]
    assert middle == pytest.approx(0.5, abs=0.03)
    # Half a spread higher or lower at one standard deviation: Phi(0.5 * 1.28) at the edge of 80 %.
    assert (low, high) == pytest.approx((0.26, 0.74), abs=0.03)


def test_doubt_about_causes_widens_the_interval():
    members = crowd()
    cause = (np.arange(512) >= 256).astype(np.int64)
    both = _Members(members.vectors, cause, members.group + 10 * cause, members.weight)
    values = np.where(cause == 0, 0.2, 0.8)[None]
    error = np.zeros(len(DISEASES))
    error[:2] = 0.2
    sure, unsure = (_mean_with_interval(values, both, e)[:, 0] for e in (NO_ERROR, error))
    assert unsure[4] - unsure[0] > sure[4] - sure[0] + 0.1


@dataclass
class Found:
    """What `_members_of` reads of a posterior."""

    probability: np.ndarray
    clouds: dict[int, Particles]


def found(probability: dict[int, float]) -> Any:
    share = np.zeros(len(DISEASES))
    share[list(probability)] = list(probability.values())
    cloud = Particles(0, _MixtureProposal(), crowd().vectors, np.zeros(512), np.zeros(512), np.zeros(2), 1.0)
    return Found(share, dict.fromkeys(range(len(DISEASES)), cloud))


def test_causes_are_followed_in_proportion_and_the_hopeless_not_at_all():
    members = _members_of(found({0: 0.7, 3: 0.295, 5: 0.005}), 512, 0)
    assert [c for c, _ in _followed_causes(members)] == [0, 3]
    assert dict(_followed_causes(members))[0] == pytest.approx(0.7 / 0.995)
    assert members.weight.sum() == pytest.approx(1.0)
    assert all((members.cause == c).sum() % CHUNK == 0 for c in (0, 3))
    assert (np.diff(members.cause) >= 0).all()


def test_patients_come_from_every_group_of_the_sampler():
    members = _members_of(found({0: 1.0}), 64, 0)
    assert np.unique(members.group).tolist() == [0, 1]


def test_answers_are_told_only_within_the_horizon():
    ahead = _spaced(6)
    life = Outcomes(**well(len(ahead), 512))
    stated = _answers(life, ahead, crowd(), NO_ERROR)
    assert max(said.day for said in stated if said.day is not None) <= 6 * DAYS_PER_MONTH
    assert {said.key for said in stated} >= {"walks-alone-3", "walks-alone-6", "pain-mild-6"}
    assert _answers(life, ahead[:2], crowd(), NO_ERROR) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([-0.8, -0.1, -1.9, -0.8], "pain at 3 months lower by 0.9 (0.1–1.9) of 10"),
        ([0.4, 0.4, 0.4, 0.4], "pain at 3 months higher by 0.4 (0.4–0.4) of 10"),
        ([-1.0, 1.0, -0.5, 0.5], "pain at 3 months: uncertain, 0.0 (−1.0 to +1.0) of 10"),
        ([-0.01, 0.0, 0.01, 0.0], None),
    ],
)
def test_a_difference_is_told_with_its_range_or_as_uncertain(change: list[float], words: str | None):
    assert _difference_words(PAIN, 3, np.array(change), np.full(4, 0.25)) == words


def test_what_is_not_known_of_a_person_is_left_out():
    person = unknown_person()._replace(age_years=jnp.float32(64), diabetes=jnp.float32(1))
    assert person_lines(person) == (("age", "64 years"), ("diabetes", "yes"))


def test_a_person_without_diabetes_is_told_as_such():
    person = unknown_person()._replace(diabetes=jnp.float32(0), male=jnp.float32(0))
    assert person_lines(person) == (("sex", "woman"), ("diabetes", "no"))


def test_only_the_followed_causes_are_among_what_is_assumed():
    lines = " ".join(assumed_lines([0]))
    assert "causes/dlrpn" in lines
    assert "causes/gbs" not in lines


def test_one_month_is_one_month():
    assert (_months_words(1), _months_words(18)) == ("1 month", "18 months")


def test_a_case_whose_causes_could_not_be_found_is_not_forecast(monkeypatch: pytest.MonkeyPatch):
    checks = SimpleNamespace(passed=False, failures=("too few virtual patients explain the findings",))
    withheld = SimpleNamespace(answer=SimpleNamespace(diagnostics=checks))
    monkeypatch.setattr(forecasting, "consult_in_full", lambda *given, **named: withheld)
    with pytest.raises(InputError, match="has no causes to rest on: too few virtual patients"):
        forecasting.forecast(shipped_case("04"))
