"""How long signals take: a compound potential beside NEURON, needle EMG, and a whole study.

    .venv/bin/python -m experiments.traces

A sensory nerve, electrodes at 14 and 18 cm, 12 ms. NEURON (`make neuron` sets it up) solves two of its
fibres, 210 mm long, in this same run: the quartiles of diameter, time step 0.001 ms; 1,000 fibres cost 1,000
times their mean. Processor time on both sides, one core each.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np

from garland.edx_study.values import _needle_measured
from garland.edx_study.virtual import StudyRequest, record
from garland.forecasts.patient import PatientSpec
from garland.report.study import html
from garland.waveforms.axon import _velocity_m_s
from garland.waveforms.compound import _Bundle, _compound_uv, _Electrode
from garland.waveforms.needle import record_needle
from garland.waveforms.state import NeedleState

ROOT = Path(__file__).resolve().parents[1]
NEURON = ROOT / "build" / "neuron-venv" / "bin" / "python"
FIBRES = 1_000
LENGTH_MM = 210.0
CELSIUS = 33.0
REPEATS = 20
SICK = NeedleState("vastus-lateralis", fibrillation=2.0, recruitment_log2=-2.0, amplitude_ln=0.5, young=0.2)
ORDER = StudyRequest(PatientSpec("dlrpn"), day=60.0, seed=3)


def nerve() -> _Bundle:
    """Return 1,000 fibres with a thin and a thick mode."""
    rng = np.random.default_rng(1)
    drawn = np.concatenate([rng.normal(4.5, 0.9, 600), rng.normal(10.0, 1.3, FIBRES - 600)])
    diameter = np.clip(drawn, 2.5, 13.5)
    speed = _velocity_m_s(diameter, CELSIUS)
    return _Bundle(diameter, speed, np.ones(FIBRES), np.zeros(FIBRES))


def compound_seconds(bundle: _Bundle) -> tuple[float, float]:
    """Return processor seconds of one compound potential (median) and its amplitude peak to peak [uV]."""
    times = np.arange(0.0, 12.0, 0.02)
    electrodes = [_Electrode(140.0, 5.0), _Electrode(180.0, 5.0, -1.0)]
    spent = []
    for _ in range(REPEATS):
        start = time.process_time()
        potential = _compound_uv(times, bundle, electrodes, LENGTH_MM, CELSIUS)
        spent.append(time.process_time() - start)
    return float(np.median(spent)), float(np.ptp(potential))


def neuron_seconds(diameters: list[float]) -> list[float]:
    """Return processor seconds of NEURON for single fibres of the nerve; empty where it is not set up."""
    if not NEURON.exists():
        return []
    command = [str(NEURON), str(ROOT / "simulators" / "runs.py"), *map(str, diameters)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(word) for word in answer.stdout.split()]


def needle_seconds() -> tuple[float, float]:
    """Return processor seconds of 10 s of needle EMG (median): of making it, and of measuring it."""
    made, read = [], []
    for seed in range(REPEATS):
        rng = np.random.default_rng(seed)
        start = time.process_time()
        trace, parts = record_needle(SICK, rng)
        between = time.process_time()
        _needle_measured(trace, parts)
        made.append(between - start)
        read.append(time.process_time() - between)
    return float(np.median(made)), float(np.median(read))


def study_seconds() -> tuple[int, int, float]:
    """Return conduction traces, muscles and wall seconds of a whole study with its page."""
    record(ORDER)
    start = time.perf_counter()
    study, _ = record(ORDER)
    html.render_study(study)
    traces = sum(len(plate.traces) for plate in study.plates if plate.kind in ("motor", "sensory"))
    return traces, len(study.needle), time.perf_counter() - start


def main() -> None:
    """Print seconds and ratios."""
    made, read = needle_seconds()
    print(f"10 s of needle EMG: {1e3 * made:.0f} ms to make, {1e3 * read:.0f} ms to measure")
    traces, muscles, whole = study_seconds()
    print(f"a study of {traces} conduction traces, F, H and {muscles} muscles, with its page: {whole:.1f} s")
    bundle = nerve()
    seconds, amplitude = compound_seconds(bundle)
    print(f"{FIBRES:,} fibres, two electrodes: {1e3 * seconds:.1f} ms ({amplitude:.1f} uV peak to peak)")
    quartiles = [round(float(np.quantile(bundle.diameter_um, q)), 1) for q in (0.25, 0.75)]
    each = neuron_seconds(quartiles)
    if not each:
        print("NEURON is not set up: make neuron")
        return
    stated = ", ".join(f"{d:g} um {s:.1f} s" for d, s in zip(quartiles, each, strict=True))
    whole = FIBRES * float(np.mean(each))
    print(f"NEURON per fibre: {stated}; all {whole / 3600.0:.1f} h: {whole / seconds:,.0f} times as long")


if __name__ == "__main__":
    main()
