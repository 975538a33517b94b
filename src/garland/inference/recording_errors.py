"""Entries that all others contradict, and parts written with their sides exchanged.

The likelihood holds that a small share of findings is a slip. How probable it is that this very finding is
one follows from the patients at hand. What kind of slip is asked of the patients that know all other
findings: on the other side, of another nerve or muscle, with the decimal point elsewhere, in another unit,
would it be what they show?

A block is what one visit says in one modality. How much more probable would the whole record be, had the
block been written with its sides exchanged? The patients that explain the record as written tell: the mean
over them of the likelihood of the exchanged record against the written one is the ratio of the two evidences.
Which side a block makes the worse one, counted against healthy people, then puts the doubt into words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from garland._types import Float64s
from garland.evidence import part
from garland.inference.likelihood import _Problem, _seen_in_full
from garland.inference.observations import SIDES, _contamination_rate, _Observation
from garland.inference.predictive import (
    _as_counted,
    _log_mean,
    _log_probability,
    _mirrored,
    _PredictiveSample,
    _shifted,
    _side_of,
)
from garland.inference.record_doubts import _EntryDoubt, _PartInDoubt, _SideDoubt
from garland.model.diseases import index_of
from garland.model.findings import column, noise_sd
from garland.model.latents import normals

_AMPLITUDES = ("cmap", "snap")
_MOST_NAMED = 6
_MOST_SURE = 0.99
"""The highest probability that is put into words: nothing about a record is certain [-]."""
_MOST_NEIGHBOURS = 8


class _Slip(NamedTuple):
    """One way in which an entry may be wrong: in words, the finding that was meant, and how common it is."""

    words: str
    meant: _Observation
    share: float


def _slip_probability(seen: _PredictiveSample, visit: int, odd: Float64s) -> Float64s:
    """Return how probable it is that each finding of a visit is a slip, shape (O,) [0..1].

    Of the entries of a record more are wrong than the likelihood allows for, where a slip saves a cause.
    """
    wrong, allowed = part("inference/suspicion").value("wrong_share"), _contamination_rate()
    written = np.exp(seen.log_probability(visit)[:, : len(odd)])
    right = np.maximum(written - allowed * odd, 0.0) / (1.0 - allowed)
    return np.asarray(seen.weights @ (wrong * odd / ((1.0 - wrong) * right + wrong * odd)))


def _slips_of(observation: _Observation, beside: Sequence[_Observation]) -> Iterator[_Slip]:
    """Yield the ways in which an entry may be wrong."""
    p = part("inference/suspicion")
    side = _side_of(observation)
    if side is not None:
        words = f"on the {SIDES[1 - side]}"
        yield _Slip(words, _mirrored(observation), p.value("slip_of_side"))
    if len(observation.where) == 1:
        yield from _of_other_rows(observation, beside, p.value("slip_of_row"))
    number = _written(observation)
    if number is not None:
        for factor in (10.0, 0.1):
            yield _as_number(observation, number, factor, "decimal point", p.value("slip_of_decimal"))
        for factor in (1000.0, 0.001):
            yield _as_number(observation, number, factor, "another unit", p.value("slip_of_unit"))


def _of_other_rows(
    observation: _Observation, beside: Sequence[_Observation], share: float
) -> Iterator[_Slip]:
    """Yield the entry as one of another nerve or muscle of its table, of the same kind and side."""
    mine = observation.where[0]
    rows = dict.fromkeys(
        o.where[0] for o in beside if len(o.where) == 1 and o.where[0][:2] == mine[:2] and o.where[0] != mine
    )
    others = list(rows)[:_MOST_NEIGHBOURS]
    for address in others:
        name = address.item.split("@")[0].replace("-", " ")
        yield _Slip(f"as a finding of {name}", replace(observation, where=(address,)), share / len(others))


def _written(observation: _Observation) -> float | None:
    """Return the number that was written, None where it was a word; a response too small counts too."""
    head, _, unit = observation.text.partition(" ")
    try:
        number = float(head)
    except ValueError:
        return None
    amplitude = observation.where[0].field in _AMPLITUDES
    known = observation.measured or (amplitude and number > 0.0)
    return number if known and unit != "%" else None


def _as_number(observation: _Observation, number: float, factor: float, why: str, share: float) -> _Slip:
    meant = f"{number * factor:.3g} {observation.text.partition(' ')[2]}"
    if observation.measured:
        moved = _shifted(observation, math.log(factor))
    else:
        value = math.log(number * factor)
        moved = replace(observation, low=value, high=value, absent_in_health=0.0)
    return _Slip(f"as {meant} ({why})", moved, share)


def _remedy(seen: _PredictiveSample, visit: int, observations: Sequence[_Observation], index: int) -> str:
    """Return in words what would make an entry fit, empty if nothing would."""
    slips = list(_slips_of(observations[index], [o for i, o in enumerate(observations) if i != index]))
    if not slips:
        return ""
    p = part("inference/suspicion")
    meant = _log_probability(seen.expected[visit], [slip.meant for slip in slips])
    fits = _log_mean(meant, seen.without(visit, index))
    # The share that is left to slips of no such kind spreads over the scale like any odd finding.
    anything = max(1.0 - sum(slip.share for slip in slips), 0.05) * p.value("slip_of_any_kind")
    score = np.array([slip.share for slip in slips]) * np.exp(fits)
    best = int(np.argmax(score))
    enough = score[best] > p.value("remedy_worth_naming") * (score.sum() + anything)
    return f"it would fit {slips[best].words}" if enough else ""


def _entry_doubts(
    seen: _PredictiveSample, visits: Sequence[tuple[_Observation, ...]], odd: Sequence[Float64s]
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
    seen: _PredictiveSample, observations: Sequence[_Observation], visit: int, index: int, probability: float
) -> _EntryDoubt:
    one = observations[index]
    better = _remedy(seen, visit, observations, index)
    message = f"{one.label}: {one.text} does not go with the other findings"
    message += f" (wrong: {min(probability, _MOST_SURE):.2f})"
    message += f"; {better}." if better else "."
    return _EntryDoubt(one.label, one.kind, one.text, visit, probability, better, message)


Visits = Sequence[tuple[_Observation, ...]]
_MOST_GAIN = 60.0
"""Log ratio beyond which more makes no difference [nat]."""
_NOT_LESS = 0.1
"""Share of the likeliest part's probability below which another part is not named [-]."""
_PEOPLE = 512
"""Healthy people with whom a patient is compared [-]."""


