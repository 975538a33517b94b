"""Options that several commands share, and how a command takes many of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., None])


class _Setting(StrEnum):
    """Where the patient is seen; it sets how common each cause is before any finding."""

    EMG_LABORATORY = "emg-laboratory"
    POPULATION = "population"
    SPINE_CLINIC = "spine-clinic"


CaseArgument = Annotated[
    str, typer.Argument(metavar="CASE", help="A case file (YAML or JSON), or a shipped case's id such as 04.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
SettingOption = Annotated[_Setting, typer.Option(help="Where the patient is seen; sets the priors.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Seed of every random choice.")]
ParticlesOption = Annotated[
    int | None, typer.Option(min=16, help="Virtual patients per cause; default: as many as the answer needs.")
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Write the report as one HTML page to this file.")
]
MonthsOption = Annotated[float, typer.Option(help="How many months to follow the patient.")]
ArmOption = Annotated[
    list[str] | None,
    typer.Option(
        "--arm", metavar="PLAN", help="Plan of care: a name, words, or a YAML file. Repeat for more."
    ),
]


def _taking(options: Mapping[str, tuple[Any, Any]]) -> Callable[[Command], Command]:
    """Return a decorator that gives a command its options, so that it takes them all as one mapping."""
    rows = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if default is ... else default,
            annotation=kind,
        )
        for name, (kind, default) in options.items()
    ]

    def give(command: Command) -> Command:
        command.__signature__ = inspect.Signature(rows)  # type: ignore[attr-defined]
        return command

    return give
