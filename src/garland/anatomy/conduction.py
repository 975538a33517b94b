"""Conduction studies: what is stimulated and recorded, and which lesion sites the impulse crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland._types import Float32s, Ints
from garland.anatomy.pathways import _Columns
from garland.anatomy.tables import Row, _Source, _source_of, _Tables

POINTS = 3


@dataclass(frozen=True)
class _StimulationPoint:
    """A place of stimulation.

    ``sites`` and ``distance_mm`` up to the next distal point (the muscle, for the first) [mm].
    """

    name: str
    sites: tuple[str, ...]
    distance_mm: float


@dataclass(frozen=True)
class _MotorStudy:
    """A motor conduction study; ``points`` run from distal to proximal."""

    id: str
    label: str
    nerve: str
    muscle: str
    points: tuple[_StimulationPoint, ...]
    source: _Source


@dataclass(frozen=True)
class _SensoryStudy:
    """A sensory conduction study.

    ``sites`` lie between stimulation and recording, ``distance_mm`` apart [mm].
    """

    id: str
    label: str
    nerve: str
    sites: tuple[str, ...]
    distance_mm: float
    source: _Source


@dataclass(frozen=True)
class _FStudy:
    """An F wave: stimulated at the most distal point of ``motor_study``, recorded from ``muscle``."""

    id: str
    label: str
    nerve: str
    motor_study: str
    muscle: str
    stimulation: str
    source: _Source


@dataclass(frozen=True)
class _HStudy:
    """An H reflex of ``muscle``; its afferent limb is that of the tendon reflex ``reflex``."""

    id: str
    label: str
    muscle: str
    reflex: str
    stimulation: str
    source: _Source


def _motor_studies(tables: _Tables) -> tuple[_MotorStudy, ...]:
    """Return the motor studies in file order."""
    return tuple(
        _MotorStudy(
            id=name,
            label=row["label"],
            nerve=row["nerve"],
            muscle=row["muscle"],
            points=tuple(
                _StimulationPoint(p["name"], tuple(p["sites"]), float(p["mm"])) for p in row["points"]
            ),
            source=_source(name, row),
        )
        for name, row in tables.motor_studies.items()
    )


def _sensory_studies(tables: _Tables) -> tuple[_SensoryStudy, ...]:
    """Return the sensory studies in file order."""
    return tuple(
        _SensoryStudy(
            name, row["label"], row["nerve"], tuple(row["sites"]), float(row["mm"]), _source(name, row)
        )
        for name, row in tables.sensory_studies.items()
    )


def _f_studies(tables: _Tables) -> tuple[_FStudy, ...]:
    """Return the F waves in file order; nerve, muscle and distal point are those of the motor study."""
    found = []
    for name, row in tables.f_waves.items():
        motor = tables.motor_studies[row["study"]]
        at = motor["points"][0]["name"]
        found.append(
            _FStudy(name, row["label"], motor["nerve"], row["study"], motor["muscle"], at, _source(name, row))
        )
    return tuple(found)


def _h_studies(tables: _Tables) -> tuple[_HStudy, ...]:
    """Return the H reflexes in file order."""
    keys = ("label", "muscle", "reflex", "stimulation")
    return tuple(
        _HStudy(id=name, source=_source(name, row), **{key: row[key] for key in keys})
        for name, row in tables.h_reflexes.items()
    )


def _source(name: str, row: Row) -> _Source:
    return _source_of("conduction", name, row)


class _MotorArrays(NamedTuple):
    """Motor studies stacked; names as in ``Anatomy``."""

    motor_studies: tuple[_MotorStudy, ...]
    motor_study_ids: tuple[str, ...]
    motor_study_muscle: Ints
    point_names: tuple[tuple[str, ...], ...]
    point_valid: NDArray[np.bool_]
    point_incidence: Float32s
    segment_incidence: Float32s
    segment_mm: Float32s


def _motor_arrays(tables: _Tables) -> _MotorArrays:
    """Stack the motor studies: (K,) muscles, (K, 3) valid points and distances [mm], (K, 3, S) incidences."""
    studies = _motor_studies(tables)
    sites, muscles = list(tables.sites), list(tables.muscles)
    shape = (len(studies), POINTS)
    segment, mm, valid = (
        np.zeros((*shape, len(sites)), np.float32),
        np.zeros(shape, np.float32),
        np.zeros(shape, bool),
    )
    for k, study in enumerate(studies):
        for i, point in enumerate(study.points):
            segment[k, i, [sites.index(site) for site in point.sites]] = 1.0
            mm[k, i], valid[k, i] = point.distance_mm, True
    return _MotorArrays(
        motor_studies=studies,
        motor_study_ids=tuple(study.id for study in studies),
        motor_study_muscle=np.array([muscles.index(study.muscle) for study in studies], np.int32),
        point_names=tuple(tuple(point.name for point in study.points) for study in studies),
        point_valid=valid,
        point_incidence=np.asarray(
            np.minimum(np.cumsum(segment, axis=1), 1.0) * valid[:, :, None], np.float32
        ),
        segment_incidence=segment,
        segment_mm=mm,
    )


class _SensoryArrays(NamedTuple):
    """Sensory studies stacked; names as in ``Anatomy``."""

    sensory_studies: tuple[_SensoryStudy, ...]
    sensory_study_ids: tuple[str, ...]
    sensory_study_nerve: Ints
    sensory_study_incidence: Float32s
    sensory_study_mm: Float32s


def _sensory_arrays(tables: _Tables) -> _SensoryArrays:
    """Stack the sensory studies: (J,) nerves, (J, S) sites spanned, (J,) distances [mm]."""
    studies = _sensory_studies(tables)
    sites, nerves = list(tables.sites), list(tables.skin_nerves)
    spanned = np.zeros((len(studies), len(sites)), np.float32)
    for j, study in enumerate(studies):
        spanned[j, [sites.index(site) for site in study.sites]] = 1.0
    return _SensoryArrays(
        sensory_studies=studies,
        sensory_study_ids=tuple(study.id for study in studies),
        sensory_study_nerve=np.array([nerves.index(study.nerve) for study in studies], np.int32),
        sensory_study_incidence=spanned,
        sensory_study_mm=np.array([study.distance_mm for study in studies], np.float32),
    )


class _LateArrays(NamedTuple):
    """F waves and H reflexes stacked; names as in ``Anatomy``."""

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


def _mean_path(ways: _Columns, target: int) -> tuple[Float32s, float]:
    """Mean of a target's pathways weighted by share in a normal plexus: incidence (S,) and length [mm]."""
    weight = np.where(ways.target == target, ways.share[1], 0.0)
    weight = weight / weight.sum()
    return np.asarray(ways.incidence @ weight, np.float32), float(ways.length_mm @ weight)


