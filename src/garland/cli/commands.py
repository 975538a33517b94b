"""Every command with its options: what ``garland --help`` shows."""

from __future__ import annotations

from typing import Annotated

import typer

from garland import __version__
from garland.cli.consult import _cases_command, _consult_command
from garland.cli.course import _forecast_command, _patient_command, _record_command
from garland.cli.measure import _measure_command
from garland.cli.output import JsonOption, _console, _print_json
from garland.cli.simulations import (
    _calibrate_command,
    _cohort_command,
    _export_command,
    _trial_command,
    _validate_command,
)
from garland.cli.warm import _warm_command

app = typer.Typer(
    name="garland",
    help="Proximal diabetic neuropathy and everything it is mistaken for. Not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"garland {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


app.command("consult", help="Find the causes, the lesions and the next best tests of one case.")(
    _consult_command
)
app.command("cases", help="Run every shipped case and show where the published diagnosis ranks.")(
    _cases_command
)
app.command("patient", help="Draw a virtual patient and follow it, treated and not.")(_patient_command)
app.command("forecast", help="Tell how one case will go, with and without each treatment.")(_forecast_command)
app.command("record", help="Record a virtual patient as an EDX laboratory would: traces, tables, sound.")(
    _record_command
)
app.command("measure", help="Set the markers on your own recording: EDF, BDF, WAV or CSV.")(_measure_command)
app.command("cohort", help="Make a cohort of virtual patients as tables, of any size; resumable.")(
    _cohort_command
)
app.command(
    "export",
    help="Write a finished cohort as CSV, OMOP-shaped tables, or recordings of some patients (BIDS-like).",
)(_export_command)
app.command("trial", help="Carry out a trial many times and say what its design can see.")(_trial_command)
app.command("validate", help="Hold simulated cohorts against published ones, row by row.")(_validate_command)
app.command("calibrate", help="Move assumed numbers, inside their ranges of trust, towards published rows.")(
    _calibrate_command
)
app.command("warm", help="Prepare ahead what a first run would compile, and keep it; or remove it.")(
    _warm_command
)


@app.command("protocols", help="List the protocols that a study can follow.")
def _protocols_command() -> None:
    """Print every protocol with what it is for."""
    from garland.edx_study.protocol import load_protocol, protocol_names

    for name in protocol_names():
        typer.echo(f"{name}: {load_protocol(name).description}")


@app.command("schema", help="Print the JSON Schema of a case file.")
def _schema_command() -> None:
    """Print the JSON Schema of a case file."""
    from garland.records import case_schema

    _print_json(case_schema())


@app.command("template", help="Print a case file to fill in.")
def _template_command() -> None:
    """Print a case file to fill in."""
    from garland.records import template

    typer.echo(template())


@app.command("anatomy", help="Show the path of a muscle, a skin nerve or a study from cord to end organ.")
def _anatomy_command(
    name: Annotated[str, typer.Argument(help="Muscle, skin nerve or study, such as vastus-lateralis.")],
    height_cm: Annotated[
        float | None, typer.Option(min=100, max=230, help="Body height [cm]; default: 170.")
    ] = None,
) -> None:
    """Show one path through the tree of nerves."""
    from garland.report.anatomy import render_path

    _console().print(render_path(name, height_cm))


@app.command("sources", help="Show what the answers rest on, and which numbers nobody has measured.")
def _sources_command(as_json: JsonOption = False) -> None:
    """Print the evidence by standing."""
    from garland.cli.sources import _print_sources, _sources_as_dict

    if as_json:
        _print_json(_sources_as_dict())
        return
    _print_sources(_console())
