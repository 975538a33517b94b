"""The command ``garland trial``: what a design can see, over many simulated trials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from garland.cli.options import HtmlOption, JsonOption
from garland.cli.output import _check_page, _console, _print_json, _told, _write_file

SpecArgument = Annotated[
    str,
    typer.Argument(metavar="SPEC", help="A spec (YAML or JSON), or a shipped one: methylprednisolone-75."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder that keeps patients and trials; run again to go on.")
]
TrialsOption = Annotated[
    int | None,
    typer.Option("--trials", min=1, max=100_000, help="Trials under each truth; else as in the spec."),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes that carry out trials.")]


def _trial_command(
    spec: SpecArgument,
    out: OutOption = None,
    as_json: JsonOption = False,
    html: HtmlOption = None,
    trials: TrialsOption = None,
    workers: WorkersOption = 1,
) -> None:
    """Carry out a trial many times and say what its design can see."""
    from garland.trial.spec import find_trial

    planned = find_trial(spec)
    if trials is not None:
        planned = planned.model_copy(update={"trials": trials})
    if html is not None:
        _check_page(html)
    with _told("loading the model") as tell:
        from garland.trial.run import run_trial

        result = run_trial(planned, out, workers, tell)
    if html is not None:
        from garland.report.trial_page import render

        _write_file(render(result), html)
    if as_json:
        _print_json(result.as_dict())
        return
    from garland.report.trial_text import print_trial

    print_trial(result, _console())
    hint = "The same as a page with plots: add --html trial.html"
    typer.echo(hint if html is None else f"page: {html}")
