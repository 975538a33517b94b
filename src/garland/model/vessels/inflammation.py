"""The immune attack on small vessels: one wave, seeded at a few roots of one side, spreading from there."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.anatomy.tree import load
from garland.evidence import Part, part
from garland.model.latents import Latents
from garland.model.patterns import first_side, lognormal, multifocal, root_weights, sides

_ANATOMY = load()
_PLEXUS_ROOTS = {
    "upper-lumbar-plexus": ("L1", "L2"),
    "lumbar-plexus-posterior": ("L2", "L3", "L4"),
    "lumbar-plexus-anterior": ("L2", "L3", "L4"),
    "lumbosacral-trunk": ("L4", "L5"),
    "sacral-plexus-posterior": ("L5", "S1", "S2"),
    "sacral-plexus-anterior": ("L5", "S1", "S2"),
}
_NERVE_ROOTS = {
    "femoral-pelvic": ("L2", "L3", "L4"),
    "femoral-inguinal": ("L2", "L3", "L4"),
    "saphenous": ("L3", "L4"),
    "medial-femoral-cutaneous": ("L2", "L3"),
    "obturator": ("L2", "L3", "L4"),
    "lateral-femoral-cutaneous": ("L2", "L3"),
    "superior-gluteal": ("L4", "L5", "S1"),
    "inferior-gluteal": ("L5", "S1", "S2"),
    "posterior-femoral-cutaneous": ("S1", "S2"),
    "sciatic-fibular-division": ("L5", "S1"),
    "sciatic-tibial-division": ("L5", "S1", "S2"),
    "common-fibular": ("L5", "S1"),
    "superficial-fibular": ("L5", "S1"),
    "deep-fibular": ("L5", "S1"),
    "tibial-popliteal": ("S1", "S2"),
    "sural": ("S1", "S2"),
}
_BELOW_KNEE = {
    "common-fibular",
    "superficial-fibular",
    "deep-fibular",
    "tibial-popliteal",
    "sural",
    "saphenous",
}
_ROOT_NAMES = ("L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3")


class _Attack(NamedTuple):
    """One wave of microvasculitis in N patients.

    Attributes
    ----------
    lesion : jax.Array
        Share of capillaries shut at the height of the attack, shape (N, 2, S) [0..1].
    start_day : jax.Array
        Day on which the attack reaches a site, shape (N, 2, S) [d]; the first site is reached before the
        first symptom, which comes when effectors are well under way.
    symptom_day : jax.Array
        Day on which the attack at a site begins to hurt, shape (N, 2, S) [d].
    span_day : jax.Array
        How long it damages one site, shape (N,) [d].
    """

    lesion: jax.Array
    start_day: jax.Array
    symptom_day: jax.Array
    span_day: jax.Array


def _root_average(where: dict[str, tuple[str, ...]], ratio: float = 1.0) -> np.ndarray:
    """Return the matrix (8 roots, S) that averages root weights at each named site."""
    table = np.zeros((len(_ROOT_NAMES), len(_ANATOMY.sites)), np.float32)
    for site, roots in where.items():
        weight = ratio if site in _BELOW_KNEE else 1.0
        for root in roots:
            table[_ROOT_NAMES.index(root), _ANATOMY.site(site)] = weight / len(roots)
    return table


def _root_sites() -> np.ndarray:
    table = np.zeros((len(_ROOT_NAMES), len(_ANATOMY.sites)), np.float32)
    for row, root in enumerate(_ROOT_NAMES):
        for kind, weight in part("vessels/inflammation").table("root_part_weights").items():
            site = f"{kind}-{root.lower()}"
            if site in _ANATOMY.sites:
                table[row, _ANATOMY.site(site)] = weight
    return table


def _affected_sites() -> np.ndarray:
    tables = (_root_sites(), _root_average(_PLEXUS_ROOTS), _root_average(_NERVE_ROOTS))
    return np.flatnonzero(sum(table.sum(axis=0) for table in tables))


AFFECTED_SITES = _affected_sites()
"""Sites that the attack can strike; at all others `Attack.lesion` is zero."""


def attack(latents: Latents, cause: Part, seed_name: str, debris: jax.Array | float = 0.0) -> _Attack:
    """Return the attack of N patients."""
    p = part("vessels/inflammation")
    place, spread = latents["place"], latents["spread"]
    centre = getattr(p, seed_name) + p.spread(seed_name) * place[:, 0]
    roots = root_weights(centre, lognormal(place[:, 1], p, "width_roots"))
    on_plexus = roots @ jnp.asarray(_root_average(_PLEXUS_ROOTS))
    on_nerves = roots @ jnp.asarray(_root_average(_NERVE_ROOTS, p.value("distal_nerve_ratio")))
    height = (
        lognormal(spread[:, 0], p, "root_weight")[:, None] * (roots @ jnp.asarray(_root_sites()))
        + lognormal(spread[:, 1], p, "plexus_weight")[:, None] * on_plexus
        + lognormal(spread[:, 2], p, "nerve_weight")[:, None] * on_nerves
    )
    fed = 1.0 + part("causes/radiculoplexus").value("debris_feeds_attack") * jnp.asarray(debris)
    severity = lognormal(latents["severity"], cause, "severity") * fed
    affected = sides(latents, cause)[:, :, None] * severity[:, None, None] * height[:, None, :]
    lesion = 1.0 - jnp.exp(-affected * multifocal(latents, p.patchiness_ln))
    span = lognormal(latents["progression"], p, "span_day")
    hurts = _arrival(latents, cause, centre)
    silent = p.value("silent_spans") * span
    return _Attack(lesion, hurts - silent[:, None, None], hurts, span)


def _arrival(latents: Latents, cause: Part, centre: jax.Array) -> jax.Array:
    """Return the day on which the attack begins to hurt at each side and site, shape (N, 2, S) [d]."""
    p = part("vessels/inflammation")
    at_root = _root_average({**_PLEXUS_ROOTS, **_NERVE_ROOTS}, 1.0) + _root_sites()
    share = at_root / np.maximum(at_root.sum(axis=0, keepdims=True), 1e-6)
    away = jnp.abs(jnp.arange(len(_ROOT_NAMES), dtype=jnp.float32)[None, :] - centre[:, None])
    per_root = lognormal(latents["place"][:, 2], p, "spread_day_per_root")
    first = per_root[:, None] * (away @ jnp.asarray(share, jnp.float32))
    delay = lognormal(latents["place"][:, 3], cause, "other_delay_day")
    other = (1.0 - first_side(latents)) * delay[:, None]
    return first[:, None, :] + other[:, :, None]
