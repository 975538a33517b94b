"""The words of the field: names, groups and synonyms of muscles, movements, nerves, studies and places.

Names and synonyms stand in the anatomy tables; groups and what no table holds, in
evidence/anatomy/terminology.yaml. `terms` gives them all, and a word has one meaning in each of its lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from garland.anatomy.tables import LUMBOSACRAL, SEGMENTS, Row, _check_names, _read, _Tables
from garland.errors import EvidenceError, InputError, did_you_mean
from garland.evidence.findings import declared_findings

_OTHERS = "others"
"""The key that speaks of everything on the list that is not named."""

_SPELLINGS = {
    "peroneal": "fibular",
    "peroneals": "fibulars",
    "peroneus": "fibularis",
    "peronaeus": "fibularis",
    "scapuloperoneal": "scapulofibular",
    "hematoma": "haematoma",
}
_FILLERS = {"muscle", "muscles", "nerve", "nerves", "jerk", "reflex"}
_DOMINANT_FRACTION = 0.75
"""Share of a root, relative to the leading one, from which a muscle is counted to it."""

Groups = Mapping[str, tuple[str, ...]]


def normalise(word: str) -> str:
    """Return a word in lower case with hyphens and the spellings of the house: *fibular* for *peroneal*."""
    parts = [part for part in re.split(r"[\s_\-–—/.,()]+", word.strip().lower()) if part]
    kept = [_SPELLINGS.get(part, part) for part in parts if part != "the"]
    return "-".join(kept or parts)


def _bare(plain: str) -> str:
    """Return a normalised word without fillers such as ``muscle``."""
    return "-".join([part for part in plain.split("-") if part not in _FILLERS] or [plain])


@dataclass(frozen=True)
class _Vocabulary:
    """One list of names with the other words that are understood.

    Attributes
    ----------
    what : str
        What one name is, for messages (``muscle``).
    names : tuple of str
        The names.
    synonyms : mapping
        Other words, normalised -> name.
    groups : mapping
        Words, normalised -> the names that the word speaks of together, where one name is asked for.
    """

    what: str
    names: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)

    @cached_property
    def _known(self) -> dict[str, str]:
        return {**self.synonyms, **{name: name for name in self.names}}

    @cached_property
    def _filled(self) -> dict[str, set[str]]:
        """Return what the words with a filler mean once it is left out: ``calf`` for ``calf-muscles``."""
        found: dict[str, set[str]] = {}
        for word, name in self._known.items():
            if _bare(word) != word:
                found.setdefault(_bare(word), set()).add(name)
        return found

    def _meanings(self, word: str) -> set[str]:
        plain = normalise(word)
        bare = _bare(plain)
        if plain in self._known:
            return {self._known[plain]}
        filled, known = self._filled.get(bare, set()), self._known.get(bare)
        if known is None or (filled and bare != plain):
            return filled
        return {known}

    def find(self, word: str) -> str | None:
        """Name meant by `word`, or None where there is none or more than one."""
        meant = self._meanings(word)
        return next(iter(meant)) if len(meant) == 1 else None

    def refusal(self, word: str) -> tuple[str, str]:
        """Rule that a word breaks and its remedy."""
        several, plain = sorted(self._meanings(word)), normalise(word)
        if len(several) > 1:
            return f"could mean {' or '.join(several)}", "write the one that is meant"
        members = self.groups.get(plain) or self.groups.get(_bare(plain))
        if members:
            return f"is a group of {self.what}s", f"name one of {', '.join(members)}"
        return f"is not a known {self.what}", did_you_mean(plain, self.names)

    def resolve(self, word: str) -> str:
        """Name meant by `word`; raises InputError with a suggestion."""
        found = self.find(word)
        if found is None:
            raise InputError(self.what, word, *self.refusal(word))
        return found


def _synonyms(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map the words of each name, normalised, to it; a word of two names is refused."""
    found: dict[str, str] = {}
    for name, others in words.items():
        for word in map(normalise, others):
            claimed = word if word in words else found.setdefault(word, name)
            if claimed != name:
                raise EvidenceError(f"anatomy: {word!r} is a word for {name} and for {claimed}; keep one")
    return found


def _of_rows(rows: Mapping[str, Row]) -> dict[str, str]:
    return _synonyms({name: row.get("synonyms", ()) for name, row in rows.items()})


def _joined(what: str, *lists: _Vocabulary, others: bool = False) -> _Vocabulary:
    """Join lists; the name of one of them wins over a synonym of another, and no word has two meanings."""
    names = [name for each in lists for name in each.names]
    synonyms: dict[str, str] = {}
    for each in lists:
        for word, name in each.synonyms.items():
            if word not in names and synonyms.setdefault(word, name) != name:
                raise EvidenceError(
                    f"anatomy: {word!r} is a word for {synonyms[word]} and for {name} where a {what} is named"
                )
    if others:
        names, synonyms = [*names, _OTHERS], {**synonyms, "other": _OTHERS}
    return _Vocabulary(what, tuple(dict.fromkeys(names)), synonyms)


