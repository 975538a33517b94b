"""The consult in the terminal, at 80 columns or more, with why it answers as it does."""

from __future__ import annotations

import math

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from garland.inference.result import Consult, Exclusion, Explanation, FindingReview, SiteLoss
from garland.report.common.terminal import FIRM, NUMBER, bar, heading, indented, lean_table
from garland.report.common.words import percent, percent_fine, signed
from garland.report.consult import content as v
from garland.report.consult import selection as s
from garland.report.consult.content import _print_doubts, _print_plan

_STYLES = {"not yet excluded": "yellow", "unlikely": "", "excluded": "dim"}
_ROWS_OF_EXCLUDED = 8


def _print_explanation(explanation: Explanation, console: Console) -> None:
    """Print what speaks for and against the causes, what would change the answer, and what is excluded."""
    heading(f"Why ({v.ROUGH} {v.ROUGH_WORDS})", console)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    for cause in v._shown_causes(explanation):
        stated = Text(cause.sentence).append(v._rough_mark(cause.rough), style="dim")
        table.add_row(Text(percent(cause.probability), style="bold cyan"), stated)
    indented(table, console)
    _what_if(explanation, console)
    _exclusions(explanation, console)


def _what_if(explanation: Explanation, console: Console) -> None:
    """Print the other results that would change the answer."""
    heading("Had a finding come out otherwise", console)
    table = Table.grid(padding=(0, 1, 0, 0))
    for row in explanation.counterfactuals:
        stated = Text(row.sentence).append(v._rough_mark(row.rough), style="dim")
        mark = Text("→", style="bold yellow") if row.changes_leader else Text("·", style="dim")
        table.add_row(mark, stated)
    indented(table, console)
    if not explanation.counterfactuals:
        indented(v.NOTHING_WOULD, console)


def _exclusions(explanation: Explanation, console: Console) -> None:
    """Print the alternatives, what excludes them, and the test that would tell the others."""
    if not explanation.exclusions:
        return
    heading("Diagnosis of exclusion", console)
    firm = {**NUMBER, "overflow": "fold"}
    table = lean_table(
        "alternative", ("", firm), "most against it", ("bits", firm), "test to tell: result for it"
    )
    for group in v._by_status(explanation):
        table.add_row(Text(group.title, style="bold underline"))
        shown = group.rows[:_ROWS_OF_EXCLUDED] if group.status == "excluded" else group.rows
        for row in shown:
            table.add_row(*_excluded(row))
        if len(shown) < len(group.rows):
            table.add_row(Text(f"{len(group.rows) - len(shown)} more", style="dim"))
    indented(table, console)
    if unseen := len(explanation.not_looked_at):
        share = percent_fine(explanation.not_looked_at_probability)
        indented(f"{unseen} other{'s' if unseen > 1 else ''} not looked at, {share}.", console, "dim")


def _excluded(row: Exclusion) -> tuple[Text, ...]:
    """Return one alternative as a row."""
    bits = f"{row.bits:.1f}{v._rough_mark(row.rough)}" if row.by else ""
    return (
        Text(row.title, style=_STYLES[row.status]),
        Text(percent_fine(row.probability)),
        Text(v._against_words(row), style="" if row.by else "dim"),
        Text(bits),
        Text(v._test_words(row)),
    )


BAR, BITS_FULL, WIDE = 16, 4.0, 100


def print_consult(result: Consult, console: Console) -> None:
    """Print a consult.

    Parameters
    ----------
    result : Consult
        The answer to one case.
    console : rich.console.Console
        Where to print; its width [columns] is used, 80 at least for tables that do not wrap.
    """
    result = s._readable(result)
    _headline(result, console)
    if not result.diagnostics.passed:
        _no_answer(result, console)
    else:
        _causes(result, console)
    if result.findings:
        _lesions(result, console)
        _findings(result, console)
        if explanation := result.explanation:
            _print_explanation(explanation, console)
        if result.plan:
            _print_plan(result.plan, console)
        _fit(result, console)
    if result.doubts:
        _print_doubts(result.doubts, console)
    _not_used(result, console)
    _basis(result, console)
    _diagnostics(result, console)


