"""One structure told: the way from the cord to a muscle, skin nerve, dermatome or reflex, and what tests it.

Trusted  height 100 to 230 cm; outside raises OutOfRange.   Numbers  evidence/anatomy/*.yaml
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from garland._types import Float32s, Ints
from garland.anatomy.tables import _at_height, _read, _reference_height_cm, _Source, _source_of
from garland.anatomy.terminology import normalise
from garland.anatomy.tree import _Anatomy, load
from garland.errors import InputError, did_you_mean


@dataclass(frozen=True)
class _RootShare:
    """Share of one root in a prefixed, a normal and a postfixed plexus [-]."""

    root: str
    prefixed: float
    normal: float
    postfixed: float


@dataclass(frozen=True)
class _PathStep:
    """One site on the way.

    Name, label, part, share of the axons that pass it, and mean distance to the end [mm].
    """

    site: str
    label: str
    part: str
    share: float
    distance_mm: float


@dataclass(frozen=True)
class PathDescription:
    """The way from the cord to one structure.

    ``kind`` is muscle, skin nerve, dermatome, reflex or site. ``steps`` run from the cord outwards; for a
    site they are empty and ``reaches`` names what its axons supply, with the share that passes it.
    Lengths are scaled to ``height_cm``.
    """

    name: str
    label: str
    kind: str
    height_cm: float
    roots: tuple[_RootShare, ...]
    steps: tuple[_PathStep, ...]
    length_mm: float
    reaches: tuple[tuple[str, float], ...]
    movements: tuple[str, ...]
    reflexes: tuple[str, ...]
    studies: tuple[str, ...]
    source: _Source | None


@dataclass(frozen=True)
class _Ways:
    """Pathways that make up one structure.

    Segment (P,), weights (3, P), incidence and distance (S, P), length (P,).
    """

    segment: Ints
    weight: Float32s
    incidence: Float32s
    distance_mm: Float32s
    length_mm: Float32s


def describe_path(name: str, height_cm: float | None = None) -> PathDescription:
    """Describe a muscle, skin nerve, dermatome, reflex or lesion site.

    Root shares, sites on the way, lengths [mm] (at the height of the tables unless told), what tests it, and
    its source.
    """
    anatomy = load()
    height_cm = _reference_height_cm() if height_cm is None else height_cm
    kind, found = _identify(anatomy, name)
    if kind == "site":
        return _describe_site(anatomy, found, height_cm)
    ways = _ways(anatomy, kind, found)
    label, source = _label_and_source(kind, found)
    return PathDescription(
        name=found,
        label=label,
        kind=kind,
        height_cm=height_cm,
        roots=_roots(anatomy, ways),
        steps=_steps(anatomy, ways, height_cm),
        length_mm=float(_at_height(float(ways.length_mm @ ways.weight[1]), height_cm)),
        reaches=(),
        movements=_movements(anatomy, kind, found),
        reflexes=_reflexes(anatomy, kind, found),
        studies=_studies(anatomy, kind, found),
        source=source,
    )


def _identify(anatomy: _Anatomy, name: str) -> tuple[str, str]:
    words, plain = anatomy.terms.vocabularies, normalise(name)
    last = plain.rpartition("-")[2]
    if last == "site":
        return "site", anatomy.sites[anatomy.site(plain.removesuffix("-site"))]
    if last in ("jerk", "reflex") and not words["study"].find(name):
        return "reflex", anatomy.resolve_reflex(name)
    if muscle := words["muscle"].find(name):
        return "muscle", muscle
    for kind, known in (
        ("skin nerve", anatomy.skin_nerves),
        ("dermatome", anatomy.dermatomes),
        ("reflex", anatomy.reflexes),
        ("site", anatomy.sites),
    ):
        if plain in known:
            if kind == "reflex" and (group := words["muscle-group"].find(name)):
                remedy = f"write '{plain} jerk', or one of {', '.join(anatomy.groups[group])}"
                raise InputError("name", name, f"could mean the {group} or their reflex", remedy)
            return kind, plain
    if skin := words["skin-nerve"].find(name):
        return "skin nerve", skin
    if words["study"].find(name):
        return _recorded(anatomy, anatomy.resolve_study(name))
    if group := words["muscle-group"].find(name):
        raise InputError("name", name, *words["muscle"].refusal(group))
    every = [*anatomy.muscles, *anatomy.skin_nerves, *anatomy.dermatomes, *anatomy.reflexes, *anatomy.sites]
    rule = "is not a muscle, skin nerve, dermatome, reflex, site or study"
    raise InputError("name", name, rule, did_you_mean(plain, every))


def _recorded(anatomy: _Anatomy, study: str) -> tuple[str, str]:
    muscles = {motor.id: motor.muscle for motor in anatomy.motor_studies}
    muscles |= {f_wave.id: f_wave.muscle for f_wave in anatomy.f_studies}
    muscles |= {h_reflex.id: h_reflex.muscle for h_reflex in anatomy.h_studies}
    if study in muscles:
        return "muscle", muscles[study]
    return "skin nerve", anatomy.sensory_studies[anatomy.sensory_study(study)].nerve


def _ways(anatomy: _Anatomy, kind: str, name: str) -> _Ways:
    """Return the pathways of a structure: those of its axons, or for a dermatome those that serve it."""
    if kind in ("muscle", "reflex"):
        if kind == "muscle":
            prefix, at = "motor", anatomy.motor_muscle == anatomy.muscle(name)
        else:
            prefix, at = "arc", anatomy.arc_reflex == anatomy.reflex(name)
        fields = ("segment", "share", "incidence", "distance_mm", "length_mm")
        return _Ways(*(getattr(anatomy, f"{prefix}_{field}")[..., at] for field in fields))
    if kind == "skin nerve":
        at = anatomy.skin_nerve == anatomy.skin(name)
        weight = anatomy.skin_share[:, at]
    else:
        every = anatomy.dermatome_weights_by_plexus[:, :, anatomy.dermatome(name)]
        at = every.any(axis=0)
        weight = every[:, at]
    passed = anatomy.skin_incidence_postganglionic[:, at] + anatomy.skin_incidence_preganglionic[:, at]
    length = anatomy.skin_length_mm[at]
    return _Ways(anatomy.skin_segment[at], weight, passed, anatomy.skin_distance_mm[:, at], length)


def _label_and_source(kind: str, name: str) -> tuple[str, _Source | None]:
    tables = _read()
    if kind == "dermatome":
        return ("trunk dermatomes" if name == "trunk" else f"{name.upper()} dermatome"), None
    rows = {"muscle": tables.muscles, "skin nerve": tables.skin_nerves, "reflex": tables.reflexes}[kind]
    return str(rows[name]["label"]), _source_of(kind, name, rows[name])


def _roots(anatomy: _Anatomy, ways: _Ways) -> tuple[_RootShare, ...]:
    found = []
    for at in sorted(set(ways.segment.tolist())):
        prefixed, normal, postfixed = (
            float(share) for share in ways.weight[:, ways.segment == at].sum(axis=1)
        )
        found.append(_RootShare(anatomy.segments[at], prefixed, normal, postfixed))
    return tuple(found)


def _steps(anatomy: _Anatomy, ways: _Ways, height_cm: float) -> tuple[_PathStep, ...]:
    normal = ways.weight[1]
    share = ways.incidence @ normal
    mean = (ways.incidence * ways.distance_mm) @ normal / np.maximum(share, 1e-9)
    passed = np.flatnonzero(share > 1e-6)
    return tuple(
        _PathStep(
            site=anatomy.sites[s],
            label=anatomy.site_labels[s],
            part=anatomy.site_parts[s],
            share=float(share[s]),
            distance_mm=_at_height(float(mean[s]), height_cm),
        )
        for s in passed
    )


def _movements(anatomy: _Anatomy, kind: str, name: str) -> tuple[str, ...]:
    if kind != "muscle":
        return ()
    weights = anatomy.movement_weights[anatomy.muscle(name)]
    return tuple(anatomy.movements[v] for v in np.argsort(-weights, kind="stable") if weights[v] > 0)


def _reflexes(anatomy: _Anatomy, kind: str, name: str) -> tuple[str, ...]:
    if kind != "muscle":
        return ()
    return tuple(anatomy.reflexes[r] for r in np.flatnonzero(anatomy.arc_motor[anatomy.muscle(name)]))


def _studies(anatomy: _Anatomy, kind: str, name: str) -> tuple[str, ...]:
    if kind == "muscle":
        motor = [study.id for study in anatomy.motor_studies if study.muscle == name]
        f_waves = [study.id for study in anatomy.f_studies if study.muscle == name]
        return (*motor, *f_waves, *(study.id for study in anatomy.h_studies if study.muscle == name))
    if kind == "reflex":
        return tuple(study.id for study in anatomy.h_studies if study.reflex == name)
    nerves = {name}
    if kind == "dermatome":
        supply = anatomy.dermatome_weights[:, anatomy.dermatome(name)]
        nerves = {anatomy.skin_nerves[anatomy.skin_nerve[q]] for q in np.flatnonzero(supply >= 0.05)}
    return tuple(study.id for study in anatomy.sensory_studies if study.nerve in nerves)


def _describe_site(anatomy: _Anatomy, name: str, height_cm: float) -> PathDescription:
    s = anatomy.site(name)
    skin = anatomy.skin_incidence_postganglionic[s] + anatomy.skin_incidence_preganglionic[s]
    muscles = np.bincount(
        anatomy.motor_muscle, anatomy.motor_incidence[s] * anatomy.motor_share[1], len(anatomy.muscles)
    )
    nerves = np.bincount(anatomy.skin_nerve, skin * anatomy.skin_share[1], len(anatomy.skin_nerves))
    arcs = np.bincount(
        anatomy.arc_reflex, anatomy.arc_incidence[s] * anatomy.arc_share[1], len(anatomy.reflexes)
    )
    reached = [(anatomy.muscles[m], float(muscles[m])) for m in np.flatnonzero(muscles > 1e-6)]
    reached += [(anatomy.skin_nerves[t], float(nerves[t])) for t in np.flatnonzero(nerves > 1e-6)]
    strength = anatomy.movement_weights.T @ muscles
    row = _read().sites[name]
    _at_height(0.0, height_cm)
    return PathDescription(
        name=name,
        label=anatomy.site_labels[s],
        kind="site",
        height_cm=height_cm,
        roots=(),
        steps=(),
        length_mm=0.0,
        reaches=tuple(reached),
        movements=tuple(
            anatomy.movements[v] for v in np.argsort(-strength, kind="stable") if strength[v] >= 0.1
        ),
        reflexes=tuple(anatomy.reflexes[r] for r in np.flatnonzero(arcs >= 0.1)),
        studies=tuple(study for study, hit in _site_studies(anatomy, s, muscles, nerves) if hit),
        source=_source_of("sites", name, row),
    )


def _site_studies(
    anatomy: _Anatomy, s: int, muscles: np.ndarray, nerves: np.ndarray
) -> list[tuple[str, bool]]:
    motor = [
        (study.id, bool(muscles[anatomy.muscle(study.muscle)] >= 0.1)) for study in anatomy.motor_studies
    ]
    pre = anatomy.site_parts[s] == "root" and anatomy.sites[s].startswith("dorsal-root-")
    sensory = [
        (study.id, bool(nerves[anatomy.skin(study.nerve)] >= 0.1) and not pre)
        for study in anatomy.sensory_studies
    ]
    late = [(study.id, bool(muscles[anatomy.muscle(study.muscle)] >= 0.1)) for study in anatomy.f_studies]
    h_path = anatomy.h_afferent_incidence[:, s] + anatomy.h_motor_incidence[:, s]
    late += [(study.id, bool(h_path[i] >= 0.1)) for i, study in enumerate(anatomy.h_studies)]
    return motor + sensory + late
