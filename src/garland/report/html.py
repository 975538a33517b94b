"""The consult as one self-contained HTML page: no script, no network, light and dark, phone and paper.

Reads    inference.result, report.selection, report.bars, report.figures, report.strips, page/*.
Feeds    cli.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from garland.errors import InputError
from garland.inference.result import Consult
from garland.report import bars, figures, selection, strips


def render_html(result: Consult) -> str:
    """Render a consult as one HTML page.

    Parameters
    ----------
    result : Consult
        The answer to one case. All its texts are escaped.

    Returns
    -------
    str
        A whole HTML document with its style and drawings inside.
    """
    result = selection.readable(result)
    causes = selection.fold_causes(result)
    tests = selection.telling_tests(result)
    return _template().render(
        result=result,
        s=selection,
        causes=causes,
        leader=causes.shown[0] if causes.shown else None,
        runner_up=causes.shown[1] if len(causes.shown) > 1 else None,
        groups=selection.lesion_groups(result.lesions),
        widespread=selection.spread_words(result.lesions),
        on_map=any(figures.is_on_map(loss) for loss in result.lesions if selection.is_shown(loss)),
        worst=selection.worst_sites(result.lesions),
        findings=selection.finding_groups(result.findings),
        tests=tests,
        largest_bits=tests[0].bits if tests else 0.0,
    )


def write_html(result: Consult, path: Path) -> None:
    """Write a consult as one HTML page; an existing file is replaced at once or not at all.

    Parameters
    ----------
    result : Consult
        The answer to one case.
    path : Path
        File to write; its folder must exist.

    Raises
    ------
    InputError
        Where the folder does not exist.
    """
    if not path.parent.is_dir():
        raise InputError(
            "html", str(path), "stands in a folder that does not exist", f"create {path.parent} first"
        )
    page = render_html(result)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        half.write_text(page, encoding="utf-8")
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _template() -> Template:
    """Return the page's template with style and drawing functions at hand."""
    world = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for draw in (bars.cause_bar, bars.loss_bar, bars.bits_bar, bars.information_bar, figures.lesion_map):
        world.globals[draw.__name__] = _drawing(draw)
    world.globals["legend"] = figures.legend
    world.globals["side_strips"] = lambda lesions: [Markup(strip) for strip in strips.side_strips(lesions)]
    world.globals["style"] = Markup(_read("style.css"))
    return world.get_template("consult.html.j2")


def _drawing(draw: Callable[..., str]) -> Callable[..., Markup]:
    """Return a drawing function whose SVG the template takes as it is; the function has escaped its texts."""
    return lambda *given: Markup(draw(*given))


def _read(name: str) -> str:
    """Return a file of the page."""
    return files("garland.report").joinpath("page", name).read_text(encoding="utf-8")