class _Block(NamedTuple):
    """What one visit says in one modality, by index of its findings."""

    visit: int
    kind: str
    members: tuple[int, ...]


def _blocks(visits: Visits) -> tuple[_Block, ...]:
    """Return the blocks of a record that speak of a side."""
    found = []
    for number, observations in enumerate(visits):
        for kind in dict.fromkeys(o.kind for o in observations):
            members = tuple(i for i, o in enumerate(observations) if o.kind == kind)
            if any(_side_of(observations[i]) is not None for i in members):
                found.append(_Block(number, kind, members))
    return tuple(found)


def _healthy_findings(problem: _Problem, seed: int) -> tuple[NDArray[np.float32], ...]:
    """Return what people like the patient, but without the disease, would show, by visit, (N, F)."""
    vectors = normals(np.random.default_rng(seed), _PEOPLE)
    return tuple(_seen_in_full(problem, index_of("none"), vectors)[1])


def _oddness(expected: NDArray[np.float32], observations: Sequence[_Observation]) -> Float64s:
    """Return how odd each finding is among healthy people, 0 on average over them."""
    most = part("inference/suspicion").value("most_from_one_finding")
    share = np.exp(_log_probability(expected, observations)).mean(axis=0)
    usual = np.minimum(share, 1.0 - share)
    average = _odd(usual, most) * usual
    noise = noise_sd()
    for index, observation in enumerate(observations):
        if observation.measured:
            columns = [column(address) for address in observation.where]
            below = ndtr((observation.low - expected[:, columns]) / noise[columns]).mean()
            share[index] = min(below, 1.0 - below)
            average[index] = 1.0 - np.exp(-most)
    return np.asarray(_odd(share, most) - average)


