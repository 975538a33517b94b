"""What speaks for and against causes: exact on patients that can be counted, and said in plain words."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from small_cases import observed, only

from garland.inference.alternative_results import _alternative, _Result, _result_of, _results_for
from garland.inference.encode_case import _encode_case
from garland.inference.explain import _counterfactuals, _exclusions, _explain, _worth_explaining
from garland.inference.finding_sets import _findings_of, _FindingSet, _membership, _sets_of
from garland.inference.leave_one_out import _bits, _change, _gather, _leave_out
from garland.inference.likelihood import _by_observation
from garland.inference.observations import INF, _arrays, _contamination_rate, _Observation
from garland.inference.phrases import _had_been, _joined, _phrase
from garland.inference.posterior import Posterior
from garland.inference.predictive import _log_probability, _PredictiveSample
from garland.model.diseases import DISEASES, index_of
from garland.model.findings import N_FINDINGS, Address, column
from garland.records import shipped_case, shipped_cases

FEMORAL, L4, DLRPN, MND = map(index_of, ("femoral", "radiculopathy-l4", "dlrpn", "motor-neuron-disease"))
AGE, HEIGHT = 50.0, 175.0


class Toy:
    """Causes of a few kinds of patient each, so that every probability can be added up."""

    def __init__(self, causes: tuple[int, ...], kinds: int, findings: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.causes = causes
        self.share = rng.dirichlet(np.ones(kinds), len(causes))
        self.p = rng.uniform(0.05, 0.95, (len(causes), kinds, findings))
        self.prior = rng.dirichlet(np.ones(len(causes)))

    def evidence(self, known: list[int]) -> np.ndarray:
        return (self.share * self.p[:, :, known].prod(axis=2)).sum(axis=1)

    def probability(self, known: list[int]) -> np.ndarray:
        weight = self.prior * self.evidence(known)
        return weight / weight.sum()

    def views(self, repeat: int = 200) -> dict[int, _PredictiveSample]:
        """Patients that stand for the posterior of each cause (`repeat` of each kind)."""
        views = {}
        for row, cause in enumerate(self.causes):
            weight = np.repeat(self.share[row] * self.p[row].prod(axis=1), repeat)
            log_p = np.repeat(np.log(self.p[row]), repeat, axis=0)
            expected = np.zeros((len(weight), N_FINDINGS), np.float32)
            views[cause] = _PredictiveSample(
                weight / weight.sum(), (log_p,), (expected,), np.zeros((0, 2, 0), np.float32)
            )
        return views

    def all_probabilities(self, known: list[int]) -> np.ndarray:
        every = np.zeros(len(DISEASES))
        every[list(self.causes)] = self.probability(known)
        return every


@pytest.fixture
def toy() -> Toy:
    return Toy((FEMORAL, L4, DLRPN), kinds=4, findings=5)


def patients_of(toy: Toy) -> list[Any]:
    every = list(range(toy.p.shape[2]))
    return _gather(toy.views(), toy.all_probabilities(every), (len(every),))


def rest(toy: Toy, left: list[int]) -> list[int]:
    return [i for i in range(toy.p.shape[2]) if i not in left]


@pytest.mark.parametrize("left", [[0], [3], [1, 2], [0, 1, 2, 4]])
def test_findings_left_out_get_the_probability_that_the_rest_gives_them(toy, left):
    sets = np.zeros((5, 1))
    sets[left] = 1.0
    for patients in patients_of(toy):
        row = toy.causes.index(patients.cause)
        exact = toy.evidence([0, 1, 2, 3, 4])[row] / toy.evidence(rest(toy, left))[row]
        assert _leave_out(patients, sets).log_value[0] == pytest.approx(np.log(exact))


@pytest.mark.parametrize("left", [[0], [4], [1, 3]])
def test_bits_are_the_change_of_the_log_odds_that_the_findings_make(toy, left):
    sets = np.zeros((5, 1))
    sets[left] = 1.0
    causes = patients_of(toy)
    gained, rough, _ = _bits(causes, [_leave_out(patients, sets) for patients in causes])
    with_all, without = toy.probability([0, 1, 2, 3, 4]), toy.probability(rest(toy, left))
    for row, patients in enumerate(causes):
        own = toy.causes.index(patients.cause)
        odds = [p[own] / (1.0 - p[own]) for p in (with_all, without)]
        assert gained[row, 0] == pytest.approx(np.log2(odds[0] / odds[1]))
    assert not rough.any()


def test_another_result_moves_the_causes_as_if_it_had_been_found(toy):
    other = np.random.default_rng(7).uniform(0.05, 0.95, (3, 4))
    then = np.array(toy.probability([0, 1, 2, 3, 4]))
    for patients in patients_of(toy):
        row = toy.causes.index(patients.cause)
        log_other = np.repeat(np.log(other[row]), 200)[:, None]
        then[row] *= np.exp(_change(patients, np.array([2]), log_other).log_value[0])
    changed = Toy((FEMORAL, L4, DLRPN), kinds=4, findings=5)
    changed.p[:, :, 2] = other
    assert then / then.sum() == pytest.approx(changed.probability([0, 1, 2, 3, 4]))


def test_findings_that_say_the_same_share_credit_alone_and_keep_it_together():
    toy = Toy((FEMORAL, L4), kinds=2, findings=2)
    toy.share[:] = [[0.9, 0.1], [0.1, 0.9]]
    toy.p[:] = np.array([0.99, 0.01])[None, :, None]
    toy.prior[:] = 0.5
    causes = _gather(toy.views(), toy.all_probabilities([0, 1]), (2,))
    sets = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    gained, _, _ = _bits(causes, [_leave_out(patients, sets) for patients in causes])
    alone, again, together = gained[0]
    assert together > 10.0 * (alone + again)


def test_a_number_from_few_effective_patients_is_called_rough(toy):
    views = toy.views(repeat=5)
    causes = _gather(views, toy.all_probabilities([0, 1, 2, 3, 4]), (5,))
    assert _leave_out(causes[0], np.eye(5)).rough.all()
    assert not _leave_out(patients_of(toy)[0], np.eye(5)).rough.any()


def test_too_few_patients_say_nothing_rather_than_the_wrong_sign():
    seen = observed(**KNEE)
    views = {
        cause: _PredictiveSample(
            np.full(8, 1 / 8), (view.by_observation[0][:8],), (view.expected[0][:8],), view.at_sites
        )
        for cause, view in knee_views(seen, {FEMORAL: {"snap": -3.0}, L4: {"snap": 2.5}}).items()
    }
    stated = _explain(problem(), [seen], posterior_of({FEMORAL: 0.6, L4: 0.4}), views, set())
    assert stated.causes[0].bits == (None,) * len(seen)
    assert stated.causes[0].together == stated.causes[0].speaks_for == ()
    assert stated.counterfactuals == ()
    assert stated.exclusions[0].by == ""
    assert stated.causes[0].sentence == (
        "Femoral neuropathy: no single finding speaks clearly for or against it."
    )


def test_a_minor_rival_of_few_patients_does_not_silence_the_others():
    toy = Toy((FEMORAL, L4, DLRPN), kinds=4, findings=5)
    probability = toy.all_probabilities([0, 1, 2, 3, 4])
    probability[[FEMORAL, L4, DLRPN]] = (0.6, 0.39999, 0.00001)
    views = {**toy.views(), DLRPN: toy.views(repeat=1)[DLRPN]}
    causes = _gather(views, probability, (5,))
    gained = _bits(causes, [_leave_out(c, np.eye(5)) for c in causes])
    assert gained.too_few.tolist() == [[False] * 5, [False] * 5, [True] * 5]


def one(**visit: Any) -> _Observation:
    (found,) = observed(**visit)
    return found


def snap(study: str, result: Any) -> _Observation:
    key = "amplitude_uv" if isinstance(result, float) else "result"
    row = {"study": study, "side": "right", key: result}
    return only("snap", nerve_conduction={"results": [row]})


def test_limits_of_other_results_are_those_of_the_reader():
    for word in ("normal", "reduced", "absent"):
        said = snap("sural", word)
        known = {r.word: r for r in _results_for(said.where[0], AGE, HEIGHT)}
        assert (known[word].low, known[word].high) == (said.low, said.high)
        assert known[word].absent_in_health == said.absent_in_health
        assert _result_of(said, tuple(known.values())).word == word


@pytest.mark.parametrize(("value", "word"), [(30.0, "normal"), (2.0, "reduced"), (0.0, "absent")])
def test_a_number_is_named_by_the_limits_of_its_study(value, word):
    said = snap("sural", value)
    assert _result_of(said, _results_for(said.where[0], AGE, HEIGHT)).word == word


def test_the_chance_of_another_result_is_that_of_the_likelihood():
    expected = np.random.default_rng(3).normal(1.0, 2.0, (40, N_FINDINGS)).astype(np.float32)
    knee = observed(examination={"reflexes": {"right": {"knee": "absent"}}})[0]
    hip = observed(examination={"strength": {"right": {"hip": 4}}})[0]
    rows = (
        _alternative(knee, _Result("normal", 1.4, 2.9, normal=True)),
        _alternative(hip, _Result("normal", 4.67, INF, normal=True)),
        _alternative(hip, _Result("weak", 0.5, 4.67)),
        _alternative(snap("sural", "normal"), _Result("absent", -INF, 0.0, absent_in_health=0.05)),
    )
    exact = np.asarray(_by_observation(jnp.asarray(expected), _arrays(rows)))[:, : len(rows)]
    assert rows[1].every
    assert not rows[2].every
    assert _log_probability(expected, rows) == pytest.approx(exact, abs=1e-4)
    assert _log_probability(expected, rows).min() >= np.log(_contamination_rate() * 0.3) - 1e-6


@pytest.mark.parametrize(
    ("visit", "says", "had"),
    [
        (
            {"examination": {"reflexes": {"right": {"knee": "absent"}}}},
            "the absent right knee jerk",
            "Had the right knee jerk been normal",
        ),
        (
            {"examination": {"strength": {"left": {"knee-extension": 3}}}},
            "the weak left knee extension",
            "Had the left knee extension been normal",
        ),
        (
            {"examination": {"strength": {"left": {"quadriceps": 5}}}},
            "the normal strength of the left quadriceps",
            "Had the strength of the left quadriceps been reduced",
        ),
        (
            {"needle": {"results": [{"muscle": "adductor-longus", "side": "left", "fibrillations": 2}]}},
            "the fibrillations in the left adductor longus",
            "Had there been no fibrillations in the left adductor longus",
        ),
        (
            {"history": {"weight_loss_kg": "none"}},
            "the absence of weight loss",
            "Had there been weight loss",
        ),
        (
            {"history": {"cancer": True}},
            "a history of cancer",
            "Had there been no history of cancer",
        ),
        (
            {"laboratory": {"csf_protein_mg_dl": 90.0}},
            "the raised CSF protein",
            "Had the CSF protein been normal",
        ),
        (
            {"imaging": [{"modality": "mri", "region": "thigh", "findings": ["mass"]}]},
            "a mass on MRI of the thigh",
            "Had there been no mass on MRI of the thigh",
        ),
    ],
)
def test_a_finding_is_said_as_a_clinician_says_it(visit, says, had):
    found = one(**visit)
    results = _results_for(found.where[0], AGE, HEIGHT)
    now = _result_of(found, results)
    assert _phrase(found, now).words == says
    other = next(r for r in results if (r.normal != now.normal))
    assert _had_been(found, other) == had


def test_phrases_alike_but_for_their_place_are_said_once():
    said = [_phrase(snap(n, "absent"), _Result("absent", 0.0, 0.0)) for n in ("sural", "superficial-fibular")]
    assert _joined(said) == "the absent right sural and superficial fibular SNAPs"
    knee = observed(examination={"reflexes": {"right": {"knee": "absent", "ankle": "absent"}}})
    both = [_phrase(o, _Result("absent", 0.0, 0.0)) for o in knee]
    assert (
        _joined([*both, said[0]]) == "the absent right knee and ankle jerks, and the absent right sural SNAP"
    )


IDENTIFIER = (
    r"\b(?!straight-leg|F-wave|H-reflex|wheelchair|x-ray|stocking-and)[a-z]+-(?!innervated|and-|glove)"
)
"""A word with a hyphen that is none of the field's own."""


