"""Limits of normal: what is printed beside a value, and how far beyond it a value lies.

Trusted  adults of 19-79 years; beyond, the nearest stratum counts.

Where a limit was published for this age and height, that is the one; where none was, the model's own centile
of healthy adults stands in and says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.evidence import Number, part

_A = load()

KINDS: Mapping[str, tuple[str, str]] = {
    "amplitude": ("lower", ""),
    "latency": ("upper", "ms"),
    "peak-latency": ("upper", "ms"),
    "velocity": ("lower", "m/s"),
    "drop": ("upper", "%"),
    "duration": ("upper", "ms"),
    "f-latency": ("upper", "ms"),
    "persistence": ("lower", "%"),
    "chronodispersion": ("upper", "ms"),
    "h-latency": ("upper", "ms"),
}
"""Measures of conduction studies: which side is abnormal, and the unit (of an amplitude: by study)."""

NEEDLE: Mapping[str, str] = {"muap-amplitude": "uV", "muap-duration": "ms", "polyphasic": "%"}
"""Measures of motor unit potentials and their units."""

_SIDED = ("amplitude", "latency", "velocity", "f-latency", "h-latency")
_WRITTEN = {"uV": "µV"}


@dataclass(frozen=True)
class _Limit:
    """One limit of normal.

    Attributes
    ----------
    study, measure : str
        What it is a limit of.
    value : float
        The limit, in `unit`.
    kind : str
        ``lower`` or ``upper``: below or above it is abnormal.
    unit : str
        Unit of the value, such as ``mV``.
    source : str
        Short, as a report names it: ``Buschbacher 1999``, or ``model, 3rd centile``.
    standing : str
        ``measured``, ``derived``, ``recalled`` or ``assumed``.
    """

    study: str
    measure: str
    value: float
    kind: str
    unit: str
    source: str
    standing: str

    @property
    def words(self) -> str:
        """The limit in words, such as ``≥ 1.3 mV``."""
        sign = "≥" if self.kind == "lower" else "≤"
        return f"{sign} {round(self.value, 2):g} {_WRITTEN.get(self.unit, self.unit)}"


def _limit_of(
    study: str,
    measure: str,
    age_years: float,
    height_cm: float,
    side_difference: bool = False,
    point: str | None = None,
) -> _Limit | None:
    """Return the limit of normal of a measure of a conduction study."""
    name = _A.resolve_study(study)
    measure = _measure(measure, side_difference)
    kind, unit = ("upper", KINDS[measure][1] or "%") if side_difference else KINDS[measure]
    unit = unit or ("uV" if name in _A.sensory_study_ids else "mV")
    key = f"side-{measure}" if side_difference else measure
    known = part("study/limits")
    if name in known.group_names:
        group = known.group(name)
        for found in (f"{key}-{point}", key):
            if found in group:
                number = group.number(found)
                value = _stratum(number.value, age_years, height_cm)
                return _Limit(name, key, value, kind, unit, _short_source(number), number.standing)
    sides = _model_side(name, measure)
    own = sides if side_difference else _model(name, measure, age_years, height_cm)
    if own is None:
        return None
    centile = "3rd centile" if kind == "lower" else "97th centile"
    return _Limit(name, key, own, kind, unit, f"model, {centile}", "derived")


def _limits_of_muscle(muscle: str, measure: str) -> tuple[_Limit, ...]:
    """Return the limits of normal of motor unit potentials in a muscle, lower before upper."""
    name = _A.resolve_muscle(muscle)
    measure = measure.replace("_", "-").removesuffix("-percent")
    if measure not in NEEDLE:
        raise InputError("measure", measure, "is not a measure of motor units", did_you_mean(measure, NEEDLE))
    like = _series_of(name)
    group = part("study/limits").group(f"muscle-{like}")
    if measure not in group:
        return ()
    number = group.number(measure)
    own = like == name or name.startswith("paraspinal")
    source = _short_source(number) + ("" if own else f", as {like.replace('-', ' ')}")
    standing = number.standing if own else "assumed"
    bounds = group.table(measure)
    return tuple(
        _Limit(name, measure, bounds[kind], kind, NEEDLE[measure], source, standing)
        for kind in ("lower", "upper")
        if kind in bounds
    )


def _series_of(muscle: str) -> str:
    """Return the muscle whose published motor unit potentials stand for those of `muscle`."""
    own = f"muscle-{muscle}"
    if own in part("study/limits").group_names:
        return muscle
    if muscle.startswith("paraspinal"):
        return "erector-spinae"
    order = _A.muscles
    first_below_knee, first_arm = order.index("tibialis-anterior"), order.index("deltoid")
    first_hand = order.index("abductor-pollicis-brevis")
    place = order.index(muscle)
    if place < first_below_knee:
        return "vastus-lateralis"
    if place < first_arm:
        return "tibialis-anterior"
    return "biceps-brachii" if place < first_hand else "first-dorsal-interosseous"


def _judge(value: float | None, *limits: _Limit | None) -> tuple[str, int]:
    """Return the mark and weight of a value held against its limits."""
    real = [limit for limit in limits if limit is not None]
    if value is None or math.isnan(value):
        missing = any(one.measure == "amplitude" and one.value > 0.0 for one in real)
        return ("absent", 3) if missing else ("", 0)
    for limit in real:
        if limit.kind == "lower" and value < limit.value:
            return "low", _weight_low(value, limit)
        if limit.kind == "upper" and value > limit.value:
            return "high", _weight_high(value, limit)
    return "", 0


def _stratum(written: Any, age_years: float, height_cm: float) -> float:
    """Return the limit for a person out of rows by age and height, or the one number there is."""
    if isinstance(written, float):
        return written
    younger = [row for row in written if row["age"] <= age_years]
    first_age = min(row["age"] for row in written)
    age = max((row["age"] for row in younger), default=first_age)
    rows = [row for row in written if row["age"] == age]
    shorter = [row for row in rows if row["height"] <= height_cm] or rows[:1]
    return float(max(shorter, key=lambda row: row["height"])["limit"])


def _short_source(number: Number) -> str:
    """Return the source of a number as a report names it: what stands before the colon."""
    return number.where.partition(":")[0]


def _published(study: str, measure: str) -> bool:
    """Return whether a limit of this measure of a study was published, so that it is no model centile."""
    known = part("study/limits")
    return study in known.group_names and measure in known.group(study)


def _measure(word: str, side_difference: bool) -> str:
    plain = word.replace("_", "-").removesuffix("-percent").removesuffix("-ms")
    plain = {"f-persistence": "persistence", "cmap-duration": "duration"}.get(plain, plain)
    known = _SIDED if side_difference else tuple(KINDS)
    if plain not in known:
        rule = "has no limit between sides" if side_difference else "is not a measure of a study"
        raise InputError("measure", word, rule, did_you_mean(plain, known))
    return plain


def _weight_low(value: float, limit: _Limit) -> int:
    steps = part("study/limits").group("grading").row("slow" if limit.measure == "velocity" else "small")
    return 1 + sum(value < step * limit.value for step in steps)


def _weight_high(value: float, limit: _Limit) -> int:
    name = "long" if limit.measure.endswith("latency") else "beyond"
    steps = part("study/limits").group("grading").row(name)
    return 1 + sum(value > step * limit.value for step in steps)


def _model(study: str, measure: str, age_years: float, height_cm: float) -> float | None:
    """Return the model's own 3rd or 97th centile of healthy adults, None where it has no such measure."""
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")
    if study not in limits.group_names:
        return None
    group, z = limits.group(study), part("study/limits").group("grading").value("centile")
    if measure == "drop":
        return 100.0 * -math.expm1(-z * p.value("drop_sd_ln"))
    if measure == "amplitude":
        older = age_years - limits.group("reference-person").value("age_years")
        mean = group.value("amplitude_ln") + group.value("amplitude_age_slope_ln_per_year") * older
        return math.exp(mean - z * group.spread("amplitude_ln"))
    if measure == "latency":
        return group.value("latency_ms") + z * group.spread("latency_ms")
    if measure == "velocity":
        mean = group.value("velocity_m_s") + p.value("velocity_per_cm") * (height_cm - 170.0)
        return mean - z * group.spread("velocity_m_s")
    return None


def _model_side(study: str, measure: str) -> float | None:
    """Return the model's 97th centile of the difference between healthy sides, by repeat variation alone."""
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")
    if study not in limits.group_names:
        return None
    z = part("study/limits").group("grading").value("centile") * math.sqrt(2.0)
    if measure == "amplitude":
        return 100.0 * -math.expm1(-z * p.value("side_sd_ln"))
    if measure == "latency":
        return z * p.value("latency_cv") * limits.group(study).value("latency_ms")
    if measure == "velocity":
        return z * p.value("velocity_cv") * limits.group(study).value("velocity_m_s")
    return None
