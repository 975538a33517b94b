"""Make shipped currents of a conducting fibre and its tables of velocity and of lost myelin, with NEURON.

    build/neuron-venv/bin/python simulators/make_templates.py currents    # writes evidence/traces/mrg.npz
    build/neuron-venv/bin/python simulators/make_templates.py velocity    # prints velocity_<Cel>_c
    build/neuron-venv/bin/python simulators/make_templates.py diffuse     # prints diffuse_<Cel>_<um>
    build/neuron-venv/bin/python simulators/make_templates.py focal       # prints focal_<Cel>_<internodes>

The printed rows stand in evidence/parameters/traces/axon.yaml. One to three minutes on one core each.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from mrg import COMPARTMENTS, Fibre, Floats

OUT = Path(__file__).resolve().parents[1] / "src/garland/evidence/traces/mrg.npz"

DIAMETERS = (2.0, 3.0, 4.0, 5.0, 5.643, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0)
TEMPERATURES = (20.0, 25.0, 30.0, 35.0, 40.0)
SHARES = (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.07, 0.05, 0.04, 0.03, 0.02)
NODES, AT = 41, 22
BEFORE = COMPARTMENTS // 2
SEEN = 5.0
"""Troughs after the spike up to which the current is taken as it is; later a cold fibre may fire again."""


def grid() -> Floats:
    """Return the times of a template, its trough at 1: dense about the spike, sparse in its tail."""
    core = np.arange(-0.5, 0.6, 0.02)
    head = core[0] - 0.02 * np.cumsum(1.08 ** np.arange(1, 20))[::-1]
    tail = core[-1] + 0.02 * np.cumsum(1.055 ** np.arange(1, 64))  # to about 11
    return np.concatenate([head, core, tail])


def rough_velocity(diameter: float, temperature: float) -> float:
    """Return about what a fibre conducts at, to choose how long to run [m/s]."""
    return max(6.2 * diameter - 8.0, 4.3 * diameter) * 0.54 * (1.0 / 0.54) ** ((temperature - 20.0) / 17.0)


def template(diameter: float, temperature: float, units: Floats) -> tuple[Floats, float, float]:
    """Return one cell's axial currents (grid, 11) [nA], the trough time [ms] and the velocity [m/s]."""
    fibre = Fibre(diameter, NODES, temperature)
    step = fibre.sizes.internode / 1000.0 / rough_velocity(diameter, temperature)
    trough = 1.21 * 0.913 ** (temperature - 20.0) + 0.03
    node = AT * COMPARTMENTS
    stop = AT * step * 1.3 + 0.4 + trough * SEEN
    run = fibre.run(stop, 0.0005, every=5, keep=slice(node - BEFORE, node + BEFORE + 1))
    times = run.times_ms - run.spikes_ms[AT]
    places = np.diff(fibre.places_mm)[node - BEFORE : node + BEFORE + 1]
    mean = run.axial_na @ places / places.sum()
    scale = float(times[np.where(times < 2.0 * trough, mean, np.inf).argmin()])
    cut = np.array([np.interp(units * scale, times, current) for current in run.axial_na.T])
    return balanced(cut, units), scale, fibre.velocity_m_s(run, 0.3, 0.7)


def balanced(currents: Floats, units: Floats) -> Floats:
    """Return the currents with the little that is still to flow after the end brought into the tail."""
    shape = np.where(units > 1.0, (units - 1.0) * np.exp(-(units - 1.0) / 3.0), 0.0)
    faded = currents * np.interp(units, [SEEN * 0.7, SEEN * 0.9], [1.0, 0.0])
    shape *= np.interp(units, [units[-1] * 0.7, units[-1]], [1.0, 0.0])
    left = np.trapezoid(faded, units, axis=-1)
    return faded - shape * (left / np.trapezoid(shape, units))[..., None]


