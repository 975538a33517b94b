"""The experiment on saving tests: belief, ways through a patient, and the sums, on patients made for it."""

from __future__ import annotations

import json
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from experiments import belief as beliefs
from experiments import saving
from experiments.belief import Belief, Swarm, learned
from experiments.examiner import Chart
from experiments.saved import as_text, summary
from experiments.virtual_patients import Virtual
from garland.edx_study.protocol import protocol_names
from garland.errors import InputError
from garland.inference.candidate_tests import open_tests
from garland.inference.encode_case import EncodedCase
from garland.inference.likelihood import UNKNOWN
from garland.inference.observations import INF, _contamination_rate, _Observation
from garland.inference.test_selection import _Crowd, _results_of_tests, _worth
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, Address, column
from garland.model.latents import N_LATENTS
from garland.model.patient import Person, unknown_person

NAMES = {cause.name: index for index, cause in enumerate(DISEASES)}
READING = EncodedCase(unknown_person(), ((),), (UNKNOWN,), None, ())
TESTS = saving.laboratory_tests(60.0, 170.0)
VASTUS, SURAL = Address("fibrillation", 0, "vastus-lateralis"), Address("snap", 0, "sural")


def at(label: str) -> int:
    return next(i for i, test in enumerate(TESTS) if test.label == label)


def swarm(name: str, share: float, rows: dict[Address, float], patients: int = 96) -> Swarm:
    shown = np.zeros((patients, N_FINDINGS), np.float32)
    for address, value in rows.items():
        shown[:, column(address)] = value
    mass = np.full(patients, share / patients)
    vectors = jnp.zeros((patients, N_LATENTS))
    return Swarm(NAMES[name], vectors, mass, jnp.asarray(shown), 0.3, _results_of_tests(TESTS, shown))


def belief(**rows: dict[Address, float]) -> Belief:
    """Return causes of equal probability, each with its own findings; the rest is zero."""
    swarms = tuple(swarm(name.replace("_", "-"), 1.0 / len(rows), found) for name, found in rows.items())
    return Belief(READING, (), TESTS, swarms)


def femoral_or_none() -> Belief:
    return belief(femoral={VASTUS: 3.0}, none={VASTUS: 0.0})


def fibrillation(low: float, high: float) -> _Observation:
    return _Observation("fibrillation", "needle", "", (VASTUS,), low, high)


def chart(rows: dict[Address, float], seed: int = 0) -> Chart:
    shown = np.zeros(N_FINDINGS, np.float32)
    for address, value in rows.items():
        shown[column(address)] = value
    return Chart(shown, seed)


def test_a_result_changes_probabilities_by_the_law_of_bayes():
    after = learned(femoral_or_none(), (fibrillation(2.5, INF),), 0)
    from scipy.special import ndtr

    share, noise = _contamination_rate(), 0.65
    p = [(1 - share) * ndtr((expected - 2.5) / noise) + share * 0.3 for expected in (3.0, 0.0)]
    assert after.probability[NAMES["femoral"]] == pytest.approx(p[0] / sum(p), rel=1e-3)
    assert after.probability.sum() == pytest.approx(1.0)
    assert after.known == (fibrillation(2.5, INF),)


def test_the_information_of_a_test_is_that_of_the_plan_of_tests():
    start = femoral_or_none()
    shown = np.concatenate([np.asarray(s.expected) for s in start.swarms])
    mass = np.concatenate([s.mass for s in start.swarms]).astype(np.float32)
    of = _Crowd((0, 1), (slice(0, 96), slice(96, 192)), mass, shown)
    np.testing.assert_allclose(start.bits(), _worth(of, _results_of_tests(TESTS, shown)), atol=1e-6)


def test_a_cause_worn_down_to_few_patients_is_drawn_anew_and_keeps_its_probability(monkeypatch):
    spread = np.zeros((96, N_FINDINGS), np.float32)
    spread[:, column(VASTUS)] = np.linspace(-20.0, 20.0, 96)
    start = femoral_or_none()
    worn = replace(start.swarms[0], expected=jnp.asarray(spread))
    start = replace(start, swarms=(worn, start.swarms[1]))
    asked = []

    def redrawn(problem, old, seed, tests):
        asked.append(old.cause)
        return replace(old, mass=np.full(96, old.mass.sum() / 96))

    monkeypatch.setattr(beliefs, "_redrawn", redrawn)
    after = learned(start, (fibrillation(0.5, 2.5),), 0)
    assert asked == [NAMES["femoral"]]
    assert after.redrawn == 1
    assert after.probability.sum() == pytest.approx(1.0)


def test_the_worse_side_is_the_one_with_more_loss():
    assert femoral_or_none().worse_side == 1
    left = tuple(replace(s, lost=-0.1) for s in femoral_or_none().swarms)
    assert replace(femoral_or_none(), swarms=left).worse_side == 0