def test_every_finding_of_the_published_cases_has_words_without_identifiers():
    for name, _ in shipped_cases():
        reading = _encode_case(shipped_case(name))
        for finding in _findings_of(reading.visits, AGE, HEIGHT):
            sentences = [finding.phrase.words]
            sentences += [_had_been(finding.observation, result, finding.when) for result in finding.results]
            for text in sentences:
                assert not re.search(r"  | ,|\bthe the\b|\bthe absence of$|_|@| $|\bthe $", text), text
                assert not re.search(IDENTIFIER, text), text


def test_the_studies_of_one_nerve_and_the_needle_in_one_muscle_stand_together():
    seen = observed(
        nerve_conduction={
            "results": [{"study": "sural", "side": "right", "amplitude_uv": 4.0, "velocity_m_s": 38.0}]
        },
        needle={
            "results": [
                {"muscle": "soleus", "side": "right", "fibrillations": 2, "recruitment": "reduced"},
                {"muscle": "soleus", "side": "left", "fibrillations": 0},
            ]
        },
    )
    sets = _sets_of(_findings_of((seen,), AGE, HEIGHT))
    units = [each for each in sets if each.unit]
    assert [len(each.members) for each in units] == [1, 2, 2]
    assert {each.part for each in sets if each.whole_part} == {"needle"}
    together = next(each for each in units if each.part == "needle" and len(each.members) == 2)
    assert together.phrase(np.zeros(len(seen))).words == "the needle signs in the right soleus"


