"""One wrong finding, or one part with its sides exchanged, planted in virtual studies: what does it overturn?

Every patient is answered three times: as recorded, with one recorded finding made wrong, and with left and
right exchanged in one part of the record. An exchange that changes nothing cannot be found. A study is
therefore called *sided* if somebody who knew the patient's nerves would hold both the exchanged part and the
rest of the record to be at least so much less probable on the other side, and if both by themselves make the
same side the worse one by as much. Shares are told of sided studies and of all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from experiments.virtual_patients import LEVELS, Virtual, case_at, draw
from garland._types import Float64s
from garland.evidence import part
from garland.evidence.findings import NO, YES
from garland.inference.consult import _problem_of, _rounded, remember_compiled_programs
from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.likelihood import _Problem
from garland.inference.observations import INF, _declared_words, _Observation
from garland.inference.posterior import Posterior, _infer
from garland.inference.predictive import _log_probability, _mirrored, _pooled, _shifted, _side_of, _view
from garland.inference.record_checks import _comorbid_polyneuropathy, _diabetic_loss, _Patients, _suspect
from garland.inference.record_doubts import _Suspicion
from garland.inference.recording_errors import (
    Visits,
    _Block,
    _blocks,
    _healthy_findings,
    _leaning,
    _log_ratios,
    _oddness,
)
from garland.model.diseases.prior import prior

_MATTERS, _MOST, _SEEN = 0.01, 8, 1024
_MOVES_BY = (3.0, 10.0)
_RANGE = {
    "cmap": (0.05, 60.0), "snap": (0.3, 300.0), "motor_latency": (0.3, 40.0), "sensory_latency": (0.3, 40.0),
    "motor_velocity": (1.0, 100.0), "sensory_velocity": (1.0, 100.0), "f_latency": (10.0, 200.0),
    "h_latency": (10.0, 100.0), "laboratory": (0.3, 1e6), "cmap_drop": (0.01, 1.0),
}  # fmt: skip
"""What a record takes, by field: a planted number stays within [unit of the field]."""
_ENDS = {
    "movement_strength": (
        _declared_words("movement_strength")["severe-weakness"],
        _declared_words("movement_strength")["normal"],
        4.0,
    ),
    "muscle_strength": (
        _declared_words("movement_strength")["severe-weakness"],
        _declared_words("movement_strength")["normal"],
        4.0,
    ),
    "reflex": (_declared_words("reflex")["absent"], _declared_words("reflex")["normal"], 1.0),
    "fibrillation": (_declared_words("fibrillation")["none"], _declared_words("fibrillation")["3"], 0.6),
    "recruitment": (
        _declared_words("recruitment")["single-unit"],
        _declared_words("recruitment")["normal"],
        -0.8,
    ),
    "muap_amplitude": (
        _declared_words("muap_amplitude")["reduced"],
        _declared_words("muap_amplitude")["raised"],
        0.0,
    ),
    "muap_duration": (
        _declared_words("muap_duration")["short"],
        _declared_words("muap_duration")["prolonged"],
        0.0,
    ),
    "walking": (_declared_words("walking")["wheelchair"], _declared_words("walking")["normal"], 2.0),
    "progression": (_declared_words("progression")["sudden"], _declared_words("progression")["chronic"], 2.5),
}
"""The two ends of a scale of words, and the value between them, by field."""
_FEELING = (_declared_words("region_feeling")["normal"], _declared_words("region_feeling")["absent"], 1.0)


class Answered(NamedTuple):
    """Findings as arrays, the answer, what is doubted, and log ratios of exchanged parts (B,) [nat]."""

    problem: _Problem
    posterior: Posterior
    doubts: _Suspicion
    gain: Float64s


class Clinic:
    """Answers one patient's record in its variants.

    Parameters
    ----------
    reading : EncodedCase
        The record as it is.
    """

    def __init__(self, reading: EncodedCase) -> None:
        self.reading = reading
        self.before = prior(reading.person, "emg-laboratory")

    def answer(self, visits: Visits) -> tuple[_Problem, Posterior]:
        """Return findings as arrays, and the answer."""
        problem, _ = _problem_of(replace(self.reading, visits=tuple(visits)))
        return problem, _infer(problem, self.before, 0, _rounded(None))

    def doubts(self, visits: Visits) -> Answered:
        """Return the answer to a record and what is doubted of it."""
        problem, posterior = self.answer(visits)
        order = posterior.order[:_MOST]
        chosen = [c for i, c in enumerate(order) if i < 2 or posterior.probability[c] > _MATTERS]
        views = {c: _view(problem, posterior.clouds[c], _SEEN) for c in chosen if c in posterior.clouds}
        gain = _log_ratios(_pooled(views, posterior.probability), visits, _blocks(visits))
        return Answered(problem, posterior, _suspect(problem, visits, views, posterior.probability), gain)


def _exchanged(visits: Visits, block: _Block) -> list[tuple[_Observation, ...]]:
    """Return the record with the sides of one block exchanged."""
    members = set(block.members)
    return [
        tuple(_mirrored(o) if v == block.visit and i in members else o for i, o in enumerate(observations))
        for v, observations in enumerate(visits)
    ]


def wrong(observation: _Observation, rng: np.random.Generator) -> _Observation:
    """Return a finding made wrong: a word from the other end of its scale, a number 3 to 10 times off.

    Every third finding of one side is put on the other side instead.
    """
    if _side_of(observation) is not None and rng.random() < 1.0 / 3.0:
        return _mirrored(observation)
    field = observation.where[0].field
    if observation.measured:
        return _wrong_number(observation, field, rng)
    if field.endswith(("feeling", "feeling_small")):
        low, high, middle = _FEELING
    elif field in _ENDS:
        low, high, middle = _ENDS[field]
    elif field in _RANGE:
        # A word about a number: the other side of its limit.
        low, high = (-INF, observation.low), (observation.high, INF)
        middle = -INF if math.isfinite(observation.low) else INF
    else:
        low, high, middle = NO, YES, 0.0
    end = low if _centre(observation) > middle else high
    return replace(observation, low=end[0], high=end[1], text="planted", absent_in_health=0.0)


def _centre(observation: _Observation) -> float:
    """Return the middle of a word's interval; an open one reaches a step beyond its limit."""
    low = observation.low if math.isfinite(observation.low) else observation.high - 2.0
    high = observation.high if math.isfinite(observation.high) else observation.low + 2.0
    return 0.5 * (low + high)


