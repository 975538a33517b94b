"""One discrete network for each cause: chance, person and day -> lesion levels -> findings.

Together the networks are one Bayesian network whose every table is conditioned on the cause. Nothing in them
is typed in: the tables are counted from the forward path, and which of the variables on its own path a
finding depends on is chosen by what they tell of it in the bank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.oracle_bank import DIFFUSE, LESION, Bank
from experiments.oracle_sites import N_LEVELS, NAMES, level, on_path
from garland.anatomy.tree import load
from garland.inference.observations import SIDES
from garland.model.findings import SIDED, UNSIDED, noise_sd

MOST_PARENTS = 3
FINDING_STATES, SHOWN_PER_STATE = 8, 9
"""States of a finding within a cause, and expected values kept of each [-]."""
PERSON = ("age_years", "male", "height_cm", "diabetes", "diabetes_years", "hba1c_percent")
BODY = ("velocity", "reflex", "background")
"""Chance of the body that many findings share."""
_STATES = {"side": 2, "severity": 4, "day": 5, "age_years": 5, "height_cm": 5, "velocity": 4, "reflex": 4}
_OTHER_STATES = 3
_LEARN_ON = 8192
_LEAST_GAIN = 0.01
_PRIOR_COUNT = 4.0
_CONSTANT = 0.999
_DAYS = 41
_FLAT = 0.25
"""A finding whose spread within a cause is below this share of its noise has one state [-]."""
_STUDIES = load().motor_study_ids, load().sensory_study_ids
Codes = NDArray[np.int64]
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Table:
    """The law of one variable.

    Attributes
    ----------
    name : str
        The variable.
    parents : tuple of str
        What it depends on, the most telling first.
    values : (*parents, K)
        Probability of its states; the last axis sums to one [-].
    """

    name: str
    parents: tuple[str, ...]
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """The network of one cause.

    Attributes
    ----------
    cause : int
        Index into `DISEASES`.
    cuts : dict of str to (K - 1,)
        Values between the states of what a patient is drawn with.
    days_ln : (D,)
        Logarithms of days of coming, evenly many patients between each two [ln d].
    variables : dict of str to Table
        Roots, diffuse damage and sites (``left femoral``), parents before children. A site left out has
        one level.
    constant : dict of str to int
        The level of the sites that have but one.
    findings : dict of int to Table
        Law of each finding, by its column.
    shown : dict of int to (K, R)
        Expected values of each finding in each of its states, on its own scale.
    """

    cause: int
    cuts: dict[str, NDArray[np.float64]]
    days_ln: NDArray[np.float64]
    variables: dict[str, Table]
    constant: dict[str, int]
    findings: dict[int, Table]
    shown: dict[int, NDArray[np.float32]]


def quantile_cuts(values: Floats, states: int) -> NDArray[np.float64]:
    """Return the values that part a sample into states of equal size; fewer where values repeat, (K - 1,)."""
    cuts = np.unique(np.quantile(values.astype(np.float64), np.arange(1, states) / states))
    return np.asarray(cuts[(cuts > values.min()) & (cuts <= values.max())])


def counted(child: Codes, states: int, parents: Sequence[Codes], sizes: Sequence[int]) -> NDArray[np.float32]:
    """Return the table of a variable given its parents, counted and smoothed."""
    table = (np.bincount(child, minlength=states) + 1.0 / states) / (len(child) + 1.0)
    row = np.zeros(len(child), np.int64)
    for i, (codes, size) in enumerate(zip(parents, sizes, strict=True)):
        row = row * size + codes
        shape = (*sizes[: i + 1], states)
        n = np.bincount(row * states + child, minlength=int(np.prod(shape))).reshape(shape).astype(float)
        table = (n + _PRIOR_COUNT * table[..., None, :]) / (n.sum(axis=-1, keepdims=True) + _PRIOR_COUNT)
    return np.asarray(table, np.float32)


def information(child: Codes, states: int, row: Codes, rows: int) -> float:
    """Return the mutual information of a variable and its parents' joint state, its bias taken off [nat]."""
    n = np.bincount(row * states + child, minlength=rows * states).reshape(rows, states).astype(float)
    total = n.sum()
    by_row, by_state = n.sum(axis=1), n.sum(axis=0)

    def entropy(x: Floats) -> float:
        p = x[x > 0] / total
        return float(-(p * np.log(p)).sum())

    free = ((by_row > 0).sum() - 1) * ((by_state > 0).sum() - 1)
    return entropy(by_row) + entropy(by_state) - entropy(n) - 0.5 * float(free) / float(total)


def telling(
    child: Codes, states: int, candidates: Mapping[str, tuple[Codes, int]], most: int = MOST_PARENTS
) -> tuple[str, ...]:
    """Return the candidates that tell most of a variable, greedily, the most telling first."""
    chosen: list[str] = []
    row, rows, known = np.zeros(len(child), np.int64), 1, 0.0
    left = dict(candidates)
    for _ in range(most):
        gains = {
            name: information(child, states, row * size + codes, rows * size) - known
            for name, (codes, size) in left.items()
        }
        if not gains or max(gains.values()) < _LEAST_GAIN:
            break
        best = max(gains, key=lambda name: gains[name])
        codes, size = left.pop(best)
        row, rows, known = row * size + codes, rows * size, known + gains[best]
        chosen.append(best)
        left = {name: left[name] for name in left if gains[name] > 0.25 * _LEAST_GAIN}
    return tuple(chosen)