KNEE = {
    "examination": {
        "reflexes": {"right": {"knee": "absent"}},
        "strength": {"right": {"knee-extension": 3, "hip-adduction": 5}},
    },
    "nerve_conduction": {"results": [{"study": "saphenous", "side": "right", "result": "absent"}]},
}


def problem() -> Any:
    return SimpleNamespace(person=SimpleNamespace(age_years=AGE, height_cm=HEIGHT))


def posterior_of(probability: dict[int, float]) -> Posterior:
    every = np.zeros(len(DISEASES))
    for cause, p in probability.items():
        every[cause] = p
    prior = np.full(len(DISEASES), 1.0 / len(DISEASES))
    none = np.zeros(len(DISEASES))
    return Posterior(prior, every, none, np.log(np.maximum(every, 1e-9)), none, {})


def knee_views(
    seen: tuple[_Observation, ...], says: dict[int, dict[str, float]]
) -> dict[int, _PredictiveSample]:
    """Patients that expect of each finding (by its field) a value, all alike but for a little noise."""
    rng = np.random.default_rng(5)
    views = {}
    for cause, fields in says.items():
        expected = rng.normal(0.0, 0.05, (256, N_FINDINGS)).astype(np.float32)
        for o in seen:
            for address in o.where:
                expected[:, column(address)] += fields.get(address.field, fields.get(address.item, 0.0))
        log_p = np.asarray(_by_observation(jnp.asarray(expected), _arrays(seen)), np.float64)
        weights = np.full(256, 1.0 / 256.0)
        views[cause] = _PredictiveSample(weights, (log_p,), (expected,), np.zeros((0, 2, 0), np.float32))
    return views


