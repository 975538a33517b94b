"""What the oracle says of a study, and patients drawn from the oracle's own law.

Patients of its own law tell how far from perfect calibration exact inference looks by chance alone; on
Garland's virtual patients it errs by its discretisation as well.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.oracle import Finding, day_factor, exact, factors, given_expected, known_states, reduced
from experiments.oracle_bank import bank
from experiments.oracle_network import Network, learn
from experiments.oracle_sites import N_LEVELS, NAMES
from experiments.versus_methods import Answer, Study
from garland.errors import InputError
from garland.inference.observations import SIDES, _contamination_rate, _Observation
from garland.model.diseases import DISEASES
from garland.model.findings import column, noise_sd

_MATTERS = 0.01
_ODD_WIDTH = 4.0
"""Width of the window in which a number recorded by mistake lies: one over its density [-]."""
Doubles = NDArray[np.float64]


def networks(folder: Path, patients: int) -> tuple[Network, ...]:
    """Return the network of every cause, learnt from so many patients each and kept in a folder."""
    return tuple(_network(folder, cause, patients) for cause in range(len(DISEASES)))


def _network(folder: Path, cause: int, patients: int) -> Network:
    path = folder / f"network-{DISEASES[cause].name}-{patients}.pickle"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        learnt = learn(bank(cause, patients))
        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(learnt))
        unfinished.rename(path)
    with path.open("rb") as file:
        found = pickle.load(file)
    if not isinstance(found, Network):
        raise InputError(str(path), type(found).__name__, "is no network", "delete the file")
    return found


@cache
def networks_kept(folder: Path, patients: int) -> tuple[Network, ...]:
    """Return `networks`, read once in each process."""
    return networks(folder, patients)


def of_one_item(observations: Sequence[_Observation]) -> list[Finding]:
    """Return the observations that the oracle can use: those that name one item each."""
    return [Finding(o) for o in observations if len(o.where) == 1]


def ask(nets: Sequence[Network], study: Study, found: Sequence[Finding], *, sites: bool = True) -> Answer:
    """Return what the oracle says."""
    start = time.perf_counter()
    score = np.full(len(DISEASES), -np.inf)
    for cause in map(int, np.flatnonzero(np.isfinite(study.offset))):
        score[cause] = study.offset[cause] + _asked(nets[cause], study, found, ())[0]
    weight = np.exp(score - score.max())
    probability = weight / weight.sum()
    seconds = time.perf_counter() - start
    law = np.zeros((2, len(NAMES), N_LEVELS))
    total = 0.0
    matter = np.flatnonzero(probability > min(_MATTERS, 0.5 * float(probability.max())))
    for cause in map(int, matter) if sites else ():
        law += probability[cause] * _site_law(nets[cause], study, found)
        total += float(probability[cause])
    return Answer(probability, law / max(total, 1e-12), None, seconds, 0)


def _asked(
    net: Network, study: Study, found: Sequence[Finding], targets: Sequence[str]
) -> tuple[float, dict[str, Doubles]]:
    seen = factors(net, found)
    if study.first_day is not None:
        seen.append(day_factor(net, study.first_day, study.precision_ln))
    tables, evidence = reduced(net.variables.values(), seen, known(net, study), targets)
    return exact(tables, evidence, targets)


def known(net: Network, study: Study) -> dict[str, Doubles]:
    """Return the laws of what is known of the person; see `oracle.known_states`."""
    person = {name: float(value) for name, value in study.person._asdict().items()}
    return known_states(net, person)


def _site_law(net: Network, study: Study, found: Sequence[Finding]) -> Doubles:
    names = [f"{side} {name}" for side in SIDES for name in NAMES]
    free = [name for name in names if name not in net.constant]
    laws = _asked(net, study, found, free)[1]
    rows = [laws[n] if n in laws else np.eye(N_LEVELS)[net.constant[n]] for n in names]
    return np.asarray(rows).reshape(2, len(NAMES), N_LEVELS)


def own_patient(nets: Sequence[Network], study: Study, seed: int) -> tuple[Study, list[Finding]]:
    """Draw a patient from the oracle's own law, examined as another patient was."""
    rng = np.random.default_rng([seed, 11])
    weight = np.exp(study.offset - study.offset.max())
    cause = int(rng.choice(len(DISEASES), p=weight / weight.sum()))
    net, laws = nets[cause], known(nets[cause], study)
    state: dict[str, int] = {}
    for table in net.variables.values():
        law = laws.get(table.name, table.values[tuple(state[p] for p in table.parents)])
        state[table.name] = _drawn(rng, np.asarray(law, np.float64))
    asked = of_one_item(study.observations)
    values = []
    for finding in asked:
        where = column(finding.observation.where[0])
        law = net.findings[where]
        at = _drawn(rng, law.values[tuple(state[p] for p in law.parents)].astype(np.float64))
        values.append(float(rng.choice(net.shown[where][at])))
    within = given_expected(asked, np.array([values], np.float32))[0]
    rows = zip(asked, values, within, strict=True)
    found = [_answered(rng, finding.observation, value, p) for finding, value, p in rows]
    day = None if study.first_day is None else _day(rng, net, state["day"], study.precision_ln)
    return study._replace(cause=cause, first_day=day), found


def _day(rng: np.random.Generator, net: Network, state: int, sd_ln: float) -> float:
    """Return a recorded day of somebody whose true day is in this state [d]."""
    edges = net.days_ln
    inside = np.digitize(np.exp(0.5 * (edges[1:] + edges[:-1])), net.cuts["day"]) == state
    cell = int(rng.choice(np.flatnonzero(inside)))
    return float(np.exp(rng.uniform(edges[cell], edges[cell + 1]) + sd_ln * rng.standard_normal()))


def _drawn(rng: np.random.Generator, law: Doubles) -> int:
    return int(rng.choice(len(law), p=law / law.sum()))


def _answered(rng: np.random.Generator, asked: _Observation, value: float, within: float) -> Finding:
    """Return a new answer to a question, of a patient with this expected value."""
    if not asked.measured:
        return Finding(asked, outside=bool(rng.random() > within))
    number = rng.normal(value, float(noise_sd()[column(asked.where[0])]))
    if rng.random() < _contamination_rate():
        number = asked.low + _ODD_WIDTH * (rng.random() - 0.5)
    return Finding(replace(asked, low=float(number), high=float(number)))
