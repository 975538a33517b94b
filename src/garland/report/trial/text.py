"""A trial in the terminal, at 80 columns or more."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from garland.report.common.terminal import FIRM, indented, lean_table, right
from garland.report.trial import content as v
from garland.trials.characteristics import Characteristics
from garland.trials.run import TrialReport, analysis_words, outcome_words, truth_words


def print_trial(report: TrialReport, console: Console) -> None:
    """Print what a design can see under each truth, and what was assumed."""
    spec = report.spec
    console.print(Text(f"{spec.name}: SIMULATED trials of {spec.patients} patients", style="bold"))
    console.print(Text(spec.description or "", style="dim"))
    console.print(f"{spec.compared_arm} against {spec.control_arm}; {outcome_words(spec)}")
    console.print(Text(analysis_words(spec), style="dim"))
    console.print(f"\nError of the first kind: {v._error_words(report)}")
    for sentence in v._summary(report):
        indented(sentence, console)
    console.print(Padding(_table(report), (1, 0)))
    console.print(_curves(report))
    _basis(report, console)


def _table(report: TrialReport) -> Table:
    what = report.spec.outcome.what
    firm = {**FIRM, "overflow": "fold"}
    table = lean_table(
        "truth", *[(head, firm) for head in (v._effect_heading(what), "power", "bias", "covers")]
    )
    for one in report.characteristics:
        table.add_row(*_cells(one, what))
    return table


def _cells(one: Characteristics, what: str) -> list[str]:
    covers = "–" if one.estimates is None else v._percent(one.estimates.coverage.value)
    effect = v._effect_number(what, one.exact.effect)
    return [one.truth, effect, v._share_words(one.power), v._bias_words(what, one), covers]


def _curves(report: TrialReport) -> Table:
    """Return power by size, one row for each truth."""
    sizes = right(*[f"{at.n}" for at in report.others[0].curve]) if report.others else []
    table = lean_table(("power, patients", {}), *sizes)
    for one in report.others:
        table.add_row(one.truth, *[v._percent(at.power.value) for at in one.curve])
    return table


def _basis(report: TrialReport, console: Console) -> None:
    console.print(Text("\nWhat each truth states", style="bold"))
    for one in report.characteristics:
        indented(f"{one.truth}: {truth_words(report.spec, one.truth)}", console, "dim")
    console.print(Text("\nAssumed", style="bold"))
    for words in report.assumptions:
        indented(words, console, "dim")
    stated = f"{report.null.power.n} trials under each truth, seed {report.spec.seed}, {report.version}"
    console.print(Text(stated, style="dim"))
    console.print(Text(report.notice))
