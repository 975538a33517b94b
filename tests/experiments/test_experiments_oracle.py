"""The oracle's own logic, without pyAgrum: tables, choice of parents, likelihoods, what is known."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest

from experiments import oracle, oracle_answer
from experiments.oracle import Factor, Finding, day_factor, factors, given_expected, known_states, reduced
from experiments.oracle_bank import LESION, Bank
from experiments.oracle_network import PERSON, Network, Table, counted, learn, quantile_cuts, telling
from experiments.oracle_sites import MEMBERS, NAMES, level, merged, on_path
from garland.errors import InputError
from garland.inference.observations import INF, _Observation
from garland.model.diseases import DISEASES
from garland.model.findings import N_FINDINGS, Address, column

WEAK = Address("muscle_strength", 0, "tibialis-anterior")
STRONG = Address("muscle_strength", 0, "vastus-lateralis")


def codes(values, states):
    return np.asarray(values, np.int64), states


@pytest.fixture(scope="module")
def net():
    """A cause that strikes the left fibular and femoral nerves alike: only the weaker ankle shows."""
    rng = np.random.default_rng(1)
    n = 4096
    roots = {name: rng.standard_normal(n).astype(np.float32) for name in (*LESION, *PERSON)}
    roots |= {
        name: rng.standard_normal(n).astype(np.float32) for name in ("velocity", "reflex", "background")
    }
    roots["day"] = np.exp(4.0 + rng.standard_normal(n)).astype(np.float32)
    loss = np.zeros((n, 2, len(NAMES)), np.float32)
    affected = 1.0 / (1.0 + np.exp(-roots["severity"] - 2.0 * rng.standard_normal(n)))
    loss[:, 0, NAMES.index("fibular")] = loss[:, 0, NAMES.index("femoral")] = affected
    expected = np.zeros((n, N_FINDINGS), np.float32)
    expected[:, column(WEAK)] = 5.0 - 5.0 * affected
    return learn(Bank(0, roots, loss, np.zeros((n, 2, 3), np.float32), expected))


def observed(where, low, high):
    return Finding(_Observation("", "", "", (where,), low, high))


def test_every_site_of_the_anatomy_belongs_to_one_merged_site():
    assert sorted(site for members in MEMBERS.values() for site in members) == list(range(92))


def test_losses_along_a_merged_site_add_up_as_hazards():
    at = np.zeros((1, 2, 92), np.float32)
    first, second = MEMBERS["tibial"][:2]
    at[0, 1, [first, second]] = 0.5
    assert merged(at)[0, 1, NAMES.index("tibial")] == pytest.approx(0.75)
    assert merged(at)[0, 0].max() == 0.0


def test_levels_begin_at_a_tenth():
    assert level(np.array([0.0, 0.09, 0.11, 0.5, 0.7, 0.99])).tolist() == [0, 0, 1, 2, 3, 4]


def test_the_femoral_nerve_is_not_on_the_path_of_the_sural_snap():
    names = {NAMES[i] for i in on_path("snap", "sural")}
    assert {"sural", "sacral-plexus", "root S1"} <= names
    assert "femoral" not in names


def test_a_table_is_the_shares_counted_in_a_large_sample():
    rng = np.random.default_rng(0)
    parent = rng.integers(0, 2, 200_000)
    child = (rng.random(len(parent)) < np.where(parent == 1, 0.8, 0.1)).astype(np.int64)
    table = counted(child, 2, [parent], [2])
    assert table[:, 1] == pytest.approx([0.1, 0.8], abs=0.01)
    assert table.sum(axis=-1) == pytest.approx(1.0)


def test_a_row_never_seen_falls_back_on_the_row_with_one_parent_fewer():
    first = np.array([0] * 50 + [1] * 50)
    second = np.array([0, 1] * 25 + [0] * 50)
    child = first.copy()
    table = counted(child, 2, [first, second], [2, 2])
    assert table[1, 1] == pytest.approx(counted(child, 2, [first], [2])[1])


def test_what_tells_is_chosen_and_noise_is_not():
    rng = np.random.default_rng(0)
    a, b, noise = (rng.integers(0, 4, 8192) for _ in range(3))
    child = (a + b) % 4
    candidates = {"noise": codes(noise, 4), "a": codes(np.where(rng.random(8192) < 0.9, child, a), 4)}
    assert telling(child, 4, candidates) == ("a",)


def test_a_finding_depends_on_the_struck_site_of_its_own_path_alone(net):
    assert "left fibular" in net.findings[column(WEAK)].parents
    assert "left femoral" not in net.findings[column(WEAK)].parents


def test_a_finding_that_never_varies_has_one_state_and_no_parents(net):
    law = net.findings[column(STRONG)]
    assert law.parents == ()
    assert law.values.tolist() == [1.0]


def test_a_site_never_struck_is_left_out(net):
    assert net.constant["right fibular"] == 0
    assert "right fibular" not in net.variables


def test_severity_is_a_parent_of_the_struck_site(net):
    assert net.variables["left fibular"].parents[0] == "severity"


def test_weakness_speaks_for_a_severe_lesion_and_strength_against_it(net):
    law = net.findings[column(WEAK)]
    axis = law.parents.index("left fibular")
    others = tuple(i for i in range(len(law.parents)) if i != axis)
    weak, strong = (factors(net, [observed(WEAK, *ends)])[0] for ends in ((-INF, 2.0), (4.67, INF)))
    assert weak.scope == law.parents
    assert (np.diff(weak.values.mean(axis=others))[1:] > 0.0).all()
    assert strong.values.mean(axis=others)[0] > strong.values.mean(axis=others)[-1]


def test_findings_with_the_same_parents_are_one_factor_that_is_their_product(net):
    a, b = observed(WEAK, -INF, 3.0), observed(WEAK, 1.0, INF)
    both, one, other = factors(net, [a, b]), factors(net, [a])[0], factors(net, [b])[0]
    assert len(both) == 1
    product = one.values * other.values * np.exp(one.log_scale + other.log_scale)
    assert both[0].values * np.exp(both[0].log_scale) == pytest.approx(product, rel=1e-4)


def test_within_and_outside_of_an_interval_add_up_to_one():
    expected = np.array([[0.0], [3.0], [5.0]], np.float32)
    inside = observed(WEAK, 2.0, 4.0)
    outside = Finding(inside.observation, outside=True)
    total = given_expected([inside], expected) + given_expected([outside], expected)
    assert total == pytest.approx(1.0)


def test_a_known_sex_is_put_in_and_a_missing_age_stays_open(net):
    laws = known_states(net, {"age_years": float("nan"), "male": 9.0})
    assert set(laws) == {"male"}
    assert laws["male"][-1] == 1.0


def test_a_recorded_day_is_a_density_over_the_days_on_which_people_come(net):
    law = net.variables["day"].values
    share = law if law.ndim == 1 else law.mean(axis=0)

    def density(ln_day):
        factor = day_factor(net, float(np.exp(ln_day)), 0.03)
        return float(share @ factor.values * np.exp(factor.log_scale))

    grid = np.linspace(1.0, 7.0, 400)
    assert np.trapezoid([density(x) for x in grid], grid) == pytest.approx(1.0, abs=0.03)
    assert density(4.0) == pytest.approx(1.0 / np.sqrt(2.0 * np.pi), rel=0.15)
    assert np.argmax(day_factor(net, float(np.exp(6.5)), 0.03).values) == len(share) - 1


def test_what_is_known_is_put_in_and_what_bears_on_nothing_is_left_out():
    rng = np.random.default_rng(0)
    a, b, idle = (
        Table("a", (), np.ones(2) / 2),
        Table("b", ("a",), rng.random((2, 3))),
        Table("idle", (), np.ones(2)),
    )
    seen = Factor(("b",), 0.0, rng.random(3))
    tables, found = reduced([a, b, idle], [seen], {"a": np.array([0.0, 1.0])}, ())
    assert [table.name for table in tables] == ["b"]
    assert tables[0].parents == ()
    assert tables[0].values == pytest.approx(b.values[1])
    assert found[0].scope == ("b",)


def test_quantile_cuts_part_a_sample_evenly_and_a_constant_not_at_all():
    assert np.bincount(np.digitize(np.arange(100.0), quantile_cuts(np.arange(100.0), 4))).tolist() == [25] * 4
    assert len(quantile_cuts(np.ones(50), 4)) == 0


def test_without_pyagrum_the_oracle_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyagrum", None)
    with pytest.raises(InputError, match="is not installed here"):
        oracle.exact([Table("a", (), np.ones(2) / 2)], [], ())


def test_a_file_that_holds_no_network_is_named(tmp_path):
    (tmp_path / f"network-{DISEASES[0].name}-512.pickle").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match="is no network"):
        oracle_answer.networks(tmp_path, 512)


def test_a_network_is_read_back_as_it_was_kept(tmp_path, net, monkeypatch):
    monkeypatch.setattr(oracle_answer, "DISEASES", DISEASES[:2])
    monkeypatch.setattr(oracle_answer, "bank", lambda cause, patients: None)
    monkeypatch.setattr(oracle_answer, "learn", lambda bank: net)
    first = oracle_answer.networks(tmp_path, 512)
    monkeypatch.setattr(oracle_answer, "learn", lambda bank: pytest.fail("learnt again"))
    again = oracle_answer.networks(tmp_path, 512)
    assert isinstance(first[0], Network)
    assert again[1].findings[column(WEAK)].parents == first[1].findings[column(WEAK)].parents
