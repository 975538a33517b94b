"""The numbers of a trial as words, shared by page and terminal."""

from __future__ import annotations

import math

from garland.trials.characteristics import LARGEST, Characteristics, SimulatedShare
from garland.trials.run import TrialReport

SHORT_NAMES = {
    "nis-gain": "hazard ratio",
    "pain-responder": "difference",
    "walks-alone": "difference",
    "nis-change": "difference",
}
"""What the effect is called over a column."""

OWN_NAMES = {
    "nis-gain": "true NIS [points], less is better",
    "pain-responder": "true pain [NRS], less is better",
    "walks-alone": "probability of walking alone [percentage points], more is better",
    "nis-change": "true NIS [points], less is better",
}
"""What each patient is compared with itself in."""

EFFECT_NAMES = {
    "nis-gain": "hazard ratio of a gain",
    "pain-responder": "difference of responders",
    "walks-alone": "difference of those who walk alone",
    "nis-change": "difference of the NIS",
}
"""What the effect of each outcome is called; a hazard ratio is estimated as its logarithm."""


def _percent(value: float) -> str:
    """Return a share in per cent: one decimal below 10 %, none above."""
    shown = 100.0 * value
    return f"{shown:.1f} %" if shown < 9.95 and shown != 0.0 else f"{shown:.0f} %"


def _share_words(share: SimulatedShare) -> str:
    """Return a share with its interval, such as ``11 % (9.1 to 13)``."""
    low, high = (_percent(edge).removesuffix(" %") for edge in (share.low, share.high))
    return f"{_percent(share.value)} ({low} to {high})"


def _effect_unit(what: str) -> str:
    """Return the unit of an effect as people read it; none for a ratio."""
    return {"nis-gain": "", "nis-change": "points"}.get(what, "percentage points")


def _effect_number(what: str, effect: float | None) -> str:
    """Return an effect on the scale that people read, without its unit; a dash where there is none."""
    if effect is None or not math.isfinite(effect):
        return "–"
    if what == "nis-gain":
        return f"{math.exp(effect):.2f}"
    return _points(effect if what == "nis-change" else 100.0 * effect)


def _effect_words(what: str, effect: float | None) -> str:
    """Return an effect with its unit; see `_effect_number`."""
    number = _effect_number(what, effect)
    return number if number in ("–", "0") else f"{number} {_effect_unit(what)}".strip()


def _effect_heading(what: str) -> str:
    """Return the heading of a column of effects, with its unit."""
    unit = _effect_unit(what)
    return f"true {SHORT_NAMES[what]}" + (f" [{unit}]" if unit else "")


def _own_words(what: str, value: float) -> str:
    """Return a difference within one patient: of the NIS, of pain, or of the probability of walking alone."""
    return _points(100.0 * value) if what == "walks-alone" else _points(value)


def _sizes_words(n: float) -> str:
    """Return a number of patients, rounded as far as it is known."""
    if not math.isfinite(n):
        return f"over {LARGEST:,.0f}"
    digits = max(math.floor(math.log10(max(n, 1.0))) - 1, 0)
    return f"{round(n / 10**digits) * 10**digits:,.0f}"


def _needed_words(one: Characteristics) -> str:
    """Return how many patients the target power takes, with its interval."""
    if one.needed is None:
        return "–"
    low, high = _sizes_words(one.needed.low), _sizes_words(one.needed.high)
    if not math.isfinite(one.needed.high):
        return low if low.startswith("over") else f"over {low}"
    return f"{_sizes_words(one.needed.n)} ({low} to {high})"


def _bias_words(what: str, one: Characteristics) -> str:
    """Return the bias with twice its Monte Carlo error; that of a hazard ratio as a factor."""
    found = one.estimates
    if found is None or not math.isfinite(found.error):
        return "–"
    if what == "nis-gain":
        low, high = (math.exp(found.bias + reach) for reach in (-2 * found.error, 2 * found.error))
        return f"×{math.exp(found.bias):.2f} ({low:.2f} to {high:.2f})"
    scale = 1.0 if what == "nis-change" else 100.0
    return f"{scale * found.bias:+.1f} ± {2 * scale * found.error:.1f}".replace("-", "−")


def _arm_words(what: str, value: float) -> str:
    """Return what one arm comes to: a share, or a mean change."""
    return f"{value:+.1f} points".replace("-", "−") if what == "nis-change" else _percent(value)


def _error_words(report: TrialReport) -> str:
    """Return whether the error of the first kind is what was planned."""
    power, planned = report.null.power, report.spec.alpha
    inside = power.low <= planned <= power.high
    stated = "as planned, within binomial error" if inside else "not what was planned"
    return f"{_share_words(power)}: {stated} ({_percent(planned)})"


def _summary(report: TrialReport) -> tuple[str, ...]:
    """Return what the design can see, in plain sentences."""
    spec = report.spec
    stated = []
    for one in report.others:
        stated.append(
            f"If {one.truth}: {spec.patients} patients find a difference in {_share_words(one.power)}; "
            f"{_percent(spec.target_power)} power takes {_needed_words(one)} patients."
        )
    seen = report.null.detectable
    if seen is not None:
        name, words = EFFECT_NAMES[spec.outcome.what], _effect_words(spec.outcome.what, seen)
        stated.append(
            f"{spec.patients} patients give {_percent(spec.target_power)} power to a true {name} of {words}."
        )
    return tuple(stated)


def _points(value: float) -> str:
    """Return a difference with its sign, to one decimal."""
    shown = f"{value:+.1f}"
    return "0" if shown in ("+0.0", "-0.0") else shown.replace("-", "−")