@pytest.mark.parametrize("name", [name for name in protocol_names() if name != "full"])
def test_every_test_of_every_protocol_can_be_chosen_by_both_laboratories(name: str):
    for side in (0, 1):
        listed = saving.in_order(name, side, TESTS)
        assert len(listed) == len(set(listed)) > 10


def test_the_laboratory_does_nothing_but_conduction_and_needle():
    assert {test.kind for test in TESTS} == {"nerve conduction", "needle"}


def test_the_protocol_fits_the_disease_that_leads_and_health_calls_for_none():
    assert saving.protocol_for(belief(femoral={}, none={})) == "femoral"
    assert saving.protocol_for(belief(none={}, dlrpn={})) == "lumbosacral-plexus"
    assert saving.protocol_for(belief(vasculitic={})) == "lumbosacral-plexus"
    assert saving.protocol_for(belief(myopathy={})) == "myopathy"


def test_every_cause_has_a_protocol_that_exists():
    for cause in DISEASES:
        assert saving.protocol_for(belief(**{cause.name.replace("-", "_"): {}})) in protocol_names()


def followed(arm: str, listed: list[int] | None = None, most: int = 5):
    start = femoral_or_none()
    choose = saving._chooser(arm, iter(listed) if listed is not None else None)
    return saving.follow(start, choose, chart({VASTUS: 3.0}), most, NAMES["femoral"])


def test_the_adaptive_laboratory_goes_to_the_muscle_that_parts_the_causes_and_stops():
    trail = followed("adaptive")
    assert trail.tests == trail.insertions == 1
    assert trail.reached
    assert trail.right
    assert trail.leader == "femoral"
    assert trail.certainty == pytest.approx(trail.truth)


def test_the_protocol_is_followed_in_its_order_until_a_cause_is_certain():
    listed = [
        at("sensory conduction, left sural"),
        at("F waves, left tibial"),
        at("needle, left vastus-lateralis"),
    ]
    trail = followed("protocol", [*listed, at("needle, right vastus-lateralis")])
    assert trail.tests == 3
    assert trail.minutes == pytest.approx(3 + 2 + 3)
    assert len(trail.path) == 4


def test_a_laboratory_that_never_comes_to_certainty_stops_with_the_list():
    listed = [at("sensory conduction, left sural"), at("sensory conduction, right sural")]
    trail = followed("protocol", listed, most=2)
    assert trail.tests == 2
    assert not trail.reached


def test_no_test_is_needed_where_a_cause_is_certain_from_the_start():
    start = belief(femoral={})
    trail = saving.follow(start, saving._chooser("adaptive", None), chart({}), 5, NAMES["none"])
    assert (trail.tests, trail.reached, trail.right) == (0, True, False)


def test_by_the_minute_a_quick_test_is_preferred_to_a_slow_one_that_tells_as_much():
    tibial = Address("cmap", 0, "tibial-abductor-hallucis@0")
    here = belief(femoral={VASTUS: 3.0, tibial: 9.0}, none={VASTUS: 0.0, tibial: -9.0})
    slow, quick = at("motor conduction, left tibial-abductor-hallucis"), at("needle, left vastus-lateralis")
    bits = here.bits()
    assert int(np.argmax(bits)) == slow
    assert bits[quick] > 0.75 * bits[slow]
    assert saving._chooser("adaptive-by-minute", None)(here, set()) == quick


def test_a_test_done_is_not_done_again():
    done = {at("needle, left vastus-lateralis")}
    assert saving._chooser("adaptive", None)(femoral_or_none(), done) not in done


def test_both_laboratories_see_the_same_result():
    sural = TESTS[at("sensory conduction, left sural")]
    assert saving.reveal(sural, chart({SURAL: 2.0}, 3)) == saving.reveal(sural, chart({SURAL: 2.0}, 3))


def test_a_response_comes_as_numbers_and_its_absence_as_a_word_that_hides_the_velocity():
    sural = TESTS[at("sensory conduction, left sural")]
    there = saving.reveal(sural, chart({SURAL: 3.0, Address("sensory_velocity", 0, "sural"): np.log(48.0)}))
    assert [o.measured for o in there] == [True, True]
    (gone,) = saving.reveal(sural, chart({SURAL: -20.0}))
    assert (gone.low, gone.text) == (-INF, "absent")
    assert gone.absent_in_health > 0.0


def test_a_muscle_comes_as_words_whose_intervals_share_the_scale_out():
    muscle = TESTS[at("needle, left vastus-lateralis")]
    seen = {o.where[0].field: o for o in saving.reveal(muscle, chart({VASTUS: 3.6}))}
    assert (seen["fibrillation"].low, seen["fibrillation"].high, seen["fibrillation"].text) == (
        2.5,
        INF,
        "3-4+",
    )
    recruitment = Address("recruitment", 0, "vastus-lateralis")
    hidden = saving.reveal(muscle, chart({recruitment: -30.0}))
    assert "muap_amplitude" not in {o.where[0].field for o in hidden}


