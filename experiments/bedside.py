"""History and examination of a virtual patient, as a clinic writes them.

Only statements are written whose likelihood is the law by which they were drawn: one finding each, and a
question is left out where its answer could be written one way only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.examiner import REFLEX, SENSATION, STRENGTH, TEMPO, WALKING, Chart
from garland.anatomy.terminology import terms
from garland.evidence import part

SIDES = ("left", "right")
FLAGS = (
    "back_pain", "cancer", "anticoagulant", "radiation", "trauma", "injection", "leg_crossing",
    "autoimmune_disease", "infection_before", "upper_limb_symptoms", "bulbar_symptoms", "sphincter_symptoms",
    "cramps", "childbirth",
)  # fmt: skip
_FIRST = {"pain": "first_pain", "weakness": "first_weakness", "numbness": "first_numbness"}
_REGIONS = (
    "buttock", "groin", "anterior-thigh", "lateral-thigh", "medial-thigh", "posterior-thigh", "knee",
    "leg-medial", "leg-lateral", "calf", "foot-dorsum", "sole",
)  # fmt: skip
_CORE = (
    "hip-flexion", "hip-adduction", "knee-extension", "knee-flexion", "ankle-dorsiflexion",
    "ankle-plantarflexion", "toe-extension",
)  # fmt: skip
_ARM = ("shoulder-abduction", "finger-abduction")
_DERMATOMES = ("l2", "l3", "l4", "l5", "s1")


def history(chart: Chart, rng: np.random.Generator, woman: bool) -> dict[str, Any]:
    """Return the history as a record keeps it."""
    asked = part("trust/clinic").table("history_asked")
    flags = FLAGS if woman else FLAGS[:-1]
    stated: dict[str, Any] = {
        flag: chart.yes("history", None, flag.removesuffix("_symptoms"))
        for flag in flags
        if rng.random() < asked["flag"]
    }
    luck = dict(zip(("tempo", "pain", "first_symptom", "family", "weight"), rng.random(5), strict=True))
    if luck["tempo"] < asked["tempo"]:
        stated["tempo"] = chart.word(TEMPO, "progression", None, "ln-days")
    pain = chart.yes("history", None, "pain") if luck["pain"] < asked["pain"] else None
    # Who denies pain cannot have it as first symptom on record, so is not asked for the first.
    if pain and luck["first_symptom"] < asked["first_symptom"]:
        stated["first_symptom"] = chart.one_of(_FIRST) or "other"
    if luck["weight"] < asked["flag"]:
        stated["weight_loss_kg"] = "present" if chart.yes("history", None, "weight_loss") else "none"
    if luck["family"] < asked["flag"]:
        stated["family_history"] = _family(chart)
    if pain is not None:
        stated["pain"] = {"present": pain} | (_region(chart, rng, "region_pain") if pain else {})
    stated["numbness"] = _region(chart, rng, "region_numbness")
    return {key: value for key, value in stated.items() if value != {}}


def _family(chart: Chart) -> str:
    """Return the family history; who has both is written down with the commoner one."""
    nerve, motor = (
        chart.yes("history", None, f"family_{of}") for of in ("neuropathy", "motor_neuron_disease")
    )
    return "neuropathy" if nerve else "motor-neuron-disease" if motor else "none"


def _region(chart: Chart, rng: np.random.Generator, field: str) -> dict[str, Any]:
    """Return the answer for one region that is asked for on both sides; nothing where it is not asked for."""
    luck, region = rng.random(), _REGIONS[int(rng.integers(len(_REGIONS)))]
    if luck >= part("trust/clinic").table("history_asked")["region"]:
        return {}
    left, right = (chart.yes(field, side, region) for side in (0, 1))
    if not left and not right:
        return {"spared": [region]}
    return {"side": "both" if left and right else "left" if left else "right", "regions": [region]}


def examination(chart: Chart, rng: np.random.Generator, arms: bool) -> dict[str, Any]:
    """Return the examination as a record keeps it, both sides alike."""
    done = part("trust/clinic").table("examination_done")
    legs = tuple(
        move
        for move in terms().movement_groups["leg"]
        if rng.random() < (1.0 if move in _CORE else done["movement"])
    )
    moves = (*legs, *(_ARM if arms else ()))
    reflexes = ("knee", "ankle", *(("adductor",) if rng.random() < done["adductor_reflex"] else ()),
                *(("biceps",) if arms else ()))  # fmt: skip
    found: dict[str, Any] = {
        "strength": _both(chart, STRENGTH, "movement_strength", moves),
        "reflexes": _both(chart, REFLEX, "reflex", reflexes),
        "sensation": {"results": _sensation(chart, rng)},
    }
    for name, field, muscles in (
        ("wasting", "wasting", ("vastus-lateralis", "tibialis-anterior")),
        ("fasciculations", "twitching", ("vastus-lateralis", "medial-gastrocnemius")),
    ):
        if rng.random() < done[field]:
            found[name] = {
                side: {muscle: chart.yes(field, i, muscle) for muscle in muscles}
                for i, side in enumerate(SIDES)
            }
    for name, item in (("straight_leg_raise", "straight-leg-raise"), ("femoral_stretch", "femoral-stretch")):
        if rng.random() < done["stretch"]:
            found[name] = _sign(chart, "stretch", item, ("positive", "negative"))
    if rng.random() < done["plantar"]:
        found["plantar_response"] = _sign(chart, "plantar", "extensor", ("extensor", "flexor"))
    if rng.random() < done["walking"]:
        found["walking"] = chart.word(WALKING, "walking", None, "walking")
    return found


def _both(chart: Chart, words: Any, field: str, items: tuple[str, ...]) -> dict[str, Any]:
    return {side: {item: chart.word(words, field, i, item) for item in items} for i, side in enumerate(SIDES)}


def _sign(chart: Chart, field: str, item: str, said: tuple[str, str]) -> dict[str, str]:
    return {side: said[0] if chart.yes(field, i, item) else said[1] for i, side in enumerate(SIDES)}


def _sensation(chart: Chart, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return feeling by dermatome, tested with a pin or by touch."""
    done = part("trust/clinic").table("examination_done")
    touch = rng.random() < done["touch"]
    field = "dermatome_feeling" if touch else "dermatome_feeling_small"
    tested = [name for name in _DERMATOMES if rng.random() < done["dermatome"]]
    return [
        {
            "side": side,
            "dermatome": name,
            "modality": "touch" if touch else "pin",
            "result": chart.word(SENSATION, field, i, name),
        }
        for name in tested
        for i, side in enumerate(SIDES)
    ]