def _interval_strip(loss: SiteLoss, width: int) -> str:
    """Return a strip from nothing to all lost: ``━`` the 80 % interval, ``●`` the mean."""
    low, mean, high = (min(int(edge * width), width - 1) for edge in (loss.low, loss.mean, loss.high))
    return "".join("●" if at == mean else "━" if low <= at <= high else "·" for at in range(width))


def _bits_strip(bits: float, half: int) -> str:
    """Return a strip with the axis in its middle: to the right for, to the left against; full at 4 bits."""
    length = min(math.ceil(abs(bits) / BITS_FULL * half - 0.15), half)
    right = "█" * length if bits > 0 else ""
    left = "█" * length if bits < 0 else ""
    return left.rjust(half) + "│" + right.ljust(half)


def _headline(result: Consult, console: Console) -> None:
    """Print the case, the leading cause and the runner-up."""
    causes = s._ranked_causes(result)
    words = Text()
    words.append(f"{result.title}\n", style="bold")
    words.append(f"Seen in: {result.setting}", style="dim")
    if result.summary:
        words.append(f"\n{result.summary}")
    if result.published_diagnosis:
        words.append("\nPublished diagnosis: ", style="dim").append(result.published_diagnosis)
    if not result.findings and result.diagnostics.passed:
        words.append(f"\n\n{s.NO_FINDINGS}", style="bold")
    elif not result.fit.fits:
        words.append("\n\n! Nothing modelled fits these findings.", style="bold red")
    if causes:
        error = f"± {100 * causes[0].monte_carlo_error:.1f}"
        words.append(
            f"\n\n{percent(causes[0].probability)} {error}  {causes[0].named(result.together)}",
            style="bold cyan",
        )
    if len(causes) > 1:
        words.append(f"\n{percent(causes[1].probability)}  {causes[1].title} (runner-up)")
    words.append(f"\n\n{result.notice}", style="bold")
    console.print(Panel(words, title=Text(f"Garland consult: {result.case_id}"), box=box.ROUNDED))


def _causes(result: Consult, console: Console) -> None:
    """Print bars of the causes."""
    heading("Causes", console)
    causes = s._fold_causes(result)
    table = _table("cause", ("after", "right"), ("±", "right"), "", ("before", "right"))
    for cause in causes.shown:
        after, error, before = (
            percent_fine(cause.probability),
            f"{100 * cause.monte_carlo_error:.1f}",
            percent_fine(cause.prior),
        )
        table.add_row(Text(cause.title), after, error, Text(bar(cause.probability, 20), style="cyan"), before)
    if causes.rest_count:
        table.add_row(
            f"{causes.rest_count} others, together", percent_fine(causes.rest_probability), "", "", ""
        )
    console.print(table)
    for pair in result.together:
        head, parts = s._together_words(pair)
        indented(head, console, above=1)
        if parts:
            indented(parts, console, "dim")


def _lesions(result: Consult, console: Console) -> None:
    """Print the lesion map as a table of sites, both sides."""
    heading("Where axons are lost or blocked (mean ●, 80 % interval ━, from 0 to 100 %)", console)
    groups = s._shortened(s._lesion_groups(result.lesions))
    if not groups:
        indented(s.NO_SITE, console)
        return
    if widespread := s._spread_words(result.lesions):
        indented(widespread, console)
    width = BAR if console.width >= WIDE else 8
    table = _table("site", "right", ("", "right"), "", "left", ("", "right"), "")
    for group in groups:
        table.add_row(Text(group.title, style="bold underline"))
        for row in group.rows:
            table.add_row(Text(row.label), *_side(row.right, width), *_side(row.left, width))
        if group.left_out:
            table.add_row(Text(s._left_out_words(group), style="dim"))
    console.print(table)


def _side(loss: SiteLoss | None, width: int) -> tuple[Text, Text, Text]:
    """Return strip, mean and interval of one side."""
    if loss is None:
        return Text("not reported", style="dim"), Text(""), Text("")
    strong = "bold" if s._is_shown(loss) else "dim"
    return (
        Text(_interval_strip(loss, width), style=strong),
        Text(percent(loss.mean), style=strong),
        Text(s._interval(loss), style="dim"),
    )