def _wrong_number(observation: _Observation, field: str, rng: np.random.Generator) -> _Observation:
    factor = math.log(rng.uniform(*_MOVES_BY)) * (1.0 if rng.random() < 0.5 else -1.0)
    least, most = (math.log(end) for end in _RANGE[field])
    moved = observation.low + factor
    if not least <= moved <= most:
        moved = observation.low - factor
    moved = min(max(moved, least), most)
    return replace(_shifted(observation, moved - observation.low), text="planted")


def with_one_wrong(visits: Visits, rng: np.random.Generator) -> tuple[list[tuple[_Observation, ...]], int]:
    """Return the record with one finding made wrong, drawn from all of one visit's, and its index."""
    changed = [tuple(visit) for visit in visits]
    at = int(rng.integers(len(changed[-1])))
    changed[-1] = tuple(wrong(o, rng) if i == at else o for i, o in enumerate(changed[-1]))
    return changed, at


def shown_sides(problem: _Problem, visits: Visits, block: _Block) -> float:
    """Return how far a part and the rest by themselves make the same side the worse one, negative if not.

    The lesser of the two leanings against healthy people [nat].
    """
    own, every = 0.0, 0.0
    for number, (shown, observations) in enumerate(zip(_healthy_findings(problem, 0), visits, strict=True)):
        odd = _oddness(shown, observations)
        every += _leaning(observations, odd)
        if number == block.visit:
            members = list(block.members)
            own = _leaning([observations[i] for i in members], odd[members])
    rest = every - own
    return min(abs(own), abs(rest)) * (1.0 if own * rest > 0.0 else -1.0)


def sidedness(patient: Virtual, visits: Visits, block: _Block) -> float:
    """Return how plainly the sides of a part and of the rest show to one who knows the patient [nat]."""
    inside, outside = 0.0, 0.0
    for number, observations in enumerate(visits):
        here = _log_probability(patient.expected[None], observations)[0]
        there = _log_probability(patient.expected[None], [_mirrored(o) for o in observations])[0]
        gain = here - there
        own = [i for i in block.members if number == block.visit]
        inside += float(gain[own].sum())
        outside += float(gain.sum() - gain[own].sum())
    return min(inside, outside)


