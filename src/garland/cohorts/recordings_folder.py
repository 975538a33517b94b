"""Recordings of some patients of a cohort, by the EDX laboratory, as a folder in the manner of EMG-BIDS.

The patients are the cohort's own: person, cause, chance, care and day are made anew from the spec, a pure
function of it. The session (noise, placement, firing) has its own dice, so that a recording agrees with the
tables about the patient, not about the noise of one measurement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from garland import __version__
from garland.cohorts.export import _whole_folder, _write_json, _write_readme
from garland.cohorts.folder import _Opened
from garland.cohorts.spec import CohortSpec
from garland.cohorts.visits import _Rows, _rows_of
from garland.edx_study.laboratory import EdxLaboratory, Findings, perform
from garland.edx_study.protocol import Protocol, load_protocol
from garland.edx_study.session import EdxSession, draw_departure, edx_state
from garland.errors import InputError
from garland.evidence import read_yaml
from garland.evidence.library import ROOT
from garland.inference.consult import remember_compiled_programs
from garland.model.diseases import DISEASES
from garland.model.latents import Latents
from garland.model.patient import Person
from garland.progress import stretch
from garland.signals.files import write_edf
from garland.signals.trace import Trace

PROTOCOL = "lumbosacral-plexus"
BIDS_VERSION = "1.11.0"
_BIDS = read_yaml(ROOT / "exports" / "bids.yaml")
TEMPERATURE_C = 34.0
_SAMPLE = 3
"""Stream of dice that chooses the patients."""
_SESSION = 11
_TASKS = {"motor": "motor", "sensory": "sensory", "f": "fwaves", "h": "hreflex", "needle": "needle"}


@dataclass(frozen=True)
class _Patient:
    """One patient of a cohort on the couch.

    Attributes
    ----------
    number : int
        In the tables of the cohort.
    person : Person
        Fields (1,).
    cause : int
        Index of the cause.
    latents : Latents
        Of one patient.
    day : float
        Days since the first symptom [d].
    treatment : Treatments or None
        What is given.
    """

    number: int
    person: Person
    cause: int
    latents: Latents
    day: float
    treatment: Any

    @property
    def label(self) -> str:
        """Label of the subject, such as ``000123``."""
        return f"{self.number:06d}"


def export_bids(cohort: _Opened, out: Path, patients: int, protocol: str = PROTOCOL) -> None:
    """Record some patients at their first visit and write the folder."""
    spec = cohort.spec
    if not 1 <= patients <= spec.size:
        rule = f"lies outside 1 to {spec.size:,}, the size of the cohort"
        raise InputError("--patients", patients, rule, "give a number inside")
    if not spec.visits:
        raise InputError("FOLDER", spec.name, "has no visit to record at", "make a cohort with visits")
    plan = load_protocol(protocol)
    remember_compiled_programs()
    with _whole_folder(out) as folder:
        lines = []
        for done, patient in enumerate(_chosen(spec, patients)):
            with stretch(done / patients, (done + 1) / patients, f"patient {done + 1} of {patients}"):
                found = _recorded(spec, patient, plan)
            _write_recordings(folder, patient, found)
            lines.append(_line(patient))
        _write_about(folder, spec, plan.title, lines)


def _chosen(spec: CohortSpec, patients: int) -> Iterator[_Patient]:
    """Yield the patients, by rising number; each part is made anew once."""
    rng = np.random.default_rng([spec.seed, _SAMPLE])
    numbers = np.sort(rng.choice(spec.size, patients, replace=False))
    for part in np.unique(numbers // spec.part_size):
        rows = _rows_of(spec, int(part))
        first = int(part) * spec.part_size
        for number in numbers[numbers // spec.part_size == part]:
            yield _patient_of(rows, int(number) - first, first)


def _patient_of(rows: _Rows, person_row: int, first: int) -> _Patient:
    """Return one person of a part as a patient at the first visit."""
    row = int(np.flatnonzero(rows.person_row == person_row)[0])
    state = rows.state[row]
    person = Person(*[jnp.asarray(field[state : state + 1]) for field in rows.states])
    treatment = (
        None
        if rows.treatment is None
        else jax.tree.map(lambda each: np.asarray(each)[person_row : person_row + 1], rows.treatment)
    )
    latents = Latents(jnp.asarray(rows.vectors[person_row : person_row + 1]))
    return _Patient(
        first + person_row, person, int(rows.cause[row]), latents, float(rows.day[row]), treatment
    )


def _recorded(spec: CohortSpec, patient: _Patient, plan: Protocol) -> Findings:
    """Return a study of one patient."""
    day = jnp.array([patient.day], jnp.float32)
    look = edx_state(patient.person, patient.cause, patient.latents, day, patient.treatment)
    rng = np.random.default_rng([spec.seed, patient.number, _SESSION])
    own = int(np.random.SeedSequence([spec.seed, patient.number]).generate_state(1, np.uint64)[0])
    return perform(plan, EdxLaboratory(EdxSession(look, 0, draw_departure(rng), TEMPERATURE_C), own))


def _write_recordings(folder: Path, patient: _Patient, found: Findings) -> None:
    """Write every recording of one patient with its sidecars."""
    where = folder / f"sub-{patient.label}" / "emg"
    where.mkdir(parents=True)
    runs: dict[str, int] = {}
    for one in _recordings(found):
        runs[one.task] = runs.get(one.task, 0) + 1
        stem = f"sub-{patient.label}_task-{one.task}_run-{runs[one.task]:02d}"
        traces = [replace(trace, label=f"ch{at:02d}") for at, trace in enumerate(one.traces, 1)]
        write_edf(traces, where / f"{stem}_emg.edf", one.task != "needle", f"sub-{patient.label}")
        _write_json(where / f"{stem}_emg.json", _sidecar(one))
        _write_tsv(where / f"{stem}_channels.tsv", _channels(one))
        _write_tsv(where / f"{stem}_events.tsv", _events(one))


@dataclass(frozen=True)
class _Recording:
    """What one file holds: its task, what was studied, its channels with words, and its parts (needle)."""

    task: str
    what: str
    traces: tuple[Trace, ...]
    words: tuple[str, ...]
    parts: tuple[tuple[str, float, float], ...] = ()


def _recordings(found: Findings) -> Iterator[_Recording]:
    for plate in found.plates:
        if plate.kind != "needle":  # a piece of what is written whole below
            traces, words = zip(*((lane.trace, lane.label) for lane in plate.traces), strict=True)
            yield _Recording(_TASKS[plate.kind], f"{plate.side} {plate.title}", traces, words)
    for sound in found.sounds:
        what = f"{sound.side} {sound.title}"
        yield _Recording("needle", what, (sound.trace,), ("concentric needle",), tuple(sound.parts))


def _sidecar(one: _Recording) -> dict[str, Any]:
    first, needle = one.traces[0], one.task == "needle"
    placed = (
        "concentric needle in the muscle"
        if needle
        else "surface electrodes over the muscle or nerve, belly-tendon or along the nerve"
    )
    return {
        "TaskName": one.task,
        "TaskDescription": f"{_BIDS['doing'][one.task]}: {one.what}",
        "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": f"simulated; {placed}",
        "EMGReference": "cannula of the needle" if needle else "bipolar",
        "EMGGround": "n/a",
        "EMGChannelCount": len(one.traces) if one.task != "sensory" else 0,
        "SamplingFrequency": first.rate_hz,
        "PowerLineFrequency": "n/a",
        "SoftwareFilters": "n/a",
        "HardwareFilters": "n/a",
        "RecordingType": "continuous",
        "RecordingDuration": first.duration_ms / 1000.0,
        "Manufacturer": "none (SIMULATED by Garland)",
        "SoftwareVersions": __version__,
        "Simulated": True,
    }


def _channels(one: _Recording) -> list[dict[str, Any]]:
    kind = "MISC" if one.task == "sensory" else "EMG"
    return [
        {
            "name": f"ch{at:02d}",
            "type": kind,
            "units": "uV",
            "description": f"{one.what}: {words}" if words else one.what,
            "sampling_frequency": f"{trace.rate_hz:g}",
            "target_muscle": one.what if one.task == "needle" else "n/a",
        }
        for at, (trace, words) in enumerate(zip(one.traces, one.words, strict=True), 1)
    ]


def _events(one: _Recording) -> list[dict[str, Any]]:
    """Return when the stimulus came, or what the muscle was asked to do from when to when [s]."""
    if one.parts:
        return [
            {"onset": f"{begin / 1000:.4f}", "duration": f"{(end - begin) / 1000:.4f}", "trial_type": name}
            for name, begin, end in one.parts
        ]
    start = -one.traces[0].start_ms / 1000.0
    return [{"onset": f"{start:.6f}", "duration": "0", "trial_type": "stimulus"}]


def _line(patient: _Patient) -> dict[str, Any]:
    known = {name: float(np.asarray(value)[0]) for name, value in patient.person._asdict().items()}
    return {
        "participant_id": f"sub-{patient.label}",
        "age": f"{known['age_years']:.0f}",
        "sex": "male" if known["male"] > 0.5 else "female",
        "height": f"{known['height_cm']:.1f}",
        "weight": f"{known['weight_kg']:.1f}",
        "diabetes": "yes" if known["diabetes"] > 0.5 else "no",
        "cause": DISEASES[patient.cause].name,
        "day": f"{patient.day:.1f}",
        "cohort_patient": patient.number,
    }


def _write_about(folder: Path, spec: CohortSpec, protocol: str, lines: list[dict[str, Any]]) -> None:
    title = f"SIMULATED recordings of the cohort {spec.name}, seed {spec.seed}"
    _write_json(
        folder / "dataset_description.json",
        {
            "Name": title,
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "raw",
            "Authors": ["Garland (SIMULATED)"],
            "GeneratedBy": [{"Name": "Garland", "Version": __version__}],
        },
    )
    _write_tsv(folder / "participants.tsv", lines)
    _write_json(folder / "participants.json", _BIDS["columns"])
    _write_readme(folder, "bids", title=title, n=len(lines), size=f"{spec.size:,}", protocol=protocol)


def _write_tsv(path: Path, lines: list[dict[str, Any]]) -> None:
    rows = ["\t".join(lines[0])] + ["\t".join(str(value) for value in line.values()) for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
