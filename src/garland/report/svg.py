"""SVG as strings: elements with escaped attributes and text, and the steps of the loss scale."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

LOSS_STEPS = (0.05, 0.15, 0.30, 0.50, 0.75)
"""Lower edges [0..1] of the coloured steps of the loss scale; below the first a site is drawn as intact."""


def clip(share: float) -> float:
    """Return a share held within [0..1]."""
    return min(max(share, 0.0), 1.0)


def level(mean: float) -> int:
    """Return the step of the loss scale, 0 (intact) to 5, for a mean loss [0..1]."""
    return sum(mean >= step for step in LOSS_STEPS)


def level_words(step: int) -> str:
    """Return the range of a step of the loss scale in per cent, such as ``15–30``."""
    edges = [0, *(round(100 * edge) for edge in LOSS_STEPS), 100]
    return f"{edges[step]}–{edges[step + 1]}"


def element(name: str, inner: str = "", cls: str = "", **attributes: object) -> str:
    """Return one SVG element."""
    pairs = {"class": cls, **attributes} if cls else attributes
    written = "".join(f' {key.replace("_", "-")}="{_value(value)}"' for key, value in pairs.items())
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(name: str, words: str, cls: str = "", **attributes: object) -> str:
    """Return an SVG element around escaped words."""
    return element(name, escape(words), cls, **attributes)


def figure(words: str, inner: str, box: Iterable[float], css: str, stretch: bool = False) -> str:
    """Return a whole SVG image with `words` as its accessible name and tooltip."""
    shape: dict[str, object] = {"preserveAspectRatio": "none"} if stretch else {}
    attributes: dict[str, object] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": " ".join(_value(edge) for edge in box),
        "role": "img",
        "aria-label": words,
        **shape,
    }
    return element("svg", text("title", words) + inner, css, **attributes)


def _value(value: object) -> str:
    """Return an attribute's value, escaped; floats without needless digits."""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value), quote=True)
