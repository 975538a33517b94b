"""The commands ``garland patient``, ``garland forecast`` and ``garland record``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from garland.cli.display import _showing, _wrote
from garland.cli.output import (
    ArmOption,
    CaseArgument,
    HtmlOption,
    JsonOption,
    MonthsOption,
    ParticlesOption,
    SeedOption,
    SettingOption,
    _answer,
    _check_page,
    _console,
    _print_json,
    _Setting,
    _taking,
    _write_file,
)
from garland.errors import InputError, did_you_mean
from garland.progress import stretch, tell

if TYPE_CHECKING:
    from garland.forecasts.records import CourseReport

_MALE = {"man": True, "male": True, "m": True, "woman": False, "female": False, "f": False}

_ANSWER: dict[str, tuple[Any, Any]] = {
    "arm": (ArmOption, None),
    "months": (MonthsOption, 36.0),
    "seed": (SeedOption, 0),
    "as_json": (JsonOption, False),
    "html": (HtmlOption, None),
}

PERSON_OPTIONS: dict[str, tuple[Any, Any]] = {
    "age": (Annotated[float | None, typer.Option(help="Age in years; drawn if not given.")], None),
    "sex": (Annotated[str | None, typer.Option(help="man or woman; drawn if not given.")], None),
    "height_cm": (Annotated[float | None, typer.Option(help="Height in cm.")], None),
    "weight_kg": (Annotated[float | None, typer.Option(help="Weight in kg before the illness.")], None),
    "diabetes": (
        Annotated[bool | None, typer.Option("--diabetes/--no-diabetes", help="Whether there is diabetes.")],
        None,
    ),
    "diabetes_years": (Annotated[float | None, typer.Option(help="Duration of diabetes in years.")], None),
    "hba1c": (Annotated[float | None, typer.Option(help="HbA1c in %.")], None),
}


_CAUSE = (Annotated[str, typer.Option(help="Name of the cause, such as dlrpn.")], "dlrpn")


@_taking({"cause": _CAUSE, **PERSON_OPTIONS, **_ANSWER})
def _patient_command(**given: Any) -> None:
    """Draw a virtual patient and show its course."""
    fixed = _fixed_of_person(given)
    _check_page(given["html"])
    with _showing("loading the model"):
        from garland.forecasts.patient import PatientSpec, patient

        spec = PatientSpec(cause=given["cause"], **fixed)
        arms = given["arm"] or ()
        report = patient(spec, arms, seed=given["seed"], months=given["months"])
    _show(report, given)


@_taking(
    {
        "case": (CaseArgument, ...),
        **_ANSWER,
        "setting": (SettingOption, _Setting.EMG_LABORATORY),
        "particles": (ParticlesOption, None),
    }
)
def _forecast_command(**given: Any) -> None:
    """Tell how one case will go."""
    from garland.records import find_case

    record = find_case(given["case"])
    _check_page(given["html"])
    with _showing("loading the model"):
        from garland.forecasts.forecast import ForecastOptions, forecast

        how = given["setting"].value, given["seed"], given["months"], given["particles"]
        report = forecast(record, given["arm"] or None, ForecastOptions(*how))
    _show(report, given)


def _fixed_of_person(given: dict[str, Any]) -> dict[str, Any]:
    """Return what `PERSON_OPTIONS` fix, under the names of a `PatientSpec`."""
    names = {"age": "age_years", "hba1c": "hba1c_percent"}
    fixed = {names.get(name, name): given[name] for name in PERSON_OPTIONS if name != "sex"}
    return {**fixed, "male": _sex(given["sex"])}


def _sex(word: str | None) -> bool | None:
    """Return whether a word means a man; None if nothing is said."""
    if word is None:
        return None
    if word.lower() not in _MALE:
        raise InputError("--sex", word, "is neither man nor woman", did_you_mean(word, ("man", "woman")))
    return _MALE[word.lower()]


def _show(report: CourseReport, given: dict[str, Any]) -> None:
    from garland.report.course.html import render_course
    from garland.report.course.text import print_course

    wanted = given["as_json"], given["html"]
    _answer(report, wanted, render_course, print_course, "plots: add --html course.html")


if TYPE_CHECKING:
    from garland.edx_study.records import EdxStudy
    from garland.edx_study.virtual import StudyRequest
    from garland.records import Case

_FORMATS = ("html", "pdf", "case", "sound", "edf")

_ASKED: dict[str, tuple[Any, Any]] = {
    "patient": (
        Annotated[
            str,
            typer.Argument(
                metavar="PATIENT", help="A cause, such as dlrpn, or a YAML file of a virtual patient."
            ),
        ],
        ...,
    ),
    "day": (
        Annotated[float | None, typer.Option(help="Days since the first symptom; default: the first visit.")],
        None,
    ),
    "protocol": (
        Annotated[str, typer.Option(help="Name of a protocol, or a YAML file: see garland protocols.")],
        "lumbosacral-plexus",
    ),
    "temperature": (Annotated[float, typer.Option(help="Skin temperature in degrees Celsius.")], 34.0),
    "seed": (SeedOption, 0),
    "out": (
        Annotated[Path | None, typer.Option("--out", help="Folder for the study; made if missing.")],
        None,
    ),
    "write": (
        Annotated[
            str,
            typer.Option("--write", help=f"What to write there: any of {', '.join(_FORMATS)}, by commas."),
        ],
        "html,pdf,case,sound",
    ),
    "as_json": (JsonOption, False),
}


@_taking({**_ASKED, **PERSON_OPTIONS})
def _record_command(**given: Any) -> None:
    """Record a study of a virtual patient and write it."""
    formats = _formats(given["write"])
    fixed = _fixed_of_person(given)
    with _showing("loading the model"):
        from garland.edx_study.virtual import record

        request = _order(given, fixed)
        folder = given["out"] or Path(f"{request.patient.cause}-{request.seed}-{request.protocol_name}")
        if formats:
            _check_page(folder / "study.html", "--out")
        with stretch(0.0, 0.9):
            study, case = record(request)
        written = _write(study, case, folder, formats) if formats else []
    if given["as_json"]:
        from garland.edx_study.records import study_as_dict

        _print_json(study_as_dict(study))
        return
    from garland.report.study.text import print_study

    print_study(study, _console())
    for path in written:
        typer.echo(f"written: {path}")


def _order(given: dict[str, Any], fixed: dict[str, Any]) -> StudyRequest:
    """Return what is asked; what an option fixes goes before what the file says."""
    from garland.edx_study.virtual import StudyRequest, read_patient
    from garland.forecasts.patient import PatientSpec

    named, seed = given["patient"], given["seed"]
    path = Path(named)
    if path.suffix.lower() in (".yaml", ".yml") or len(path.parts) > 1:
        spec, own = read_patient(path)
        seed = own if own is not None and not seed else seed
    else:
        spec = PatientSpec(cause=named)
    spec = replace(spec, **{name: value for name, value in fixed.items() if value is not None})
    return StudyRequest(spec, given["protocol"], given["day"], seed, given["temperature"])


def _formats(words: str) -> tuple[str, ...]:
    asked = tuple(word.strip() for word in words.split(",") if word.strip())
    for word in asked:
        if word not in _FORMATS:
            raise InputError("--write", word, "is nothing that can be written", did_you_mean(word, _FORMATS))
    return asked


def _write(study: EdxStudy, case: Case, folder: Path, formats: tuple[str, ...]) -> list[Path]:
    """Write what is asked for, each file whole or not at all; return the paths."""
    written: list[Path] = []
    if "html" in formats:
        tell("writing the report", 0.9)
        from garland.report.study.html import render_study

        written.append(folder / "study.html")
        _write_file(render_study(study), written[-1], "--out")
    if "pdf" in formats:
        tell("setting the pages", 0.92)
        from garland.report.study.pdf import render_study_pdf as pages

        written.append(folder / "study.pdf")
        _write_file(pages(study), written[-1], "--out")
    if "case" in formats:
        from garland.records import write_case

        written.append(folder / "case.yaml")
        write_case(case, written[-1])
        _wrote(written[-1])
    if "sound" in formats:
        tell("writing sound", 0.95)
        written += _write_sounds(study, folder / "sound")
    if "edf" in formats:
        tell("writing traces", 0.97)
        written += _write_edf(study, folder / "traces")
    return written


def _write_sounds(study: EdxStudy, folder: Path) -> list[Path]:
    from garland.signals.sound import wav_bytes

    written = []
    for sound in study.sounds:
        path = folder / f"{_slug(sound.side, sound.title)}.wav"
        _check_page(path, "--out")
        _write_file(wav_bytes(sound.trace, sound.uv_per_division), path, "--out")
        written.append(path)
    return [folder] if written else []


def _write_edf(study: EdxStudy, folder: Path) -> list[Path]:
    from garland.signals.files import write_edf

    for plate in study.plates:
        if plate.kind == "needle":  # a piece of what is written whole below
            continue
        path = folder / f"{_slug(plate.side, plate.title)}.edf"
        _check_page(path, "--out")
        write_edf([lane.trace for lane in plate.traces], path)
        _wrote(path)
    for sound in study.sounds:
        path = folder / f"{_slug(sound.side, sound.title, 'needle')}.edf"
        _check_page(path, "--out")
        write_edf([sound.trace], path, stimulated=False)
        _wrote(path)
    return [folder]


def _slug(*words: str) -> str:
    kept = "-".join(words).lower()
    return "".join(letter if letter.isalnum() else "-" for letter in kept).strip("-").replace("--", "-")
