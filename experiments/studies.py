"""Nerve conduction, needle EMG, laboratory and imaging of a virtual patient, as a clinic writes them.

The protocol follows the examination on record: the weaker side in full, the other for comparison; nerves and
muscles of the thigh where the thigh is weak, else those below the knee.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from experiments.bedside import SIDES
from experiments.examiner import LENGTH, RECRUITMENT, SIZE, SPONTANEOUS, Chart
from garland.anatomy.tree import load
from garland.evidence import part
from garland.model.findings import Address
from garland.reference_values import (
    absent_in_health,
    laboratory_limit_ln,
    mean_and_spread,
    smallest_response_ln,
)

_A = load()
_MOTOR_MV, _SENSORY_UV = (1e-3, 60.0), (1e-3, 300.0)
_LATENCY_MS, _VELOCITY_M_S, _F_MS, _H_MS = (0.3, 40.0), (1.0, 100.0), (10.0, 200.0), (10.0, 100.0)
_LARGEST_CHANGE = 3.95
"""Rise or fall of a proximal amplitude that can be written [ln]."""
_EDB, _HALLUCIS, _VASTUS = (
    "fibular-extensor-digitorum-brevis", "tibial-abductor-hallucis", "femoral-vastus-medialis",
)  # fmt: skip
_THIGH = ("hip-flexion", "knee-extension", "hip-adduction")
_SCREEN = ("vastus-lateralis", "tibialis-anterior", "medial-gastrocnemius", "gluteus-medius")
_MORE = {
    True: ("iliopsoas", "rectus-femoris", "adductor-longus", "vastus-medialis"),
    False: ("fibularis-longus", "tibialis-posterior", "biceps-femoris-short", "extensor-hallucis-longus"),
}
_PARASPINALS = {True: ("paraspinal-l3", "paraspinal-l4"), False: ("paraspinal-l5", "paraspinal-s1")}
_LABORATORY = {
    "csf_protein": ("csf_protein_mg_dl", (0.3, 5000.0)), "esr": ("esr_mm_h", (0.3, 200.0)),
    "crp": ("crp_mg_l", (0.3, 1000.0)), "ck": ("ck_u_l", (0.3, 1e6)),
}  # fmt: skip
_IMAGED = (
    "disc-herniation", "root-compression", "root-enhancement", "plexus-enhancement", "nerve-enhancement",
    "psoas-enhancement", "mass", "haematoma", "stenosis", "muscle-oedema", "muscle-infarction",
)  # fmt: skip


class Recorder:
    """The laboratory's protocol for one patient, chosen from the examination on record.

    Parameters
    ----------
    chart : Chart
        The patient.
    age_years, height_cm : float
        For healthy values [a] and [cm].
    examined : mapping
        The examination as recorded; empty where none is.
    """

    def __init__(self, chart: Chart, age_years: float, height_cm: float, examined: Mapping[str, Any]) -> None:
        self.chart, self.age_years, self.height_cm = chart, age_years, height_cm
        grades = [examined.get("strength", {}).get(side, {}) for side in SIDES]
        weak = [sum(grade != 5 for grade in one.values()) for one in grades]
        self.side = int(weak[1] > weak[0])
        """The weaker side on record, the left one where they are alike."""
        self.thigh = any(one.get(move, 5) != 5 for one in grades for move in _THIGH)
        self.arms = any("finger-abduction" in one for one in grades)

    def conduction(self, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Return the rows of the conduction table."""
        done = part("trust/clinic").table("recordings_done")
        sides = (self.side, *((1 - self.side,) if rng.random() < done["other_side"] else ()))
        optional = rng.random(4) < done["optional_study"]
        late = rng.random(2)
        rows: list[dict[str, Any]] = []
        for side in sides:
            for study in ("sural", "superficial-fibular"):
                rows += self._sensory(study, side)
            rows += self._motor(_EDB, "fibular-head", side)
            if self.thigh:
                rows += self._motor(_VASTUS, None, side)
            for study, wanted in zip(("saphenous", "lateral-femoral-cutaneous"), optional, strict=False):
                rows += self._sensory(study, side) if wanted and self.thigh else []
            rows += self._late("soleus-h-reflex", side) if late[1] < done["h_reflex"] else []
        rows += self._motor(_HALLUCIS, "popliteal", self.side)
        rows += self._late("tibial-f-wave", self.side) if late[0] < done["f_wave"] else []
        if optional[2] and not self.thigh:
            rows += self._motor("fibular-tibialis-anterior", "popliteal", self.side)
        if self.arms:
            rows += self._sensory("median-digit-2", self.side)
            rows += self._motor("median-abductor-pollicis-brevis", "elbow", self.side)
            rows += self._late("median-f-wave", self.side)
        return rows

    def _number(self, field: str, item: str, side: int, healthy: float, most: tuple[float, float]) -> float:
        value = self.chart.number(Address(field, side, item), healthy, most)
        assert value is not None
        return value

    def _amplitude(self, field: str, item: str, side: int, most: tuple[float, float]) -> float | None:
        study = item.split("@")[0]
        mean = self._usual(study, "amplitude")
        lack = absent_in_health(study)
        return self.chart.number(Address(field, side, item), mean, most, smallest_response_ln(study), lack)

    def _usual(self, study: str, measure: str) -> float:
        """Return the mean of healthy people of this age and height, a time or speed in its unit."""
        return mean_and_spread(study, measure, self.age_years, self.height_cm)[0]

    def _sensory(self, study: str, side: int) -> Iterator[dict[str, Any]]:
        row: dict[str, Any] = {"study": study, "side": SIDES[side]}
        size = self._amplitude("snap", study, side, _SENSORY_UV)
        if size is None:
            yield row | {"amplitude_uv": "absent"}
            return
        usual = math.log(self._usual(study, "velocity"))
        speed = self._number("sensory_velocity", study, side, usual, _VELOCITY_M_S)
        yield row | {"amplitude_uv": size, "velocity_m_s": speed}

    def _motor(self, study: str, proximal: str | None, side: int) -> Iterator[dict[str, Any]]:
        """Yield the distal row, and one of a proximal point: two would share the error of the distal one."""
        points = _A.point_names[_A.motor_study_ids.index(study)]
        row: dict[str, Any] = {"study": study, "side": SIDES[side]}
        size = self._amplitude("cmap", f"{study}@0", side, _MOTOR_MV)
        if size is None:
            yield row | {"stimulate": points[0], "amplitude_mv": "absent"}
            return
        latency = self._number(
            "motor_latency", study, side, math.log(self._usual(study, "latency")), _LATENCY_MS
        )
        yield row | {"stimulate": points[0], "amplitude_mv": size, "distal_latency_ms": latency}
        if proximal is None:
            return
        item = f"{study}@{points.index(proximal)}"
        most = (math.exp(-_LARGEST_CHANGE), math.exp(_LARGEST_CHANGE))
        fall = self._number("cmap_drop", item, side, 0.0, most)
        speed = self._number(
            "motor_velocity", item, side, math.log(self._usual(study, "velocity")), _VELOCITY_M_S
        )
        at = row | {"stimulate": proximal, "velocity_m_s": speed}
        yield at | {"amplitude_mv": float(f"{min(size * fall, _MOTOR_MV[1]):.3g}")}

    def _late(self, study: str, side: int) -> Iterator[dict[str, Any]]:
        letter = "f" if study.endswith("f-wave") else "h"
        item = _A.late_item(study)
        row: dict[str, Any] = {"study": study, "side": SIDES[side]}
        if not self.chart.yes(f"{letter}_response", side, item):
            yield row | {f"{letter}_result": "absent"}
            return
        name, mean = f"{letter}_latency_ms", self._usual(study, f"{letter}-latency")
        most = _F_MS if letter == "f" else _H_MS
        yield row | {name: self._number(f"{letter}_latency", item, side, math.log(mean), most)}

    def needle(self, rng: np.random.Generator) -> list[dict[str, Any]]:
        """Return the rows of the needle table: the weaker side, and two muscles of the other."""
        done = part("trust/clinic").table("recordings_done")
        first, second = _MORE[self.thigh], _MORE[not self.thigh]
        more = [*first[:2], *(m for m in (*first[2:], *second) if rng.random() < done["optional_muscle"])]
        here = [(muscle, self.side) for muscle in (*_SCREEN, *more)]
        other = [(muscle, 1 - self.side) for muscle in _SCREEN[:2]]
        rows = [self._muscle(*where, rng.random() < done["unit_shape"]) for where in (*here, *other)]
        backs = (*_PARASPINALS[self.thigh], _PARASPINALS[not self.thigh][0])
        return rows + [
            {"muscle": back, "side": SIDES[self.side],
             "fibrillations": self.chart.word(SPONTANEOUS, "fibrillation", self.side, back)}
            for back in backs
        ]  # fmt: skip

    def _muscle(self, muscle: str, side: int, shape: bool) -> dict[str, Any]:
        chart = self.chart
        row: dict[str, Any] = {
            "muscle": muscle,
            "side": SIDES[side],
            "fibrillations": chart.word(SPONTANEOUS, "fibrillation", side, muscle),
            "recruitment": chart.word(RECRUITMENT, "recruitment", side, muscle),
        }
        if shape and row["recruitment"] != "none":
            row["amplitude"] = chart.word(SIZE, "muap_amplitude", side, muscle)
            row["duration"] = chart.word(LENGTH, "muap_duration", side, muscle)
            row["polyphasia"] = "increased" if chart.yes("polyphasia", side, muscle) else "normal"
        return row


def laboratory(chart: Chart, rng: np.random.Generator) -> dict[str, Any]:
    """Return laboratory and imaging as a visit keeps them."""
    done = part("trust/clinic").table("laboratory_done")
    luck = {name: rng.random() for name in done}
    base = part("causes/baseline")
    healthy = base.table("laboratory_healthy")
    values: dict[str, Any] = {
        field: chart.number(Address("laboratory", None, name), healthy[name], most)
        for name, (field, most) in _LABORATORY.items()
        if luck[name] < done[name]
    }
    if luck["csf_cells"] < done["csf_cells"]:
        limit = laboratory_limit_ln("csf_cells")
        words = (("normal", limit), ("raised", math.inf))
        values["csf_cells_per_ul"] = chart.word(words, "laboratory", None, "csf_cells")
    found: dict[str, Any] = {"laboratory": values} if values else {}
    if luck["mri"] < done["mri"]:
        seen = {name: chart.yes("imaging", None, name.replace("-", "_")) for name in _IMAGED}
        found["imaging"] = [
            {
                "modality": "mri",
                "region": "lumbosacral-plexus",
                "findings": [name for name, there in seen.items() if there],
                "not_seen": [name for name, there in seen.items() if not there],
            }
        ]
    return found
