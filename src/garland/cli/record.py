"""The command ``garland record``: a virtual patient in the EDX laboratory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from garland.cli.course import PERSON_OPTIONS, _fixed_of_person
from garland.cli.options import JsonOption, SeedOption, _taking
from garland.cli.output import _check_page, _print_json, _told, _write_file
from garland.errors import InputError, did_you_mean

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
def _record_command(**told_by: Any) -> None:
    """Record a study of a virtual patient and write it."""
    formats = _formats(told_by["write"])
    fixed = _fixed_of_person(told_by)
    with _told("loading the model") as tell:
        from garland.edx_study.virtual import record_study

        order = _order(told_by, fixed)
        folder = told_by["out"] or Path(f"{order.wish.cause}-{order.seed}-{order.protocol_name}")
        if formats:
            _check_page(folder / "study.html", "--out")
        study, case = record_study(order, tell)
        written = _write(study, case, folder, formats, tell) if formats else []
    if told_by["as_json"]:
        from garland.edx_study.records import study_as_dict

        _print_json(study_as_dict(study))
        return
    from rich.console import Console

    from garland.report.study_text import print_study

    print_study(study, Console(highlight=False))
    for path in written:
        typer.echo(f"written: {path}")


def _order(told_by: dict[str, Any], fixed: dict[str, Any]) -> StudyRequest:
    """Return what is asked; what an option fixes goes before what the file says."""
    from garland.edx_study.virtual import StudyRequest, read_patient
    from garland.forecast.patient import Wish

    named, seed = told_by["patient"], told_by["seed"]
    path = Path(named)
    if path.suffix.lower() in (".yaml", ".yml") or len(path.parts) > 1:
        wish, own = read_patient(path)
        seed = own if own is not None and not seed else seed
    else:
        wish = Wish(cause=named)
    wish = replace(wish, **{name: value for name, value in fixed.items() if value is not None})
    return StudyRequest(wish, told_by["protocol"], told_by["day"], seed, told_by["temperature"])


def _formats(words: str) -> tuple[str, ...]:
    asked = tuple(word.strip() for word in words.split(",") if word.strip())
    for word in asked:
        if word not in _FORMATS:
            raise InputError("--write", word, "is nothing that can be written", did_you_mean(word, _FORMATS))
    return asked


def _write(study: EdxStudy, case: Case, folder: Path, formats: tuple[str, ...], tell: Any) -> list[Path]:
    """Write what is asked for, each file whole or not at all; return the paths."""
    written: list[Path] = []
    if "html" in formats:
        tell("drawing the report")
        from garland.report.study_page import render

        written.append(folder / "study.html")
        _write_file(render(study), written[-1], "--out")
    if "pdf" in formats:
        tell("setting the pages")
        from garland.report.study_pdf import render as pages

        written.append(folder / "study.pdf")
        _write_file(pages(study), written[-1], "--out")
    if "case" in formats:
        from garland.records import write_case

        written.append(folder / "case.yaml")
        write_case(case, written[-1])
    if "sound" in formats:
        written += _write_sounds(study, folder / "sound")
    if "edf" in formats:
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
    for sound in study.sounds:
        path = folder / f"{_slug(sound.side, sound.title, 'needle')}.edf"
        _check_page(path, "--out")
        write_edf([sound.trace], path, stimulated=False)
    return [folder]


def _slug(*words: str) -> str:
    kept = "-".join(words).lower()
    return "".join(letter if letter.isalnum() else "-" for letter in kept).strip("-").replace("--", "-")
