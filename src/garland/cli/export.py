"""The command ``garland export FOLDER``: a finished cohort in the shapes that other programs read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from garland.cli.output import _told
from garland.errors import InputError, did_you_mean

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
        raise InputError("--to", to, "is no shape of an export", did_you_mean(to, FORMATS))
    for name, given in (("--patients", patients), ("--protocol", protocol)):
        if given is not None and to != "bids":
            raise InputError(name, given, f"has no meaning for {to}", "leave it out, or write --to bids")
    with _told("opening the cohort") as tell:
        from garland.cohort.opened import opened

        cohort = opened(folder, same_version=to == "bids")
        if to == "bids":
            from garland.cohort.recordings_folder import PROTOCOL, export_bids

            export_bids(cohort, out, 1 if patients is None else patients, protocol or PROTOCOL, tell)
        elif to == "omop":
            from garland.cohort.omop import export_omop

            export_omop(cohort, out, tell)
        else:
            from garland.cohort.plain_csv import export_csv

            export_csv(cohort, out, tell)
    typer.echo(f"{cohort.spec.name} as {to}, SIMULATED: {out}")