def _odd(share: Float64s, most: float) -> Float64s:
    return np.asarray(np.clip(-np.log(np.maximum(2.0 * share, 1e-9)), 0.0, most))


def _leaning(observations: Sequence[_Observation], odd: Float64s) -> float:
    """Return how much worse a part of a record makes the right side than the left [nat]."""
    sign = {0: -1.0, 1: 1.0, None: 0.0}
    return float(sum(sign[_side_of(o)] * score for o, score in zip(observations, odd, strict=True)))


def _log_ratios(seen: _PredictiveSample, visits: Visits, found: Sequence[_Block]) -> Float64s:
    """Return by what factor the record would be more probable with each block exchanged, from patients.

    The mirror image of a patient is as probable as the patient. To exchange a block is therefore the same as
    to exchange all the rest, and whichever of the two the patients at hand can tell of is taken.

    Natural log, shape (B,) [nat]. Too low where hardly any patient fits the exchanged record.
    """
    mirror = [
        _as_counted(shown, [_mirrored(o) for o in observations])
        for shown, observations in zip(seen.expected, visits, strict=True)
    ]
    gains = []
    for block in found:
        members = list(block.members)
        written = seen.by_observation[block.visit][:, members]
        gains.append((mirror[block.visit][:, members] - written).sum(axis=1))
    own = np.stack(gains, axis=1)
    rest = own.sum(axis=1, keepdims=True) - own
    return np.maximum(_log_mean(own, seen.weights), _log_mean(rest, seen.weights))


def _side_doubt(
    seen: _PredictiveSample, visits: Visits, healthy: Sequence[NDArray[np.float32]]
) -> _SideDoubt | None:
    """Return the doubt that some part of a record has left and right exchanged, None if there is little."""
    found = _blocks(visits)
    if len(found) < 2:
        return None
    p = part("inference/suspicion")
    weight = p.value("exchanged_share") * np.exp(np.minimum(_log_ratios(seen, visits, found), _MOST_GAIN))
    each = weight / (1.0 + weight.sum())
    if each.sum() < p.value("sides_worth_naming"):
        return None
    odds = [_oddness(shown, observations) for shown, observations in zip(healthy, visits, strict=True)]
    says = [
        _side(_leaning([visits[b.visit][i] for i in b.members], odds[b.visit][list(b.members)]))
        for b in found
    ]
    order = [int(i) for i in np.argsort(-each) if each[i] > _NOT_LESS * each.max()]
    parts = tuple(_PartInDoubt(found[i].visit, found[i].kind, says[i], float(each[i])) for i in order)
    return _SideDoubt(float(each.sum()), parts, _message(found, says, order, float(each.sum())))


def _message(found: Sequence[_Block], says: Sequence[str], order: Sequence[int], probability: float) -> str:
    """Return the doubt in words: who says which side, and what may be exchanged."""
    many = len({block.visit for block in found}) > 1

    def name(i: int) -> str:
        return found[i].kind + (f" of visit {found[i].visit + 1}" if many else "")

    phrases = []
    for side in SIDES:
        sources = [name(i) for i in range(len(found)) if says[i] == side]
        if sources:
            phrases.append(f"{_listed(sources)} {'say' if len(sources) > 1 else 'says'} {side}")
    start = "; ".join(phrases) if len(phrases) == len(SIDES) else "The sides of the record do not go together"
    what, sure = _listed([name(i) for i in order], "or"), min(probability, _MOST_SURE)
    return f"{start[0].upper()}{start[1:]}: left and right of {what} may be exchanged ({sure:.2f})."


def _side(lean: float) -> str:
    least = part("inference/suspicion").value("leaning_that_counts")
    return SIDES[int(lean > 0.0)] if abs(lean) >= least else "neither"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
