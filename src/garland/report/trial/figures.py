"""Drawings of a trial: one trial's curves, estimates against the exact effect, power against size."""

from __future__ import annotations

import math
from collections.abc import Sequence

from garland._types import Float64s
from garland.forecasts.records import Band
from garland.report.common import timeplot
from garland.report.common.svg import element, figure, text
from garland.report.common.timeplot import BOTTOM, LEFT, TOP, Frame
from garland.report.trial import content as v
from garland.trials.analysis import OutcomeCurve
from garland.trials.characteristics import Characteristics, CurvePoint
from garland.trials.run import TrialReport

RIGHT, CURVES_RIGHT = 326.0, 280.0
ROW_WIDTH, ROW_HEIGHT = 460.0, 26.0
UNITS = {"nis-gain": "share", "pain-responder": "NRS", "walks-alone": "share", "nis-change": "points"}
_MEASURES = {
    "nis-gain": "share of patients with a gain",
    "pain-responder": "mean pain",
    "walks-alone": "share of patients who walk alone",
    "nis-change": "mean NIS",
}
_EDGE = 10.0


def _measure_words(report: TrialReport) -> str:
    """Return what the curves of one trial show."""
    return _MEASURES[report.spec.outcome.what]


def _trial_curves(report: TrialReport) -> str:
    """Draw one simulated trial: a curve for each arm with its 95 % band."""
    what = report.spec.outcome.what
    curves = list(report.example.curves.items())
    bands = [_band(curve) for _, curve in curves]
    axis = timeplot.axis_for("", UNITS[what], bands)
    frame = Frame(axis, CURVES_RIGHT, 0.0, float(report.spec.visits[-1]), 0.0)
    drawn = timeplot.backdrop("", frame)

    def steps(days: Float64s, values: Float64s) -> list[tuple[float, float]]:
        places = _steps(days, values, what == "nis-gain")
        return [(frame.x(day), frame.y(value)) for day, value in places]

    for place, (_, curve) in enumerate(curves):
        outline = timeplot.area_words(steps(curve.days, curve.high), steps(curve.days, curve.low))
        drawn += element("path", cls=f"band50 c{place}", d=outline)
    for place, (_, curve) in enumerate(curves):
        line = timeplot.path_words(steps(curve.days, curve.share))
        drawn += element("path", cls=f"curve c{place}", d=f"M{line}")
    stated = "; ".join(f"{arm} ends at {curve.share[-1]:.2f}" for arm, curve in curves)
    return figure(
        f"{_MEASURES[what]} over months: {stated}", drawn, (0, 0, timeplot.WIDTH, timeplot.HEIGHT), "timeplot"
    )


def _band(curve: OutcomeCurve) -> Band:
    edges = (curve.low, curve.high)
    return Band(*[tuple(field) for field in (curve.days, curve.share, *edges, *edges)])


def _steps(days: Float64s, values: Float64s, stepped: bool) -> list[tuple[float, float]]:
    """Return places of a curve in days and values; a stepped one keeps its value until the next day."""
    places = [(float(days[0]), float(values[0]))]
    for day, value in zip(days[1:], values[1:], strict=True):
        if stepped:
            places.append((float(day), places[-1][1]))
        places.append((float(day), float(value)))
    return places


def _power_plot(report: TrialReport) -> str:
    """Draw power against size for every truth, with binomial intervals and the target."""
    sizes = [at.n for at in report.others[0].curve]
    drawn = _power_axes(sizes, report)
    for place, one in enumerate(report.others):
        points = [
            (_across(at.n, sizes) + 2.5 * (place - (len(report.others) - 1) / 2), at) for at in one.curve
        ]
        line = timeplot.path_words((x, _up(at.power.value)) for x, at in points)
        drawn += element("path", cls=f"curve c{place}", d=f"M{line}")
        drawn += "".join(_power_mark(x, at, place) for x, at in points)
    stated = "; ".join(
        f"{one.truth} " + ", ".join(f"{v._percent(at.power.value)} with {at.n}" for at in one.curve)
        for one in report.others
    )
    return figure(
        f"Power by number of patients: {stated}", drawn, (0, 0, timeplot.WIDTH, timeplot.HEIGHT), "timeplot"
    )


def _across(n: float, sizes: Sequence[int]) -> float:
    low, high = math.log(sizes[0]), math.log(sizes[-1])
    share = (math.log(n) - low) / (high - low) if high > low else 0.5
    return LEFT + 14.0 + (RIGHT - LEFT - 28.0) * share


