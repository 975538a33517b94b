"""What is normal: healthy mean, spread and limit of conduction studies, motor unit potentials and blood.

Reader of words, planner of tests, printed tables and virtual patients all ask here. Trusted for adults of 19
to 79 years and 140 to 200 cm, limb skin about 34 degrees; beyond, the nearest stratum of a limit counts.

Where a limit was published for this age and height, that is the one; where none was, the centile of the
model's own healthy people stands in and says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from garland._types import Float32s
from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.evidence import Number, Part, part
from garland.evidence.provenance import remembered

_A = load()


def _reference_person() -> tuple[float, float]:
    person = part("recordings/reference_limits").group("reference-person")
    return person.value("age_years"), person.value("height_cm")


REFERENCE_AGE_YEARS, REFERENCE_HEIGHT_CM = _reference_person()
"""Age [a] and height [cm] at which the healthy values hold; the height is taken where none is known."""

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


class HealthyStudies(NamedTuple):
    """Healthy values of a list of studies; every field of shape (studies,).

    Attributes
    ----------
    amplitude_ln, amplitude_sd_ln, amplitude_age_slope : ndarray
        Mean log amplitude [ln(mV) or ln(uV)], its spread, and its change per year [1/a].
    side_sd_ln : ndarray
        Part of the spread that differs between sides and sessions of one person [ln].
    latency_ms, latency_sd_ln, latency_repeat_ln, latency_height_slope : ndarray
        Mean distal latency [ms], its spread, the part that differs between sides and sessions [ln], and its
        change with height [ms/cm].
    velocity_m_s, velocity_sd, velocity_repeat_ln, velocity_age_slope, velocity_height_slope : ndarray
        Mean velocity and its spread [m/s], the part that differs between sides and sessions [ln]; its change
        per year [m/s/a] and per cm [m/s/cm].
    detectable_ln : ndarray
        Smallest amplitude called a response [ln(mV) or ln(uV)].
    absent_in_health : ndarray
        Probability that no response is obtained in a healthy person [0..1].
    """

    amplitude_ln: Float32s
    amplitude_sd_ln: Float32s
    amplitude_age_slope: Float32s
    side_sd_ln: Float32s
    latency_ms: Float32s
    latency_sd_ln: Float32s
    latency_repeat_ln: Float32s
    latency_height_slope: Float32s
    velocity_m_s: Float32s
    velocity_sd: Float32s
    velocity_repeat_ln: Float32s
    velocity_age_slope: Float32s
    velocity_height_slope: Float32s
    detectable_ln: Float32s
    absent_in_health: Float32s

    def mean_amplitude_ln(self, older: Any) -> Any:
        """Return mean log amplitudes, so many years after the reference age."""
        return self.amplitude_ln + self.amplitude_age_slope * older

    def mean_latency_ms(self, taller: Any) -> Any:
        """Return mean distal latencies, so many cm above the reference height."""
        return self.latency_ms + self.latency_height_slope * taller

    def mean_velocity_m_s(self, older: Any, taller: Any) -> Any:
        """Return mean velocities, so many years and cm from the reference person."""
        by_height = self.velocity_height_slope * taller
        return self.velocity_m_s + by_height + self.velocity_age_slope * older

    @property
    def velocity_sd_at_one_height(self) -> Float32s:
        """Spread of velocity among people of one height, measuring included [m/s].

        The published spread holds people of all heights.
        """
        height = self.velocity_height_slope * part("recordings/conduction").value("height_sd_cm")
        return np.asarray(np.sqrt(np.maximum(self.velocity_sd**2 - height**2, 1.0)), np.float32)


def _healthy(studies: tuple[str, ...]) -> HealthyStudies:
    """Return the healthy values of the named studies, in their order (EvidenceError if one has none)."""
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")

    def one(group: Part) -> tuple[float, ...]:
        def known(name: str, otherwise: float) -> float:
            return group.value(name) if name in group else otherwise

        latency_repeat = known("latency_repeat_ln", p.value("latency_cv"))
        # Sensory velocity is read off the onset over a fixed distance: one repeats as well as the other.
        sensory = group.number("amplitude_ln").unit == "ln(uV)"
        return (
            group.amplitude_ln,
            group.spread("amplitude_ln"),
            known("amplitude_age_slope_ln_per_year", 0.0),
            known("side_sd_ln", p.value("side_sd_ln")),
            group.latency_ms,
            group.spread("latency_ms") / group.latency_ms,
            latency_repeat,
            known("latency_height_slope_ms_per_cm", 0.0),
            group.velocity_m_s,
            group.spread("velocity_m_s"),
            latency_repeat if sensory else known("velocity_repeat_cv", p.value("velocity_cv")),
            known("velocity_age_slope_m_s_per_year", 0.0),
            known("velocity_height_slope_m_s_per_cm", p.value("velocity_per_cm")),
            math.log(group.detectable),
            group.absent_in_health,
        )

    return HealthyStudies(*np.array([one(limits.group(name)) for name in studies], np.float32).T)


@remembered
def healthy_studies(kind: str) -> HealthyStudies:
    """Return the healthy values of every ``motor`` or ``sensory`` study, in the order of the anatomy."""
    _reference_person()  # read for every answer, not only when this module was imported
    return _healthy(_A.motor_study_ids if kind == "motor" else _A.sensory_study_ids)


class HealthyLate(NamedTuple):
    """Healthy latencies of late responses; every field of shape (items,).

    Attributes
    ----------
    latency_ms, sd_ms, repeat_ln : ndarray
        Mean latency, its spread among people of one height [ms], and its repeat variation [ln].
    per_cm, per_year : ndarray
        Change with height [ms/cm] and age [ms/a].
    """

    latency_ms: Float32s
    sd_ms: Float32s
    repeat_ln: Float32s
    per_cm: Float32s
    per_year: Float32s

    def mean_latency_ms(self, older: Any, taller: Any) -> Any:
        """Return mean latencies, so many years and cm from the reference person."""
        return self.latency_ms + self.per_cm * taller + self.per_year * older


@remembered
def healthy_late(letter: str) -> HealthyLate:
    """Return the healthy F (`letter` f) or H (h) latencies, in the order of the anatomy."""
    _reference_person()
    limits, p = part("recordings/reference_limits"), part("recordings/conduction")
    rows = []
    for item in _A.late_items(letter):
        group, name = limits.group(f"{letter}-{item}"), f"{letter}_latency_ms"
        per_cm = group.value(f"{name}_per_cm")
        # The published spread of F latencies holds people of all heights.
        of_heights = per_cm * p.value("height_sd_cm") * (letter == "f")
        sd = math.sqrt(max(group.spread(name) ** 2 - of_heights**2, 0.0))
        rows.append(
            (group.value(name), sd, group.value("repeat_ln"), per_cm, group.value(f"{name}_per_year"))
        )
    return HealthyLate(*np.array(rows, np.float32).T)


def mean_and_spread(study: str, measure: str, age_years: float, height_cm: float) -> tuple[float, float]:
    """Return mean and spread of a measure among healthy people of this age and height.

    Amplitudes as natural logarithms [ln(mV) or ln(uV)]; latencies [ms] and velocities [m/s] as they are.
    """
    older, taller = age_years - REFERENCE_AGE_YEARS, height_cm - REFERENCE_HEIGHT_CM
    if measure in ("f-latency", "h-latency"):
        late = healthy_late(measure[0])
        index = _A.late_items(measure[0]).index(_A.late_item(study))
        return float(late.mean_latency_ms(older, taller)[index]), float(late.sd_ms[index])
    healthy, index = _of_study(study)
    mean, spread = {
        "amplitude": (healthy.mean_amplitude_ln(older), healthy.amplitude_sd_ln),
        "latency": (healthy.mean_latency_ms(taller), healthy.latency_sd_ln * healthy.latency_ms),
        "velocity": (healthy.mean_velocity_m_s(older, taller), healthy.velocity_sd_at_one_height),
    }[measure]
    return float(mean[index]), float(spread[index])


def smallest_response_ln(study: str) -> float:
    """Return the smallest amplitude of a study that is called a response [ln(mV) or ln(uV)]."""
    healthy, index = _of_study(study)
    return float(healthy.detectable_ln[index])


def absent_in_health(study: str) -> float:
    """Return the probability that a healthy person has no response in a study [0..1]."""
    healthy, index = _of_study(study)
    return float(healthy.absent_in_health[index])


def _of_study(study: str) -> tuple[HealthyStudies, int]:
    kind, names = next(
        (kind, names)
        for kind, names in (("motor", _A.motor_study_ids), ("sensory", _A.sensory_study_ids))
        if study in names
    )
    return healthy_studies(kind), names.index(study)


def _centile_deviate() -> float:
    """Return how many standard deviations the 97th centile lies from the mean [-]."""
    return part("study/limits").group("grading").value("centile")


@dataclass(frozen=True)
class Limit:
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


def limit_of(
    study: str,
    measure: str,
    age_years: float,
    height_cm: float,
    side_difference: bool = False,
    point: str | None = None,
) -> Limit | None:
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
                value = _stratum(group[found], age_years, height_cm)
                return Limit(name, key, value, kind, unit, _short_source(number), number.standing)
    own = _side_centile(name, measure) if side_difference else _centile(name, measure, age_years, height_cm)
    if own is None:
        return None
    centile = "3rd centile" if kind == "lower" else "97th centile"
    return Limit(name, key, own, kind, unit, f"model, {centile}", "derived")


def limit_ln(study: str, measure: str, age_years: float, height_cm: float, point: str | None = None) -> float:
    """Return the log of a limit of normal, minus infinity where nothing is too small to be normal [ln]."""
    limit = limit_of(study, measure, age_years, height_cm, point=point)
    assert limit is not None
    return math.log(limit.value) if limit.value > 0.0 else -math.inf


def limits_of_muscle(muscle: str, measure: str) -> tuple[Limit, ...]:
    """Return the limits of normal of motor unit potentials in a muscle, lower before upper."""
    name = _A.resolve_muscle(muscle)
    measure = measure.replace("_", "-").removesuffix("-percent")
    if measure not in NEEDLE:
        rule = "is not a measure of motor units"
        raise InputError("measure", measure, rule, did_you_mean(measure, NEEDLE))
    like = _series_of(name)
    group = part("study/limits").group(f"muscle-{like}")
    if measure not in group:
        return ()
    number = group.number(measure)
    own = like == name or name in _A.groups["paraspinals"]
    source = _short_source(number) + ("" if own else f", as {like.replace('-', ' ')}")
    standing = number.standing if own else "assumed"
    bounds = group.table(measure)
    return tuple(
        Limit(name, measure, bounds[kind], kind, NEEDLE[measure], source, standing)
        for kind in ("lower", "upper")
        if kind in bounds
    )


def laboratory_limit_ln(name: str) -> float:
    """Return the log of the highest normal value of a laboratory test, in its unit [ln]."""
    base = part("causes/baseline")
    return base.table("laboratory_healthy")[name] + _centile_deviate() * base.table("laboratory_sd")[name]


_SERIES_OF = {
    "paraspinals": "erector-spinae",
    "proximal-leg": "vastus-lateralis",
    "distal-leg": "tibialis-anterior",
    "proximal-arm": "biceps-brachii",
    "extensor-indicis": "biceps-brachii",
    "distal-arm": "first-dorsal-interosseous",
    "bulbar-muscles": "first-dorsal-interosseous",
}
"""Muscle or group -> the muscle whose published potentials stand for it; the first that holds."""


def _series_of(muscle: str) -> str:
    """Return the muscle whose published motor unit potentials stand for those of `muscle`."""
    own = f"muscle-{muscle}"
    if own in part("study/limits").group_names:
        return muscle
    return next(like for of, like in _SERIES_OF.items() if muscle in _A.terms.muscles_in(of))


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


def _centile(study: str, measure: str, age_years: float, height_cm: float) -> float | None:
    """Return the 3rd or 97th centile of the model's healthy adults, None where it has no such measure."""
    z = _centile_deviate()
    if measure == "drop" and study in _A.motor_study_ids:
        return 100.0 * -math.expm1(-z * part("recordings/conduction").value("drop_sd_ln"))
    late = study not in (*_A.motor_study_ids, *_A.sensory_study_ids)
    if measure not in (("f-latency", "h-latency") if late else ("amplitude", "latency", "velocity")):
        return None
    mean, sd = mean_and_spread(study, measure, age_years, height_cm)
    # The model's amplitudes and distal latencies are lognormal, its velocities and late latencies normal.
    if measure == "amplitude":
        return math.exp(mean - z * sd)
    if measure == "latency":
        healthy, index = _of_study(study)
        return mean * math.exp(z * float(healthy.latency_sd_ln[index]))
    return mean - z * sd if measure == "velocity" else mean + z * sd


def _side_centile(study: str, measure: str) -> float | None:
    """Return the model's 97th centile of the difference between healthy sides, by repeat variation alone."""
    if study not in (*_A.motor_study_ids, *_A.sensory_study_ids):
        return None
    healthy, index = _of_study(study)
    z = _centile_deviate() * math.sqrt(2.0)
    found = {
        "amplitude": 100.0 * -np.expm1(-z * healthy.side_sd_ln),
        "latency": z * healthy.latency_repeat_ln * healthy.latency_ms,
        "velocity": z * healthy.velocity_repeat_ln * healthy.velocity_m_s,
    }.get(measure)
    return None if found is None else float(found[index])