def femoral_or_root(probability: dict[int, float] | None = None) -> Any:
    """A femoral neuropathy that expects an absent saphenous SNAP, against a root lesion that keeps it."""
    seen = observed(**KNEE)
    says = {
        FEMORAL: {"reflex": 0.0, "knee-extension": 3.0, "hip-adduction": 5.5, "snap": -3.0},
        L4: {"reflex": 0.8, "knee-extension": 3.0, "hip-adduction": 5.5, "snap": 2.5},
        MND: {"reflex": 3.5, "knee-extension": 3.0, "hip-adduction": 4.0, "snap": 2.5},
    }
    shares = probability or {FEMORAL: 0.9, L4: 0.0999, MND: 0.0001}
    views = knee_views(seen, says)
    return _explain(problem(), [seen], posterior_of(shares), views, {a for o in seen for a in o.where})


def test_each_cause_is_told_for_and_against_in_plain_words():
    first, second, last = femoral_or_root().causes
    assert first.name == "femoral"
    assert first.sentence.startswith("Femoral neuropathy: for it, the absent right saphenous SNAP")
    assert "against it, " in second.sentence
    assert "the absent right saphenous SNAP" in second.sentence.partition("against it")[2]
    assert second.sentence.startswith("L4 radiculopathy: ")
    assert "the absent right knee jerk" in last.sentence.partition("against it")[2]


def test_the_bits_of_findings_stand_in_the_order_of_the_findings():
    stated = femoral_or_root()
    labels = [o.label for o in observed(**KNEE)]
    at = labels.index("right saphenous, SNAP amplitude")
    lead = stated.causes[0]
    assert lead.bits[at] == max(lead.bits) > 1.0
    assert next(w for w in lead.speaks_for if w.findings == (at,)).bits == lead.bits[at]


def test_a_counterfactual_names_the_cause_that_would_lead():
    stated = femoral_or_root()
    turned = next(c for c in stated.counterfactuals if c.result == "normal" and c.changes_leader)
    expected = "Had the right saphenous SNAP been normal, L4 radiculopathy would lead ("
    assert turned.sentence.startswith(expected)
    assert turned.leader == "radiculopathy-l4"
    assert turned.plausibility > turned.now
    assert 0.0 < turned.plausibility < 1.0


def test_no_finding_is_turned_round_twice():
    stated = femoral_or_root().counterfactuals
    assert len({c.finding for c in stated}) == len(stated)