def _up(power: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * power


def _power_axes(sizes: Sequence[int], report: TrialReport) -> str:
    share = timeplot.Axis(*timeplot.FIXED["share"], "share")
    drawn = timeplot.level_lines(Frame(share, RIGHT, 0.0, 1.0, 0.0), lambda tick: f"{100 * tick:.0f} %")
    for n in sizes:
        drawn += text("text", f"{n:,}", "tick", x=_across(n, sizes), y=BOTTOM + 17.0)
    planned = _across(report.spec.patients, sizes)
    drawn += element("path", cls="today", d=f"M{planned:.1f},{TOP - 4:.0f} V{BOTTOM:.0f}")
    drawn += text("text", "planned", "today-name", x=max(planned, LEFT + 24.0), y=TOP - 8.0)
    target = _up(report.spec.target_power)
    return drawn + element("path", cls="target", d=f"M{LEFT:.0f},{target:.1f} H{RIGHT:.0f}")


def _power_mark(x: float, at: CurvePoint, place: int) -> str:
    whisker = element(
        "path", cls=f"edge solid c{place}", d=f"M{x:.1f},{_up(at.power.low):.1f} V{_up(at.power.high):.1f}"
    )
    return whisker + element("circle", cls=f"mark m{place}", cx=x, cy=_up(at.power.value), r=3.2)


def _estimate_range(report: TrialReport) -> tuple[float, float]:
    """Return the ends of the axis that holds the estimates of every truth, and no effect."""
    ends = [0.0]
    for one in report.characteristics:
        found = one.estimates
        ends += [one.exact.effect] if found is None else [found.low, found.high, one.exact.effect]
    ends = [end for end in ends if math.isfinite(end)]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    return min(ends) - room, max(ends) + room


def _estimate_plot(one: Characteristics, report: TrialReport) -> str:
    """Draw the estimates of one truth: nine in ten and half of them as bars, the exact effect as a
    diamond.
    """
    what, middle = report.spec.outcome.what, ROW_HEIGHT / 2
    none = _along(0.0, report)
    drawn = element("path", cls="base", d=f"M{none:.1f},0 V{ROW_HEIGHT:.0f}")
    found = one.estimates
    words = f"exact effect {v._effect_words(what, one.exact.effect)}"
    if found is not None:
        wide, box = [(_along(low, report), _along(high, report)) for low, high in
                     ((found.low, found.high), (found.lower, found.upper))]  # fmt: skip
        drawn += element("rect", cls="wide95", x=wide[0], y=middle - 2, width=wide[1] - wide[0], height=4.0)
        drawn += element("rect", cls="box50", x=box[0], y=middle - 6, width=box[1] - box[0], height=12.0)
        centre = _along(found.middle, report)
        drawn += element("path", cls="median", d=f"M{centre:.1f},{middle - 8:.0f} v16")
        words += f"; estimates {v._effect_words(what, found.low)} to {v._effect_words(what, found.high)}"
    x = _along(one.exact.effect, report)
    drawn += element("polygon", cls="exact", points=f"{x:.1f},{middle - 7:.1f} {x + 6:.1f},{middle:.1f} "
                     f"{x:.1f},{middle + 7:.1f} {x - 6:.1f},{middle:.1f}")  # fmt: skip
    return figure(f"{one.truth}: {words}", drawn, (0, 0, ROW_WIDTH, ROW_HEIGHT), "estimates")


def _along(effect: float, report: TrialReport) -> float:
    low, high = _estimate_range(report)
    return _EDGE + (ROW_WIDTH - 2 * _EDGE) * (min(max(effect, low), high) - low) / (high - low)


def _estimate_axis(report: TrialReport) -> str:
    """Draw the axis below the estimates, with words at its ends and at no effect."""
    low, high = _estimate_range(report)
    what = report.spec.outcome.what
    drawn = ""
    ticks = [(low, "to-start"), (high, "to-end")] + ([(0.0, "")] if low < 0.0 < high else [])
    for value, css in ticks:
        x = {"to-start": 0.0, "to-end": ROW_WIDTH}.get(css, _along(value, report))
        drawn += text("text", v._effect_number(what, value), f"tick {css}", x=x, y=13.0)
    return figure("axis of the effect", drawn, (0, 0, ROW_WIDTH, 18), "estimates timeplot")
