"""The oracle: exact inference in the discrete networks, by pyAgrum.

An observation enters as its likelihood in every state of its finding, the observer's noise and slips inside;
all else is exact. pyAgrum is no part of Garland's own environment: `make oracle` sets up one that has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from experiments.oracle_network import Network, Table
from garland.errors import InputError
from garland.inference.likelihood import _by_observation
from garland.inference.observations import _arrays, _Observation
from garland.model.findings import column

Doubles = NDArray[np.float64]
_NARROWEST = 1e-3
_ODDEST = 1e-4
"""Density of a day on which hardly anybody comes; no day counts for more against a cause [-]."""


@dataclass(frozen=True)
class Factor:
    """What was seen, as a function of the variables it speaks of.

    Attributes
    ----------
    scope : tuple of str
        The variables.
    log_scale : float
        Logarithm of what `values` was divided by [nat].
    values : ndarray
        Likelihood over the states of the scope, at most 1 [-].
    """

    scope: tuple[str, ...]
    log_scale: float
    values: Doubles


@dataclass(frozen=True)
class Finding:
    """An observation of one item, or that the item lies outside the observation's interval."""

    observation: _Observation
    outside: bool = False


def given_expected(found: Sequence[Finding], expected: NDArray[np.float32]) -> Doubles:
    """Return the likelihood of findings where their expected values are these, shape (R, O) [-]."""
    seen = _arrays(tuple(finding.observation for finding in found))
    seen = seen._replace(column=np.arange(len(found), dtype=np.int32))
    likelihood = np.exp(_by_observation(expected, seen))
    outside = np.array([finding.outside for finding in found])
    return np.where(outside, np.maximum(1.0 - likelihood, 0.0), likelihood)


def state_likelihood(network: Network, found: Sequence[Finding]) -> list[Doubles]:
    """Return the likelihood of findings in every state that a network gives them.

    Likelihood, averaged over the expected values kept of each state [-].
    """
    shown = [network.shown[column(finding.observation.where[0])] for finding in found]
    expected = np.zeros((max(each.size for each in shown), len(shown)), np.float32)
    for i, each in enumerate(shown):
        expected[: each.size, i] = each.ravel()
    likelihood = given_expected(found, expected)
    return [likelihood[: each.size, i].reshape(each.shape).mean(axis=1) for i, each in enumerate(shown)]


def factors(network: Network, findings: Sequence[Finding]) -> list[Factor]:
    """Return findings as factors over the parents of each, one factor for each scope."""
    found: dict[tuple[str, ...], Doubles] = {}
    for finding, likelihood in zip(findings, state_likelihood(network, findings), strict=True):
        law = network.findings[column(finding.observation.where[0])]
        values = law.values.astype(np.float64) @ likelihood
        found[law.parents] = found[law.parents] * values if law.parents in found else values
    return [_scaled(scope, values) for scope, values in found.items()]


def _scaled(scope: tuple[str, ...], values: Doubles) -> Factor:
    top = max(float(values.max()), 1e-300)
    return Factor(scope, float(np.log(top)), values / top)


def known_states(network: Network, person: Mapping[str, float]) -> dict[str, Doubles]:
    """Return what is known of the person before any finding, as laws that replace the network's own.

    Law of each variable that is known: one for its state, else zero [-].
    """
    return {
        name: np.eye(len(network.cuts[name]) + 1)[int(np.digitize(value, network.cuts[name]))]
        for name, value in person.items()
        if name in network.cuts and not np.isnan(value)
    }


def day_factor(network: Network, day: float, sd_ln: float) -> Factor:
    """Return the density of a recorded day in each state of the true one."""
    edges = network.days_ln
    within = np.diff(ndtr((edges - np.log(max(day, 0.5))) / sd_ln))
    dense = within / np.maximum(np.diff(edges), _NARROWEST) + _ODDEST
    middle = np.exp(0.5 * (edges[1:] + edges[:-1]))
    state = np.digitize(middle, network.cuts["day"])
    rows = [dense[state == k] for k in range(len(network.cuts["day"]) + 1)]
    return _scaled(("day",), np.array([row.mean() if len(row) else _ODDEST for row in rows]))


def reduced(
    tables: Iterable[Table], found: Sequence[Factor], laws: Mapping[str, Doubles], targets: Sequence[str]
) -> tuple[list[Table], list[Factor]]:
    """Return the part of a network that bears on a question, what is known for sure put in."""
    sure = {name: int(law.argmax()) for name, law in laws.items()}
    cut_tables = [
        Table(table.name, *_sliced(table.parents, table.values, sure))
        for table in tables
        if table.name not in sure
    ]
    cut = [
        Factor(scope, f.log_scale, values)
        for f in found
        for scope, values in [_sliced(f.scope, f.values, sure)]
    ]
    wanted = {name for f in cut for name in f.scope} | set(targets)
    needed: list[Table] = []
    for table in reversed(cut_tables):
        if table.name in wanted:
            wanted |= set(table.parents)
            needed.append(table)
    return needed[::-1], cut


def _sliced(scope: tuple[str, ...], values: Any, sure: Mapping[str, int]) -> tuple[tuple[str, ...], Any]:
    at = tuple(sure.get(name, slice(None)) for name in scope)
    return tuple(name for name in scope if name not in sure), values[at]


def exact(
    tables: Sequence[Table], found: Sequence[Factor], targets: Sequence[str] = ()
) -> tuple[float, dict[str, Doubles]]:
    """Return the log evidence of what was seen and the laws of some variables given it, exactly.

    Log evidence [nat], and the law of each target, (K,) [-].
    """
    pyagrum = _pyagrum()
    net = pyagrum.BayesNet()
    for table in tables:
        net.add(pyagrum.LabelizedVariable(table.name, "", int(table.values.shape[-1])))
        _fill(net, table.name, table.parents, table.values)
    seen: dict[str, int] = {}
    log_scale = 0.0
    for number, factor in enumerate(found):
        log_scale += factor.log_scale
        if not factor.scope:
            log_scale += float(np.log(max(float(factor.values), 1e-300)))
            continue
        name = f"seen {number}"
        net.add(pyagrum.LabelizedVariable(name, "", 2))
        _fill(net, name, factor.scope, np.stack([1.0 - factor.values, factor.values], axis=-1))
        seen[name] = 1
    if not net.names():
        return log_scale, {}
    engine = pyagrum.LazyPropagation(net)
    engine.setEvidence(seen)
    engine.setTargets(set(targets))
    laws = {name: np.asarray(engine.posterior(name).toarray(), np.float64) for name in targets}
    probability = engine.evidenceProbability() if seen else 1.0
    return log_scale + float(np.log(max(probability, 1e-300))), laws


def _pyagrum() -> Any:
    try:
        return import_module("pyagrum")
    except ModuleNotFoundError as missing:
        raise InputError("pyagrum", None, "is not installed here", "run this by `make versus`") from missing


def _fill(net: Any, name: str, parents: Sequence[str], values: NDArray[Any]) -> None:
    for parent in parents:
        net.addArc(parent, name)
    table = net.cpt(name)
    axes = (*parents, name)
    order = [axes.index(axis) for axis in reversed(table.names)]
    whole = np.asarray(values, np.float64)
    whole = whole / whole.sum(axis=-1, keepdims=True)
    table[:] = np.ascontiguousarray(whole.transpose(order))
