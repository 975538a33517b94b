"""The command ``garland warm``: what a first run would compile is compiled ahead, and kept.

It asks the commands themselves for an answer of each kind, so that whatever they compile is kept, and then
starts one as a user would, to tell what that costs now.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from garland.cli.display import _showing
from garland.errors import InputError
from garland.progress import stretch, tell

if TYPE_CHECKING:
    from garland.programs import Kept

_CASE = "44"
"""A shipped case that is answered quickly: the programs are the same for every case."""
_FIRST = "04"
_EVERY = "all"
_SHORT_PROTOCOL = "femoral"
_NOT_KEPT_CODE = 2

CausesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cause",
        metavar="CAUSE",
        help=f"Cause to prepare patient and record for, or {_EVERY}; repeat for more. Default: dlrpn.",
    ),
]
ClearOption = Annotated[bool, typer.Option("--clear", help="Remove what is kept, of every version.")]


def _warm_command(cause: CausesOption = None, clear: ClearOption = False) -> None:
    """Prepare what the commands use, or remove it."""
    if clear:
        _clear()
        return
    began = time.monotonic()
    with _showing("loading the model", resumes=True):
        from garland.programs import kept_programs, programs_root, why_not_kept, why_unwritable

        if why := why_unwritable():
            raise _not_kept(programs_root(), why)
        before = kept_programs()
        jobs = _jobs(_causes(cause))
        for done, (words, job) in enumerate(jobs):
            with stretch(0.9 * done / len(jobs), 0.9 * (done + 1) / len(jobs), words):
                tell("preparing", 0.0)
                job()
        prepared = time.monotonic() - began
        if why_not_kept():  # said in a line when the command ends
            raise typer.Exit(_NOT_KEPT_CODE)
        tell("trying a first run", 0.9)
        first = _first_run_seconds()
    _tell_result(before, kept_programs(), prepared, first)


def _not_kept(folder: Path, why: str) -> InputError:
    remedy = "garland works without; to keep them, let XDG_CACHE_HOME name another folder"
    return InputError("cache", str(folder), f"cannot keep programs ({why})", remedy)


def _clear() -> None:
    from garland.programs import clear_programs, why_unwritable

    gone = clear_programs()
    files = f"{gone.files} {'file' if gone.files == 1 else 'files'}"
    words = f"Removed {files}, {_megabytes(gone.size)}" if gone.files else "Nothing was kept"
    typer.echo(f"{words}: {gone.folder}")
    if not gone.files and (why := why_unwritable()):
        typer.echo(f"note: this folder cannot be written ({why})", err=True)


def _causes(asked: list[str] | None) -> tuple[str, ...]:
    """Return the names of the causes asked for; an unknown one is an error before anything is compiled."""
    from garland.model.diseases import DISEASES, index_of

    if asked and _EVERY in asked:
        return tuple(one.name for one in DISEASES)
    return tuple(dict.fromkeys(DISEASES[index_of(name)].name for name in asked or ["dlrpn"]))


def _jobs(causes: tuple[str, ...]) -> list[tuple[str, Callable[[], object]]]:
    """Return answers that between them use every program that is kept, with words for each."""
    from garland.edx_study.virtual import StudyRequest, record
    from garland.forecasts.forecast import forecast
    from garland.forecasts.patient import PatientSpec, patient
    from garland.inference.likelihood import prepare_second
    from garland.records import shipped_case

    jobs: list[tuple[str, Callable[[], object]]] = [
        ("consult and forecast", lambda: forecast(shipped_case(_CASE))),
        ("two diseases at once", prepare_second),
    ]
    for name in causes:
        spec = PatientSpec(name)
        jobs.append((f"patient, {name}", lambda spec=spec: patient(spec)))  # type: ignore[misc]
        request = StudyRequest(spec, _SHORT_PROTOCOL)
        jobs.append((f"record, {name}", lambda request=request: record(request)))  # type: ignore[misc]
    return jobs


def _first_run_seconds() -> float:
    """Return how long a consult takes that is started now, as a user would [s]."""
    began = time.monotonic()
    command = [sys.executable, "-m", "garland", "consult", _FIRST]
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.monotonic() - began


def _tell_result(before: Kept, kept: Kept, prepared: float, first: float) -> None:
    new = kept.files - before.files
    programs = f"{new} {'program' if new == 1 else 'programs'}"
    words = f"{programs} prepared" if new > 0 else "Everything was prepared before; checked"
    typer.echo(f"{words} in {prepared:.0f} s.")
    typer.echo(f"Kept: {kept.files} programs, {_megabytes(kept.size)}, in {kept.folder}")
    typer.echo(f"A first run now: garland consult {_FIRST} in {first:.1f} s.")
    typer.echo("They fit this version on this machine. Remove them with: garland warm --clear")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
