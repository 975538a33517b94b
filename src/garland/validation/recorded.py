"""What a clinic writes down of simulated patients, and what it calls abnormal.

A record is the expected findings and the noise of one session. It is judged as a clinic would: words by their
cuts, conduction by the limits of normal for age and height. Two examiners are two draws of the noise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.model.diseases import DISEASES
from garland.model.findings import FINDINGS, N_FINDINGS, SIDED, UNSIDED, session_noise
from garland.model.patient import Person
from garland.reference_values import absent_in_health, limit_of, smallest_response_ln
from garland.validation.cohorts import Moment, _Cohort, _field, _limit
from garland.validation.questions import Values, _other_side, _worse_side

_A = load()
_NOW: Moment = ("seen", 0.0)
_STUDIES = (*_A.motor_study_ids, *_A.sensory_study_ids)
_EDB, _TIBIAL, _MEDIAN, _ULNAR = (
    "fibular-extensor-digitorum-brevis", "tibial-abductor-hallucis", "median-abductor-pollicis-brevis",
    "ulnar-abductor-digiti-minimi",
)  # fmt: skip
_ROUTINE = (_EDB, _TIBIAL, _MEDIAN, _ULNAR)
_ARM_SNAPS = ("median-digit-2", "ulnar-digit-5")
_ONE, _BOTH = (0,), (0, 1)
_CM = 2.0
READERS = 11
"""First of the examiners who read one recording of a patient and so share a part of the noise."""


class _Record(NamedTuple):
    """What one examiner writes down of N patients in one session.

    Attributes
    ----------
    values : (N, F)
        Expected findings and noise, on the scale of each finding.
    lacking : mapping of str to (N, 2)
        By study, in whom no response is obtained though there is nothing wrong.
    age, height : (N,)
        Age [a] and height [cm], as far as limits of normal ask.
    """

    values: np.ndarray
    lacking: Mapping[str, np.ndarray]
    age: Float64s
    height: Float64s

    def item(self, field: str, item: str) -> np.ndarray:
        """Return one item of a field: (N, 2), or (N,) where it has no side."""
        items = SIDED.get(field) or UNSIDED[field]
        return _field(self.values, field)[..., items.index(item)]


Found = Callable[[_Record], Any]


def _record_of(findings: np.ndarray, person: Person, rng: np.random.Generator, share: float = 1.0) -> _Record:
    """Return what is written down of patients with these expected findings, with a share of the noise."""
    n = len(findings)
    noisy = findings + session_noise(share * rng.standard_normal((n, N_FINDINGS), np.float32))
    lacking = {study: rng.random((n, 2)) < absent_in_health(study) for study in _STUDIES}
    age, height = (np.asarray(field, np.float64) for field in (person.age_years, person.height_cm))
    return _Record(noisy, lacking, np.round(age), _CM * np.round(height / _CM))


def _record(cohort: _Cohort, examiner: int = 0, moment: Moment = _NOW) -> _Record:
    """Return the record of an examiner, drawn once for each cohort; from `READERS` on of one recording."""
    key = (examiner, moment)
    if key not in cohort.records:
        scene = cohort.scene(*moment)
        rng = _drawn(cohort, examiner, moment)
        findings = np.asarray(scene.findings)
        if examiner >= READERS:
            own = _limit("reader_share")
            kept = _drawn(cohort, READERS - 1, moment).standard_normal(findings.shape, np.float32)
            findings = findings + session_noise(np.sqrt(1.0 - own) * kept)
            cohort.records[key] = _record_of(findings, scene.person, rng, np.sqrt(own))
        else:
            cohort.records[key] = _record_of(findings, scene.person, rng)
    return cohort.records[key]  # type: ignore[no-any-return]


def _drawn(cohort: _Cohort, examiner: int, moment: Moment) -> np.random.Generator:
    return np.random.default_rng((cohort.seed, examiner, crc32(repr(moment).encode())))


def _by(found: Found, examiner: int = 0, moment: Moment = _NOW) -> Values:
    """Return a finding of a record as a quantity of the cohort."""
    return lambda cohort: found(_record(cohort, examiner, moment))


def _affected(found: Found, examiner: int = 0, moment: Moment = _NOW) -> Values:
    """Return a finding on the side that is struck harder, (N, 2) to (N,)."""
    return lambda cohort: _worse_side(cohort, found(_record(cohort, examiner, moment)))


def _spared(found: Found) -> Values:
    """Return a finding on the side that is struck less."""
    return lambda cohort: _other_side(cohort, found(_record(cohort)))


def _worded(field: str, item: str, word: str = "present") -> Found:
    """Return whether an item lies within a declared word; what has no words is present above zero."""
    low, high = FINDINGS[field].words.get(word, (0.0, np.inf))
    return lambda r: (r.item(field, item) >= low) & (r.item(field, item) < high)


def _any_of(every: Sequence[Found]) -> Found:
    """Return whether one of several findings is there."""
    return lambda r: np.logical_or.reduce([found(r) for found in every])


def _either(found: Found) -> Found:
    """Return whether a finding is there on either side."""
    return lambda r: found(r).any(axis=1)


def _one_side(found: Found) -> Found:
    """Return a finding on the side that is tested where one is."""
    return lambda r: found(r)[:, 0]


# Conduction studies.


def _limits(r: _Record, study: str, measure: str, point: str | None = None) -> Float64s:
    """Return the limit of normal of every patient, by age and height, (N,); NaN where there is none."""
    people, which = np.unique(np.stack([r.age, r.height], axis=1), axis=0, return_inverse=True)
    known = [limit_of(study, measure, age, height, point=point) for age, height in people.tolist()]
    return np.array([np.nan if one is None else one.value for one in known])[which.ravel()]


def _responds(study: str, number: int = 0) -> Found:
    """Return where a response is obtained."""
    sensory = study in _A.sensory_study_ids
    field, item = ("snap", study) if sensory else ("cmap", f"{study}@{number}")
    return lambda r: (r.item(field, item) > smallest_response_ln(study)) & ~r.lacking[study]


def _amplitude(study: str) -> Found:
    """Return amplitudes, zero where there is no response [mV or uV]."""
    field, item = ("snap", study) if study in _A.sensory_study_ids else ("cmap", f"{study}@0")
    return lambda r: np.where(_responds(study)(r), np.exp(r.item(field, item)), 0.0)


def _measured(field: str, item: str, there: Found) -> Found:
    """Return a time or velocity, NaN where there is no response [ms or m/s]."""
    return lambda r: np.where(there(r), np.exp(r.item(field, item)), np.nan)


def _small(study: str) -> Found:
    """Return where a response is absent or below its limit."""
    return lambda r: _amplitude(study)(r) < np.maximum(_limits(r, study, "amplitude"), 1e-9)[:, None]


def _absent(study: str) -> Found:
    return lambda r: ~_responds(study)(r)


def _latency_long(study: str) -> Found:
    latency = _measured("motor_latency", study, _responds(study))
    return lambda r: latency(r) > _limits(r, study, "latency")[:, None]


def _stretches(study: str) -> list[tuple[int, str]]:
    """Return the stretches of a motor study as number and name of the point at which each ends."""
    return list(enumerate(_A.point_names[_A.motor_study_ids.index(study)]))[1:]


def _slow(study: str) -> Found:
    """Return where some stretch conducts more slowly than its limit."""

    def slow(number: int, point: str) -> Found:
        speed = _measured("motor_velocity", f"{study}@{number}", _responds(study, number))
        return lambda r: speed(r) < _limits(r, study, "velocity", point)[:, None]

    return _any_of([slow(*stretch) for stretch in _stretches(study)])


def _blocked(study: str) -> Found:
    """Return where the response falls by more than half and by more than its limit."""

    def blocked(number: int, point: str) -> Found:
        half = _worded("cmap_drop", f"{study}@{number}")

        def fallen(r: _Record) -> Any:
            fall = -100.0 * np.expm1(r.item("cmap_drop", f"{study}@{number}"))
            return half(r) & _responds(study)(r) & (fall > _limits(r, study, "drop", point)[:, None])

        return fallen

    return _any_of([blocked(*stretch) for stretch in _stretches(study)])


def _beyond(study: str, kept: str, lost: str) -> Callable[[_Record], Any]:
    """Return by how much a limit must be passed to count as demyelination: more where the CMAP is low."""

    def least(r: _Record) -> Any:
        low = _amplitude(study)(r) < _limit("criteria_cmap_kept") * _limits(r, study, "amplitude")[:, None]
        return np.where(low, _limit(lost), _limit(kept))

    return least


def _latency_demyelinated(study: str) -> Found:
    """Return where the distal latency is as long as criteria of demyelination ask."""
    latency, least = (
        _measured("motor_latency", study, _responds(study)),
        _beyond(study, "criteria_latency", "criteria_latency_low"),
    )
    return lambda r: latency(r) > least(r) * _limits(r, study, "latency")[:, None]


def _slow_demyelinated(study: str) -> Found:
    """Return where some stretch conducts as slowly as criteria of demyelination ask."""
    least = _beyond(study, "criteria_velocity", "criteria_velocity_low")

    def slow(number: int, point: str) -> Found:
        speed = _measured("motor_velocity", f"{study}@{number}", _responds(study, number))
        return lambda r: speed(r) < least(r) * _limits(r, study, "velocity", point)[:, None]

    return _any_of([slow(*stretch) for stretch in _stretches(study)])


def _wave_absent(letter: str, item: str) -> Found:
    return _worded(f"{letter}_response", item, "absent")


def _wave_late(letter: str, item: str) -> Found:
    """Return where an F wave or H reflex is there and later than its limit."""
    study, measure = item + {"f": "-f-wave", "h": "-h-reflex"}[letter], f"{letter}-latency"
    latency = _measured(f"{letter}_latency", item, _worded(f"{letter}_response", item, "preserved"))
    return lambda r: latency(r) > _limits(r, study, measure)[:, None]


def _f_abnormal(nerve: str) -> Found:
    return _any_of([_wave_absent("f", nerve), _wave_late("f", nerve)])


def _nerves(of: Callable[[str], Found], names: Sequence[str], sides: Sequence[int], least: int = 1) -> Found:
    """Return in whom at least so many of the tested nerves show something, (N,)."""
    return lambda r: sum(of(name)(r)[:, side].astype(int) for name in names for side in sides) >= least


def _apart(found: Found) -> Found:
    """Return the difference between the sides of a quantity, (N,); NaN where a side has none."""
    return lambda r: np.abs(found(r)[:, 0] - found(r)[:, 1])


def _side_ratio(study: str) -> Values:
    """Return the amplitude of the affected side over that of the other; NaN where neither responds."""

    def ratio(cohort: _Cohort) -> Any:
        worse, other = _affected(_amplitude(study))(cohort), _spared(_amplitude(study))(cohort)
        return np.where(worse + other > 0.0, worse / np.maximum(other, 1e-9), np.nan)

    return ratio


def _ratio(study: str, to: str) -> Found:
    """Return the ratio of two CMAPs of one hand; NaN where the second has none."""

    def ratio(r: _Record) -> Any:
        below = _amplitude(to)(r)[:, 0]
        return np.where(below > 0.0, _amplitude(study)(r)[:, 0] / np.maximum(below, 1e-9), np.nan)

    return ratio


# Needle.


def _fibrillates(muscle: str) -> Found:
    return _worded("fibrillation", muscle)


def _units_changed(muscle: str) -> Found:
    """Return where a muscle fibrillates or its motor units are enlarged or polyphasic."""
    enlarged = _worded("muap_amplitude", muscle, "raised")
    return _any_of([_fibrillates(muscle), enlarged, _worded("polyphasia", muscle, "increased")])


def _needle_abnormal(muscle: str) -> Found:
    """Return where a muscle fibrillates or recruits less than normal."""
    normal = _worded("recruitment", muscle, "normal")
    return lambda r: _fibrillates(muscle)(r) | ~normal(r)


_SCREEN = (
    "vastus-medialis", "tensor-fasciae-latae", "tibialis-anterior", "biceps-femoris-short",
    "medial-gastrocnemius", "paraspinal-l3", "paraspinal-l4", "paraspinal-l5", "paraspinal-s1",
)  # fmt: skip
"""Five muscles of the leg and the lumbar paraspinals, as a screen for radiculopathy examines them."""


def _root_called(of: Callable[[str], Found], limb_of: Callable[[str], Found] | None = None) -> Found:
    """Return where two muscles of one root and different nerves are abnormal, (N, 2)."""

    def called(r: _Record) -> Any:
        calls = np.zeros((len(r.values), 2), bool)
        for root in ("l3", "l4", "l5", "s1"):
            nerves: dict[str, np.ndarray] = {}
            for muscle in _SCREEN:
                if muscle in _A.groups[f"{root}-muscles"] or muscle == f"paraspinal-{root}":
                    nerve = _A.muscle_nerves[_A.muscle(muscle)]
                    test = limb_of if limb_of and nerve != "dorsal-ramus" else of
                    nerves[nerve] = nerves.get(nerve, False) | test(muscle)(r)
            calls |= sum(hit.astype(int) for hit in nerves.values()) >= 2
        return calls

    return called


_FIBRILLATION_CALL = _root_called(_fibrillates)
_NEEDLE_CALL = _root_called(_fibrillates, _units_changed)


def _paraspinals(roots: str, sides: Sequence[int]) -> Found:
    return _nerves(_fibrillates, [f"paraspinal-{root}" for root in roots.split()], sides)


# Bedside, history, laboratory and imaging.


_DERMATOME = ("dermatome_feeling", "dermatome_feeling_small")


def _dermatome_lost(name: str) -> Found:
    """Return where touch or pin is reduced in a dermatome."""
    return lambda r: ~np.logical_and.reduce([_worded(kind, name, "normal")(r) for kind in _DERMATOME])


def _dermatome_dead(name: str) -> Found:
    """Return where touch or pin is absent in a dermatome."""
    return _any_of([_worded(kind, name, "absent") for kind in _DERMATOME])


def _skin_lost(nerve: str) -> Found:
    kinds = ("nerve_feeling", "nerve_feeling_small")
    return lambda r: ~np.logical_and.reduce([_worded(kind, nerve, "normal")(r) for kind in kinds])


def _movement_weak(movement: str) -> Found:
    return _worded("movement_strength", movement, "reduced")


def _of_own_root(by_root: Mapping[str, Found]) -> Values:
    """Return a finding that belongs to the compressed root of each patient, on the affected side."""

    def own(cohort: _Cohort) -> Any:
        roots = np.concatenate(
            [[str(DISEASES[group.cause].root).lower()] * len(group.seen_day) for group in cohort.members]
        )
        found = {root: _affected(finding)(cohort) for root, finding in by_root.items()}
        return np.logical_or.reduce([(roots == root) & hit for root, hit in found.items()])

    return own


_DERMATOMES = {root: _dermatome_lost(root) for root in ("l4", "l5", "s1")}
_MYOTOMES = {
    "l4": _movement_weak("knee-extension"),
    "l5": _any_of([_movement_weak("ankle-dorsiflexion"), _movement_weak("toe-extension")]),
    "s1": _movement_weak("ankle-plantarflexion"),
}


def _symmetric(r: _Record) -> Any:
    """Return in whom no movement and no skin nerve differs between the sides by more than a step."""
    grade = np.minimum(_field(r.values, "movement_strength"), 5.0)
    loss = np.maximum(_field(r.values, "nerve_feeling"), 0.0)
    uneven = np.abs(grade[:, 0] - grade[:, 1]).max(axis=1) >= _limit("uneven_grades")
    return ~uneven & (np.abs(loss[:, 0] - loss[:, 1]).max(axis=1) < _limit("uneven_loss"))


def _laboratory(name: str) -> Found:
    return lambda r: r.item("laboratory", name)


def _dissociated(r: _Record) -> Any:
    """Return in whom CSF protein is raised and cells are not."""
    cells = FINDINGS["laboratory"].item["csf_cells"]["test"]["cuts"][0]
    raised = _laboratory("csf_protein")(r) > np.log(_limit("csf_raised_mg_dl"))
    return raised & (_laboratory("csf_cells")(r) <= cells)


def _came_fast(r: _Record) -> Any:
    return r.item("progression", "ln-days") < FINDINGS["progression"].words["acute"][1]


def _polyneuropathy(r: _Record) -> Any:
    """Return in whom the sural response of both legs is small or absent."""
    return _small("sural")(r).all(axis=1)
