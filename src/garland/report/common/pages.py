"""What every page needs: its template, its files, drawings taken as they are, and a file written whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

from markupsafe import Markup

from garland.errors import InputError
from garland.io import write_whole

if TYPE_CHECKING:
    from jinja2 import Template


def read_page_part(name: str) -> str:
    """Return a file of the pages, such as ``style.css``."""
    return files("garland.report").joinpath("page", name).read_text(encoding="utf-8")


@cache
def page_template(
    name: str, sheets: tuple[str, ...], drawings: tuple[Callable[..., str], ...] = (), **known: object
) -> Template:
    """Return a page's template, made once, with its style sheets, drawing functions and what else it knows.

    What a drawing function draws a template takes as it is; all else that it prints is escaped.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(read_page_part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for draw in drawings:
        made.globals[draw.__name__.lstrip("_")] = _drawing(draw)
    made.globals |= {"style": Markup("".join(map(read_page_part, sheets))), **known}
    return made.get_template(name)


def template_names(*modules: ModuleType) -> SimpleNamespace:
    """Return what a template may call of some modules: each name without the underscore of its package."""
    return SimpleNamespace(**{name.lstrip("_"): each for one in modules for name, each in vars(one).items()})


def _drawing(draw: Callable[..., str]) -> Callable[..., Markup]:
    """Return a drawing function whose SVG a template takes as it is."""
    return lambda *given: Markup(draw(*given))


def write_page(page: str | bytes, path: Path) -> None:
    """Write a page; an existing file is replaced at once or not at all."""
    if not path.parent.is_dir():
        raise InputError(
            "html", str(path), "stands in a folder that does not exist", f"create {path.parent} first"
        )
    write_whole(path, page)
