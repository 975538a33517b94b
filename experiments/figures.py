"""Figures of the calibration experiment: rank plots, and the reliability diagram by amount of information.

Colours are those of the page's style sheet, so that figures follow light and dark.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.calibration import Level, RankPlot
from experiments.ranks import Envelope, envelope
from garland.report.common.svg import RELIABILITY_SIZE, element, figure, reliability_diagram, text

_WIDTH, _HEIGHT, _GAP, _COLUMNS = 150.0, 70.0, 34.0, 5
_STRETCH = 4.0
"""Standard deviations of the empirical distribution from the middle of a rank plot to its edge [-]."""


def rank_plots(plots: Sequence[RankPlot]) -> str:
    """Return one small rank plot a quantity: how far its ranks run ahead of or behind uniform ones.

    The curve is the empirical distribution of the ranks less the even one, in its standard deviations at the
    middle; the band is where the whole curve stays in 95 of 100 calibrated experiments.
    """
    bands: dict[int, Envelope] = {}
    cells = []
    for number, plot in enumerate(plots):
        n = len(plot.shares)
        band = bands.setdefault(n, envelope(n))
        x = (number % _COLUMNS) * (_WIDTH + _GAP)
        y = (number // _COLUMNS) * (_HEIGHT + _GAP)
        cells.append(_rank_plot(plot, band, x, y))
    rows = -(-len(plots) // _COLUMNS)
    box = (0, 0, _COLUMNS * (_WIDTH + _GAP) - _GAP, max(rows * (_HEIGHT + _GAP), 1))
    return figure(
        "Rank plots: a curve inside its band is that of a calibrated posterior", "".join(cells), box, ""
    )


def _rank_plot(plot: RankPlot, band: Envelope, x: float, y: float) -> str:
    n = len(plot.shares)
    at = np.array(band.at)
    reached = np.searchsorted(np.array(plot.shares), at) / n

    def points(values: np.ndarray) -> list[str]:
        high = np.clip((values - at) * 2.0 * np.sqrt(n) / _STRETCH, -1.0, 1.0)
        across, up = x + at * _WIDTH, y + 18.0 + 0.5 * _HEIGHT * (1.0 - high)
        return [f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True)]

    around = points(np.array(band.low)) + points(np.array(band.high))[::-1]
    outside = bool(((reached < np.array(band.low)) | (reached > np.array(band.high))).any())
    said = f"{plot.name}: {n} patients, {'leaves' if outside else 'stays in'} the band"
    inner = [
        text("title", said),
        text("text", plot.name, "strip-side", x=x + _WIDTH / 2.0, y=y + 12.0, textLength=_fit(plot.name)),
        element("polygon", cls="track", points=" ".join(around)),
        element("polyline", cls="line l4" if outside else "leader", points=" ".join(points(reached))),
    ]
    return element("g", "".join(inner))


def _fit(words: str) -> float:
    """Return the width that a heading takes, held to that of its plot."""
    return min(5.6 * len(words), _WIDTH + _GAP - 4.0)


def reliability_figure(levels: Sequence[Level]) -> str:
    """Return reliability diagrams side by side: what was stated against how often it came true."""
    width, height = RELIABILITY_SIZE
    cells = []
    for number, level in enumerate(levels):
        error = f"error {level.calibration_error:.3f}, by chance {level.floor.mean:.3f}"
        cells.append(reliability_diagram(level.reliability, level.level, error, number * width))
    words = (
        "Reliability: leading probability stated (across) against share that came true (up), 95 % intervals"
    )
    return figure(words, "".join(cells), (0, 0, max(len(levels), 1) * width, height), "")
