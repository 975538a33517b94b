"""The oracle against enumeration of every state of a small network: some seconds, with pyAgrum alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from experiments.oracle import Factor, Table, exact


def law(rng, *shape):
    values = rng.random(shape) ** 2
    return values / values.sum(axis=-1, keepdims=True)


def network(rng):
    """Two roots, two sites that share them, and a variable below both."""
    return [
        Table("a", (), law(rng, 3)),
        Table("b", (), law(rng, 2)),
        Table("c", ("b", "a"), law(rng, 2, 3, 4)),
        Table("d", ("a",), law(rng, 3, 5)),
        Table("e", ("d", "c", "b"), law(rng, 5, 4, 2, 3)),
    ]


def enumerated(tables, found):
    """Return the evidence and every marginal by adding up all joint states."""
    sizes = {table.name: table.values.shape[-1] for table in tables}
    total, laws = 0.0, {name: np.zeros(size) for name, size in sizes.items()}
    for states in itertools.product(*map(range, sizes.values())):
        at = dict(zip(sizes, states, strict=True))
        p = np.prod([t.values[tuple(at[n] for n in (*t.parents, t.name))] for t in tables])
        p *= np.prod([f.values[tuple(at[n] for n in f.scope)] for f in found])
        total += p
        for name, state in at.items():
            laws[name][state] += p
    return np.log(total) + sum(f.log_scale for f in found), {n: v / total for n, v in laws.items()}


@pytest.mark.parametrize("seed", range(5))
def test_pyagrum_gives_the_evidence_and_laws_of_full_enumeration(seed):
    rng = np.random.default_rng(seed)
    tables = network(rng)
    found = [
        Factor(("e", "b"), -3.0, rng.random((3, 2))),
        Factor(("a",), 0.0, rng.random(3)),
        Factor(("d", "c"), 1.0, rng.random((5, 4))),
        Factor((), 0.5, np.array(0.2)),
    ]
    evidence, laws = exact(tables, found, ("a", "c", "e"))
    truth, marginals = enumerated(tables, found)
    assert evidence == pytest.approx(truth, abs=1e-9)
    for name, values in laws.items():
        assert values == pytest.approx(marginals[name], abs=1e-9)


def test_with_nothing_seen_the_laws_are_those_of_the_network():
    tables = network(np.random.default_rng(9))
    evidence, laws = exact(tables, [], ("d",))
    assert evidence == pytest.approx(0.0)
    assert laws["d"] == pytest.approx(tables[0].values @ tables[3].values)
