"""The commands ``garland patient`` and ``garland forecast``: courses, with and without treatment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from garland.cli.options import (
    ArmOption,
    CaseArgument,
    HtmlOption,
    JsonOption,
    MonthsOption,
    ParticlesOption,
    SeedOption,
    SettingOption,
    _Setting,
    _taking,
)
from garland.cli.output import _check_page, _find_case, _print_json, _told, _write_file
from garland.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from garland.forecast.records import CourseReport

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
def _patient_command(**told_by: Any) -> None:
    """Draw a virtual patient and show its course."""
    fixed = _fixed_of_person(told_by)
    _check(told_by["html"])
    with _told("loading the model") as tell:
        from garland.forecast.patient import Wish, patient

        wish = Wish(cause=told_by["cause"], **fixed)
        arms = told_by["arm"] or ()
        report = patient(wish, arms, seed=told_by["seed"], months=told_by["months"], progress=tell)
    _answer(report, told_by)


@_taking(
    {
        "case": (CaseArgument, ...),
        **_ANSWER,
        "setting": (SettingOption, _Setting.EMG_LABORATORY),
        "particles": (ParticlesOption, None),
    }
)
def _forecast_command(**told_by: Any) -> None:
    """Tell how one case will go."""
    record = _find_case(told_by["case"])
    _check(told_by["html"])
    with _told("loading the model") as tell:
        from garland.forecast.forecast import Options, forecast

        options = Options(told_by["setting"].value, told_by["seed"], told_by["months"], told_by["particles"])
        report = forecast(record, told_by["arm"] or None, options, tell)
    _answer(report, told_by)


def _fixed_of_person(told_by: dict[str, Any]) -> dict[str, Any]:
    """Return what `PERSON_OPTIONS` fix, under the names of a wish."""
    names = {"age": "age_years", "hba1c": "hba1c_percent"}
    fixed = {names.get(name, name): told_by[name] for name in PERSON_OPTIONS if name != "sex"}
    return {**fixed, "male": _sex(told_by["sex"])}


def _sex(word: str | None) -> bool | None:
    """Return whether a word means a man; None if nothing is said."""
    if word is None:
        return None
    if word.lower() not in _MALE:
        raise InputError("--sex", word, "is neither man nor woman", did_you_mean(word, ("man", "woman")))
    return _MALE[word.lower()]


def _check(html: Path | None) -> None:
    if html is not None:
        _check_page(html)


def _answer(report: CourseReport, told_by: dict[str, Any]) -> None:
    """Write the page, then print JSON or the summary."""
    html: Path | None = told_by["html"]
    if html is not None:
        from garland.report.course_page import render

        _write_file(render(report), html)
    if told_by["as_json"]:
        _print_json(report.as_dict())
        return
    from rich.console import Console

    from garland.report.course_text import print_course

    print_course(report, Console(highlight=False))
    hint = "The same as a page with plots: add --html course.html"
    typer.echo(hint if html is None else f"page: {html}")