def learn(bank: Bank) -> Network:
    """Return the network of a cause, its tables counted from the bank."""
    cuts = {name: _cuts(name, values) for name, values in bank.roots.items()}
    codes = {name: (np.digitize(bank.roots[name], cut), len(cut) + 1) for name, cut in cuts.items()}
    variables = {name: Table(name, (), counted(*codes[name], (), ())) for name in codes if name != "day"}
    variables["day"] = _table("day", codes, ["progression"])
    lesion = [name for name in (*LESION[:5], *LESION[8:9], "day", *PERSON) if codes[name][1] > 1]
    constant: dict[str, int] = {}
    for name, states, size in _damage(bank):
        if np.bincount(states).max() > _CONSTANT * len(states):
            constant[name] = int(np.bincount(states).argmax())
            continue
        mirror = f"left {name.removeprefix('right ')}"
        paired = [mirror] if name.endswith(DIFFUSE) and mirror in codes else []
        codes[name] = (states, size)
        variables[name] = _table(name, codes, [*lesion, *paired], MOST_PARENTS + 1)
    findings, shown = {}, {}
    for column, (field, side, item) in enumerate(_columns()):
        states, shown[column] = _states(bank.expected[:, column], float(noise_sd()[column]))
        codes["finding"] = (states, len(shown[column]))
        near = [name for name in _near(field, side, item) if name in codes and codes[name][1] > 1]
        findings[column] = _table("finding", codes, near if len(shown[column]) > 1 else [])
    days = np.quantile(np.log(bank.roots["day"].astype(np.float64)), np.linspace(0.0, 1.0, _DAYS))
    return Network(bank.cause, cuts, days, variables, constant, findings, shown)


def _cuts(name: str, values: Floats) -> NDArray[np.float64]:
    if name == "side":
        return np.zeros(1)
    return quantile_cuts(values, _STATES.get(name, _OTHER_STATES))


def _table(
    name: str, codes: Mapping[str, tuple[Codes, int]], candidates: Sequence[str], most: int = MOST_PARENTS
) -> Table:
    states, size = codes[name]
    few = {c: (codes[c][0][:_LEARN_ON], codes[c][1]) for c in candidates if c != name}
    parents = telling(states[:_LEARN_ON], size, few, most)
    values = counted(states, size, [codes[p][0] for p in parents], [codes[p][1] for p in parents])
    return Table(name, parents, values)


def _damage(bank: Bank) -> Iterator[tuple[str, Codes, int]]:
    """Yield name, states and number of states of everything struck, by side."""
    for s, side in enumerate(SIDES):
        for i, name in enumerate(DIFFUSE):
            cuts = quantile_cuts(bank.diffuse[:, s, i], N_LEVELS)
            yield f"{side} {name}", np.digitize(bank.diffuse[:, s, i], cuts), len(cuts) + 1
        for g, name in enumerate(NAMES):
            yield f"{side} {name}", level(bank.loss[:, s, g]), N_LEVELS


def _columns() -> Iterator[tuple[str, int | None, str]]:
    """Yield field, side and item of every finding in the order of its column."""
    for field, items in SIDED.items():
        yield from ((field, side, item) for side in range(2) for item in items)
    for field, items in UNSIDED.items():
        yield from ((field, None, item) for item in items)


def _near(field: str, side: int | None, item: str) -> list[str]:
    """Return what a finding may depend on: the sites on its own path, what strikes its side, the body."""
    sides = range(2) if side is None else (side,)
    damage = [
        f"{SIDES[s]} {name}" for s in sides for name in (*DIFFUSE, *(NAMES[g] for g in on_path(field, item)))
    ]
    study = item.split("@")[0]
    own = [
        f"{kind}_amplitude:{ids.index(study)}"
        for kind, ids in zip(("motor", "sensory"), _STUDIES, strict=True)
        if study in ids and field in (("cmap",) if kind == "motor" else ("snap",))
    ]
    return [*damage, *own, *BODY, "severity", "progression", "day", *PERSON]


def _states(values: Floats, noise: float) -> tuple[Codes, NDArray[np.float32]]:
    """Return states of a finding (N,) and the expected values kept of each state, (K, R)."""
    low, high = np.quantile(values, (0.005, 0.995))
    cuts = quantile_cuts(values, FINDING_STATES) if high - low > _FLAT * noise else np.zeros(0)
    if high - low > _FLAT * noise and len(cuts) == 0:
        cuts = np.array([0.5 * (float(low) + float(high))])
    states = np.digitize(values, cuts)
    at = (np.arange(SHOWN_PER_STATE) + 0.5) / SHOWN_PER_STATE
    kept = [values[states == k] for k in range(len(cuts) + 1)]
    whole = np.quantile(values, at)
    rows = [np.quantile(v, at) if len(v) else whole for v in kept]
    return states, np.asarray(rows, np.float32)
