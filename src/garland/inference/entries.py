"""One wrong entry of a record: named, and what would make it fit.

The likelihood holds that a small share of findings is a slip. How probable it is that this very finding is
one follows from the patients at hand. What kind of slip is asked of the patients that know all other
findings: on the other side, of another nerve or muscle, with the decimal point elsewhere, in another unit,
would it be what they show?
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from garland.evidence import part
from garland.inference.altered import Floats, _log_mean, log_probability, mirrored, shifted, side_of
from garland.inference.doubted import _EntryDoubt
from garland.inference.observations import SIDES, Observation, contamination_rate
from garland.inference.review import _View

_AMPLITUDES = ("cmap", "snap")
_MOST_NAMED = 6
_MOST_SURE = 0.99
"""The highest probability that is put into words: nothing about a record is certain [-]."""
_MOST_NEIGHBOURS = 8


class _Slip(NamedTuple):
    """One way in which an entry may be wrong: in words, the finding that was meant, and how common it is."""

    words: str
    meant: Observation
    share: float


def _slip_probability(seen: _View, visit: int, odd: Floats) -> Floats:
    """Return how probable it is that each finding of a visit is a slip, shape (O,) [0..1]."""
    log_slip, written = np.log(contamination_rate() * odd)[None, :], seen.by_observation[visit][:, : len(odd)]
    return np.asarray(seen.weights @ np.exp(np.minimum(log_slip - written, 0.0)))


def _slips_of(observation: Observation, beside: Sequence[Observation]) -> Iterator[_Slip]:
    """Yield the ways in which an entry may be wrong."""
    p = part("inference/suspicion")
    side = side_of(observation)
    if side is not None:
        words = f"on the {SIDES[1 - side]}"
        yield _Slip(words, mirrored(observation), p.value("slip_of_side"))
    if len(observation.where) == 1:
        yield from _of_other_rows(observation, beside, p.value("slip_of_row"))
    number = _written(observation)
    if number is not None:
        for factor in (10.0, 0.1):
            yield _as_number(observation, number, factor, "decimal point", p.value("slip_of_decimal"))
        for factor in (1000.0, 0.001):
            yield _as_number(observation, number, factor, "another unit", p.value("slip_of_unit"))


def _of_other_rows(observation: Observation, beside: Sequence[Observation], share: float) -> Iterator[_Slip]:
    """Yield the entry as one of another nerve or muscle of its table, of the same kind and side."""
    mine = observation.where[0]
    rows = dict.fromkeys(
        o.where[0] for o in beside if len(o.where) == 1 and o.where[0][:2] == mine[:2] and o.where[0] != mine
    )
    others = list(rows)[:_MOST_NEIGHBOURS]
    for address in others:
        name = address.item.split("@")[0].replace("-", " ")
        yield _Slip(f"as a finding of {name}", replace(observation, where=(address,)), share / len(others))


def _written(observation: Observation) -> float | None:
    """Return the number that was written, None where it was a word; a response too small counts too."""
    head, _, unit = observation.text.partition(" ")
    try:
        number = float(head)
    except ValueError:
        return None
    amplitude = observation.where[0].field in _AMPLITUDES
    known = observation.measured or (amplitude and number > 0.0)
    return number if known and unit != "%" else None


def _as_number(observation: Observation, number: float, factor: float, why: str, share: float) -> _Slip:
    meant = f"{number * factor:.3g} {observation.text.partition(' ')[2]}"
    if observation.measured:
        moved = shifted(observation, math.log(factor))
    else:
        value = math.log(number * factor)
        moved = replace(observation, low=value, high=value, absent_in_health=0.0)
    return _Slip(f"as {meant} ({why})", moved, share)


def _remedy(seen: _View, visit: int, observations: Sequence[Observation], index: int) -> str:
    """Return in words what would make an entry fit, empty if nothing would."""
    slips = list(_slips_of(observations[index], [o for i, o in enumerate(observations) if i != index]))
    if not slips:
        return ""
    p = part("inference/suspicion")
    # Patients that know every finding but this one.
    log_w = np.log(np.maximum(seen.weights, 1e-300)) - seen.by_observation[visit][:, index]
    weights = np.exp(log_w - log_w.max())
    fits = _log_mean(
        log_probability(seen.expected[visit], [slip.meant for slip in slips]), weights / weights.sum()
    )
    # The share that is left to slips of no such kind spreads over the scale like any odd finding.
    anything = max(1.0 - sum(slip.share for slip in slips), 0.05) * p.value("slip_of_any_kind")
    score = np.array([slip.share for slip in slips]) * np.exp(fits)
    best = int(np.argmax(score))
    enough = score[best] > p.value("remedy_worth_naming") * (score.sum() + anything)
    return f"it would fit {slips[best].words}" if enough else ""


def _entry_doubts(
    seen: _View, visits: Sequence[tuple[Observation, ...]], odd: Sequence[Floats]
) -> tuple[_EntryDoubt, ...]:
    """Return the entries that are probably wrong, the most doubtful first."""
    sure = part("inference/suspicion").value("worth_naming")
    rows = []
    for visit, observations in enumerate(visits):
        slipped = _slip_probability(seen, visit, np.asarray(odd[visit][: len(observations)], np.float64))
        rows += [(float(slipped[i]), visit, int(i)) for i in np.flatnonzero(slipped > sure)]
    rows.sort(key=lambda row: -row[0])
    return tuple(_doubt(seen, visits[visit], visit, i, p) for p, visit, i in rows[:_MOST_NAMED])


def _doubt(
    seen: _View, observations: Sequence[Observation], visit: int, index: int, probability: float
) -> _EntryDoubt:
    one = observations[index]
    better = _remedy(seen, visit, observations, index)
    message = f"{one.label}: {one.text} does not go with the other findings"
    message += f" (wrong: {min(probability, _MOST_SURE):.2f})"
    message += f"; {better}." if better else "."
    return _EntryDoubt(one.label, one.kind, one.text, visit, probability, better, message)
