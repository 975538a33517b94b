"""Runs of the NEURON model that the truth tests and the benchmark ask for: plain numbers in and out.

Each function stands on its own, so that a pool of processes can share them out.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from mrg import LAMELLA_S_CM2, LAMELLA_UF_CM2, Fibre, Floats, geometry

TISSUE_S_M = 0.3


def pace_m_s(diameter: float, temperature: float) -> float:
    """Return about what a fibre conducts at, to choose how long to run [m/s]."""
    return max(6.2 * diameter - 8.0, 4.3 * diameter) * 0.54 * (1.0 / 0.54) ** ((temperature - 20.0) / 17.0)


def velocity_m_s(
    diameter: float, temperature: float = 37.0, myelin: float = 1.0, dt_ms: float = 0.001
) -> float:
    """Return the velocity of a fibre with a share of its myelin; 0 where the spike dies."""
    fibre = Fibre(diameter, 31, temperature, myelin)
    way = 30 * fibre.sizes.internode / 1000.0
    stop = 1.35 * way / pace_m_s(diameter, temperature) / max(myelin**0.6, 0.1) + 0.4
    run = fibre.run(stop, dt_ms, every=2, stimulus_na=4.0 if myelin == 1.0 else 30.0, keep=slice(0, 1))
    speed = fibre.velocity_m_s(run, 0.4, 0.8)
    return 0.0 if np.isnan(speed) else speed


def focal_delay_ms(diameter: float, temperature: float, myelin: float, count: int) -> float:
    """Return what `count` thin internodes add to a fibre's conduction; infinite if it is blocked."""
    nodes, first = 26 + count, 11
    arrivals = []
    for share in (1.0, myelin):
        kept = np.ones(nodes - 1)
        kept[first : first + count] = share
        fibre = Fibre(diameter, nodes, temperature, kept)
        whole = nodes * fibre.sizes.internode / 1000.0 / pace_m_s(diameter, temperature)
        run = fibre.run(1.3 * whole + 3.5 + 0.3 * count, every=2, keep=slice(0, 1))
        arrivals.append(run.spikes_ms[first + count + 9] - run.spikes_ms[first - 5])
    return float("inf") if np.isnan(arrivals[1]) else float(arrivals[1] - arrivals[0])


def potentials(
    diameter: float,
    celsius: float,
    length_mm: float,
    places: tuple[tuple[float, float], ...],
    extra_ms: float,
    myelin: float = 1.0,
) -> dict[str, object]:
    """Return the potential of one fibre at places (along, across) [mm], every compartment a point source.

    Times count from when the spike would have passed the first node at the speed it has by the first place.
    """
    internode = geometry(diameter).internode / 1000.0
    nodes = int(length_mm / internode) + 1
    fibre = Fibre(diameter, nodes, celsius, myelin)
    lead = np.array([point_source_uv_na(fibre.places_mm - along, across) for along, across in places])
    stop = length_mm / pace_m_s(diameter, celsius) / max(myelin**0.6, 0.1) * 1.05 + extra_ms
    stimulus = 4.0 if myelin == 1.0 else 30.0
    run = fibre.run(stop, stimulus_na=stimulus, lead_uv_na=lead, keep=slice(0, 1))
    speed = fibre.velocity_m_s(run)
    at = round(places[0][0] / internode)
    return {
        "times_ms": run.times_ms - (run.spikes_ms[at] - at * internode / speed),
        "uv": run.potential_uv.T,
        "velocity": speed,
        "length_mm": (nodes - 1) * internode,
    }


def point_source_uv_na(along_mm: Floats, across_mm: float) -> Floats:
    """Return the potential of a point source in a homogeneous medium [uV/nA]."""
    return 1.0 / (4.0 * np.pi * TISSUE_S_M * np.hypot(along_mm, across_mm))


def outward_na(diameter: float, temperature: float) -> tuple[Floats, Floats]:
    """Return the current leaving a fibre from each compartment, (n, C), and from its nodes alone, (n,) [nA].

    Taken from the potential behind the myelin and the myelin's own conductance and capacity, not from a
    balance of axial currents; after the stimulus.
    """
    dt = 0.001
    fibre = Fibre(diameter, 41, temperature)
    behind = fibre.record_behind_myelin(1.1, dt)
    rate = np.diff(behind, axis=0, prepend=0.0) / dt
    lamellae = 2.0 * fibre.sizes.lamellae
    areas = np.array([segment.area() for segment in fibre.segments]) * 1e-8
    out = (LAMELLA_S_CM2 * behind + LAMELLA_UF_CM2 * 1e-3 * rate) / lamellae
    out[:, fibre.node_at] = behind[:, fibre.node_at] * fibre.sections[0].xg[0]
    out = out * areas * 1e6
    late = round(0.15 / dt)
    return out[late:], out[late:, fibre.node_at].sum(axis=1)


def cost(diameter: float, dt_ms: float, length_mm: float = 210.0, sweep_ms: float = 12.0) -> float:
    """Return the processor time of one fibre of a sensory nerve seen by two electrodes [s]."""
    spent = time.process_time()
    fibre = Fibre(diameter, int(length_mm / geometry(diameter).internode * 1000.0) + 1, 33.0)
    lead = np.array([point_source_uv_na(fibre.places_mm - along, 5.0) for along in (140.0, 180.0)])
    fibre.run(sweep_ms, dt_ms, every=round(0.02 / dt_ms), lead_uv_na=lead, keep=slice(0, 1))
    return time.process_time() - spent


def call(job: tuple[object, ...]) -> object:
    """Return what the function named first gives for the arguments behind it."""
    name, *given = job
    return globals()[str(name)](*given)


if __name__ == "__main__":
    print(*(cost(float(diameter), 0.001) for diameter in sys.argv[1:]))
