"""The double-cable model of a mammalian myelinated fibre (McIntyre, Richardson and Grill 2002) in NEURON.

    fibre = Fibre(10.0, nodes=41, temperature_c=37.0)
    run = fibre.run(stop_ms=3.0)

Written from the published equations. The nodal channels are built at run time: every rate of the model is a
linoid or a sigmoid, which ``KSChan`` knows, so that they are exact and no compiler is needed. The periaxonal
space is NEURON's ``extracellular`` layer; its second layer is switched off; that only saves time.

Sizes follow polynomials through the paper's table over diameter; its nine fibres themselves are `TABLE`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from neuron import h
from numpy.typing import NDArray

Floats = NDArray[np.float64]

h.load_file("stdrun.hoc")
h.nlayer_extracellular(1)

COMPARTMENTS = 11
"""Of one internode: node, MYSA, FLUT, six STIN, FLUT, MYSA."""
AXIAL_OHM_CM = 70.0
LAMELLA_UF_CM2, LAMELLA_S_CM2 = 0.1, 0.001
NODE_UM, MYSA_UM = 1.0, 3.0
MYSA_SPACE_UM, SPACE_UM = 0.002, 0.004
REST_MV = -80.0


@dataclass(frozen=True)
class Geometry:
    """Sizes of one fibre [um]; `lamellae` counts myelin lamellae."""

    internode: float
    node: float
    axon: float
    flut: float
    lamellae: float
    fibre: float


TABLE = {
    d: Geometry(internode, node, axon, flut, lamellae, d)
    for d, internode, node, axon, flut, lamellae in (
        (5.7, 500, 1.9, 3.4, 35, 80), (7.3, 750, 2.4, 4.6, 38, 100), (8.7, 1000, 2.8, 5.8, 40, 110),
        (10.0, 1150, 3.3, 6.9, 46, 120), (11.5, 1250, 3.7, 8.1, 50, 130), (12.8, 1350, 4.2, 9.2, 54, 135),
        (14.0, 1400, 4.7, 10.4, 56, 140), (15.0, 1450, 5.0, 11.5, 58, 145), (16.0, 1500, 5.5, 12.7, 60, 150),
    )
}  # fmt: skip
"""The fibres of the paper's table 1."""


def geometry(diameter_um: float) -> Geometry:
    """Return the sizes of a fibre of any diameter: the polynomials through the table."""
    d = diameter_um
    internode = -8.215 * d**2 + 272.4 * d - 780.2 if d >= 5.643 else 81.08 * d + 37.84
    return Geometry(
        internode=internode,
        node=0.01093 * d**2 + 0.1008 * d + 1.099,
        axon=0.02361 * d**2 + 0.3673 * d + 0.7122,
        flut=-0.1652 * d**2 + 6.354 * d - 0.2862,
        lamellae=int(-0.4749 * d**2 + 16.85 * d - 0.7648),
        fibre=d,
    )


_CHANNELS: dict[tuple[str, float], object] = {}


def channels(temperature_c: float) -> tuple[str, str, str]:
    """Return the names of the fast sodium, persistent sodium and slow potassium channel at a temperature."""
    tag = f"{round(temperature_c * 100):d}"
    names = f"naf{tag}", f"nap{tag}", f"ks{tag}"
    if (names[0], temperature_c) in _CHANNELS:
        return names
    quick, slow = 2.2 ** ((temperature_c - 20) / 10), 2.9 ** ((temperature_c - 20) / 10)
    slowest = 3.0 ** ((temperature_c - 36) / 10)
    linoid, sigmoid = 3, 4

    def rate(kind: int, factor: float, a: float, centre: float, width: float) -> tuple[int, list[float]]:
        if kind == linoid:
            return kind, [factor * a * abs(width), 1.0 / width, centre]
        return kind, [factor * a, -1.0 / width, centre]

    m = ("m", 3, rate(linoid, quick, 1.86, -21.4, 10.3), rate(linoid, quick, 0.086, -25.7, -9.16))
    hh = ("h", 1, rate(linoid, slow, 0.062, -114.0, -11.0), rate(sigmoid, slow, 2.3, -31.8, 13.4))
    p = ("p", 3, rate(linoid, quick, 0.01, -27.0, 10.2), rate(linoid, quick, 0.00025, -34.0, -10.0))
    s = ("s", 1, rate(sigmoid, slowest, 0.3, -53.0, 5.0), rate(sigmoid, slowest, 0.03, -90.0, 1.0))
    plan = ((names[0], "na", 3.0, (m, hh)), (names[1], "na", 0.01, (p,)), (names[2], "k", 0.08, (s,)))
    for name, ion, conductance, gates in plan:
        channel = h.KSChan(0)
        channel.name(name)
        channel.ion(ion)
        channel.iv_type(0)
        channel.gmax(conductance)
        for place, (gate, power, alpha, beta) in enumerate(gates):
            channel.add_hhstate(gate)
            channel.gate(place).power(power)
            channel.trans(place).type(0)
            channel.trans(place).set_f(0, alpha[0], h.Vector(alpha[1]))
            channel.trans(place).set_f(1, beta[0], h.Vector(beta[1]))
        _CHANNELS[name, temperature_c] = channel
    return names


