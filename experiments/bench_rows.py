"""What is measured by `experiments.bench`, group by group; each group runs in a process of its own.

Every time is also given in units: how often the fixed workload of `unit` would have fitted in, timed again
and again in between. What else the machine does lengthens both alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

COLD = {
    "consult 04": ("consult", "04"),
    "forecast 03": ("forecast", "03"),
    "patient": ("patient",),
    "record": ("record", "dlrpn"),
}
VIRTUAL_STUDIES = 12
_PATIENTS_IN_COURSE = 2_048
_COHORT = 50_000
_CALLS = 50


class Spent(NamedTuple):
    """Wall and processor time [s]."""

    wall: float
    cpu: float


class Row(NamedTuple):
    """One line of the table.

    Attributes
    ----------
    name : str
        What was measured.
    value : float
        How much of it, in `unit`.
    unit : str
        Such as ``s wall``, ``s CPU``, ``us CPU``, ``MB`` or ``patients``.
    ratio : float
        A time in units of the workload; anything else as it is [-].
    """

    name: str
    value: float
    unit: str
    ratio: float


def unit() -> Spent:
    """Carry out the fixed workload, of large arrays and of small ones, on one processor."""
    rng = np.random.default_rng(0)
    large, small = rng.random(400_000), rng.random(2_000).astype(np.float32)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(12):
        np.exp(-np.log1p(large)).cumsum()
        np.sort(large[:100_000])
        for _ in range(200):
            np.tanh(small * small + 1.0)
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


class Clock:
    """Times rows in units that are taken in between."""

    def __init__(self) -> None:
        self.units = [unit()]
        self.rows: list[tuple[str, float, str]] = []

    def tick(self) -> None:
        """Take the unit once more."""
        self.units.append(unit())

    def add(self, name: str, value: float, words: str) -> None:
        """Note one row; `words` end in wall or CPU where it is a time."""
        self.rows.append((name, value, words))

    def add_spent(self, name: str, spent: Spent) -> None:
        """Note wall and processor time of one thing."""
        self.add(name, spent.wall, "s wall")
        self.add(name, spent.cpu, "s CPU")

    def done(self) -> list[Row]:
        """Return every row with its ratio."""
        self.tick()
        wall, cpu = (float(np.mean([getattr(one, name) for one in self.units])) for name in Spent._fields)
        rows = []
        for name, value, words in self.rows:
            whole = wall if words.endswith("wall") else cpu if words.endswith("CPU") else 1.0
            rows.append(Row(name, value, words, value * (1e-6 if words.startswith("us") else 1.0) / whole))
        return rows


def timed(work: Callable[[], Any]) -> tuple[Any, Spent]:
    """Do some work in this process; return what it gives and what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return value, Spent(time.perf_counter() - wall, time.process_time() - cpu)


def add_distribution(clock: Clock, name: str, spent: Sequence[Spent], patients: Sequence[int]) -> None:
    """Note median, 95th percentile and worst of many answers, and how many patients they took."""
    for field in Spent._fields:
        values = np.array([getattr(one, field) for one in spent])
        words = "s wall" if field == "wall" else "s CPU"
        for label, value in (
            ("median", np.median(values)),
            ("95th percentile", np.percentile(values, 95)),
            ("worst", values.max()),
        ):
            clock.add(f"{name}, {label}", float(value), words)
    clock.add(f"{name}, median", float(np.median(patients)), "patients")
    clock.add(f"{name}, all", float(np.sum(patients)), "patients")


def _consults(
    clock: Clock, name: str, cases: Iterable[Any], accepted: Callable[[str], Sequence[str]]
) -> None:
    """Answer cases one after another; the programs of the model are at hand before."""
    from garland.inference.consult import consult
    from garland.records import shipped_case

    consult(shipped_case("44"))
    spent, patients, ranks, failed = [], [], [], 0
    for case in cases:
        result, one = timed(lambda case=case: consult(case))
        clock.tick()
        spent.append(one)
        patients.append(result.diagnostics.patients)
        failed += not result.diagnostics.passed
        ordered = sorted(result.causes, key=lambda cause: -cause.probability)
        known = [place for place, cause in enumerate(ordered) if cause.name in accepted(case.id)]
        ranks += known[:1]
        print(
            f"  {case.id}: {one.wall:.1f} s, {one.cpu:.1f} s CPU, {patients[-1]:,}",
            file=sys.stderr,
            flush=True,
        )
    add_distribution(clock, name, spent, patients)
    clock.add(f"{name}, without answer", float(failed), "cases")
    if ranks:
        clock.add(f"{name}, published diagnosis first", float(sum(r == 0 for r in ranks)), "cases")
        clock.add(f"{name}, within the first three", float(sum(r < 3 for r in ranks)), "cases")


def cases(clock: Clock) -> None:
    """Answer the shipped cases."""
    from garland.records import accepted_causes, shipped_case, shipped_cases

    _consults(
        clock, "shipped cases", map(shipped_case, [case for case, _ in shipped_cases()]), accepted_causes
    )


def folder(clock: Clock) -> None:
    """Answer every YAML case of the folder in BENCH_CASES, where one is named."""
    from garland.records import read_case

    if named := os.environ.get("BENCH_CASES"):
        paths = sorted(Path(named).glob("*.yaml"))
        _consults(clock, f"cases of {Path(named).name}", map(read_case, paths), lambda _: ())