def _findings(result: Consult, console: Console) -> None:
    """Print findings as observed and expected, with their weight."""
    heading(
        "Findings (weight: + for the leading cause, − for the runner-up; ◆ odd for the leading cause)",
        console,
    )
    wide = console.width >= WIDE
    table = _table(
        "finding", "observed", "expected, SIMULATED", *(("weight",) if wide else ()), "", ("bit", "right")
    )
    for group in s._finding_groups(result.findings):
        table.add_row(Text(group.title, style="bold underline"))
        for finding in group.findings:
            table.add_row(Text(finding.label), *_weighed(finding, wide))
    console.print(table)


def _weighed(finding: FindingReview, wide: bool) -> tuple[Text, ...]:
    """Return observed, expected, weight as a strip (on a wide console) and as signs, and bits."""
    style = {"for": "cyan", "against": "yellow", "none": "dim"}[s._weight_side(finding.bits)]
    expected = Text(finding.expected)
    if s._is_odd(finding):
        expected.append(f" ◆ {s._one_in(finding.tail)}", style="bold red")
    strip = (Text(_bits_strip(finding.bits, 6), style=style),) if wide else ()
    mark = Text(s._weight_mark(finding.bits), style=style)
    return Text(finding.observed, style="bold"), expected, *strip, mark, Text(signed(finding.bits))


def _no_answer(result: Consult, console: Console) -> None:
    """Print why there are no probabilities."""
    for reason in result.diagnostics.failures:
        words = Text("! no answer: ", style="bold red").append(f"{reason}.", style="not bold default")
        indented(words, console, above=1)
    indented(s.NO_ANSWER_REMEDY, console)


def _fit(result: Consult, console: Console) -> None:
    """Print whether any modelled cause explains the findings."""
    heading("Fit", console)
    fit = result.fit
    verdict = Text("✓ ", style="bold green") if fit.fits else Text("! nothing fits. ", style="bold red")
    verdict.append(f"{fit.message} ({s._p_value(fit.p_value)})", style="not bold default")
    indented(verdict, console)
    if fit.clashes:
        indented(f"Explained least: {'; '.join(fit.clashes)}.", console)


def _not_used(result: Consult, console: Console) -> None:
    """Print what was left out, and what was given but not used."""
    if result.not_mentioned:
        heading("Not mentioned", console)
        indented(s._not_mentioned_words(result.not_mentioned), console)
    if result.not_used:
        heading("Not used", console)
        for line in result.not_used:
            indented(f"- {line}", console)


def _basis(result: Consult, console: Console) -> None:
    """Print what the answer rests on: counts by standing and by station, and where the whole list is."""
    if not result.basis:
        return
    heading("What this rests on", console)
    standings = ", ".join(f"{count} {standing}" for standing, count in s._standing_counts(result.basis))
    lines = [f"{standings} numbers."]
    stations = ", ".join(f"{station} {count}" for station, count in s._station_counts(result.basis))
    if stations:
        lines.append(f"Assumed or recalled, by station: {stations}.")
    if result.hangs_on:
        lines.append("The leading cause hangs most on these, from the least to the most each may be:")
        lines += [f"- {s._hangs_words(number)}" for number in result.hangs_on]
    lines.append("Each by name: garland sources, or --html and --json of this consult.")
    for line in lines:
        indented(line, console)


def _diagnostics(result: Consult, console: Console) -> None:
    """Print how the answer was computed, and the notice."""
    d = result.diagnostics
    console.print()
    console.print(
        Text(
            f"Garland {result.version}, seed {d.seed}: {d.patients:,} SIMULATED patients, "
            f"effective sample {d.effective_sample:,.0f}, "
            f"{d.temperatures} tempering steps, {d.seconds:.1f} s.",
            style="dim",
        )
    )
    console.print(Text(result.notice, style="bold"))


def _table(*columns: str | tuple[str, str]) -> Table:
    """Return a table without lines; a column is its heading, or (heading, ``right``), which never wraps."""
    firm = {"": FIRM, "weight": FIRM, "right": FIRM, "left": FIRM}
    stated = [
        (c[0], NUMBER) if isinstance(c, tuple) else (c, {**firm.get(c, {}), "overflow": "fold"})
        for c in columns
    ]
    return lean_table(*stated)