@dataclass(frozen=True)
class Run:
    """What one run recorded.

    Attributes
    ----------
    times_ms : ndarray
        Shape (n,) [ms].
    axial_na : ndarray
        Current to the next compartment, axon and periaxonal space together, shape (n, C-1) [nA].
    spikes_ms : ndarray
        When each node passes -20 mV upwards, NaN where none does, shape (nodes,) [ms].
    potential_uv : ndarray
        At each electrode, if lead fields were given, shape (n, E) [uV].
    """

    times_ms: Floats
    axial_na: Floats
    spikes_ms: Floats
    potential_uv: Floats


class Fibre:
    """A straight fibre from node to node, stimulated at its first node.

    Parameters
    ----------
    diameter_um : float or Geometry
        Diameter with myelin [um], or all sizes.
    nodes : int
        Number of nodes.
    temperature_c : float
        Temperature [Cel].
    myelin : sequence of float or float
        Share of lamellae left in each internode [0..1].
    """

    def __init__(self, diameter_um, nodes, temperature_c=37.0, myelin=1.0) -> None:
        self.sizes = diameter_um if isinstance(diameter_um, Geometry) else geometry(diameter_um)
        self.nodes = nodes
        self.names = channels(temperature_c)
        kept = np.broadcast_to(np.asarray(myelin, float), nodes - 1)
        g = self.sizes
        stin = g.internode - NODE_UM - 2 * MYSA_UM - 2 * g.flut
        self.sections, self.segments = [], []
        self.lengths_um: list[float] = []
        self.halves_inside: list[float] = []
        self.halves_between: list[float] = []
        for node in range(nodes):
            self._add("node", NODE_UM, g.node, MYSA_SPACE_UM, 1, 1.0)
            if node == nodes - 1:
                break
            share = float(kept[node])
            self._add("mysa", MYSA_UM, g.node, MYSA_SPACE_UM, 1, share)
            self._add("flut", g.flut, g.axon, SPACE_UM, 1, share)
            self._add("stin", stin, g.axon, SPACE_UM, 6, share)
            self._add("flut", g.flut, g.axon, SPACE_UM, 1, share)
            self._add("mysa", MYSA_UM, g.node, MYSA_SPACE_UM, 1, share)
        for before, after in zip(self.sections, self.sections[1:], strict=False):
            after.connect(before(1))
        for section in self.sections:
            self.segments.extend(section)
        ends = np.cumsum(self.lengths_um)
        self.places_mm = (ends - np.asarray(self.lengths_um) / 2 - NODE_UM / 2) / 1000.0
        inside, between = np.array(self.halves_inside), np.array(self.halves_between)
        self.inside_mohm = inside[:-1] + inside[1:]
        self.between_mohm = between[:-1] + between[1:]
        self.node_at = np.arange(nodes) * COMPARTMENTS

    def _add(self, kind: str, length: float, width: float, space: float, parts: int, share: float) -> None:
        g = self.sizes
        section = h.Section(name=f"{kind}{len(self.sections)}")
        section.nseg, section.L = parts, length
        ring_cm2 = math.pi * ((width / 2 + space) ** 2 - (width / 2) ** 2) * 1e-8
        per_cm = AXIAL_OHM_CM / ring_cm2 * 1e-6
        if kind == "node":
            section.diam, section.Ra, section.cm = width, AXIAL_OHM_CM, 2.0
            for name in self.names:
                section.insert(name)
            section.insert("pas")
            section.ena, section.ek = 50.0, -90.0
            section.g_pas, section.e_pas = 0.007, -90.0
            section.insert("extracellular")
            section.xg[0], section.xc[0] = 1e6, 0.0
        else:
            ratio = width / g.fibre
            section.diam, section.Ra, section.cm = g.fibre, AXIAL_OHM_CM / ratio**2, 2.0 * ratio
            section.insert("pas")
            section.g_pas, section.e_pas = (0.001 if kind == "mysa" else 0.0001) * ratio, REST_MV
            section.insert("extracellular")
            lamellae = max(g.lamellae * share, 1e-9)
            section.xg[0], section.xc[0] = LAMELLA_S_CM2 / (2 * lamellae), LAMELLA_UF_CM2 / (2 * lamellae)
        section.xraxial[0] = per_cm
        part = length / parts
        self.sections.append(section)
        self.lengths_um += [part] * parts
        self.halves_inside += [AXIAL_OHM_CM * 1e-2 * (part / 2) / (math.pi * width**2 / 4)] * parts
        self.halves_between += [per_cm * part / 2 * 1e-4] * parts

    def run(self, stop_ms, dt_ms=0.001, every=5, stimulus_na=4.0, lead_uv_na=None, keep=None) -> Run:
        """Solve and record.

        Parameters
        ----------
        stop_ms, dt_ms : float
            End and time step [ms].
        every : int
            Record every so many steps.
        stimulus_na : float
            Current into the first node for 0.1 ms [nA].
        lead_uv_na : ndarray or None
            Lead field of every electrode at every compartment, shape (E, C) [uV/nA].
        keep : slice or None
            Which axial currents to keep; None for all.
        """
        clamp = h.IClamp(self.sections[0](0.5))
        clamp.delay, clamp.dur, clamp.amp = 0.02, 0.1, stimulus_na
        count = len(self.segments)
        across, outside = h.PtrVector(count), h.PtrVector(count)
        for place, segment in enumerate(self.segments):
            across.pset(place, segment._ref_v)
            outside.pset(place, segment._ref_vext[0])
        counters = [h.APCount(self.segments[at]) for at in self.node_at]
        got = (h.Vector(count), h.Vector(count))
        views = [vector.as_numpy() for vector in got]
        h.dt = dt_ms
        h.steps_per_ms = 1.0 / dt_ms
        h.finitialize(REST_MV)
        spikes = np.full(self.nodes, np.nan)
        last = np.full(self.nodes, REST_MV)
        samples = round(stop_ms / dt_ms / every)
        keep = keep or slice(None)
        axial, seen = [], []
        fadvance = h.fadvance
        for sample in range(samples):
            for _ in range(every):
                fadvance()
            across.gather(got[0])
            outside.gather(got[1])
            inner = views[0] + views[1]
            current = -np.diff(inner) / self.inside_mohm - np.diff(views[1]) / self.between_mohm
            axial.append(current[keep].copy())
            if lead_uv_na is not None:
                source = np.diff(current, prepend=0.0, append=0.0) * -1.0
                seen.append(lead_uv_na @ source)
            now = views[0][self.node_at]
            up = np.isnan(spikes) & (last < -20.0) & (now >= -20.0)
            if up.any():
                step = dt_ms * every
                spikes[up] = (sample + 1) * step - step * (now[up] + 20.0) / (now[up] - last[up])
            last = now.copy()
        times = (np.arange(samples) + 1) * dt_ms * every
        del counters
        return Run(times, np.array(axial), spikes, np.array(seen))

    def record_behind_myelin(self, stop_ms: float, dt_ms: float) -> Floats:
        """Return the potential behind the myelin of every compartment at every step, shape (n, C) [mV]."""
        clamp = h.IClamp(self.sections[0](0.5))
        clamp.delay, clamp.dur, clamp.amp = 0.02, 0.1, 4.0
        h.dt, h.steps_per_ms = dt_ms, 1.0 / dt_ms
        vectors = [h.Vector().record(segment._ref_vext[0]) for segment in self.segments]
        h.finitialize(REST_MV)
        for _ in range(round(stop_ms / dt_ms)):
            h.fadvance()
        return np.array([np.array(vector) for vector in vectors]).T

    def velocity_m_s(self, run: Run, first: float = 0.4, last: float = 0.8) -> float:
        """Return the velocity between two places along the fibre, as shares of its nodes [m/s]."""
        a, b = round(first * (self.nodes - 1)), round(last * (self.nodes - 1))
        length = self.sizes.internode / 1000.0 * (b - a)
        return float(length / (run.spikes_ms[b] - run.spikes_ms[a]))
