"""The command ``garland cohort SPEC``: a cohort of any size as Parquet, resumable, on this machine or
Dask.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from garland.cli.options import JsonOption, _taking
from garland.cli.output import _console, _print_json, _told

_SPEC = Annotated[
    str, typer.Argument(metavar="SPEC", help="A spec file (YAML or JSON), or the name of a shipped one.")
]
_OPTIONS: dict[str, tuple[Any, Any]] = {
    "spec": (_SPEC, ...),
    "out": (
        Annotated[Path | None, typer.Option("--out", help="Folder of the cohort; default: its name, here.")],
        None,
    ),
    "workers": (Annotated[int, typer.Option(help="Processes; 1 works in this one.")], 2),
    "scheduler": (
        Annotated[
            str | None,
            typer.Option(help="Address of a Dask scheduler (tcp://...), or local to start one."),
        ],
        None,
    ),
    "bare": (Annotated[bool, typer.Option("--bare", help="Write the tables alone, no summary.")], False),
    "as_json": (JsonOption, False),
}


@_taking(_OPTIONS)
def _cohort_command(**given: Any) -> None:
    """Make a cohort, or go on with one that was stopped."""
    with _told("loading the model") as tell:
        from garland.cohort.run import run
        from garland.cohort.spec import find_spec
        from garland.executors import Workers

        spec = find_spec(given["spec"])
        workers = Workers(given["workers"], given["scheduler"])
        folder = run(spec, given["out"] or Path(spec.name), workers, tell)
        if given["bare"]:
            return
        from garland.cohort.summary import write_summary
        from garland.report.cohort_page import cohort_page

        summary = write_summary(folder, workers, tell, cohort_page)
    if given["as_json"]:
        _print_json(summary.as_dict())
        return
    from garland.report.cohort_text import print_cohort

    print_cohort(summary, _console())
