"""The command ``garland cases``: every published case, where its diagnosis ranks, and by what was known."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from garland.cli.options import JsonOption, ParticlesOption, SeedOption, SettingOption, _Setting
from garland.cli.output import _console, _print_json

if TYPE_CHECKING:
    from garland.report.cases_table import CaseScore


def _cases_command(
    as_json: JsonOption = False,
    setting: SettingOption = _Setting.EMG_LABORATORY,
    seed: SeedOption = 0,
    particles: ParticlesOption = None,
    by_amount: Annotated[
        bool, typer.Option("--by-amount", help="From the history alone to everything, step by step.")
    ] = False,
) -> None:
    """Run all shipped cases."""
    from garland.cli.score import _score_case
    from garland.inference.consult import Asked, consult
    from garland.records import accepted_causes, shipped_case, shipped_cases
    from garland.records.partial import AMOUNTS, up_to

    asked = Asked(setting=setting.value, seed=seed, particles=particles)
    amounts = AMOUNTS if by_amount else AMOUNTS[-1:]
    rows: dict[str, list[CaseScore]] = {amount: [] for amount in amounts}
    for identifier, _ in shipped_cases():
        for amount in amounts:
            result = consult(up_to(shipped_case(identifier), amount), asked)
            rows[amount].append(_score_case(result, accepted_causes(identifier)))
            typer.echo(f"{identifier}, {amount}: {result.diagnostics.seconds:.1f} s", err=True)
    if as_json:
        told = {amount: [asdict(row) for row in scores] for amount, scores in rows.items()}
        _print_json(told if by_amount else told[amounts[-1]])
        return
    from garland.report.text import print_amounts, print_cases_table

    print_cases_table(rows[amounts[-1]], _console())
    if by_amount:
        print_amounts(rows, _console())
