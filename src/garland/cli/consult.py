"""The commands ``garland consult`` and ``garland cases``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Annotated, Any

import typer

from garland.cli.display import _showing
from garland.cli.output import (
    CaseArgument,
    HtmlOption,
    JsonOption,
    ParticlesOption,
    SeedOption,
    SettingOption,
    _answer,
    _check_page,
    _Setting,
    _taking,
)
from garland.progress import stretch, tell

if TYPE_CHECKING:
    from garland.inference.result import Consult
    from garland.report.consult.cases import CaseScore


def _score_case(result: Consult, accepted: Sequence[str]) -> CaseScore:
    """Compare one answer with the published diagnosis."""
    from garland.report.consult.cases import CaseScore

    ordered = sorted(result.causes, key=lambda cause: -cause.probability)
    own = [cause for name in accepted for cause in ordered if cause.name == name]
    ranks = [place for place, cause in enumerate(ordered, start=1) if cause.name in accepted]
    return CaseScore(
        case_id=result.case_id,
        title=result.title,
        published=result.published_diagnosis or "",
        accepted=tuple(accepted),
        rank=min(ranks, default=None),
        probability=sum(cause.probability for cause in ordered if cause.name in accepted),
        leading=ordered[0].title if ordered else "",
        leading_probability=ordered[0].probability if ordered else 0.0,
        seconds=result.diagnostics.seconds,
        note="" if result.findings else "no findings recorded",
        prior=sum(cause.prior for cause in ordered if cause.name in accepted),
        flagged=bool(ordered) and not result.fit.fits,
        answered=bool(ordered),
        leading_name=ordered[0].name if ordered else "",
        cause=next((cause.title for cause in own), ""),
        family=next((cause.family for cause in own), ""),
        findings=len(result.findings),
        kinds=tuple(dict.fromkeys(finding.kind for finding in result.findings)),
    )


def _cases_command(
    as_json: JsonOption = False,
    html: HtmlOption = None,
    setting: SettingOption = _Setting.EMG_LABORATORY,
    seed: SeedOption = 0,
    particles: ParticlesOption = None,
    by_amount: Annotated[
        bool, typer.Option("--by-amount", help="From the history alone to everything, step by step.")
    ] = False,
) -> None:
    """Answer all published cases that come along: each, the board of all, and by cause and information."""
    from garland import __version__
    from garland.records.case import AMOUNTS

    _check_page(html)
    amounts = AMOUNTS if by_amount else AMOUNTS[-1:]
    rows = _scores(amounts, setting.value, seed, particles)
    from garland.report.consult.cases import CasesReport, board_of
    from garland.report.consult.cases_html import render_cases
    from garland.report.consult.cases_text import print_cases

    boards = {amount: board_of(scores) for amount, scores in rows.items()}
    found = CasesReport(setting.value, seed, __version__, rows, boards)
    _answer(found, (as_json, html), render_cases, print_cases, "figures: add --html cases.html")


def _scores(
    amounts: Sequence[str], setting: str, seed: int, particles: int | None
) -> dict[str, list[CaseScore]]:
    """Answer every shipped case from each amount of its record."""
    with _showing("loading the model"):
        from garland.inference.consult import Asked, consult
        from garland.records import accepted_causes, shipped_case, shipped_cases
        from garland.records.case import up_to

        asked = Asked(setting=setting, seed=seed, particles=particles)
        rows: dict[str, list[CaseScore]] = {amount: [] for amount in amounts}
        todo = [(identifier, amount) for identifier, _ in shipped_cases() for amount in amounts]
        for done, (identifier, amount) in enumerate(todo):
            with stretch(done / len(todo), (done + 1) / len(todo), f"case {identifier}, {amount}"):
                result = consult(up_to(shipped_case(identifier), amount), asked)
            rows[amount].append(_score_case(result, accepted_causes(identifier)))
    return rows


NO_ANSWER_CODE = 3
"""Exit code where the sampling failed its checks, so that there is no answer."""


def _cost(words: str) -> Any:
    return Annotated[float | None, typer.Option(min=0, help=f"{words}; default: no limit.")]


_OPTIONS: dict[str, tuple[Any, Any]] = {
    "case": (CaseArgument, ...),
    "as_json": (JsonOption, False),
    "html": (HtmlOption, None),
    "setting": (SettingOption, _Setting.EMG_LABORATORY),
    "seed": (SeedOption, 0),
    "particles": (ParticlesOption, None),
    "minutes": (_cost("Minutes that the next tests may take"), None),
    "insertions": (_cost("Needle insertions they may take"), None),
    "discomfort": (_cost("Discomfort they may cause, the sum of 0 to 10 for each"), None),
    "tests": (Annotated[int, typer.Option(min=1, max=20, help="Most tests in the set.")], 6),
    "certainty": (
        Annotated[float, typer.Option(min=0.5, max=1, help="Probability at which testing may stop.")],
        0.9,
    ),
    "by_family": (
        Annotated[bool, typer.Option("--by-family", help="Stop once the family of the cause is certain.")],
        False,
    ),
}


@_taking(_OPTIONS)
def _consult_command(**given: Any) -> None:
    """Answer one case on the terminal, as JSON, or as a page."""
    with _showing("reading the record"):
        from garland.records import find_case

        record = find_case(given["case"])
        _check_page(given["html"])
        tell("loading the model")
        from garland.inference.likelihood import prepare_programs

        with ThreadPoolExecutor(1) as pool:  # the programs of the model are loaded while the rest is imported
            prepared = pool.submit(copy_context().run, prepare_programs)
            from garland.inference.candidate_tests import Budget
            from garland.inference.consult import Asked, consult
            from garland.inference.test_selection import Rule
            from garland.report.consult.html import render_consult
            from garland.report.consult.text import print_consult

            prepared.result()
        limits = {
            name: given[name] for name in ("minutes", "insertions", "discomfort") if given[name] is not None
        }
        asked = Asked(
            setting=given["setting"].value,
            seed=given["seed"],
            particles=given["particles"],
            budget=Budget(tests=given["tests"], **limits),
            rule=Rule(certainty=given["certainty"], by_family=given["by_family"]),
        )
        result = consult(record, asked)
    wanted = given["as_json"], given["html"]
    _answer(result, wanted, render_consult, print_consult, "figures: add --html report.html")
    if not result.diagnostics.passed:
        sys.exit(NO_ANSWER_CODE)
