"""Words for the same thing: synonyms and short names of muscles, nerves, studies, movements and reflexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from garland.anatomy.tables import Row, _Tables
from garland.errors import InputError, did_you_mean

_DROPPED = {"muscle", "muscles", "nerve", "nerves", "the", "jerk", "reflex"}
_REPLACED = {"peroneal": "fibular", "peroneus": "fibularis", "peronaeus": "fibularis"}


def _normalise(word: str) -> str:
    """Write a word the house way.

    Lower case, hyphens, fibular for peroneal, without filler words such as ``muscle``.
    """
    tokens = [token for token in re.split(r"[^a-z0-9]+", word.lower()) if token]
    kept = [_REPLACED.get(token, token) for token in tokens if token not in _DROPPED]
    return "-".join(kept or tokens)


def _synonyms(rows: Mapping[str, Row]) -> dict[str, str]:
    """Map every known word, normalised, to the name it stands for; names themselves win over synonyms."""
    found = {_normalise(word): name for name, row in rows.items() for word in row.get("synonyms", ())}
    found.update({_normalise(name): name for name in rows})
    return found


def _nerve_synonyms(tables: _Tables) -> dict[str, str]:
    """Map words to skin nerves, else to nerves of muscles, else to nerve sites."""
    found = {_normalise(site): site for site, row in tables.sites.items() if row["part"] == "nerve"}
    found.update({_normalise(row["nerve"]): str(row["nerve"]) for row in tables.muscles.values()})
    found.update(_synonyms(tables.skin_nerves))
    return found


def _study_synonyms(tables: _Tables) -> dict[str, str]:
    """Map words to the ids of motor, sensory, F wave and H reflex studies."""
    found: dict[str, str] = {}
    for name, row in tables.sensory_studies.items():
        words = (name, row["nerve"], *tables.skin_nerves[row["nerve"]].get("synonyms", ()))
        found.update({_normalise(word): name for word in words})
    found.update(_synonyms(tables.f_waves))
    found.update(_synonyms(tables.h_reflexes))
    for study, row in tables.motor_studies.items():
        for word in (study, *row.get("synonyms", ())):
            found.setdefault(_normalise(word), study)
    return found


def _group_synonyms(tables: _Tables, groups: Iterable[str]) -> dict[str, str]:
    """Map words to muscle groups; ``L5 muscles`` and ``peroneal muscles`` work as written."""
    found = {_normalise(word): group for word, group in tables.group_synonyms.items()}
    found.update({_normalise(group): group for group in groups})
    return found


def _resolve(kind: str, word: str, known: Mapping[str, str]) -> str:
    """Return the name a word stands for."""
    name = known.get(_normalise(word))
    if name is None:
        raise InputError(
            kind, word, f"is not a known {kind}", did_you_mean(_normalise(word), [*known, *known.values()])
        )
    return name


def _index(kind: str, word: str, names: tuple[str, ...]) -> int:
    """Return the position of a name; capitals, spaces and underscores are forgiven, synonyms are not."""
    tidy = word.lower().replace(" ", "-").replace("_", "-")
    if tidy not in names:
        raise InputError(kind, word, f"is not a known {kind}", did_you_mean(word, names))
    return names.index(tidy)
