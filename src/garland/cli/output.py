"""What several commands share: options, where cases come from, where answers go (terminal, page, JSON)."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from garland.cli.display import _showing, _wrote
from garland.errors import InputError
from garland.io import plain

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


if TYPE_CHECKING:
    from rich.console import Console


def _check_page(path: Path | None, option: str = "--html") -> None:
    """Make the folder of a page if one is wanted, before any work is done for it."""
    if path is None:
        return
    with _writing(path, option):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise _unwritable(path, "it is a folder", option)
    if not os.access(path.parent, os.W_OK):
        raise _unwritable(path, "its folder is read-only", option)


def _write_file(content: str | bytes, path: Path, option: str = "--html") -> None:
    """Write a file that is already made, whole or not at all."""
    from garland.report.common import pages

    with _writing(path, option):
        pages.write_page(content, path)
    _wrote(path)


def _answer(
    found: Any,
    wanted: tuple[bool, Path | None],
    page: Callable[[Any], str],
    words: Callable[[Any, Console], None],
    hint: str,
) -> None:
    """Write the page, then print JSON or the words; `wanted` is whether JSON, and the file of the page."""
    as_json, html = wanted
    if html is not None:
        with _showing("writing the report"):
            _write_file(page(found), html)
    if as_json:
        _print_json(found.as_dict())
        return
    words(found, _console())
    typer.echo(f"page: {html}" if html else f"The same as a page with {hint}")


@contextmanager
def _writing(path: Path, option: str = "--html") -> Iterator[None]:
    """Turn what the system says against writing a page into the error of a user's input."""
    try:
        yield
    except OSError as problem:
        raise _unwritable(path, problem.strerror, option) from problem


def _unwritable(path: Path, why: str | None, option: str = "--html") -> InputError:
    return InputError(option, str(path), f"cannot be written ({why})", "name a file you may write")


def _console() -> Console:
    """Return a terminal that does not colour numbers of its own accord."""
    from rich.console import Console

    return Console(highlight=False)


def _print_json(value: Any) -> None:
    """Print plain values as JSON on standard output; what is not finite becomes null."""
    import json

    typer.echo(json.dumps(plain(value, named=False), ensure_ascii=False, indent=2, allow_nan=False))
