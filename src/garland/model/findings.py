"""Every finding Garland can expect, in one order: the door between the model and inference.

A finding has an expected value on a continuous scale and a noise; what is recorded is that value, or the
interval of the scale that a grade or a word stands for. Both directions use it: draw the noise and cut the
scale for a virtual patient, or ask how likely the interval is for a real one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.model.diseases.tables import COMPRESSED_ROOTS, HISTORY, IMAGING, LABORATORY
from garland.model.electrodiagnosis.healthy import MOTOR, REFERENCE_AGE_YEARS, SENSORY
from garland.model.electrodiagnosis.late_responses import late_repeat

_A = load()
_POINTS = tuple(f"{study}@{number}" for study in _A.motor_study_ids for number in range(3))

SIDED: dict[str, tuple[str, ...]] = {
    "movement_strength": _A.movements,
    "muscle_strength": _A.muscles,
    "reflex": _A.reflexes,
    "plantar": ("extensor",),
    "nerve_feeling": _A.skin_nerves,
    "nerve_feeling_small": _A.skin_nerves,
    "dermatome_feeling": _A.dermatomes,
    "dermatome_feeling_small": _A.dermatomes,
    "region_feeling": _A.regions,
    "region_pain": _A.regions,
    "region_numbness": _A.regions,
    "wasting": _A.muscles,
    "twitching": _A.muscles,
    "stretch": ("straight-leg-raise", "femoral-stretch"),
    "fibrillation": _A.muscles,
    "fasciculation": _A.muscles,
    "myokymia": _A.muscles,
    "muap_amplitude": _A.muscles,
    "muap_duration": _A.muscles,
    "polyphasia": _A.muscles,
    "early_recruitment": _A.muscles,
    "recruitment": _A.muscles,
    "cmap": _POINTS,
    "cmap_drop": _POINTS,
    "motor_latency": _A.motor_study_ids,
    "motor_velocity": _POINTS,
    "snap": _A.sensory_study_ids,
    "sensory_latency": _A.sensory_study_ids,
    "sensory_velocity": _A.sensory_study_ids,
    "f_latency": _A.f_ids,
    "f_response": _A.f_ids,
    "h_latency": _A.h_ids,
    "h_response": _A.h_ids,
}
"""Fields with a value per side, and the names of their items."""

UNSIDED: dict[str, tuple[str, ...]] = {
    "walking": ("walking",),
    "progression": ("ln-days",),
    "history": HISTORY,
    "laboratory": LABORATORY,
    "imaging": IMAGING,
    "compression": COMPRESSED_ROOTS,
}
"""Fields with one value per patient, and the names of their items."""

_OFFSETS: dict[str, int] = {}
_n = 0
for _field, _items in {**SIDED, **UNSIDED}.items():
    _OFFSETS[_field] = _n
    _n += len(_items) * (2 if _field in SIDED else 1)

N_FINDINGS: int = _n
"""Number of findings in one expected vector [-]."""


class Address(NamedTuple):
    """Where a finding stands: field, side (0 left, 1 right, None without side) and item."""

    field: str
    side: int | None
    item: str


def column(address: Address) -> int:
    """Return the position of a finding in the expected vector."""
    every = {**SIDED, **UNSIDED}
    if address.field not in every:
        raise InputError("field", address.field, "is no kind of finding", did_you_mean(address.field, every))
    items = every[address.field]
    if address.item not in items:
        remedy = did_you_mean(address.item, items)
        raise InputError(address.field, address.item, "is not a finding of the model", remedy)
    index = items.index(address.item)
    if address.field in SIDED:
        index += len(items) * int(address.side or 0)
    return _OFFSETS[address.field] + index


def noise_sd() -> np.ndarray:
    """Return the noise of one observation of every finding, (N_FINDINGS,), on the scale of the finding."""
    table = part("recordings/noise").sd
    p = part("recordings/conduction")
    laboratory = part("causes/baseline").laboratory_sd
    sd = np.zeros(N_FINDINGS, np.float32)
    own = {"cmap": np.repeat(MOTOR.side_sd_ln, 3), "snap": SENSORY.side_sd_ln}
    own |= {"cmap_drop": np.full(len(_POINTS), p.drop_sd_ln), "motor_latency": MOTOR.latency_repeat_ln}
    own |= {"motor_velocity": np.repeat(MOTOR.velocity_repeat_ln, 3)}
    own |= {"sensory_latency": SENSORY.latency_repeat_ln, "sensory_velocity": SENSORY.velocity_repeat_ln}
    own |= {"f_latency": late_repeat("f", _A.f_ids), "h_latency": late_repeat("h", _A.h_ids)}
    for field, items in {**SIDED, **UNSIDED}.items():
        start, size = _OFFSETS[field], len(items) * (2 if field in SIDED else 1)
        if field == "laboratory":
            value: float | list[float] | np.ndarray = [laboratory[name] for name in items]
        elif field in own:
            value = np.tile(own[field], 2)
        else:
            value = table[field]
        sd[start : start + size] = value
    return sd


def session_noise(latents: np.ndarray) -> np.ndarray:
    """Return how the findings of one session depart from the average, same shape, on the scale of each."""
    noise = noise_sd() * latents
    start = _OFFSETS["cmap_drop"]
    points = slice(start, start + 2 * len(_POINTS))
    own = (noise[..., points] / np.sqrt(2.0)).reshape(*noise.shape[:-1], -1, 3)
    noise[..., points] = (own - own[..., :1]).reshape(*noise.shape[:-1], -1)
    return np.asarray(noise)


LOGARITHMIC = (
    "motor_latency",
    "motor_velocity",
    "sensory_latency",
    "sensory_velocity",
    "f_latency",
    "h_latency",
)
"""Fields whose expected value is kept as a natural logarithm, so that noise is relative."""


def healthy_amplitude(field: str, item: str, age_years: float) -> tuple[float, float, float]:
    """Return mean and spread of a healthy log amplitude at this age, and the smallest called a response.

    Mean, standard deviation and detection limit [ln(mV) or ln(uV)].
    """
    if field == "cmap":
        ref, index = MOTOR, _A.motor_study_ids.index(item.split("@")[0])
    else:
        ref, index = SENSORY, _A.sensory_study_ids.index(item)
    mean = ref.amplitude_ln[index] + ref.amplitude_age_slope[index] * (age_years - REFERENCE_AGE_YEARS)
    return float(mean), float(ref.amplitude_sd_ln[index]), float(ref.detectable_ln[index])