def test_the_excluded_alternative_says_by_what_and_the_open_one_by_which_test():
    root, neuron = femoral_or_root().exclusions
    assert (root.status, neuron.status) == ("not yet excluded", "excluded")
    assert neuron.by == "the absent right knee jerk"
    assert neuron.test == ""
    assert "chiefly by the absent right knee jerk" in neuron.sentence
    assert root.ratio == pytest.approx(0.0999 / 0.9)


def test_an_open_alternative_gets_the_test_on_which_the_two_differ():
    seen = observed(**KNEE)
    views = knee_views(seen, {FEMORAL: {"reflex": 0.0, "snap": -3.0}, L4: {"reflex": 0.3, "snap": -1.0}})
    ankle = column(Address("reflex", 1, "ankle"))
    for cause, value in ((FEMORAL, 2.2), (L4, 0.0)):
        views[cause].expected[0][:, ankle] = value
    tested = {a for o in seen for a in o.where}
    stated = _explain(problem(), [seen], posterior_of({FEMORAL: 0.6, L4: 0.4}), views, tested)
    (row,) = stated.exclusions
    assert (row.test, row.result) == ("the right ankle jerk", "absent")
    assert row.test_bits > 0.5
    assert "best told from femoral neuropathy by the right ankle jerk" in row.sentence


def test_the_monte_carlo_error_keeps_an_alternative_open():
    seen = observed(**KNEE)
    findings = _findings_of((seen,), AGE, HEIGHT)
    sets = _sets_of(findings)
    posterior = posterior_of({FEMORAL: 0.995, L4: 0.005})
    views = knee_views(seen, {FEMORAL: {"snap": -3.0}, L4: {"snap": 2.5}})
    causes = _gather(views, posterior.probability, (len(seen),))
    left = [_leave_out(c, _membership(sets, len(findings))) for c in causes]
    assert _exclusions(causes, left, sets, posterior, set(), AGE)[0].status == "excluded"
    posterior.error[L4] = 0.01
    assert _exclusions(causes, left, sets, posterior, set(), AGE)[0].status == "unlikely"


def test_causes_not_looked_at_are_named_with_their_probability():
    shares = {FEMORAL: 0.9, L4: 0.08, MND: 0.0001, DLRPN: 0.0199}
    stated = femoral_or_root(shares)
    assert stated.not_looked_at == (DISEASES[DLRPN].title,)
    assert stated.not_looked_at_probability == pytest.approx(0.0199)


def test_an_explanation_is_plain_values():
    stated = femoral_or_root()
    assert json.loads(json.dumps(asdict(stated)))["causes"][0]["name"] == "femoral"


def test_one_possible_cause_or_no_finding_needs_no_explanation():
    seen = observed(**KNEE)
    views = knee_views(seen, {FEMORAL: {}, L4: {}})
    assert _explain(problem(), [seen], posterior_of({FEMORAL: 1.0}), views, set()) is None
    assert _explain(problem(), [], posterior_of({FEMORAL: 0.5, L4: 0.5}), {}, set()) is None


def test_the_two_nearest_of_every_family_are_worth_explaining_and_the_impossible_are_not():
    rng = np.random.default_rng(2)
    share = {c: float(10.0 ** -rng.uniform(4.0, 9.0)) for c in range(len(DISEASES))}
    share[DLRPN], share[index_of("lrpn")] = 0.99, 0.0
    chosen = _worth_explaining(posterior_of(share))
    assert chosen[0] == DLRPN
    assert index_of("lrpn") not in chosen
    for family in {DISEASES[c].family for c in range(len(DISEASES)) if share[c] > 0.0}:
        own = sorted((c for c in share if DISEASES[c].family == family and share[c]), key=lambda c: -share[c])
        assert set(own[:2]) <= set(chosen)


def test_a_statement_on_all_others_is_not_turned_round():
    seen = observed(examination={"strength": {"right": {"knee-extension": 3, "others": "normal"}}})
    findings = _findings_of((seen,), AGE, HEIGHT)
    views = knee_views(seen, {FEMORAL: {"movement_strength": 3.0}, L4: {"movement_strength": 5.0}})
    causes = _gather(views, posterior_of({FEMORAL: 0.5, L4: 0.5}).probability, (2,))
    left = [_leave_out(c, np.eye(2)) for c in causes]
    assert all(c.finding == 0 for c in _counterfactuals(causes, left, findings))
    assert _FindingSet((findings[1],)).part == "strength"
