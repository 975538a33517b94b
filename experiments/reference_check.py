"""Whether healthy people of the model fall outside published limits as often as healthy people do.

Trusted  adults of 19-79 years.

A limit at the 97th centile leaves three healthy people in a hundred outside. Healthy people of the model are
drawn with the ages of the published series and studied once, in one laboratory: a published limit comes from
one, so that what laboratories differ by is held still. Only limits that were read in their source count.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.evidence import part, replaced
from garland.model.diseases import index_of
from garland.model.findings import FINDINGS, LOGARITHMIC, Address, column, session_noise
from garland.model.latents import Latents, draw
from garland.model.patient import Person, complete, unknown_person
from garland.model.simulate import expected_findings, state_on_day
from garland.reference_values import KINDS, _published, _short_source, _stratum

_A = load()
WANTED = (0.02, 0.05)
"""Share of healthy people outside a one-sided limit at the 97th centile, that is asked for [0..1]."""
_DAY = 60.0
_AMPLITUDES = tuple(name for name, f in FINDINGS.items() if f.kind in ("amplitude", "fall"))


class _Healthy(NamedTuple):
    """N healthy people, each studied once on both sides.

    Attributes
    ----------
    age_years, height_cm : ndarray
        Shape (N,), [a] and [cm].
    findings : ndarray
        Every finding in that session, on its own scale, (N, N_FINDINGS).
    """

    age_years: Float64s
    height_cm: Float64s
    findings: Float64s


class _Row(NamedTuple):
    """One published limit held against healthy people of the model.

    Attributes
    ----------
    study, measure, source : str
        What it is a limit of, and where it was published.
    people, outside : int
        How many people were asked, and how many fall outside [-].
    share, low, high : float
        Share outside and its 95 per cent binomial interval [0..1].
    """

    study: str
    measure: str
    source: str
    people: int
    outside: int
    share: float
    low: float
    high: float

    @property
    def as_published(self) -> bool:
        """Whether the interval of the share overlaps the wanted one."""
        return self.low <= WANTED[1] and self.high >= WANTED[0]


def _healthy_people(n: int, seed: int = 0) -> _Healthy:
    """Return N healthy adults in one session of one laboratory."""
    p, rng = part("study/reference_population"), np.random.default_rng(seed)
    share = np.array(p.row("band_share"))
    edges = np.array(p.row("band_edges_years"))
    band = rng.choice(len(share), n, p=share / share.sum())
    age = rng.uniform(edges[band], edges[band + 1])
    male = (rng.random(n) < p.value("men")).astype(np.float32)
    latents = draw(jax.random.key(seed), n)
    known = unknown_person()._replace(
        age_years=jnp.asarray(age, jnp.float32), male=jnp.asarray(male), diabetes=jnp.float32(0.0)
    )
    height = np.asarray(complete(known, latents, 0.0).height_cm, np.float64)
    with replaced({"recordings/conduction.laboratory_sd_ln": 0.0}):
        mean = np.asarray(_compiled()(known, latents, jnp.full((n,), _DAY)), np.float64)
    noise = session_noise(rng.standard_normal(mean.shape))
    return _Healthy(age, height, mean + noise)


@functools.cache
def _compiled() -> jax.stages.Wrapped:
    cause = index_of("none")
    quickly = {"xla_backend_optimization_level": 0} if jax.default_backend() == "cpu" else None

    def findings(person: Person, latents: Latents, day: jax.Array) -> jax.Array:
        return expected_findings(state_on_day(person, cause, latents, day))

    return jax.jit(findings, compiler_options=quickly)


def _check(people: _Healthy) -> tuple[_Row, ...]:
    """Return how many of these people fall outside each published limit of a measure the model has."""
    rows = []
    for study in part("study/limits").group_names:
        for key in _keys(study):
            found = None if _remembered(study, key) else _outside(people, study, key)
            if found is not None:
                rows.append(_row(study, key, found))
    return tuple(rows)


def _interval(outside: int, people: int) -> tuple[float, float]:
    """Return the 95 per cent interval of a share after Wilson, as two shares [0..1]."""
    z, share = 1.96, outside / people
    middle = share + z * z / (2 * people)
    reach = z * math.sqrt(share * (1.0 - share) / people + z * z / (4 * people**2))
    return max((middle - reach) / (1 + z * z / people), 0.0), (middle + reach) / (1 + z * z / people)


def _table(rows: tuple[_Row, ...]) -> str:
    """Return the rows as a table for the terminal; ``*`` marks what is not as published."""
    head = f"{'study':36s}{'measure':20s}{'outside %':>10s}{'95 % interval':>17s}   source"
    lines = [
        f"{r.study:36s}{r.measure:20s}{100 * r.share:9.1f} {100 * r.low:8.1f}-{100 * r.high:<6.1f}"
        f"{' ' if r.as_published else '*'}   {r.source}"
        for r in rows
    ]
    kept = sum(r.as_published for r in rows)
    return "\n".join([head, *lines, f"{kept} of {len(rows)} limits as published"])


def _remembered(study: str, key: str) -> bool:
    return part("study/limits").group(study).number(key).standing not in ("measured", "derived")


def _keys(study: str) -> tuple[str, ...]:
    return part("study/limits").group(study).names if not study.startswith(("muscle-", "grading")) else ()


def _row(study: str, key: str, outside: NDArray[np.bool_]) -> _Row:
    number = part("study/limits").group(study).number(key)
    count, people = int(outside.sum()), len(outside)
    return _Row(study, key, _short_source(number), people, count, count / people, *_interval(count, people))


def _outside(people: _Healthy, study: str, key: str) -> NDArray[np.bool_] | None:
    """Return who falls outside a limit, (N,); None where the model has no such measure."""
    plain = key.removeprefix("side-")
    measure = next((m for m in sorted(KINDS, key=len, reverse=True) if plain.startswith(m)), "")
    address = _address(study, measure, plain.removeprefix(measure).removeprefix("-"))
    if address is None or not _published(study, key):
        return None
    written = part("study/limits").group(study).number(key).value
    limit = np.array(
        [_stratum(written, a, h) for a, h in zip(people.age_years, people.height_cm, strict=True)]
    )
    left, right = (_value(people, address._replace(side=side)) for side in (0, 1))
    if key.startswith("side-"):
        # Published as the fall or rise from one side to the other, in one direction.
        apart = 100.0 * (1.0 - right / left) if measure == "amplitude" else right - left
        return np.asarray(apart > limit)
    return np.asarray(left < limit if KINDS[measure][0] == "lower" else left > limit)


def _address(study: str, measure: str, point: str) -> Address | None:
    """Return the finding behind a measure of a study; None where there is none."""
    if study.endswith("-f-wave"):
        return Address("f_latency", 0, study.removesuffix("-f-wave")) if measure == "f-latency" else None
    if study.endswith("-h-reflex"):
        return Address("h_latency", 0, study.removesuffix("-h-reflex")) if measure == "h-latency" else None
    if study in _A.sensory_study_ids:
        field = "snap" if measure == "amplitude" else f"sensory_{measure}"
        return Address(field, 0, study) if measure in ("amplitude", "latency", "velocity") else None
    names = _A.point_names[_A.motor_study_ids.index(study)]
    at = names.index(point) if point else 1
    fields = {
        "amplitude": ("cmap", f"{study}@0"),
        "latency": ("motor_latency", study),
        "velocity": ("motor_velocity", f"{study}@{at}"),
        "drop": ("cmap_drop", f"{study}@{at}"),
    }
    if measure not in fields or (measure in ("velocity", "drop") and at >= len(names)):
        return None
    field, item = fields[measure]
    return Address(field, 0, item)


def _value(people: _Healthy, address: Address) -> Float64s:
    """Return a finding in its own unit: mV, uV, ms, m/s, or the fall of amplitude [%]."""
    found = people.findings[:, column(address)]
    if address.field == "cmap_drop":
        study, _, at = address.item.partition("@")
        before = address._replace(item=f"{study}@{int(at) - 1}")
        # Published from one point to the next; findings tell the fall from the distal point.
        found = found - (people.findings[:, column(before)] if int(at) > 1 else 0.0)
        return np.asarray(100.0 * -np.expm1(found))
    logarithmic = address.field in LOGARITHMIC or address.field in _AMPLITUDES
    return np.asarray(np.exp(found) if logarithmic else found)
