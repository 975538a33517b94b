"""Drawings that every report shares: elements, figures, samples of lines, labels moved apart."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def clip(share: float) -> float:
    """Return a share held within [0..1]."""
    return min(max(share, 0.0), 1.0)


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


def line_sample(place: int) -> str:
    """Draw the line of a curve, an arm or a truth, for a legend."""
    line = element("path", cls=f"curve c{place}", d="M2,8 H42")
    return figure("", line, (0, 0, 44, 16), "line-sample")


def spread_apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move heights apart to at least `gap` and keep them within [low, high], near where they were wanted."""
    blocks: list[tuple[float, int]] = []
    for height in wanted:
        blocks.append((height, 1))
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < gap * (blocks[-1][1] + blocks[-2][1]) / 2:
            (middle, count), (above, others) = blocks.pop(), blocks.pop()
            blocks.append(((middle * count + above * others) / (count + others), count + others))
    placed = [middle + gap * (index - (count - 1) / 2) for middle, count in blocks for index in range(count)]
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], high - gap * (len(placed) - 1 - index))
    for index, height in enumerate(placed):
        placed[index] = max(height, low + gap * index)
    return placed
