"""A study of a virtual patient from request to record, and the same as a Garland case.

Nothing but the study and the header goes into the case, as a laboratory would send it: no history, no
examination, nothing the virtual patient knows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from garland import __version__
from garland.anatomy.tree import load
from garland.edx_study.laboratory import EdxLaboratory, Findings, perform
from garland.edx_study.protocol import Protocol, load_protocol
from garland.edx_study.records import EdxStudy
from garland.edx_study.session import EdxSession, draw_departure, edx_state
from garland.edx_study.tables import _unit_cell
from garland.edx_study.values import _FValues, _HValues, _MotorValues, _NeedleValues, _SensoryValues
from garland.errors import InputError, did_you_mean
from garland.forecasts.patient import PatientSpec, arrival, checked, person_of
from garland.forecasts.sentences import person_lines, station_line
from garland.inference.consult import remember_compiled_programs
from garland.model.diseases import DISEASES
from garland.model.patient import Person
from garland.progress import tell
from garland.records import Case, parse_case

_A = load()
Measured = Mapping[tuple[str, str, str], object]


def _case_of(name: str, title: str, day: float, person: Mapping[str, float], measured: Measured) -> Case:
    """Return the case of one study."""
    diabetic = person["diabetes"] > 0.5
    body = {
        "garland_case": 1,
        "id": name,
        "title": title,
        "simulated": True,
        "person": {
            "age_years": round(person["age_years"]),
            "sex": "male" if person["male"] > 0.5 else "female",
            "height_cm": round(person["height_cm"]),
            "weight_kg": round(person["weight_kg"]),
        },
        "diabetes": _diabetes(person) if diabetic else {"type": "none"},
        "visits": [_visit(day, measured)],
    }
    return parse_case(body)


def _diabetes(person: Mapping[str, float]) -> dict[str, Any]:
    years = min(round(person["diabetes_years"], 1), round(person["age_years"]))
    return {
        "type": "unspecified",
        "duration_years": years,
        "hba1c_percent": round(person["hba1c_percent"], 1),
    }


def _visit(day: float, measured: Measured) -> dict[str, Any]:
    rows = [row for key, found in measured.items() for row in _conduction(*key, found)]
    muscles = [
        _needle_row(name, side, found)
        for (_, name, side), found in measured.items()
        if isinstance(found, _NeedleValues)
    ]
    visit: dict[str, Any] = {"day_since_onset": round(day, 1), "day_precision": "exact"}
    if rows:
        visit["nerve_conduction"] = {"results": rows}
    if muscles:
        visit["needle"] = {"results": muscles}
    return visit


def _conduction(kind: str, name: str, side: str, found: object) -> Iterator[dict[str, Any]]:
    if isinstance(found, _MotorValues):
        yield from _motor_rows(name, side, found)
    elif isinstance(found, _SensoryValues):
        yield {"study": name, "side": side, **_sensory_row(found)}
    elif isinstance(found, _FValues):
        yield {"study": f"{name}-f-wave", "side": side, **_f_wave(found)}
    elif isinstance(found, _HValues):
        latency = found.latency_ms
        said = {"h_result": "absent"} if math.isnan(latency) else {"h_latency_ms": round(latency, 1)}
        yield {"study": f"{name}-h-reflex", "side": side, **said}


def _sensory_row(found: _SensoryValues) -> dict[str, Any]:
    if math.isnan(found.amplitude_uv):
        return {"amplitude_uv": "absent"}
    return {
        "amplitude_uv": round(found.amplitude_uv, 2),
        "latency_ms": round(found.onset_ms, 2),
        "velocity_m_s": round(min(found.velocity_m_s, 100.0), 1),
    }


def _f_wave(found: _FValues) -> dict[str, Any]:
    if math.isnan(found.shortest_ms):
        return {"f_result": "absent"}
    said: dict[str, Any] = {"f_latency_ms": round(found.shortest_ms, 1)}
    if not math.isnan(found.persistence_percent):
        said["f_persistence_percent"] = round(found.persistence_percent)
    return said


def _motor_rows(study: str, side: str, found: _MotorValues) -> Iterator[dict[str, Any]]:
    names = _A.point_names[_A.motor_study_ids.index(study)]
    for i, point in enumerate(names[: len(found.amplitude_mv)]):
        row: dict[str, Any] = {"study": study, "side": side, "stimulate": point}
        if not found.amplitude_mv[i]:
            yield {**row, "amplitude_mv": "absent"}
            if i == 0:
                return
            continue
        row["amplitude_mv"] = round(found.amplitude_mv[i], 3)
        if i == 0:
            row["distal_latency_ms"] = round(found.latency_ms[i], 2)
        elif not math.isnan(found.velocity_m_s[i]):
            row["velocity_m_s"] = round(min(max(found.velocity_m_s[i], 1.0), 100.0), 1)
        yield row


def _needle_row(muscle: str, side: str, found: _NeedleValues) -> dict[str, Any]:
    row: dict[str, Any] = {
        "muscle": muscle,
        "side": side,
        "insertional": found.insertional,
        "fibrillations": found.fibrillations,
        "positive_waves": found.positive_waves,
        "fasciculations": "present" if found.fasciculations else "none",
        "myokymia": "present" if found.myokymia else "none",
        "complex_repetitive_discharges": "present" if found.complex_repetitive else "none",
        "recruitment": found.recruitment,
    }
    if found.units and found.recruitment != "none":
        row["amplitude"] = _size(muscle, "muap-amplitude", found.amplitude_uv)
        row["amplitude_mv"] = round(found.amplitude_uv / 1000.0, 3)
        length = _size(muscle, "muap-duration", found.duration_ms)
        row["duration"] = {"raised": "prolonged", "reduced": "short"}.get(length, length)
        row["duration_ms"] = round(found.duration_ms, 1)
        many = _unit_cell(muscle, "polyphasic", found.polyphasic_percent).mark
        row["polyphasia"] = "increased" if many else "normal"
    return row


def _size(muscle: str, measure: str, value: float) -> str:
    """Return ``raised``, ``reduced`` or ``normal`` against the limits of a muscle."""
    return {"high": "raised", "low": "reduced"}.get(_unit_cell(muscle, measure, value).mark, "normal")


LATEST_DAY = 3650.0
COLDEST_C, WARMEST_C = 24.0, 38.0
"""Skin temperatures that a study may be recorded at [Cel]."""
_STATIONS = ("recordings", "traces", "signals", "study")
_NOT_OF_THE_PATIENT = ("seed",)


@dataclass(frozen=True)
class StudyRequest:
    """What is asked of the laboratory.

    Attributes
    ----------
    patient : PatientSpec
        The virtual patient.
    protocol : str
        Name of a protocol, or path of a protocol file.
    day : float or None
        Days since the first symptom [d]; None: the day on which this patient first comes to a clinic.
    seed : int
        Same seed, same patient and same session.
    temperature_c : float
        Skin temperature [Cel].
    """

    patient: PatientSpec
    protocol: str = "lumbosacral-plexus"
    day: float | None = None
    seed: int = 0
    temperature_c: float = 34.0

    @property
    def protocol_name(self) -> str:
        """Return the name of the protocol, of a file its stem."""
        return Path(self.protocol).stem


def record(request: StudyRequest | str = "dlrpn", **named: Any) -> tuple[EdxStudy, Case]:
    """Record a study of a virtual patient, and the same as a case.

    Parameters
    ----------
    request : StudyRequest or str
        What is asked, or the name of a cause.
    **named
        What is asked one by one, such as ``protocol="femoral"``, ``day=60`` or ``seed=3``.

    Returns
    -------
    tuple of Study, Case
        The study with its traces, and the case that `garland consult` reads.

    Raises
    ------
    InputError
        If the patient cannot be, the day lies outside 0 to 3650, the limb is too cold or warm, or the
        protocol cannot be read.
    """
    asked = StudyRequest(PatientSpec(request)) if isinstance(request, str) else request
    asked = replace(asked, **named)
    index = checked(asked.patient)
    plan = load_protocol(asked.protocol)
    if asked.day is not None and not 0.0 <= asked.day <= LATEST_DAY:
        raise InputError("--day", asked.day, f"lies outside 0 to {LATEST_DAY:g} days", "give a day inside")
    if not COLDEST_C <= asked.temperature_c <= WARMEST_C:
        rule = f"lies outside {COLDEST_C:g} to {WARMEST_C:g} degrees"
        raise InputError("--temperature", asked.temperature_c, rule, "warm the limb to about 34")
    remember_compiled_programs()
    tell("drawing the patient", 0.0)
    cause = DISEASES[index]
    known = person_of(asked.patient, cause, asked.seed)
    latents, comes, _ = arrival(known, index, asked.seed)
    day = comes if asked.day is None else asked.day
    rng = np.random.default_rng([asked.seed, 11])
    bench = EdxSession(
        edx_state(known, index, latents, np.array([day], np.float32)),
        0,
        draw_departure(rng),
        asked.temperature_c,
    )
    laboratory = EdxLaboratory(bench, asked.seed)
    found = perform(plan, laboratory)
    title = f"SIMULATED: {plan.title}, {cause.title}, day {day:.0f}, seed {asked.seed}"
    study = _study(asked, plan, day, laboratory, found)
    person = {name: bench.person(name) for name in Person._fields}
    name = f"simulated-{cause.name}-{asked.seed}-day-{day:.0f}"
    return study, _case_of(name, title, day, person, found.measured)


def _study(
    request: StudyRequest, plan: Protocol, day: float, laboratory: EdxLaboratory, found: Findings
) -> EdxStudy:
    summary, impression = found.words()
    person: Person = laboratory.bench.seen.person
    temperature = laboratory.bench.temperature_c
    header = (
        *person_lines(person),
        ("day since first symptom", f"{day:.0f}"),
        ("protocol", plan.title),
        ("skin temperature", f"{temperature:.1f} °C"),
    )
    return EdxStudy(
        title=plan.title,
        protocol=plan.name,
        header=header,
        seed=request.seed,
        day=day,
        version=__version__,
        motor=tuple(found.motor),
        sensory=tuple(found.sensory),
        f_waves=tuple(found.f_waves),
        h_reflexes=tuple(found.h_reflexes),
        sides=found.sides(laboratory.judge),
        needle=tuple(found.needle),
        plates=tuple(found.plates),
        sounds=tuple(found.sounds),
        summary=summary,
        impression=impression,
        limitations=_limitations(),
        assumed=tuple(filter(None, map(station_line, _STATIONS))),
        sources=_sources(found),
    )


def _limitations() -> tuple[str, ...]:
    return (
        "Simulated: nothing here was recorded from a person. Not a medical device.",
        "Impression drawn from the tables alone, without history, examination or imaging.",
        "Where no limit is published, the limit is the model's own 3rd or 97th centile of healthy adults.",
        "One measure in thirty lies beyond its limit in health; a study of fifty finds one or two.",
    )


def _sources(found: Findings) -> tuple[str, ...]:
    cells = [cell for row in (*found.motor, *found.sensory, *found.f_waves, *found.h_reflexes, *found.needle)
             for cell in vars(row).values() if getattr(cell, "source", "")]  # fmt: skip
    return tuple(dict.fromkeys(cell.source for cell in cells))


def read_patient(path: Path) -> tuple[PatientSpec, int | None]:
    """Read a virtual patient from a YAML file."""
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        why = "; ".join(str(problem).split("\n")[:1])
        raise InputError(str(path), path.name, f"cannot be read ({why})", "name a YAML file") from problem
    if not isinstance(written, dict):
        raise InputError(str(path), written, "is not a mapping of fields", "write cause: dlrpn, seed: 3 ...")
    fields = dict(written)
    if "sex" in fields:
        fields["male"] = _male(path, fields.pop("sex"))
    seed = fields.pop("seed", None)
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise InputError(f"{path}: seed", seed, "is not a whole number from 0 on", "write seed: 0")
    for name, value in fields.items():
        _check_field(path, name, value)
    return PatientSpec(**fields), seed


def _check_field(path: Path, name: str, value: Any) -> None:
    kinds: Mapping[str, type | tuple[type, ...]] = {"cause": str, "male": bool, "diabetes": bool}
    known = tuple(PatientSpec.__dataclass_fields__)
    if name not in known:
        remedy = did_you_mean(str(name), (*known, "sex", *_NOT_OF_THE_PATIENT))
        raise InputError(f"{path}: {name}", value, "is not a field of a virtual patient", remedy)
    wanted = kinds.get(name, (int, float))
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        say = {str: "a name", bool: "true or false"}.get(wanted, "a number")  # type: ignore[arg-type]
        raise InputError(f"{path}: {name}", value, f"is not {say}", f"write {say}")


def _male(path: Path, word: Any) -> bool:
    if word not in ("man", "woman"):
        raise InputError(f"{path}: sex", word, "is neither man nor woman", "write sex: man or sex: woman")
    return bool(word == "man")
