"""Nerve conduction and needle EMG as observations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from garland.anatomy.tree import load
from garland.evidence import part
from garland.evidence.findings import NO, YES, FindingKind, Interval, declared_findings
from garland.inference.encode_examination import _each_side, _with_side
from garland.inference.observations import INF, _Observation, _sided
from garland.model.findings import FINDINGS, Address, study_measure
from garland.records.electrodiagnosis import ConductionResult, Needle, NeedleResult, NerveConduction
from garland.reference_values import (
    absent_in_health,
    limit_ln,
    limits_of_muscle,
    mean_and_spread,
    smallest_response_ln,
)

_A = load()
Say = Callable[[str, str, Interval], Iterator[_Observation]]
_NEEDLE = tuple(f for f in declared_findings().values() if f.group == "needle")
"""Declarations of the needle, those that the model leaves out among them."""
_ROUTINE = {
    "all-sensory": ("sural", "superficial-fibular", "median-digit-2", "ulnar-digit-5"),
    "all-motor": (
        "fibular-extensor-digitorum-brevis", "tibial-abductor-hallucis",
        "median-abductor-pollicis-brevis", "ulnar-abductor-digiti-minimi",
    ),
    "leg": ("sural", "superficial-fibular", "fibular-extensor-digitorum-brevis", "tibial-abductor-hallucis"),
    "leg-motor": ("fibular-extensor-digitorum-brevis", "tibial-abductor-hallucis"),
    "leg-sensory": ("sural", "superficial-fibular"),
    "arm-motor": ("median-abductor-pollicis-brevis", "ulnar-abductor-digiti-minimi"),
    "arm-sensory": ("median-digit-2", "ulnar-digit-5"),
    "arm": (
        "median-abductor-pollicis-brevis", "ulnar-abductor-digiti-minimi", "median-digit-2", "ulnar-digit-5",
    ),
}  # fmt: skip
"""What a statement on a group of studies is taken to speak of: the studies every laboratory does."""
_SEGMENT_POINTS = {
    "across-fibular-head": "popliteal",
    "ankle-to-fibular-head": "fibular-head",
    "ankle-to-popliteal": "popliteal",
    "across-elbow": "above-elbow",
    "wrist-to-elbow": "elbow",
    "wrist-to-below-elbow": "below-elbow",
    "forearm-to-upper-arm": "upper-arm",
}


class _ConductionEncoder:
    """Reads the conduction table of one visit of one person.

    Parameters
    ----------
    age_years : float
        Age, for limits of normal [a].
    height_cm : float
        Height, for the same [cm].
    """

    def __init__(self, age_years: float, height_cm: float) -> None:
        self.age_years = age_years
        self.height_cm = height_cm

    def conduction(self, table: NerveConduction) -> Iterator[_Observation]:
        """Yield the conduction studies of one visit."""
        distal = {
            (study, side): float(row.amplitude_mv)
            for row in table.results
            for study in row.studies
            for side in _each_side(row.side)
            if isinstance(row.amplitude_mv, int | float) and row.amplitude_mv and self._point(row, study) == 0
        }
        for row in table.results:
            for study in self._studies(row):
                for side in _each_side(row.side):
                    yield from self._row(row, study, side, distal.get((study, side)))
        if table.others == "normal":
            yield from self._others(table)

    def _studies(self, row: ConductionResult) -> tuple[str, ...]:
        if row.study in _ROUTINE:
            return _ROUTINE[row.study]
        known = tuple(s for s in row.studies if s not in _A.terms.studies_alike)
        # A row that names the nerve alone speaks of one recording: the usual one comes first.
        return known[:1] if row.study is None else known

    def _others(self, table: NerveConduction) -> Iterator[_Observation]:
        """Yield normal results of the routine leg studies that no row speaks of, on the sides examined."""
        spoken = {
            (s, side) for row in table.results for s in self._studies(row) for side in _each_side(row.side)
        }
        sides = {side for _, side in spoken if side != "unstated"} or {"left", "right"}
        nerves = {s.split("-")[0] for s, _ in spoken if s in _A.motor_study_ids}
        for side in sorted(sides):
            for study in _ROUTINE["leg"]:
                same_nerve = study in _A.motor_study_ids and study.split("-")[0] in nerves
                if (study, side) not in spoken and not same_nerve:
                    yield self._amplitude(study, 0, side, "normal", "normal (others)")

    def _point(self, row: ConductionResult, study: str) -> int | None:
        """Return the index of the stimulation point of a row, None where the model has no such point."""
        word = row.stimulate or _SEGMENT_POINTS.get(row.segment or "")
        if study not in _A.motor_study_ids or word is None:
            return 0
        names = _A.point_names[_A.motor_study_ids.index(study)]
        return names.index(word) if word in names else None

    def _row(
        self, row: ConductionResult, study: str, side: str, distal: float | None
    ) -> Iterator[_Observation]:
        if study in _A.motor_study_ids:
            yield from self._motor(row, study, side, distal)
        elif study in _A.sensory_study_ids:
            yield from self._sensory(row, study, side)
        else:
            yield from self._late(row, study, side)

    def _motor(
        self, row: ConductionResult, study: str, side: str, distal: float | None
    ) -> Iterator[_Observation]:
        point = self._point(row, study)
        if point is None:
            return
        size = row.amplitude_mv if row.amplitude_mv is not None else row.result
        if isinstance(size, int | float) and point > 0 and distal is not None:
            # Two numbers of one nerve share its own amplitude: the fall between them is what speaks.
            drop = math.log(max(size, 0.05) / distal)
            yield self._value("cmap_drop", f"{study}@{point}", side, "amplitude drop", drop, f"{size:g} mV")
        elif size is not None and size != "not-done":
            said = f"{size:g} mV" if isinstance(size, int | float) else size
            yield self._amplitude(study, point, side, size, said)
        at = point or 1
        if row.amplitude_drop_percent is not None and at < _points(study):
            drop = math.log(max(1.0 - row.amplitude_drop_percent / 100.0, 0.01))
            said = f"{row.amplitude_drop_percent:g} %"
            yield self._value("cmap_drop", f"{study}@{at}", side, "amplitude drop", drop, said)
        elif row.conduction_block is not None:
            interval = FINDINGS["cmap_drop"].words["present" if row.conduction_block else "absent"]
            items = tuple(f"{study}@{i}" for i in range(1, _points(study)))
            if items:
                label = self._label("conduction block", study, side)
                said = "yes" if row.conduction_block else "no"
                yield _Observation(
                    label, "nerve conduction", said, _sided("cmap_drop", side, items), *interval
                )
        latency = row.distal_latency_ms
        if latency is None and point == 0:
            latency = row.latency_ms
        for found in self._time("motor_latency", study, study, side, latency, "ms"):
            yield _of_any_distance(found, study) if isinstance(latency, int | float) else found
        segment = f"{study}@{min(point or 1, _points(study) - 1)}"
        yield from self._time("motor_velocity", segment, study, side, row.velocity_m_s, "m/s")

    def _sensory(self, row: ConductionResult, study: str, side: str) -> Iterator[_Observation]:
        size = row.amplitude_uv if row.amplitude_uv is not None else row.result
        if size is not None and size != "not-done":
            said = f"{size:g} uV" if isinstance(size, int | float) else size
            yield self._amplitude(study, 0, side, size, said)
        latency = row.distal_latency_ms if row.distal_latency_ms is not None else row.latency_ms
        if not isinstance(row.velocity_m_s, int | float) or isinstance(latency, str):
            yield from self._time("sensory_latency", study, study, side, latency, "ms")
        # A velocity over one stretch is its distance over the latency: two numbers, one measurement.
        yield from self._time("sensory_velocity", study, study, side, row.velocity_m_s, "m/s")

    def _late(self, row: ConductionResult, study: str, side: str) -> Iterator[_Observation]:
        letter = "f" if study.endswith("f-wave") else "h"
        item = _A.late_item(study)
        latency = row.f_latency_ms if letter == "f" else row.h_latency_ms
        word = (row.f_result if letter == "f" else row.h_result) or row.result
        if isinstance(latency, str):
            latency, word = None, latency
        yield from self._time(f"{letter}_latency", item, study, side, latency, "ms")
        response = _sided(f"{letter}_response", side, item)
        label = self._label("response", study, side)
        if word in ("absent",):
            yield _Observation(label, "nerve conduction", "absent", response, *NO)
        elif latency is not None or word in ("normal", "prolonged", "borderline", "reduced"):
            yield _Observation(label, "nerve conduction", "obtained", response, *YES)
        if word in ("normal", "prolonged"):
            yield from self._time(f"{letter}_latency", item, study, side, word, "ms")

    def _label(self, what: str, study: str, side: str) -> str:
        return f"{_with_side(side, study)}, {what}"

    def _amplitude(self, study: str, point: int, side: str, size: float | str, said: str) -> _Observation:
        motor = study in _A.motor_study_ids
        field, item = ("cmap", f"{study}@{point}") if motor else ("snap", study)
        _, sd = mean_and_spread(study, "amplitude", self.age_years, self.height_cm)
        smallest, absent = smallest_response_ln(study), absent_in_health(study)
        lower = max(limit_ln(study, "amplitude", self.age_years, self.height_cm), smallest)
        label = self._label("amplitude" if motor else "SNAP amplitude", study, side)
        kind, where = "nerve conduction", _sided(field, side, item)
        if isinstance(size, int | float):
            value = math.log(max(size, 1e-3))
            if value <= smallest:
                return _Observation(label, kind, said, where, -INF, smallest, absent_in_health=absent)
            return _Observation(label, kind, said, where, value, value)
        interval: Interval = {
            "normal": (lower, INF),
            "reduced": (smallest, lower + 0.35 * sd),
            "borderline": (lower - 0.4 * sd, lower + 0.6 * sd),
            "absent": (-INF, smallest),
            "abnormal": (-INF, lower),
        }.get(size, (-INF, INF))
        health = absent if size in ("absent", "abnormal") else 0.0
        return _Observation(label, kind, said, where, *interval, absent_in_health=health)

    def _value(self, field: str, item: str, side: str, what: str, value: float, said: str) -> _Observation:
        label = self._label(what, item.split("@")[0], side)
        return _Observation(label, "nerve conduction", said, _sided(field, side, item), value, value)

    def _time(
        self, field: str, item: str, study: str, side: str, value: float | str | None, unit: str
    ) -> Iterator[_Observation]:
        """Yield a latency or velocity; words are read against the healthy limits at this height."""
        what = field.replace("_", " ").removeprefix("motor ").removeprefix("sensory ")
        label, where = self._label(what, study, side), _sided(field, side, item)
        if isinstance(value, int | float):
            log = math.log(value)
            yield _Observation(label, "nerve conduction", f"{value:g} {unit}", where, log, log)
        elif value in ("normal", "prolonged", "reduced", "borderline"):
            named, measure, point = study_measure(Address(field, None, item))
            limit = limit_ln(named, measure, self.age_years, self.height_cm, point)
            slow = (limit, INF) if unit == "ms" else (-INF, limit)
            fine = (-INF, limit) if unit == "ms" else (limit, INF)
            interval = {"normal": fine, "borderline": (limit - 0.05, limit + 0.05)}.get(value, slow)
            yield _Observation(label, "nerve conduction", value, where, *interval)


def _of_any_distance(found: _Observation, study: str) -> _Observation:
    """Return a latency as all that it may be at the usual distance, where studies differ in theirs."""
    p = part("recordings/conduction")
    farther, nearer = p.table("latency_from_farther_ms"), p.table("latency_from_nearer_ms")
    if study not in farther:
        return found
    latency_ms = math.exp(found.low)
    shortest = max(latency_ms - farther[study], _LEAST_OF_LATENCY * latency_ms)
    return replace(found, low=math.log(shortest), high=math.log(latency_ms + nearer[study]))


_LEAST_OF_LATENCY = 0.3
"""Share of a latency that no shorter distance takes away [-]."""


def _points(study: str) -> int:
    """Return how many points of stimulation a motor study has."""
    return int(_A.point_valid[_A.motor_study_ids.index(study)].sum())


def _encode_needle(found: Needle) -> Iterator[_Observation]:
    """Yield the needle examination of one visit."""
    for row in found.results:
        for side in _each_side(row.side):
            yield from _needle_row(row, side)
    if found.others == "normal":
        spoken = {(m, side) for row in found.results for m in row.muscles for side in _each_side(row.side)}
        sides = {side for _, side in spoken if side != "unstated"} or {"left", "right"}
        every = [(muscle, side) for side in sorted(sides) for muscle in _A.groups["screen"]]
        rest = [pair for pair in every if pair not in spoken]
        for kind in _NEEDLE:
            field, normal = kind.name, kind.others_normal
            if not normal:
                continue
            where = tuple(address for muscle, side in rest for address in _sided(field, side, muscle))
            if where:
                yield _Observation(
                    f"{field}, all others", "needle", "normal", where, *kind.words[normal], every=True
                )


def _needle_row(row: NeedleResult, side: str) -> Iterator[_Observation]:
    # Muscles left unspecified are some of those that every laboratory needles.
    members = row.muscles or _A.groups["screen"]
    normal = "normal" in (row.impression, row.recruitment)
    name = _with_side(side, row.muscle or row.group or "")

    def say(field: str, word: str, interval: Interval) -> Iterator[_Observation]:
        label = f"{field.replace('_', ' ')}, {name}"
        where = _sided(field, side, members)
        yield _Observation(label, "needle", word, where, *interval, every=normal and len(members) > 1)

    # Of several signs of one thing, such as fibrillations and positive waves, the greater counts.
    for kind in _NEEDLE:
        if (number := _number_of(kind, row)) is not None:
            value, unit = number
            interval = _of_health(kind.name, members, value / _IN_UNIT_OF_LIMITS[unit])
            yield from say(kind.name, f"{value:g} {unit}", interval)
            continue
        found = [word for key in kind.read_from if (word := str(getattr(row, key))) in kind.words]
        if found:
            most = max(found, key=lambda word, of=kind: of.words[word])  # type: ignore[misc]
            yield from say(kind.name, most, kind.words[most])
            continue
        for key, words in kind.or_else.items():
            if (word := getattr(row, key)) in words:
                yield from say(kind.name, f"{key} {word}", kind.interval(words[word]))
    yield from _impression(row, say)


_IN_UNIT_OF_LIMITS = {"mV": 1e-3, "ms": 1.0}
"""What one unit of a limit of motor unit potentials (µV, ms) is in the unit of a record."""


def _number_of(kind: FindingKind, row: NeedleResult) -> tuple[float, str] | None:
    """Return a measured mean of motor units and its unit, None where the row gives none."""
    for key, spec in kind.record.items():
        if "number" in spec and getattr(row, key) is not None:
            return float(getattr(row, key)), str(spec["number"][0])
    return None


def _of_health(field: str, muscles: Sequence[str], value: float) -> Interval:
    """Return the log of a mean of motor units over that in health, as far apart as laboratories and healthy
    people are.
    """
    ratios, spreads = [], []
    for muscle in muscles:
        ends = [limit.value for limit in limits_of_muscle(muscle, field.replace("_", "-"))]
        middle, sd = 0.5 * sum(ends), 0.25 * (ends[-1] - ends[0])
        ratios.append(math.log(max(value, 1e-3) / middle))
        spreads.append(sd / middle)
    at, apart = sum(ratios) / len(ratios), sum(spreads) / len(spreads)
    return at - apart, at + apart


def _impression(row: NeedleResult, say: Say) -> Iterator[_Observation]:
    for kind in _NEEDLE:
        word = str(getattr(row, kind.name)) if kind.tells or kind.tells_unless_recorded else ""
        for field, like in kind.tells_unless_recorded.get(word, {}).items():
            if getattr(row, FINDINGS[field].read_from[0]) is None:
                yield from say(field, word, FINDINGS[field].interval(like))
        for field, like in kind.tells.get(word, {}).items():
            yield from say(field, word, FINDINGS[field].interval(like))
