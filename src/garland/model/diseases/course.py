"""What becomes of a lesion: it heals, stands, grows or comes again; what care makes of it; who dies of it.

Every cause says in its evidence what differs from `causes/baseline`. One latent (block ``healing``) makes
all times of a patient shorter or longer together. What an axon does by itself stands in `model.axons`.

Trusted for medians of series; between patients the spread is assumed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.stats import norm

from garland.evidence import Part, part
from garland.evidence.provenance import remembered
from garland.model.diseases import DISEASES
from garland.model.diseases.lesion_process import HEALING, LesionProcess, each_done
from garland.model.latents import Latents
from garland.model.patterns import second_attack
from garland.units import DAYS_PER_YEAR

_TIMES = {
    "block_recovery_day": "block_recovery_day",
    "muscle_heal_day": "muscle_heal_day",
    "pain_stands_day": "pain_span_day",
    "pain_fades_day": "pain_fade_day",
}
"""Numbers of the evidence that patience or luck stretch, and the field that each fills."""
_ONCE = ("dying_share", "dying_day")
_CARE = ("care_heals", "care_eases", "care_holds")
_RELAPSE = ("share", "ratio", "first_day", "last_day")


class _Courses(NamedTuple):
    """What the evidence says of the course, by cause; NaN where it leaves it to the process."""

    times: np.ndarray  # (C, 2, len(_TIMES)): median [d] and spread of its log
    onward: np.ndarray  # (C, 2): median [1/a] and spread of its log
    once: np.ndarray  # (C, len(_ONCE))
    care: np.ndarray  # (C, len(_CARE), H)
    relapse: np.ndarray  # (C, 4)


def _median_and_spread(own: Part, name: str) -> tuple[float, float]:
    base = part("causes/baseline")
    source = own if name in own else base if name in base else None
    if source is None:
        return (np.nan, 0.0)
    return source.value(name), source.spread(name) if source.number(name).distribution else 0.0


def _row(own: Part, name: str, keys: tuple[str, ...]) -> list[float]:
    listed = own.table(name) if name in own else {}
    return [listed.get(key.replace("-", "_"), np.nan if name == "relapse" else 0.0) for key in keys]


@remembered
def _courses() -> _Courses:
    """Return the courses of all causes."""
    parts = [part(f"causes/{cause.evidence}") for cause in DISEASES]
    tables = _Courses(
        np.array([np.transpose([_median_and_spread(own, name) for name in _TIMES]) for own in parts]),
        np.array([_median_and_spread(own, "onward_per_year") for own in parts]),
        np.array([[_median_and_spread(own, name)[0] for name in _ONCE] for own in parts]),
        np.array([[_row(own, name, HEALING) for name in _CARE] for own in parts]),
        np.array([_row(own, "relapse", _RELAPSE) for own in parts]),
    )
    return _Courses(*[np.asarray(table, np.float32) for table in tables])


def with_course(lesion_process: LesionProcess, latents: Latents, cause: jax.Array | int) -> LesionProcess:
    """Return what a cause does to N patients with what becomes of it."""
    times, onward, once, care, relapse = (jnp.asarray(table)[cause] for table in _courses())
    healing = latents["healing"]
    n = healing.shape[0]
    drawn = times[0] * jnp.exp(-times[1] * healing[:, None])
    fields = {field: drawn[:, at] for at, field in enumerate(_TIMES.values())}
    fields["onward_per_year"] = onward[0] * jnp.exp(-onward[1] * healing)
    fields |= {name: jnp.broadcast_to(once[at], (n,)) for at, name in enumerate(_ONCE)}
    base = part("causes/baseline")
    answers = healing > norm.ppf(1.0 - base.value("care_answering"))
    answer = (answers * jnp.exp(base.value("care_spread_ln") * healing))[:, None]
    heals, eases, holds = care
    fields |= {"care_heals": heals * answer, "care_eases": eases * answer}
    fields["care_holds"] = jnp.broadcast_to(holds, (n, len(HEALING)))
    fields["again_day"], again = second_attack(latents, *relapse)
    # Said outright: a compiler may turn nought times NaN into nought.
    fields["again_ratio"] = jnp.where(jnp.isnan(relapse[0]), jnp.nan, again)
    said: dict[str, Any] = {
        name: jnp.where(jnp.isnan(field), getattr(lesion_process, name), field)
        for name, field in fields.items()
    }
    return lesion_process._replace(**said)


def on_day(lesion_process: LesionProcess, day: jax.Array) -> LesionProcess:
    """Return the process as it stands on a day (N,): muscle heals, and what grows hurts more."""
    return each_done(lesion_process, day, _on_own_day)


def _on_own_day(lesion_process: LesionProcess, day: jax.Array) -> LesionProcess:
    after = jnp.maximum(day - lesion_process.span_day, 0.0)
    scar = part("causes/baseline").value("muscle_scar")
    left = scar + (1.0 - scar) * jnp.exp(-after / lesion_process.muscle_heal_day)
    grown = 1.0 + lesion_process.onward_per_year * after / DAYS_PER_YEAR
    return lesion_process._replace(
        muscle_loss=share_left(lesion_process.muscle_loss, left),
        pain_drive=lesion_process.pain_drive * grown[:, None],
    )


def share_left(muscle_loss: jax.Array, left: jax.Array) -> jax.Array:
    """Return the share of diseased fibres when `left` (N,) of the hazard stands, same shape [0..1]."""
    hazard = -jnp.log1p(-jnp.minimum(muscle_loss, 1.0 - 1e-6))
    return -jnp.expm1(-hazard * left[:, None, None])