def _members(rows: Mapping[str, Row], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the members of groups that are made of names and of other groups."""
    known = tuple(names)

    def of(name: str) -> list[str]:
        if name in known:
            return [name]
        _check_names("terminology", name, rows[name]["of"], [*known, *rows])
        return [member for part in rows[name]["of"] for member in of(part)]

    return {group: tuple(dict.fromkeys(of(group))) for group in rows}


def _root_shares(row: Row) -> dict[str, float]:
    """Return the share of each root in a muscle with a normal plexus [-]."""
    shares: dict[str, float] = {}
    for route in row.get("routes", [row]):
        for root, share in route.get("roots", row["roots"]).items():
            shares[root] = shares.get(root, 0.0) + float(route.get("share", 1.0)) * share
    return shares


def _muscle_groups(muscles: Mapping[str, Row], rows: Mapping[str, Row]) -> dict[str, tuple[str, ...]]:
    """Return the groups of muscles, members in order; a muscle of no part of the body is refused."""

    @cache
    def chosen(group: str) -> set[str]:
        row = rows[group]
        if "of" in row:
            _check_names("terminology", group, row["of"], rows)
            return {muscle for part in row["of"] for muscle in chosen(part)}
        if "nerves" in row:
            return {muscle for muscle, one in muscles.items() if one["nerve"] in row["nerves"]}
        if "more_than_half_from" in row:
            root = row["more_than_half_from"]
            most = {muscle for muscle, one in muscles.items() if _root_shares(one).get(root, 0.0) > 0.5}
            return most & chosen(row["within"]) - chosen(row["outside"])
        return {muscle for muscle, one in muscles.items() if group in one["groups"]}

    def members(group: str) -> tuple[str, ...]:
        first, every = rows[group].get("first", ()), chosen(group)
        _check_names("terminology", group, first, [*rows, *muscles])
        order = [muscle for part in first for muscle in (members(part) if part in rows else (part,))]
        return tuple(muscle for muscle in dict.fromkeys([*order, *muscles]) if muscle in every)

    free = [group for group, row in rows.items() if not set(row) - {"synonyms", "first"}]
    groups = {group: members(group) for group in rows}
    for muscle, row in muscles.items():
        _check_names("muscles", muscle, row["groups"], free)
        if muscle not in groups["all-muscles"]:
            rule = "belongs to no part of the body; give it one of the groups"
            raise EvidenceError(f"anatomy/muscles: {muscle} {rule} {', '.join(free)}")
    return groups | _by_root(muscles, {*groups["leg"], *groups["arm"]})


def _by_root(muscles: Mapping[str, Row], limbs: set[str]) -> dict[str, tuple[str, ...]]:
    """Return ``<root>-muscles``: limb muscles with nearly as much of that root as of the leading one."""
    found: dict[str, list[str]] = {}
    for muscle in (m for m in muscles if m in limbs):
        shares = _root_shares(muscles[muscle])
        for root in SEGMENTS:
            if shares.get(root, 0.0) >= _DOMINANT_FRACTION * max(shares.values()) - 1e-6:
                found.setdefault(f"{root}-muscles", []).append(muscle)
    return {group: tuple(members) for group, members in found.items()}


class _Studies:
    """The conduction studies that a record may name, by kind, limb, nerve and point of stimulation."""

    def __init__(self, tables: _Tables, rows: Mapping[str, Any], leg: tuple[str, ...]) -> None:
        self.like = {name: str(row["like"]) for name, row in rows["recorded_studies"].items()}
        self.points: dict[str, tuple[str, ...]] = {
            name: tuple(rows["recorded_points"].get(name, [point["name"] for point in row["points"]]))
            for name, row in tables.motor_studies.items()
        }
        self.sensory = (*tables.sensory_studies, *self.like)
        self.f_waves, self.h_reflexes = tuple(tables.f_waves), tuple(tables.h_reflexes)
        self.every = (*self.points, *self.sensory, *self.f_waves, *self.h_reflexes)
        self.groups = self._groups(tables, leg)
        self.nerves = self._nerves(rows["nerves"])
        self.synonyms = self._words(tables, rows)

    def _groups(self, tables: _Tables, leg: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        of_leg = {name for name, row in tables.motor_studies.items() if row["muscle"] in leg}
        of_leg |= {
            name
            for name, row in tables.sensory_studies.items()
            if set(tables.skin_nerves[row["nerve"]]["roots"]) & set(LUMBOSACRAL)
        }
        motor, sensory = tuple(self.points), tuple(tables.sensory_studies)
        by_limb = {
            f"{limb}-{kind}": tuple(name for name in names if (name in of_leg) == (limb == "leg"))
            for kind, names in (("motor", motor), ("sensory", sensory))
            for limb in ("leg", "arm")
        }
        limbs = {limb: (*by_limb[f"{limb}-motor"], *by_limb[f"{limb}-sensory"]) for limb in ("leg", "arm")}
        return {"all-sensory": sensory, "all-motor": motor, **by_limb, **limbs, "all-f-waves": self.f_waves}

    def _nerves(self, rows: Mapping[str, Row]) -> dict[str, tuple[str, ...]]:
        every = (*self.points, *self.sensory)
        found = {
            nerve: (*(study for study in every if study.split("-")[0] == nerve), *row.get("also", ()))
            for nerve, row in rows.items()
        }
        return found | {name: (name,) for name in self.sensory if name.split("-")[0] not in rows}

    def _words(self, tables: _Tables, rows: Mapping[str, Any]) -> dict[str, str]:
        every = (tables.motor_studies, tables.sensory_studies, rows["recorded_studies"], tables.f_waves)
        words = {
            name: row.get("synonyms", ())
            for each in (*every, tables.h_reflexes)
            for name, row in each.items()
        }
        own = _synonyms(words | rows["study_groups"])
        # A sensory study has the words of its nerve, but for those that another study has itself.
        of_nerve = {row["nerve"]: name for name, row in tables.sensory_studies.items()}
        skin = {word: nerve for word, nerve in _of_rows(tables.skin_nerves).items() if nerve in of_nerve}
        return own | {word: of_nerve[n] for word, n in skin.items() if word not in {*own, *self.every}}


@dataclass(frozen=True)
class _Terms:
    """Every list of names.

    Attributes
    ----------
    muscle_groups, movement_groups, region_groups, distributions, study_groups, nerves : mapping
        Name -> muscles, movements, regions, regions, studies and studies.
    motor_studies : mapping
        Motor study -> the points of stimulation that a record may name, distal first.
    studies_alike : mapping
        Study that only a record knows -> the study of the model that stands for it.
    midline_regions : tuple of str
        Regions without a side.
    vocabularies : mapping
        What is named (``muscle``, ``strength``) -> its names and words.
    values, keys : mapping
        Other words for the values and for the keys of a record -> the house's own.
    """

    muscle_groups: Groups
    movement_groups: Groups
    region_groups: Groups
    distributions: Groups
    study_groups: Groups
    nerves: Groups
    motor_studies: Groups
    studies_alike: Mapping[str, str]
    midline_regions: tuple[str, ...]
    vocabularies: Mapping[str, _Vocabulary]
    values: Mapping[str, str]
    keys: Mapping[str, str]
    _kinds: Mapping[str, str]

    def names(self, what: str) -> tuple[str, ...]:
        """Names of one vocabulary."""
        return self.vocabularies[what].names

    def muscles_in(self, name: str) -> tuple[str, ...]:
        """Muscles that a muscle's or group's name speaks of; empty where it is neither."""
        return self.muscle_groups.get(name, (name,) if name in self.names("muscle") else ())

    def movements_in(self, name: str) -> tuple[str, ...]:
        """Movements that a movement's or group's name speaks of; empty where it is neither."""
        return self.movement_groups.get(name, (name,) if name in self.names("movement") else ())

    def regions_in(self, name: str) -> tuple[str, ...]:
        """Regions of the body that a region's or group's name speaks of; empty where it is neither."""
        return self.region_groups.get(name, (name,) if name in self.names("region") else ())

    def studies_in(self, name: str) -> tuple[str, ...]:
        """Conduction studies that a study's or group's name speaks of; empty where it is neither."""
        return self.study_groups.get(name, (name,) if name in self._kinds else ())

    def kind_of_study(self, name: str) -> str:
        """Kind of a study or group: ``motor``, ``sensory``, ``f-wave``, ``h-reflex`` or ``mixed``."""
        kinds = {self._kinds[study] for study in self.studies_in(name)}
        return kinds.pop() if len(kinds) == 1 else "mixed"


def _listed(what: str, rows: Mapping[str, Row]) -> _Vocabulary:
    return _Vocabulary(what, tuple(rows), _of_rows(rows))


def _movers(movement: str) -> tuple[str, ...]:
    """Return a movement as named by its muscles, such as ``hip-flexors``; dorsiflexion needs no joint."""
    joint, _, move = movement.rpartition("-")
    muscles = move.removesuffix("ion").replace("vers", "vert") + "ors"
    every = (f"{joint}-{muscles}", f"{joint}-{muscles.removesuffix('s')}")
    if move not in ("dorsiflexion", "plantarflexion"):
        return every
    return (*every, muscles, move, muscles.replace("flex", "-flex"), f"foot-{muscles}", f"foot-{move}")


def _vocabularies(
    tables: _Tables, rows: Mapping[str, Any], groups: Groups, studies: _Studies
) -> dict[str, _Vocabulary]:
    """Return the vocabulary of every field in which a name may stand."""
    words = _of_rows(rows["muscle_groups"])
    of_group = {**groups, **{word: groups[name] for word, name in words.items()}}
    muscle = _Vocabulary("muscle", tuple(tables.muscles), _of_rows(tables.muscles), of_group)
    group = _Vocabulary("muscle group", tuple(groups), words)
    named = {name: (*row.get("synonyms", ()), *_movers(name)) for name, row in tables.movements.items()}
    movement = _Vocabulary("movement", tuple(tables.movements), _synonyms(named))
    moves = _listed("", rows["movement_groups"])
    region = _Vocabulary("region", tables.regions, _synonyms(rows["regions"]))
    skin = _listed("skin nerve", tables.skin_nerves)
    nerves = {word: name for word, name in skin.synonyms.items() if name in studies.nerves}
    paths = dict.fromkeys(row["nerve"] for row in tables.muscles.values())
    paths |= dict.fromkeys(site for site, row in tables.sites.items() if row["part"] == "nerve")
    points = dict.fromkeys(point for each in studies.points.values() for point in each)
    return {
        "other-finding": _listed("finding elsewhere", declared_findings()["elsewhere"].item),
        "side": _Vocabulary("side", tuple(rows["sides"]), _synonyms(rows["sides"])),
        "muscle": muscle,
        "muscle-group": group,
        "movement": movement,
        "strength": _joined("movement, muscle or group", movement, moves, muscle, group, others=True),
        "bulk": _joined("muscle, group or region", muscle, group, region, others=True),
        "reflex": _joined("reflex", _listed("", tables.reflexes), others=True),
        "region": _joined("region", region, _listed("", rows["region_groups"])),
        "dermatome": _Vocabulary("dermatome", tables.dermatomes),
        "skin-nerve": skin,
        "path": _joined("nerve", skin, _Vocabulary("", tuple(paths))),
        "distribution": _listed("distribution", rows["distributions"]),
        "study": _Vocabulary("conduction study", (*studies.every, *studies.groups), studies.synonyms),
        "nerve": _Vocabulary("nerve", tuple(studies.nerves), nerves | _of_rows(rows["nerves"])),
        "point": _Vocabulary("point of stimulation", tuple(points), _synonyms(rows["points"])),
        "segment": _Vocabulary("segment", tuple(rows["segments"])),
        "root": _Vocabulary("root", SEGMENTS[:-1]),
        "level": _Vocabulary("disc level", tuple(rows["levels"])),
    }


def _keys(rows: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map other words for the keys of a record to the key; a word of two keys is refused."""
    found: dict[str, str] = {}
    for name, others in rows.items():
        for word in others:
            if found.setdefault(word, name) != name:
                raise EvidenceError(f"anatomy: {word!r} is a word for the keys {name} and {found[word]}")
    return found


def _terms(tables: _Tables) -> _Terms:
    """Return the terms of some anatomy tables."""
    rows = tables.terminology
    groups = _muscle_groups(tables.muscles, rows["muscle_groups"])
    studies = _Studies(tables, rows, groups["leg"])
    kinds = {
        "motor": studies.points, "sensory": studies.sensory, "f-wave": studies.f_waves,
        "h-reflex": studies.h_reflexes,
    }  # fmt: skip
    return _Terms(
        muscle_groups=MappingProxyType(groups),
        movement_groups=MappingProxyType(_members(rows["movement_groups"], tables.movements)),
        region_groups=MappingProxyType(_members(rows["region_groups"], tables.regions)),
        distributions=MappingProxyType(_members(rows["distributions"], tables.regions)),
        study_groups=MappingProxyType(studies.groups),
        nerves=MappingProxyType(studies.nerves),
        motor_studies=MappingProxyType(studies.points),
        studies_alike=MappingProxyType(studies.like),
        midline_regions=tuple(rows["midline_regions"]),
        vocabularies=MappingProxyType(_vocabularies(tables, rows, groups, studies)),
        values=MappingProxyType(_synonyms(rows["values"])),
        keys=MappingProxyType(_keys(rows["keys"])),
        _kinds={study: kind for kind, names in kinds.items() for study in names},
    )


@cache
def terms() -> _Terms:
    """Return the terms of the project, read once per process."""
    return _terms(_read())
