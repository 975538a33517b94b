"""The commands ``garland cohort``, ``export``, ``trial``, ``validate`` and ``calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from garland.cli.display import _showing
from garland.cli.output import (
    HtmlOption,
    JsonOption,
    SeedOption,
    _answer,
    _check_page,
    _console,
    _print_json,
    _taking,
)
from garland.errors import InputError, did_you_mean

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
    with _showing("loading the model", resumes=True):
        from garland.cohorts.folder import run
        from garland.cohorts.spec import WHAT, CohortSpec
        from garland.cohorts.summary import cohort
        from garland.executors import Workers
        from garland.records.reading import find_spec
        from garland.report.cohort.html import cohort_page

        workers = Workers(given["workers"], given["scheduler"])
        if given["bare"]:
            spec = find_spec(CohortSpec, given["spec"], WHAT, "SPEC")
            run(spec, given["out"] or Path(spec.name), workers)
            return
        summary = cohort(given["spec"], given["out"], workers, cohort_page)
    if given["as_json"]:
        _print_json(summary.as_dict())
        return
    from garland.report.cohort.text import print_cohort

    print_cohort(summary, _console())


FORMATS = ("csv", "omop", "bids")
FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A finished cohort: what garland cohort wrote.")
]
ToOption = Annotated[
    str, typer.Option("--to", help=f"Shape: {', '.join(FORMATS)}; bids records some patients anew.")
]
OutOption = Annotated[Path, typer.Option("--out", help="New folder to write.")]
PatientsOption = Annotated[
    int | None, typer.Option("--patients", help="bids: how many patients to record; default: 1.")
]
ProtocolOption = Annotated[
    str | None,
    typer.Option("--protocol", help="bids: name of a protocol, or a YAML file: see garland protocols."),
]


def _export_command(
    folder: FolderArgument,
    to: ToOption,
    out: OutOption,
    patients: PatientsOption = None,
    protocol: ProtocolOption = None,
) -> None:
    """Write a finished cohort in another shape."""
    if to not in FORMATS:
        raise InputError("--to", to, "is not a shape of an export", did_you_mean(to, FORMATS))
    for name, given in (("--patients", patients), ("--protocol", protocol)):
        if given is not None and to != "bids":
            raise InputError(name, given, f"has no meaning for {to}", "leave it out, or write --to bids")
    with _showing("opening the cohort"):
        from garland.cohorts.folder import opened

        cohort = opened(folder, same_version=to == "bids")
        if to == "bids":
            from garland.cohorts.recordings_folder import PROTOCOL, export_bids

            export_bids(cohort, out, 1 if patients is None else patients, protocol or PROTOCOL)
        elif to == "omop":
            from garland.cohorts.export import export_omop

            export_omop(cohort, out)
        else:
            from garland.cohorts.export import export_csv

            export_csv(cohort, out)
    typer.echo(f"{cohort.spec.name} as {to}, SIMULATED: {out}")


SpecArgument = Annotated[
    str,
    typer.Argument(metavar="SPEC", help="A spec (YAML or JSON), or a shipped one: methylprednisolone-75."),
]
TrialFolderOption = Annotated[
    Path | None, typer.Option("--out", help="Folder that keeps patients and trials; run again to go on.")
]
TrialsOption = Annotated[
    int | None,
    typer.Option("--trials", min=1, max=100_000, help="Trials under each truth; else as in the spec."),
]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes that carry out trials.")]


def _trial_command(
    spec: SpecArgument,
    out: TrialFolderOption = None,
    as_json: JsonOption = False,
    html: HtmlOption = None,
    trials: TrialsOption = None,
    workers: WorkersOption = 1,
) -> None:
    """Carry out a trial many times and say what its design can see."""
    from garland.records.reading import find_spec
    from garland.trials.spec import TrialSpec

    planned = find_spec(TrialSpec, spec, "trial", "trial")
    if trials is not None:
        planned = planned.model_copy(update={"trials": trials})
    _check_page(html)
    with _showing("loading the model", resumes=out is not None):
        from garland.trials.run import trial

        result = trial(planned, out, workers)
    from garland.report.trial.html import render_trial
    from garland.report.trial.text import print_trial

    _answer(result, (as_json, html), render_trial, print_trial, "plots: add --html trial.html")


CohortSizeOption = Annotated[int, typer.Option("--n", help="Virtual patients per cohort.")]


def _validate_command(
    as_json: JsonOption = False,
    html: HtmlOption = None,
    seed: SeedOption = 0,
    n: CohortSizeOption = 4000,
) -> None:
    """Simulate every published cohort and show where the model stands."""
    _check_page(html)
    with _showing("loading the model"):
        from garland.validation.run import validate

        result = validate(seed, n)
    from garland.report.validation.html import render_validation
    from garland.report.validation.text import print_report

    _answer(result, (as_json, html), render_validation, print_report, "plots: add --html cohorts.html")


def _calibrate_command(
    as_json: JsonOption = False,
    seed: SeedOption = 0,
    n: CohortSizeOption = 2048,
    steps: Annotated[int, typer.Option(min=1, help="Most steps of the search.")] = 4,
    write: Annotated[bool, typer.Option("--write", help="Change the evidence files.")] = False,
) -> None:
    """Move assumed numbers, inside their ranges of trust, towards the published rows used for calibration."""
    with _showing("loading the model"):
        from garland.validation import calibrate

        found = calibrate.fit(n, seed, steps)
    files = calibrate.write_numbers(found.values) if write else []
    if as_json:
        _print_json(found.as_dict())
        return
    from garland.report.validation.text import print_fit

    print_fit(found, _console())
    words = ", ".join(path.name for path in files) if files else "nothing; add --write to change the evidence"
    typer.echo(f"written: {words}")