def job(seed: int) -> dict[str, Any]:
    """Return what one virtual patient's full study shows: answers clean and planted, and what is flagged."""
    remember_compiled_programs()
    patient = draw([seed])[0]
    reading = _encode_case(case_at(patient, LEVELS[-1]))
    rng = np.random.default_rng([seed, 7])
    clinic, visits = Clinic(reading), reading.visits
    clean = clinic.doubts(visits)
    one_wrong, at = with_one_wrong(visits, rng)
    planted = one_wrong[-1][at]
    spoilt = clinic.doubts(one_wrong)
    found = _blocks(visits)
    which = int(rng.integers(len(found)))
    across = clinic.doubts(_exchanged(visits, found[which]))
    return {
        "seed": seed,
        "cause": patient.cause,
        "findings": sum(len(visit) for visit in visits),
        **_answer("clean", clean, patient.cause),
        **_answer("wrong", spoilt, patient.cause),
        **_answer("exchanged", across, patient.cause),
        "wrong": planted.label,
        "wrong_field": planted.where[0].field,
        "wrong_overturned": clean.posterior.order[0] != spoilt.posterior.order[0],
        "wrong_named": any(doubt.label == planted.label for doubt in spoilt.doubts.entries),
        "block": found[which].kind,
        "sided": sidedness(patient, visits, found[which]),
        "shown": shown_sides(clean.problem, visits, found[which]),
        "exchanged_named": _names(across.doubts, found[which]),
        **_comorbidity(clean.problem, clean.posterior, patient),
    }


def _answer(name: str, answered: Answered, cause: int) -> dict[str, Any]:
    """Return what an answer says of the true cause, and what is flagged."""
    posterior, doubts = answered.posterior, answered.doubts
    return {
        f"{name}_first": posterior.order[0] == cause,
        f"{name}_p": float(posterior.probability[cause]),
        f"{name}_flagged": doubts.sides is not None,
        f"{name}_gain": [round(float(gain), 2) for gain in answered.gain],
        f"{name}_entries": len(doubts.entries),
    }


def _names(doubts: _Suspicion, block: _Block) -> bool:
    """Tell whether a doubt about sides names the part that was exchanged."""
    parts = doubts.sides.parts if doubts.sides else ()
    return any((one.visit, one.kind) == (block.visit, block.kind) for one in parts)


def _comorbidity(problem: _Problem, posterior: Posterior, patient: Virtual) -> dict[str, Any]:
    """Return whether a polyneuropathy is there besides the true cause, and how probable it was held."""
    cloud = posterior.clouds[patient.cause]
    if posterior.order[0] != patient.cause:
        return {"besides_p": None, "besides": None}
    given = _Patients(patient.cause, cloud.vectors, cloud.weights)
    stated = _comorbid_polyneuropathy(problem, given, patient.seed)
    limit = part("population/polyneuropathy").value("neuropathy_hazard")
    true = _diabetic_loss(patient.person, patient.cause, patient.vector[None], problem.timings[-1])[0]
    return {"besides_p": None if stated is None else stated.probability, "besides": bool(true > limit)}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the shares that the experiment is about."""
    least = part("inference/suspicion").value("sided_from")
    sided = [row for row in rows if min(row["sided"], row["shown"]) >= least]
    known = [row for row in rows if row["sided"] >= least]

    def share(key: str, among: Sequence[dict[str, Any]]) -> float:
        return float(np.mean([bool(row[key]) for row in among])) if among else math.nan

    clean, spoilt = share("clean_first", rows), share("wrong_first", rows)
    return {
        "studies": float(len(rows)),
        "findings_median": float(np.median([row["findings"] for row in rows])) if rows else math.nan,
        "first_clean": clean,
        "first_one_wrong": spoilt,
        "fall_points": 100.0 * (clean - spoilt),
        "overturned": share("wrong_overturned", rows),
        "wrong_named": share("wrong_named", rows),
        "sided_studies": float(len(sided)),
        "flagged_sided": share("exchanged_flagged", sided),
        "named_sided": share("exchanged_named", sided),
        "sided_if_known_studies": float(len(known)),
        "flagged_sided_if_known": share("exchanged_flagged", known),
        "flagged_all": share("exchanged_flagged", rows),
        "first_exchanged": share("exchanged_first", rows),
        "false_alarms_clean": share("clean_flagged", rows),
        "false_alarms_one_wrong": share("wrong_flagged", rows),
        **_polyneuropathy(rows),
    }


def _polyneuropathy(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the mean probability of polyneuropathy besides, how often it was there, and the Brier score."""
    asked = [row for row in rows if row.get("besides_p") is not None]
    p, there = np.array([[row["besides_p"], row["besides"]] for row in asked], float).reshape(-1, 2).T
    stated = (p.mean(), there.mean(), ((p - there) ** 2).mean()) if asked else (math.nan,) * 3
    names = ("besides_expected", "besides_there", "besides_brier")
    return {name: float(value) for name, value in zip(names, stated, strict=True)}