def virtual(clock: Clock) -> None:
    """Answer full studies of virtual patients."""
    from experiments.virtual_patients import LEVELS, case_at, draw

    drawn = draw(range(VIRTUAL_STUDIES))
    _consults(clock, "virtual full studies", (case_at(one, LEVELS[-1]) for one in drawn), lambda _: ())


def _run(words: Sequence[str], cache: Path, out: Path) -> tuple[Spent, float]:
    """Run one command of Garland; return what it took and the most memory it held [MB]."""
    environment = {name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
    environment |= {"XDG_CACHE_HOME": str(cache)}
    more = ("--out", str(out)) if words[0] == "record" else ()
    command = [sys.executable, "-m", "garland", *words, *more]
    began = time.perf_counter()
    run = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = run.stderr.read() if run.stderr else ""
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode or said:
        sys.exit(f"{' '.join(command)}: exit code {run.returncode}, {said}")
    held = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Spent(time.perf_counter() - began, used.ru_utime + used.ru_stime), held


def cold(clock: Clock) -> None:
    """Start commands with an empty cache, and once more."""
    for name, words in COLD.items():
        with tempfile.TemporaryDirectory() as scratch:
            for start in ("first", "second"):
                spent, held = _run(words, Path(scratch) / "cache", Path(scratch) / "out")
                clock.tick()
                clock.add_spent(f"{name}, {start} start", spent)
                clock.add(f"{name}, {start} start, most memory", held, "MB")
                print(
                    f"  {name}, {start}: {spent.wall:.1f} s, {spent.cpu:.1f} s CPU",
                    file=sys.stderr,
                    flush=True,
                )


def programs(clock: Clock) -> None:
    """Time the two programs of the model, by patient."""
    import jax

    from garland.inference import likelihood
    from garland.model.patient import unknown_person

    likelihood.prepare_programs()
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((likelihood.CHUNK, likelihood.N_LATENTS)).astype(np.float32)
    person: Any = type(unknown_person())(*[np.float32(field) for field in unknown_person()])
    causes, visit = likelihood._compiled()
    struck = causes(person, np.int32(0), vectors)
    calls = {
        "program of causes": lambda: causes(person, np.int32(0), vectors),
        "program of a visit": lambda: visit(*struck, np.int32(0), vectors, likelihood.UNKNOWN),
    }
    for name, call in calls.items():
        best = float("inf")
        for _ in range(8):
            _, spent = timed(lambda call=call: [jax.block_until_ready(call()) for _ in range(_CALLS)])
            best = min(best, spent.cpu)
            clock.tick()
        clock.add(f"{name}, a patient", best / (_CALLS * likelihood.CHUNK) * 1e6, "us CPU")


def forward(clock: Clock) -> None:
    """Time the forward model by batch and by station."""
    from experiments import forward

    for n in forward.BATCHES[:: len(forward.BATCHES) - 1]:
        best = forward.best_seconds(forward.findings, *forward.patients(n))
        clock.tick()
        clock.add(f"forward model, batch of {n}, a patient", best / n * 1e6, "us wall")
    for name, microseconds in forward.stations().items():
        clock.tick()
        clock.add(f"station {name}, a patient", microseconds, "us wall")


def course(clock: Clock) -> None:
    """Time courses of three years, weekly."""
    from experiments.course import course_seconds

    seconds = course_seconds(_PATIENTS_IN_COURSE)
    clock.add(f"course of {_PATIENTS_IN_COURSE:,} patients, 157 weeks", seconds, "s wall")


def traces(clock: Clock) -> None:
    """Time signals: needle EMG, a compound potential, a whole study."""
    from experiments import traces

    for name, seconds in zip(("make", "measure"), traces.needle_seconds(), strict=True):
        clock.add(f"10 s of needle EMG, to {name}", seconds, "s CPU")
    clock.tick()
    bundle = traces.nerve()
    compound, _ = traces.compound_seconds(bundle)
    clock.add(f"compound potential of {traces.FIBRES:,} fibres", compound, "s CPU")
    clock.tick()
    clock.add("a whole study with its page", traces.study_seconds()[2], "s wall")
    quartiles = [round(float(np.quantile(bundle.diameter_um, q)), 1) for q in (0.25, 0.75)]
    if each := traces.neuron_seconds(quartiles):
        times = traces.FIBRES * float(np.mean(each)) / compound
        clock.add("the same potential by NEURON", times, "times as long")


def cohort(clock: Clock) -> None:
    """Time a cohort made by one process."""
    import json

    from experiments.cohort import measured
    from garland.cohorts.spec import WHAT, CohortSpec
    from garland.records.reading import find_spec

    stated = find_spec(CohortSpec, "referral-million", WHAT, "SPEC")
    given = {**stated.model_dump(mode="json", exclude_unset=True), "size": _COHORT}
    with tempfile.TemporaryDirectory() as scratch:
        spec = Path(scratch) / "spec.json"
        spec.write_text(json.dumps(given))
        seconds, most, _ = measured(spec, ["--workers", "1"], Path(scratch) / "out")
    clock.add(f"cohort of {_COHORT:,}, one process", seconds, "s wall")
    clock.add(f"cohort of {_COHORT:,}, one process, most memory", most, "MB")


GROUPS: dict[str, Callable[[Clock], None]] = {
    one.__name__: one for one in (cold, programs, cases, folder, virtual, forward, course, traces, cohort)
}
"""What is measured, in order."""


def measure(group: str) -> list[Row]:
    """Measure one group in this process."""
    clock = Clock()
    GROUPS[group](clock)
    return clock.done()
