"""The command ``garland consult``: one case answered on the terminal, as JSON, or as a page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from garland.cli.options import (
    CaseArgument,
    HtmlOption,
    JsonOption,
    ParticlesOption,
    SeedOption,
    SettingOption,
    _Setting,
    _taking,
)
from garland.cli.output import _check_page, _console, _find_case, _print_json, _write_page

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
def _consult_command(**told: Any) -> None:
    """Answer one case on the terminal, as JSON, or as a page."""
    from garland.inference.candidate_tests import Budget
    from garland.inference.consult import Asked, consult
    from garland.inference.test_selection import Rule

    record = _find_case(told["case"])
    html: Path | None = told["html"]
    if html is not None:
        _check_page(html)
    limits = {name: told[name] for name in ("minutes", "insertions", "discomfort") if told[name] is not None}
    asked = Asked(
        setting=told["setting"].value,
        seed=told["seed"],
        particles=told["particles"],
        budget=Budget(tests=told["tests"], **limits),
        rule=Rule(certainty=told["certainty"], by_family=told["by_family"]),
    )
    result = consult(record, asked)
    if html is not None:
        _write_page(result, html)
    if told["as_json"]:
        _print_json(result.as_dict())
    else:
        from garland.report.text import print_consult

        print_consult(result, _console())
        typer.echo(f"page: {html}" if html else "The same as a page with figures: add --html report.html")
    if not result.diagnostics.passed:
        sys.exit(NO_ANSWER_CODE)
