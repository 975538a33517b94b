"""Rank plots and reliability diagrams: well-formed, and telling even from uneven."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from experiments.calibration import Level, RankPlot
from experiments.figures import rank_plots, reliability_figure
from experiments.scores import Bin, Floor


def _plot(name: str, shares: np.ndarray) -> RankPlot:
    return RankPlot(name, (), tuple(np.sort(shares).tolist()))


def test_a_curve_that_leaves_its_band_is_said_and_coloured() -> None:
    even = (np.arange(500) + 0.5) / 500
    drawn = rank_plots([_plot("history: even", even), _plot("history: shifted", even**2)])
    titles = [
        title.text or "" for title in ElementTree.fromstring(drawn).iter() if title.tag.endswith("title")
    ]
    assert "history: even: 500 patients, stays in the band" in titles
    assert "history: shifted: 500 patients, leaves the band" in titles
    assert drawn.count('class="line l4"') == 1


def test_the_reliability_diagram_has_a_dot_a_bin_and_names_error_and_floor() -> None:
    bins = (Bin(50, 0.4, 0.5, 0.36, 0.63), Bin(50, 0.9, 0.8, 0.67, 0.89))
    level = Level(
        "history", 100, 15.0, 0.6, 0.8, 0.7, 0.5, 1.2, 0.1, Floor(0.03, 0.06), 0.01, 0.05, 4.0, (), 0.5, 0.9,
        0.01, bins,
    )  # fmt: skip
    drawn = reliability_figure([level, level])
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert drawn.count("<circle") == 4
    assert "error 0.100, by chance 0.030" in drawn
    assert "stated 0.90, came true 0.80 of 50 patients" in drawn
