"""Small stretchable bars as inline SVG: probabilities, intervals and weights of findings.

Trusted  shares within [0..1]; values outside are drawn at the edge.
"""

from __future__ import annotations

from garland.inference.result import CauseProbability, SiteLoss
from garland.report.selection import interval, percent, percent_fine, signed, weight_words
from garland.report.svg import clip, element, figure, level

BITS_FULL = 4.0


def _rect(css: str, left: float, right: float, top: float, bottom: float) -> str:
    """Return a rectangle between two shares of the width [0..1] and two heights [unit of the drawing]."""
    left, right = clip(left), clip(right)
    return element(
        "rect", cls=css, x=100 * left, y=top, width=100 * max(right - left, 0.0), height=bottom - top
    )


def cause_bar(cause: CauseProbability) -> str:
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


def loss_bar(loss: SiteLoss) -> str:
    """Bar of one site, from nothing to all lost: a band for the 80 % interval, a thick tick for the mean."""
    words = f"mean loss {percent(loss.mean)}, 80 % interval {interval(loss)} %"
    return figure(
        words,
        _rect("track", 0.0, 1.0, 5.0, 11.0)
        + _rect(f"band l{level(loss.mean)}", loss.low, max(loss.high, loss.low + 0.01), 3.0, 13.0)
        + _rect("mean", clip(loss.mean) - 0.012, clip(loss.mean) + 0.012, 0.0, 16.0),
        box=(0, 0, 100, 16),
        css="bar loss-bar",
        stretch=True,
    )


def bits_bar(bits: float, cause: str = "the leading cause") -> str:
    """Bar of one finding's weight: right for a cause, left against it; full at 4 bits."""
    reach = 0.5 * clip(abs(bits) / BITS_FULL)
    side = (
        _rect("for", 0.5, 0.5 + reach, 3.0, 13.0)
        if bits > 0
        else _rect("against", 0.5 - reach, 0.5, 3.0, 13.0)
    )
    words = f"{signed(bits)} bit, {weight_words(bits)} {cause}".replace(f"little {cause}", "little")
    track = _rect("track", 0.0, 1.0, 7.0, 9.0)
    return figure(
        words, track + side + _rect("axis", 0.494, 0.506, 0.0, 16.0), (0, 0, 100, 16), "bar bits-bar", True
    )


def information_bar(bits: float, largest: float) -> str:
    """Bar of a test's expected information, relative to the most informative one."""
    share = clip(bits / largest) if largest > 0.0 else 0.0
    words = f"expected information {bits:.2f} bit"
    bar = _rect("track", 0.0, 1.0, 3.0, 13.0) + _rect("fill", 0.0, share, 3.0, 13.0)
    return figure(words, bar, (0, 0, 100, 16), "bar information-bar", True)