def currents() -> None:
    """Write the file of templates."""
    units = grid()
    shape = len(TEMPERATURES), len(DIAMETERS)
    every = np.zeros((*shape, COMPARTMENTS, len(units)))
    scale = np.zeros(shape)
    for i, temperature in enumerate(TEMPERATURES):
        for j, diameter in enumerate(DIAMETERS):
            every[i, j], scale[i, j], speed = template(diameter, temperature, units)
            print(f"{temperature:g} Cel {diameter:g} um: {speed:.2f} m/s, {scale[i, j]:.3f} ms", flush=True)
    gain = np.abs(every).max(axis=(-1, -2)) / 32000.0
    whole = np.round(every / gain[..., None, None]).astype(np.int16)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        OUT, diameter_um=np.array(DIAMETERS), temperature_c=np.array(TEMPERATURES), units=units,
        trough_ms=scale, gain_na=gain, current=whole,
    )  # fmt: skip
    print(f"{OUT.name}: {OUT.stat().st_size / 1000:.0f} kB")


def conducted(diameter: float, temperature: float, dt_ms: float, myelin: float = 1.0) -> float:
    """Return the velocity of a fibre [m/s]; 0 where the spike dies."""
    slow = max(myelin**0.6, 0.1)
    fibre = Fibre(diameter, 31, temperature, myelin)
    step = fibre.sizes.internode / 1000.0 / rough_velocity(diameter, temperature) / slow
    run = fibre.run(30 * step * 1.35 + 0.4, dt_ms, every=2, stimulus_na=4.0 if myelin == 1.0 else 30.0)
    speed = fibre.velocity_m_s(run, 0.4, 0.8)
    return 0.0 if np.isnan(speed) else speed


def velocity() -> None:
    """Print the velocity of every diameter at every temperature, time step drawn to zero."""
    for temperature in TEMPERATURES:
        row = []
        for diameter in DIAMETERS:
            fine, coarse = (conducted(diameter, temperature, dt) for dt in (0.0005, 0.001))
            row.append(round(2.0 * fine - coarse, 2))
        print(f"velocity_{temperature:g}_c: {row}", flush=True)


def diffuse() -> None:
    """Print velocity relative to whole myelin, by diameter, temperature and share of myelin."""
    for temperature in (30.0, 34.0, 38.0):
        for diameter in (6.0, 10.0, 14.0):
            whole = conducted(diameter, temperature, 0.001)
            row = [round(conducted(diameter, temperature, 0.001, share) / whole, 3) for share in SHARES]
            print(f"diffuse_{temperature:g}_{diameter:g}: {row}", flush=True)


FOCAL_SHARES = (1.0, 0.5, 0.25, 0.15, 0.1, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01)
FOCAL_COUNTS = (1, 2, 3, 5, 10, 20)


def delay_ms(diameter: float, temperature: float, share: float, count: int) -> float:
    """Return what `count` internodes with a share of their myelin add to conduction [ms]; NaN if blocked."""
    nodes, before = 24 + count, 10
    arrivals = []
    for kept in (1.0, share):
        myelin = np.ones(nodes - 1)
        myelin[before : before + count] = kept
        fibre = Fibre(diameter, nodes, temperature, myelin)
        step = fibre.sizes.internode / 1000.0 / rough_velocity(diameter, temperature)
        run = fibre.run(nodes * step * 1.3 + 0.4 + (3.0 + count * 0.4 if kept < 1.0 else 0.0), 0.001, every=2)
        arrivals.append(run.spikes_ms[before + count + 8] - run.spikes_ms[before - 5])
    return float(arrivals[1] - arrivals[0])


def focal() -> None:
    """Print the delay that a few thinly myelinated internodes of a 10 um fibre add, in normal internodes."""
    for temperature in (30.0, 34.0, 38.0):
        whole = Fibre(10.0, 3).sizes.internode / 1000.0 / conducted(10.0, temperature, 0.001)
        for count in FOCAL_COUNTS:
            delays = [delay_ms(10.0, temperature, share, count) / whole for share in FOCAL_SHARES]
            row = [-1.0 if np.isnan(delay) else round(delay, 3) for delay in delays]
            print(f"focal_{temperature:g}_{count}: {row}", flush=True)


if __name__ == "__main__":
    {"currents": currents, "velocity": velocity, "diffuse": diffuse, "focal": focal}[sys.argv[1]]()