def test_every_result_of_every_test_can_be_weighed():
    for test in open_tests(set(), 60.0):
        for seen in saving.reveal(test, chart({})):
            assert seen.low <= seen.high
            assert not np.isnan(seen.low)


def way(tests: int, reached: bool = True, right: bool = True) -> dict[str, object]:
    return {
        "tests": tests, "minutes": 3.0 * tests, "insertions": 0.0, "discomfort": 4.0 * tests,
        "reached": reached, "right": right, "certainty": 0.95, "truth": 0.9, "leader": "femoral",
        "redrawn": 0, "path": (),
    }  # fmt: skip


def rows() -> list[dict[str, object]]:
    return [
        {"seed": 0, "adaptive": way(2), "protocol": way(10)},
        {"seed": 1, "adaptive": way(4, right=False), "protocol": way(20, reached=False)},
        {"seed": 2, "adaptive": way(0), "protocol": way(0)},
    ]


def test_the_sums_leave_out_who_was_certain_from_the_start():
    saved = summary(rows())
    assert (saved.patients, saved.certain, saved.both) == (3, 1, 1)
    assert saved.fewer == saved.fewer_minutes == pytest.approx(1.0 - 6.0 / 30.0)
    assert saved.low <= saved.fewer <= saved.high
    assert saved.fewer_both == pytest.approx(0.8)
    assert saved.fewer_insertions == 0.0
    adaptive, listed = saved.ways
    assert (adaptive.name, adaptive.reached, adaptive.right, adaptive.tests) == ("adaptive", 1.0, 0.5, 3.0)
    assert (listed.reached, listed.certainty) == (0.5, pytest.approx(0.95))


def test_the_sums_are_told_in_a_table():
    stated = as_text(summary(rows()))
    assert "80 % fewer tests" in stated
    assert sum(line.startswith("|") for line in stated.splitlines()) == 4


def test_without_a_patient_that_needs_a_test_there_is_nothing_to_sum_up():
    with pytest.raises(InputError, match="hold no patient that needed a test"):
        summary(rows()[2:])


def somebody(seed: int = 5) -> Virtual:
    shown = np.zeros(N_FINDINGS, np.float32)
    shown[column(VASTUS)] = 3.0
    person = Person(*[np.float32(x) for x in (60.0, 1.0, 175.0, 80.0, 0.0, 0.0, 5.5, 130.0)])
    return Virtual(
        seed, NAMES["femoral"], person, np.zeros(N_LATENTS, np.float32), 40.0, shown, np.zeros((2, 92))
    )


def test_one_patient_goes_through_every_laboratory_asked_for(monkeypatch):
    monkeypatch.setattr(saving, "draw", lambda seeds, setting: [somebody(seeds[0])])
    left = tuple(replace(s, lost=-0.3) for s in femoral_or_none().swarms)
    monkeypatch.setattr(saving, "first_belief", lambda *given: replace(femoral_or_none(), swarms=left))
    arms = ("adaptive", "adaptive-by-minute", "protocol")
    row = saving.job(5, arms)
    json.dumps(row, allow_nan=False)
    assert (row["seed"], row["cause"], row["list"], row["listed"]) == (5, "femoral", "femoral", 25)
    for arm in arms:
        assert 0 < row[arm]["tests"] <= row["listed"]
        assert len(row[arm]["path"]) == row[arm]["tests"] + 1
        assert row[arm]["reached"] == (row[arm]["certainty"] >= saving.CERTAINTY)
    assert row["adaptive"]["tests"] <= row["protocol"]["tests"]
    assert saving.job(5, arms) == row


@pytest.mark.slow
def test_patients_drawn_anew_still_fit_what_was_known_before(monkeypatch):
    weak = _Observation(
        "s", "examination", "", (Address("movement_strength", 0, "knee-extension"),), 2.5, 3.5
    )
    reading = replace(READING, visits=((weak,),))
    monkeypatch.setattr(beliefs, "CAUSES_KEPT", 1)
    monkeypatch.setattr(beliefs, "_FLOOR", 1e9)
    before = np.zeros(len(DISEASES))
    before[NAMES["femoral"]] = 1.0
    start = beliefs.first_belief(reading, before, 0, TESTS[:4])
    after = learned(start, (fibrillation(2.5, INF),), 0)
    (cloud,) = after.swarms
    shown = np.asarray(cloud.expected)
    assert after.redrawn == 1
    assert cloud.mass.sum() == pytest.approx(1.0)
    assert len(np.unique(np.asarray(cloud.vectors)[:, 0])) > 0.5 * len(shown)
    assert 2.0 < np.median(shown[:, column(weak.where[0])]) < 4.0
    (first,) = start.swarms
    now, then = cloud.mass @ shown, first.mass @ np.asarray(first.expected)
    assert now[column(VASTUS)] > then[column(VASTUS)] / first.mass.sum()
