"""Drawings that reports share: elements, figures, samples of lines, labels moved apart, reliability."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from garland.scores import Bin

_SQUARE, _TOP = 190.0, 24.0
_SHARES = ((0.0, "0"), (0.5, "50"), (1.0, "100 %"))
RELIABILITY_SIZE = (_SQUARE + 72.0, _SQUARE + 80.0)
"""Width and height that a reliability diagram takes [unit of the drawing]."""


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


def reliability_diagram(bins: Sequence[Bin], title: str, below: str, left: float = 0.0) -> str:
    """Draw what was stated (across) against what came true (up) with 95 % intervals, for a figure.

    It is `RELIABILITY_SIZE` large, from `left` on; a perfect forecaster is on the diagonal.
    """
    start, foot = left + 46.0, _TOP + _SQUARE
    middle = start + _SQUARE / 2.0

    def at(stated: float, came: float) -> tuple[float, float]:
        return start + stated * _SQUARE, foot - came * _SQUARE

    drawn = [
        text("text", title, "strip-title", x=middle, y=15.0),
        element("rect", cls="track", x=start, y=_TOP, width=_SQUARE, height=_SQUARE),
        element("path", cls="leader", d=f"M{start:.1f},{foot:.1f} l{_SQUARE:.1f},{-_SQUARE:.1f}"),
    ]
    for share, words in _SHARES:
        x, y = at(share, share)
        drawn.append(text("text", words, "strip-side", x=x, y=foot + 16.0))
        drawn.append(text("text", words.removesuffix(" %"), "strip-side", x=start - 14.0, y=y + 4.0))
    drawn.append(text("text", "stated", "strip-side", x=middle, y=foot + 32.0))
    halfway = foot - _SQUARE / 2.0
    upright = f"rotate(-90 {left + 12.0:.1f} {halfway:.1f})"
    drawn.append(text("text", "came true", "strip-side", x=left + 12.0, y=halfway, transform=upright))
    for one in bins:
        x, y = at(one.stated, one.observed)
        said = f"stated {one.stated:.2f}, came true {one.observed:.2f} of {one.patients} patients"
        low, high = at(one.stated, one.low)[1], at(one.stated, one.high)[1]
        whisker = element("path", cls="interval", d=f"M{x:.1f},{low:.1f} V{high:.1f}")
        dot = element("circle", cls="fill", cx=x, cy=y, r=4.0)
        drawn.append(element("g", text("title", said) + whisker + dot))
    drawn.append(text("text", below, "strip-side", x=middle, y=foot + 50.0))
    return element("g", "".join(drawn))