def _late_arrays(tables: _Tables, motor: _Columns, arcs: _Columns) -> _LateArrays:
    """Stack the late responses, with paths and lengths averaged over roots by their share in a normal plexus.

    Mean paths (F, S) and (H, S) [-], mean cord-to-muscle lengths (F,) and (H,) [mm].
    """
    f, h = _f_studies(tables), _h_studies(tables)
    muscles, reflexes, motors = list(tables.muscles), list(tables.reflexes), list(tables.motor_studies)
    f_muscle = [muscles.index(study.muscle) for study in f]
    h_muscle = [muscles.index(study.muscle) for study in h]
    h_reflex = [reflexes.index(study.reflex) for study in h]
    f_paths = [_mean_path(motor, muscle) for muscle in f_muscle]
    h_motor = [_mean_path(motor, muscle) for muscle in h_muscle]
    h_afferent = [_mean_path(arcs, reflex) for reflex in h_reflex]
    return _LateArrays(
        f_studies=f,
        f_ids=tuple(study.nerve for study in f),
        f_motor_study=np.array([motors.index(study.motor_study) for study in f], np.int32),
        f_muscle=np.array(f_muscle, np.int32),
        f_incidence=np.stack([path for path, _ in f_paths]),
        f_length_mm=np.array([mm for _, mm in f_paths], np.float32),
        h_studies=h,
        h_ids=tuple(study.muscle for study in h),
        h_muscle=np.array(h_muscle, np.int32),
        h_reflex=np.array(h_reflex, np.int32),
        h_afferent_incidence=np.stack([path for path, _ in h_afferent]),
        h_motor_incidence=np.stack([path for path, _ in h_motor]),
        h_afferent_length_mm=np.array([mm for _, mm in h_afferent], np.float32),
        h_motor_length_mm=np.array([mm for _, mm in h_motor], np.float32),
    )
