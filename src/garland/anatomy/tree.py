"""The tree: one side of the body from cord to muscle and skin as arrays; both sides are identical.

Axes: S sites, P motor pathways, Q sensory pathways, A reflex afferent pathways, M muscles, T skin nerves,
D dermatomes, V movements, R reflexes, G regions, K motor studies, J sensory studies, F F waves, H H
reflexes. Plexus types are always (prefixed, normal, postfixed). Arrays are float32 or int32 and read-
only; distances are in mm at a height of 170 cm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland._types import Float32s, Ints
from garland.anatomy import conduction, pathways
from garland.anatomy.conduction import _FStudy, _HStudy, _MotorStudy, _SensoryStudy
from garland.anatomy.pathways import _Columns
from garland.anatomy.tables import PLEXUS_TYPES, SEGMENTS, _read, _Tables
from garland.anatomy.terminology import _Terms, _terms
from garland.errors import InputError, did_you_mean


@dataclass(frozen=True, eq=False)
class _Anatomy:
    """One side of the body as arrays. See the module header for the axes.

    Attributes
    ----------
    sites, site_labels, site_parts : tuple of str
        Lesion sites (S,), in words, and their part: cord, root, ganglion, ramus, plexus or nerve.
    segments, muscles, skin_nerves, dermatomes, movements, reflexes, regions : tuple of str
        Names in the order of the axes; ``muscle_labels`` and ``skin_nerve_labels`` say them in words,
        ``muscle_nerves`` names the nerve of each muscle.
    plexus_types, plexus_probability : tuple of str, (3,)
        Prefixed, normal, postfixed, and how common each is [-].
    motor_muscle, motor_segment : (P,)
        Muscle and segment of each motor pathway. Two routes to one muscle are two pathways.
    motor_share : (3, P)
        Share of the muscle's axons; each row sums to one per muscle [-].
    motor_incidence, motor_distance_mm, motor_length_mm : (S, P), (S, P), (P,)
        Sites passed (0 or 1), distance from site to muscle (0 off the path), and cord to muscle [mm].
    root_share : (3, M, 15)
        Share of each root in each muscle, sums to one [-].
    skin_nerve, skin_segment, skin_share : (Q,), (Q,), (3, Q)
        Nerve, segment and share of each sensory pathway.
    skin_incidence_postganglionic, skin_incidence_preganglionic : (S, Q)
        Sites that cut off the skin from the cell (ganglion and beyond), or only the central process, 0 or 1.
    skin_distance_mm, skin_length_mm : (S, Q), (Q,)
        Distance from site to skin, and cord to skin [mm].
    arc_reflex, arc_segment, arc_share : (A,), (A,), (3, A)
        Reflex, segment and share of each pathway of muscle afferents of the tendon reflexes.
    arc_incidence, arc_distance_mm, arc_length_mm : (S, A), (S, A), (A,)
        Sites passed, dorsal root included (0 or 1), distance from site to muscle, and cord to muscle [mm].
    arc_motor, movement_weights : (M, R), (M, V)
        Weights of muscles, columns sum to one [-].
    dermatome_weights, dermatome_weights_by_plexus : (Q, D), (3, Q, D)
        Supply of a dermatome by sensory pathway, columns sum to one [-]; the first is the normal plexus.
    nerve_weights : (Q, T)
        Normal share of pathways in each skin nerve, columns sum to one [-].
    region_weights, region_site_weights : (Q, G), (S, G)
        Where symptoms are felt: by skin (columns sum to one), and by deep or referred feeling of sites
        (columns sum to one for back, buttock, lateral and posterior thigh and arm, else to zero) [-].
    motor_studies, sensory_studies, f_studies, h_studies : tuple of records
        The studies as records, in the order of their axes.
    motor_study_ids, motor_study_muscle, point_names : (K,), (K,), (K,) of tuples
        Names, muscles and stimulation points, distal first.
    point_valid, segment_mm : (K, 3)
        Which points exist, and the distance from each to the next distal one [mm].
    point_incidence, segment_incidence : (K, 3, S)
        Sites between a point and the muscle, and between a point and the next distal one, 0 or 1.
    sensory_study_ids, sensory_study_nerve, sensory_study_incidence : (J,), (J,), (J, S)
        Sensory studies: names, nerves, and sites between stimulation and recording, 0 or 1.
    sensory_study_mm : (J,)
        Distance from stimulation to recording [mm].
    f_ids, f_motor_study, f_muscle, f_incidence, f_length_mm : (F,), (F,), (F,), (F, S), (F,)
        F waves; ids are the nerves. Mean path and length from cord to muscle, weighted by root share [mm].
    h_ids, h_muscle, h_reflex : (H,)
        H reflexes; ids are the muscles.
    h_afferent_incidence, h_motor_incidence : (H, S)
        Mean paths of the two limbs.
    h_afferent_length_mm, h_motor_length_mm : (H,)
        Mean lengths of the two limbs, muscle to cord and cord to muscle [mm].
    groups : mapping
        Group name to muscles.
    terms : terms
        Names, groups and synonyms.
    """

    sites: tuple[str, ...]
    site_labels: tuple[str, ...]
    site_parts: tuple[str, ...]
    segments: tuple[str, ...]
    muscles: tuple[str, ...]
    muscle_labels: tuple[str, ...]
    muscle_nerves: tuple[str, ...]
    skin_nerves: tuple[str, ...]
    skin_nerve_labels: tuple[str, ...]
    dermatomes: tuple[str, ...]
    movements: tuple[str, ...]
    reflexes: tuple[str, ...]
    regions: tuple[str, ...]
    plexus_types: tuple[str, ...]
    plexus_probability: Float32s
    motor_muscle: Ints
    motor_segment: Ints
    motor_share: Float32s
    motor_incidence: Float32s
    motor_distance_mm: Float32s
    motor_length_mm: Float32s
    root_share: Float32s
    skin_nerve: Ints
    skin_segment: Ints
    skin_share: Float32s
    skin_incidence_postganglionic: Float32s
    skin_incidence_preganglionic: Float32s
    skin_distance_mm: Float32s
    skin_length_mm: Float32s
    arc_reflex: Ints
    arc_segment: Ints
    arc_share: Float32s
    arc_incidence: Float32s
    arc_distance_mm: Float32s
    arc_length_mm: Float32s
    arc_motor: Float32s
    movement_weights: Float32s
    dermatome_weights: Float32s
    dermatome_weights_by_plexus: Float32s
    nerve_weights: Float32s
    region_weights: Float32s
    region_site_weights: Float32s
    motor_studies: tuple[_MotorStudy, ...]
    motor_study_ids: tuple[str, ...]
    motor_study_muscle: Ints
    point_names: tuple[tuple[str, ...], ...]
    point_valid: NDArray[np.bool_]
    point_incidence: Float32s
    segment_incidence: Float32s
    segment_mm: Float32s
    sensory_studies: tuple[_SensoryStudy, ...]
    sensory_study_ids: tuple[str, ...]
    sensory_study_nerve: Ints
    sensory_study_incidence: Float32s
    sensory_study_mm: Float32s
    f_studies: tuple[_FStudy, ...]
    f_ids: tuple[str, ...]
    f_motor_study: Ints
    f_muscle: Ints
    f_incidence: Float32s
    f_length_mm: Float32s
    h_studies: tuple[_HStudy, ...]
    h_ids: tuple[str, ...]
    h_muscle: Ints
    h_reflex: Ints
    h_afferent_incidence: Float32s
    h_motor_incidence: Float32s
    h_afferent_length_mm: Float32s
    h_motor_length_mm: Float32s
    groups: Mapping[str, tuple[str, ...]]
    terms: _Terms

    def site(self, name: str) -> int:
        """Position of a lesion site; raises InputError with a suggestion."""
        return _index("site", name, self.sites)

    def segment(self, name: str) -> int:
        """Position of a cord segment; raises InputError with a suggestion."""
        return _index("segment", name, self.segments)

    def muscle(self, name: str) -> int:
        """Position of a muscle; raises InputError with a suggestion."""
        return _index("muscle", name, self.muscles)

    def skin(self, name: str) -> int:
        """Position of a skin nerve; raises InputError with a suggestion."""
        return _index("skin nerve", name, self.skin_nerves)

    def dermatome(self, name: str) -> int:
        """Position of a dermatome; raises InputError with a suggestion."""
        return _index("dermatome", name, self.dermatomes)

    def movement(self, name: str) -> int:
        """Position of a movement; raises InputError with a suggestion."""
        return _index("movement", name, self.movements)

    def reflex(self, name: str) -> int:
        """Position of a tendon reflex; raises InputError with a suggestion."""
        return _index("reflex", name, self.reflexes)

    def region(self, name: str) -> int:
        """Position of a region of symptoms; raises InputError with a suggestion."""
        return _index("region", name, self.regions)

    def motor_study(self, name: str) -> int:
        """Position of a motor study; raises InputError with a suggestion."""
        return _index("motor study", name, self.motor_study_ids)

    def sensory_study(self, name: str) -> int:
        """Position of a sensory study; raises InputError with a suggestion."""
        return _index("sensory study", name, self.sensory_study_ids)

    def resolve_muscle(self, word: str) -> str:
        """Muscle a word or abbreviation stands for; raises InputError, also for a group of muscles."""
        return self._resolve("muscle", word)

    def resolve_muscles(self, word: str) -> tuple[str, ...]:
        """Muscles a word stands for, one or a group (``quadriceps``, ``L5 muscles``); raises InputError."""
        group = self.terms.vocabularies["muscle-group"].find(word)
        return self.groups[group] if group else (self.resolve_muscle(word),)

    def resolve_nerve(self, word: str) -> str:
        """Skin nerve, nerve site or motor nerve a word stands for; raises InputError with a suggestion."""
        return self._resolve("path", word)

    def late_item(self, study: str) -> str:
        """What a study of F waves or an H reflex is of, as in the findings; any other name as it is."""
        return study.removesuffix("-f-wave").removesuffix("-h-reflex")

    def late_items(self, letter: str) -> tuple[str, ...]:
        """Items of F waves (`letter` f) or H reflexes (h), in the order of the findings."""
        return self.f_ids if letter == "f" else self.h_ids

    def resolve_study(self, word: str) -> str:
        """Study of the model a word stands for (``peroneal-EDB``, ``H reflex``); raises InputError."""
        study = self._resolve("study", word)
        if study in self.terms.study_groups:
            remedy = f"name one of {', '.join(self.terms.study_groups[study])}"
            raise InputError("conduction study", word, "is a group of studies", remedy)
        return self.terms.studies_alike.get(study, study)

    def resolve_movement(self, word: str) -> str:
        """Movement that a word stands for; raises InputError with a suggestion."""
        return self._resolve("movement", word)

    def resolve_reflex(self, word: str) -> str:
        """Tendon reflex that a word stands for; raises InputError with a suggestion."""
        return self._resolve("reflex", word)

    def _resolve(self, what: str, word: str) -> str:
        return self.terms.vocabularies[what].resolve(word)


def _index(kind: str, word: str, names: tuple[str, ...]) -> int:
    """Return the position of a name; capitals, spaces and underscores are forgiven, synonyms are not."""
    tidy = word.lower().replace(" ", "-").replace("_", "-")
    if tidy not in names:
        raise InputError(kind, word, f"is not a known {kind}", did_you_mean(word, names))
    return names.index(tidy)


def _build(tables: _Tables) -> _Anatomy:
    """Build the arrays from checked tables; ``load`` does this once for the tables of the package."""
    words = _terms(tables)
    motor = pathways._columns(tables, tables.muscles, "motor")
    skin = pathways._columns(tables, tables.skin_nerves, "sensory")
    arcs = pathways._columns(tables, tables.reflexes, "sensory")
    everything: dict[str, Any] = {
        **_names(tables),
        **_pathways(tables, motor, skin, arcs),
        **_territories(tables, skin),
        **conduction._motor_arrays(tables)._asdict(),
        **conduction._sensory_arrays(tables)._asdict(),
        **conduction._late_arrays(tables, motor, arcs)._asdict(),
        "groups": words.muscle_groups,
        "terms": words,
    }
    return _sealed(_Anatomy(**everything))


def _names(tables: _Tables) -> dict[str, Any]:
    prior = tables.variation["plexus_types"]["value"]
    return {
        "sites": tuple(tables.sites),
        "site_labels": tuple(row["label"] for row in tables.sites.values()),
        "site_parts": tuple(row["part"] for row in tables.sites.values()),
        "segments": SEGMENTS,
        "muscles": tuple(tables.muscles),
        "muscle_labels": tuple(row["label"] for row in tables.muscles.values()),
        "muscle_nerves": tuple(row["nerve"] for row in tables.muscles.values()),
        "skin_nerves": tuple(tables.skin_nerves),
        "skin_nerve_labels": tuple(row["label"] for row in tables.skin_nerves.values()),
        "dermatomes": tables.dermatomes,
        "movements": tuple(tables.movements),
        "reflexes": tuple(tables.reflexes),
        "regions": tables.regions,
        "plexus_types": PLEXUS_TYPES,
        "plexus_probability": np.array([prior[kind] for kind in PLEXUS_TYPES], np.float32),
    }


def _pathways(tables: _Tables, motor: _Columns, skin: _Columns, arcs: _Columns) -> dict[str, Any]:
    preganglionic = np.array([site.startswith("dorsal-root-") for site in tables.sites], np.float32)[:, None]
    return {
        "motor_muscle": motor.target,
        "motor_segment": motor.segment,
        "motor_share": motor.share,
        "motor_incidence": motor.incidence,
        "motor_distance_mm": motor.distance_mm,
        "motor_length_mm": motor.length_mm,
        "root_share": pathways._root_shares(motor, len(tables.muscles)),
        "skin_nerve": skin.target,
        "skin_segment": skin.segment,
        "skin_share": skin.share,
        "skin_incidence_postganglionic": skin.incidence * (1.0 - preganglionic),
        "skin_incidence_preganglionic": skin.incidence * preganglionic,
        "skin_distance_mm": skin.distance_mm,
        "skin_length_mm": skin.length_mm,
        "arc_reflex": arcs.target,
        "arc_segment": arcs.segment,
        "arc_share": arcs.share,
        "arc_incidence": arcs.incidence,
        "arc_distance_mm": arcs.distance_mm,
        "arc_length_mm": arcs.length_mm,
    }


def _territories(tables: _Tables, skin: _Columns) -> dict[str, Any]:
    dermatomes = pathways._dermatome_weights(tables, skin)
    by_skin, by_site = pathways._region_weights(tables, skin)
    return {
        "arc_motor": pathways._muscle_weights(tables, tables.reflexes),
        "movement_weights": pathways._muscle_weights(tables, tables.movements),
        "dermatome_weights": dermatomes[1],
        "dermatome_weights_by_plexus": dermatomes,
        "nerve_weights": pathways._nerve_weights(tables, skin),
        "region_weights": by_skin,
        "region_site_weights": by_site,
    }


def _sealed(anatomy: _Anatomy) -> _Anatomy:
    for field in fields(anatomy):
        value = getattr(anatomy, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return anatomy


@cache
def load() -> _Anatomy:
    """Load the anatomy of one side, once per process."""
    return _build(_read())
