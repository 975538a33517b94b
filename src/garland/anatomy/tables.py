"""The anatomy tables as read from their files, with the refusal of rows that do not say where they come
from.

Where each lesion site lies along its nerve, and how distances scale with height.

Trusted  height 100 to 230 cm; outside raises OutOfRange.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from garland.errors import EvidenceError, OutOfRange, did_you_mean
from garland.evidence import STANDINGS, read_yaml, references

if TYPE_CHECKING:
    import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "evidence" / "anatomy"
SEGMENTS = ("c5", "c6", "c7", "c8", "t1", "th", "l1", "l2", "l3", "l4", "l5", "s1", "s2", "s3", "bulbar")
LUMBOSACRAL = SEGMENTS[6:14]
PLEXUS_TYPES = ("prefixed", "normal", "postfixed")

Row = Mapping[str, Any]


class _Source(NamedTuple):
    """Where a row comes from: ``key`` in the list of sources, ``where`` in it, and its ``standing``."""

    key: str
    where: str
    standing: str


class _Tables(NamedTuple):
    """All anatomy tables, each a mapping from name to row, in file order.

    ``regions`` and ``dermatomes`` are the fixed orders of those names; ``terminology`` holds the groups and
    words that no other table holds.
    """

    sites: Mapping[str, Row]
    muscles: Mapping[str, Row]
    skin_nerves: Mapping[str, Row]
    referred: Mapping[str, Row]
    reflexes: Mapping[str, Row]
    movements: Mapping[str, Row]
    motor_studies: Mapping[str, Row]
    sensory_studies: Mapping[str, Row]
    f_waves: Mapping[str, Row]
    h_reflexes: Mapping[str, Row]
    variation: Mapping[str, Row]
    regions: tuple[str, ...]
    dermatomes: tuple[str, ...]
    terminology: Mapping[str, Any]


def _source_of(table: str, name: str, row: Row) -> _Source:
    """Return the source of a row."""
    source, standing = row.get("source"), row.get("standing")
    if not isinstance(source, Mapping) or set(source) != {"key", "where"} or not all(source.values()):
        raise EvidenceError(f"anatomy/{table}: {name} has no source; give source: {{key, where}}")
    if standing not in STANDINGS:
        known = ", ".join(STANDINGS)
        raise EvidenceError(f"anatomy/{table}: {name} has standing {standing!r}; use one of {known}")
    key = str(source["key"])
    _check_names(table, name, [key], references())
    if standing in ("measured", "derived") and not references()[key].seen:
        raise EvidenceError(
            f"anatomy/{table}: {name} is {standing} but nobody has read {key}; write recalled"
        )
    return _Source(key, str(source["where"]), str(standing))


def _check_sum(table: str, name: str, shares: Mapping[str, float]) -> None:
    """Refuse shares or weights that do not sum to one."""
    total = sum(shares.values())
    if abs(total - 1.0) > 1e-6 or min(shares.values()) < 0.0:
        raise EvidenceError(
            f"anatomy/{table}: shares of {name} sum to {total:.4g}; they must be positive and sum to 1"
        )


def _check_names(table: str, name: str, used: Iterable[str], known: Collection[str]) -> None:
    """Refuse names that another table does not know."""
    for word in used:
        if word not in known:
            raise EvidenceError(
                f"anatomy/{table}: {name} names {word!r}, which does not exist; {did_you_mean(word, known)}"
            )


def _load(name: str, folder: Path) -> Any:
    return read_yaml(folder / f"{name}.yaml")


@cache
def _read(folder: Path | None = None) -> _Tables:
    """Read and check every anatomy table, the project's own or another's; a folder is read once."""
    folder = folder or FOLDER
    sensory, conduction = _load("sensory", folder), _load("conduction", folder)
    tables = _Tables(
        sites={row["name"]: row for row in _load("sites", folder)["sites"]},
        muscles=_load("muscles", folder)["muscles"],
        skin_nerves=sensory["skin_nerves"],
        referred=sensory["referred"],
        reflexes=_load("reflexes", folder)["reflexes"],
        movements=_load("movements", folder)["movements"],
        motor_studies=conduction["motor"],
        sensory_studies=conduction["sensory"],
        f_waves=conduction["f_waves"],
        h_reflexes=conduction["h_reflexes"],
        variation=_load("variation", folder),
        regions=tuple(sensory["region_order"]),
        dermatomes=tuple(sensory["dermatome_order"]),
        terminology=_load("terminology", folder),
    )
    _check(tables)
    return tables


def _check(tables: _Tables) -> None:
    """Check sources, sums and names of all tables."""
    for table in (
        "sites",
        "muscles",
        "skin_nerves",
        "referred",
        "reflexes",
        "movements",
        "motor_studies",
        "sensory_studies",
        "f_waves",
        "h_reflexes",
        "variation",
    ):
        for name, row in getattr(tables, table).items():
            _source_of(table, name, row)
    for table in ("muscles", "skin_nerves", "reflexes"):
        for name, row in getattr(tables, table).items():
            _check_entries(table, name, row)
            _check_branch(tables, table, name, row)
    for name, row in tables.muscles.items():
        passed = [site for route in row.get("routes", [row]) for site in route["path"]]
        if not any(site.startswith(row["nerve"]) for site in passed):
            rule = f"is of the nerve {row['nerve']!r}, which its path does not pass"
            raise EvidenceError(f"anatomy/muscles: {name} {rule}; {did_you_mean(row['nerve'], passed)}")
    _check_weights(tables)
    for name, row in tables.motor_studies.items():
        _check_names("conduction", name, [row["muscle"]], tables.muscles)
        for point in row["points"]:
            _check_names("conduction", name, point["sites"], tables.sites)
    for name, row in tables.sensory_studies.items():
        _check_names("conduction", name, [row["nerve"]], tables.skin_nerves)
        _check_names("conduction", name, row["sites"], tables.sites)


_ENTRIES = {
    "muscles": ("label", "nerve", "roots", "groups"),
    "skin_nerves": ("label", "roots", "area", "regions"),
    "reflexes": ("label", "roots", "muscles"),
}


def _check_entries(table: str, name: str, row: Row) -> None:
    """Refuse a row that lacks an entry, or a route without its way and length."""
    lacks = [entry for entry in _ENTRIES[table] if entry not in row]
    lacks += [
        entry
        for route in row.get("routes", [row])
        for entry in ("path", "foramen_mm")
        if entry not in route and (entry == "path" or entry not in row)
    ]
    if lacks:
        raise EvidenceError(f"anatomy/{table}: {name} has no {lacks[0]}; add it")


def _check_branch(tables: _Tables, table: str, name: str, row: Row) -> None:
    routes = row.get("routes", [row])
    _check_sum(table, name, {str(i): route.get("share", 1.0) for i, route in enumerate(routes)})
    for route in routes:
        roots = route.get("roots", row["roots"])
        _check_sum(table, name, roots)
        _check_names(table, name, roots, SEGMENTS)
        plexus = route.get("plexus", row.get("plexus"))
        sites = [*([plexus] if plexus else []), *route["path"]]
        _check_names(table, name, [site for site in sites if site != "dorsal-ramus"], tables.sites)


def _check_weights(tables: _Tables) -> None:
    for table in ("movements", "reflexes"):
        for name, row in getattr(tables, table).items():
            _check_sum(table, name, row["muscles"])
            _check_names(table, name, row["muscles"], tables.muscles)
    for name, row in tables.skin_nerves.items():
        _check_sum("sensory", name, row["regions"])
        _check_names("sensory", name, row["regions"], tables.regions)
    for name, row in tables.referred.items():
        _check_sum("sensory", name, row["sites"])
        _check_names("sensory", name, row["sites"], tables.sites)


Number = TypeVar("Number", float, "np.ndarray")
LOWEST_CM, HIGHEST_CM = 100.0, 230.0


def _root_length_mm(tables: _Tables, segment: str) -> float:
    """Length of the root from cord to foramen at the reference height.

    Length [mm].
    """
    return float(tables.variation["root_length_mm"]["value"][segment])


def _position_mm(tables: _Tables, site: str) -> float:
    """Position of a site along its nerve, measured from the spinal foramen; negative inside the canal.

    Position at the reference height [mm].
    """
    row = tables.sites[site]
    if "foramen_mm" in row:
        return float(row["foramen_mm"])
    segment = row["segment"]
    if site.startswith("cord-"):
        return -_root_length_mm(tables, segment)
    if site.startswith(("ventral-root-", "dorsal-root-")):
        return -_root_length_mm(tables, segment) * float(tables.variation["root_site_fraction"]["value"])
    if site.startswith("ganglion-"):
        return -float(tables.variation["ganglion_mm"]["value"])
    return 0.0


def _at_height(distance_mm: Number, height_cm: float) -> Number:
    """Scale a distance given at the reference height of 170 cm to another height, in proportion.

    Distance at that height [mm].
    """
    if not LOWEST_CM <= height_cm <= HIGHEST_CM:
        raise OutOfRange(f"height_cm: {height_cm!r} is outside {LOWEST_CM:g} to {HIGHEST_CM:g} cm")
    return distance_mm * (height_cm / _reference_height_cm())


def _reference_height_cm() -> float:
    """Return the height at which the distances of the tables hold [cm]."""
    return float(_read().variation["reference_height_cm"]["value"])
