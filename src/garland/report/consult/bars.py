"""Bars and strips of a consult: probabilities, losses, weights of findings, what a test would tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from garland.inference.result import CauseProbability, SiteLoss
from garland.report.common.svg import clip, element, figure, text
from garland.report.common.words import percent, percent_fine, signed
from garland.report.consult.selection import _interval, _is_shown, _site_words, _weight_words

LOSS_STEPS = (0.05, 0.15, 0.30, 0.50, 0.75)
"""Lower edges [0..1] of the coloured steps of the loss scale; below the first a site is drawn as intact."""


def _level(mean: float) -> int:
    """Return the step of the loss scale, 0 (intact) to 5, for a mean loss [0..1]."""
    return sum(mean >= step for step in LOSS_STEPS)


def _level_words(step: int) -> str:
    """Return the range of a step of the loss scale in per cent, such as ``15–30``."""
    edges = [0, *(round(100 * edge) for edge in LOSS_STEPS), 100]
    return f"{edges[step]}–{edges[step + 1]}"


BITS_FULL = 4.0


def _rect(css: str, left: float, right: float, top: float, bottom: float) -> str:
    """Return a rectangle between two shares of the width [0..1] and two heights [unit of the drawing]."""
    left, right = clip(left), clip(right)
    return element(
        "rect", cls=css, x=100 * left, y=top, width=100 * max(right - left, 0.0), height=bottom - top
    )


def _cause_bar(cause: CauseProbability) -> str:
    """Bar of one cause: probability, whisker of twice the Monte Carlo error, tick of the prior."""
    spread = 2.0 * cause.monte_carlo_error
    words = (
        f"{cause.title}: {percent_fine(cause.probability)}, "
        f"Monte Carlo error {percent_fine(cause.monte_carlo_error)}; "
        f"before the findings {percent_fine(cause.prior)}"
    )
    prior = clip(cause.prior)
    return figure(
        words,
        _rect("track", 0.0, 1.0, 2.0, 18.0)
        + _rect("fill", 0.0, cause.probability, 2.0, 18.0)
        + _rect("under-whisker", cause.probability - spread, cause.probability + spread, 6.5, 13.5)
        + _rect("whisker", cause.probability - spread, cause.probability + spread, 8.5, 11.5)
        + _rect("prior", min(prior, 0.994), min(prior, 0.994) + 0.006, 0.0, 20.0),
        box=(0, 0, 100, 20),
        css="bar cause-bar",
        stretch=True,
    )


def _loss_bar(loss: SiteLoss) -> str:
    """Bar of one site, from nothing to all lost: a band for the 80 % interval, a thick tick for the mean."""
    words = f"mean loss {percent(loss.mean)}, 80 % interval {_interval(loss)} %"
    return figure(
        words,
        _rect("track", 0.0, 1.0, 5.0, 11.0)
        + _rect(f"band l{_level(loss.mean)}", loss.low, max(loss.high, loss.low + 0.01), 3.0, 13.0)
        + _rect("mean", clip(loss.mean) - 0.012, clip(loss.mean) + 0.012, 0.0, 16.0),
        box=(0, 0, 100, 16),
        css="bar loss-bar",
        stretch=True,
    )


def _bits_bar(bits: float, cause: str = "the leading cause") -> str:
    """Bar of one finding's weight: right for a cause, left against it; full at 4 bits."""
    reach = 0.5 * clip(abs(bits) / BITS_FULL)
    side = (
        _rect("for", 0.5, 0.5 + reach, 3.0, 13.0)
        if bits > 0
        else _rect("against", 0.5 - reach, 0.5, 3.0, 13.0)
    )
    words = f"{signed(bits)} bit, {_weight_words(bits)} {cause}".replace(f"little {cause}", "little")
    track = _rect("track", 0.0, 1.0, 7.0, 9.0)
    return figure(
        words, track + side + _rect("axis", 0.494, 0.506, 0.0, 16.0), (0, 0, 100, 16), "bar bits-bar", True
    )


def _information_bar(bits: float, largest: float) -> str:
    """Bar of a test's expected information, relative to the most informative one."""
    share = clip(bits / largest) if largest > 0.0 else 0.0
    words = f"expected information {bits:.2f} bit"
    bar = _rect("track", 0.0, 1.0, 3.0, 13.0) + _rect("fill", 0.0, share, 3.0, 13.0)
    return figure(words, bar, (0, 0, 100, 16), "bar information-bar", True)


STRIP_SEGMENTS = (
    "bulbar", "C5", "C6", "C7", "C8", "T1", "Th", "L1", "L2", "L3", "L4", "L5", "S1", "S2", "S3",
)  # fmt: skip


STRIP_ROOTS = ("C5", "C6", "C7", "C8", "T1", "Th")


STRIP_NERVES = (
    "axillary", "musculocutaneous", "radial", "median-forearm", "median-wrist", "ulnar-elbow",
    "ulnar-wrist", "pectoral", "hypoglossal",
)  # fmt: skip


def _side_strips(lesions: Iterable[SiteLoss]) -> tuple[str, ...]:
    """Draw strips for the cord, the roots above L1 and the nerves of arm and tongue, each only when
    involved.
    """
    table = {(loss.site.lower(), loss.side): loss for loss in lesions}
    columns = (
        ("Anterior horn", [(name, f"cord-{name.lower()}") for name in STRIP_SEGMENTS]),
        (
            "Roots and dorsal rami",
            [(f"{name} root", f"root-{name.lower()}") for name in STRIP_ROOTS]
            + [("Th ramus", "dorsal-ramus-th")],
        ),
        ("Arm and tongue", [(name.replace("-", " "), name) for name in STRIP_NERVES]),
    )
    return tuple(
        _strip(title, rows, table)
        for title, rows in columns
        if any(_is_shown(table.get((site, side))) for _name, site in rows for side in ("left", "right"))
    )


def _strip(title: str, rows: list[tuple[str, str]], table: Mapping[tuple[str, str], SiteLoss]) -> str:
    """Draw one strip: a row for each site, its name in the middle, the patient's right at the left."""
    cells = [text("text", title, "strip-title", x=150.0, y=14.0)]
    cells += [text("text", side, "strip-side", x=x, y=32.0) for side, x in (("right", 46.0), ("left", 254.0))]
    for index, (name, site) in enumerate(rows):
        y = 40.0 + 21.0 * index
        cells.append(text("text", name, "strip-name", x=150.0, y=y + 13.0))
        for side, x in (("right", 4.0), ("left", 212.0)):
            cells.append(_cell(table.get((site, side)), x, y))
    return figure(
        f"{title}: mean loss on both sides", "".join(cells), (0, 0, 300, 44 + 21 * len(rows)), "strip"
    )


def _cell(loss: SiteLoss | None, x: float, y: float) -> str:
    """Draw one cell of a strip: colour by mean loss, with the number in it."""
    if loss is None:
        return element("rect", cls="cell unknown", x=x, y=y, width=84.0, height=18.0, rx=3.0)
    step = _level(loss.mean)
    box = element("rect", cls=f"cell l{step}", x=x, y=y, width=84.0, height=18.0, rx=3.0)
    number = text("text", percent(loss.mean), f"cell-number on{step}", x=x + 42.0, y=y + 13.0)
    return element("g", text("title", _site_words(loss)) + box + number, "site")
