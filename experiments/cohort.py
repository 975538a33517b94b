"""What a cohort costs: people a second and memory against size, workers and Dask, each run from nothing.

    .venv/bin/python -m experiments.cohort [SPEC] [SIZE ...]

SPEC is a spec's name or file (default: referral-million), SIZE how many people (default: 50,000 and 200,000).
Every size is made by one process, by two, and by two Dask workers on this machine. Memory is the most that
all processes of a run held together, what they share counted once.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

SIZES = (50_000, 200_000)
WAYS = {"1 process": ["--workers", "1"], "2 processes": [], "2 Dask workers": ["--scheduler", "local"]}
_POLL_S = 0.5


def memory_mib(process: psutil.Process) -> float:
    """Return what a process and all its children hold together [MiB]."""
    held = 0
    for one in (process, *process.children(recursive=True)):
        try:
            held += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return held / 2**20


def measured(spec: Path, way: list[str], out: Path) -> tuple[float, float, float]:
    """Return seconds, most memory [MiB], and bytes written of one run."""
    began, most = time.monotonic(), 0.0
    command = [sys.executable, "-m", "garland", "cohort", str(spec), "--out", str(out), "--bare", *way]
    run = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while run.poll() is None:
        try:
            most = max(most, memory_mib(run))
        except psutil.NoSuchProcess:
            break
        time.sleep(_POLL_S)
    if run.wait():
        sys.exit(f"the run failed: {' '.join(command)}")
    return time.monotonic() - began, most, float(sum(each.stat().st_size for each in out.rglob("*.parquet")))


def main() -> None:
    """Print a Markdown table of what each run cost."""
    from garland.cohorts.spec import WHAT, CohortSpec
    from garland.records.reading import find_spec

    stated = find_spec(CohortSpec, sys.argv[1] if len(sys.argv) > 1 else "referral-million", WHAT, "SPEC")
    sizes = [int(size) for size in sys.argv[2:]] or SIZES
    print(
        f"{stated.name}: {len(stated.columns)} columns, {len(stated.visits)} visits, "
        f"{stated.part_size:,} a part"
    )
    print("| people | by | s | people/s | memory [MiB] | bytes a person |\n|--:|:--|--:|--:|--:|--:|")
    for size in sizes:
        for words, way in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                spec = Path(folder) / "spec.json"
                given = stated.model_dump(mode="json", exclude_unset=True)
                spec.write_text(json.dumps({**given, "size": size}))
                seconds, most, written = measured(spec, way, Path(folder) / "out")
                shutil.rmtree(Path(folder) / "out")
            row = f"{seconds:.0f} | {size / seconds:,.0f} | {most:,.0f} | {written / size:.0f}"
            print(f"| {size:,} | {words} | {row} |", flush=True)


if __name__ == "__main__":
    main()
