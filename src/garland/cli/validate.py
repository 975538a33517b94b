"""The command ``garland validate``: simulated cohorts against published ones."""

from __future__ import annotations

from typing import Annotated

import typer

from garland.cli.options import HtmlOption, JsonOption, SeedOption
from garland.cli.output import _check_page, _print_json, _told, _write_file

PatientsOption = Annotated[int, typer.Option("--n", help="Virtual patients per cohort.")]


def _validate_command(
    as_json: JsonOption = False,
    html: HtmlOption = None,
    seed: SeedOption = 0,
    n: PatientsOption = 4000,
) -> None:
    """Simulate every published cohort and show where the model stands."""
    if html is not None:
        _check_page(html)
    with _told("loading the model") as tell:
        from garland.validation import validate

        result = validate(seed, n, tell)
    if html is not None:
        from garland.report.validation_page import render

        _write_file(render(result), html)
    if as_json:
        _print_json(result.as_dict())
        return
    from rich.console import Console

    from garland.report.validation_text import print_report

    print_report(result, Console(highlight=False))
    hint = "The same as a page with plots: add --html cohorts.html"
    typer.echo(hint if html is None else f"page: {html}")


def _calibrate_command(
    as_json: JsonOption = False,
    seed: SeedOption = 0,
    n: PatientsOption = 2048,
    steps: Annotated[int, typer.Option(min=1, help="Most steps of the search.")] = 4,
    write: Annotated[bool, typer.Option("--write", help="Change the evidence files.")] = False,
) -> None:
    """Move assumed numbers, inside their ranges of trust, towards the published rows used for calibration."""
    from garland.validation import fit

    with _told("loading the model") as tell:
        found = fit.fit(n, seed, steps, tell)
    files = fit.write(found.values) if write else []
    if as_json:
        _print_json(found.as_dict())
        return
    from rich.console import Console

    from garland.report.calibration_text import print_fit

    print_fit(found, Console(highlight=False))
    words = ", ".join(path.name for path in files) if files else "nothing; add --write to change the evidence"
    typer.echo(f"written: {words}")
