"""What Garland costs, beside what it cost before: times, patients evaluated and memory, in one table.

    .venv/bin/python -m experiments.bench [--keep] [--only GROUP ...]

Times are compared in units of a fixed NumPy workload that is timed in between, so that machines and loads
compare; ratio is now over before: below 1 is faster or less. BENCH_CASES=FOLDER adds every YAML case there.
`--keep` makes this the table to compare with (`bench_baseline.json`), on a quiet machine alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from experiments.bench_rows import GROUPS, Row, measure, unit
from garland import __version__

BASELINE = Path(__file__).with_name("bench_baseline.json")
QUIET_LOAD = 0.3
"""Other work for each processor that a kept table may have been measured beside [-]."""
WANTED = {
    ("consult 04, first start", "s wall"): 20.0,
    ("consult 04, second start", "s wall"): 4.0,
    ("consult 04, second start, most memory", "MB"): 600.0,
}
"""What a row should not exceed."""
_MEASURED = "@rows "


def load() -> tuple[float, ...]:
    """Return the load average of 1, 5 and 15 minutes [-]."""
    return tuple(round(one, 2) for one in os.getloadavg()) if hasattr(os, "getloadavg") else ()


def machine() -> str:
    """Return the machine in words."""
    named = [platform.machine(), platform.system()]
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        named[0] = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{named[0]}, {os.cpu_count()} processors, {named[1]}, Python {platform.python_version()}"


def in_own_process(group: str) -> list[Row]:
    """Measure one group in a process of its own."""
    command = [sys.executable, "-m", "experiments.bench", "--group", group]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{group}: failed")
    told = next(line for line in done.stdout.splitlines() if line.startswith(_MEASURED))
    return [Row(*row) for row in json.loads(told.removeprefix(_MEASURED))]


def key(row: Row) -> str:
    """Return the name under which a row is kept."""
    return f"{row.name} [{row.unit}]"


def line(row: Row, before: dict[str, Any]) -> str:
    """Return one row: what it is, now, before on that machine, and the ratio of both in units."""
    old = before.get("rows", {}).get(key(row))
    wanted = WANTED.get((row.name, row.unit))
    cells = [row.name, f"{row.value:,.4g} {row.unit}" if row.value < 1e5 else f"{row.value:,.0f} {row.unit}"]
    if old is None:
        cells += ["-", "-"]
    else:
        same = row.ratio == old["ratio"]
        ratio = 1.0 if same else row.ratio / old["ratio"] if old["ratio"] else float("inf")
        cells += [f"{old['value']:,.4g}" if old["value"] < 1e5 else f"{old['value']:,.0f}", f"{ratio:.2f}"]
    note = f"wanted: {wanted:g} or less" if wanted is not None and row.value > wanted else ""
    return f"{cells[0]:58s} {cells[1]:>22s} {cells[2]:>12s} {cells[3]:>7s}  {note}".rstrip()


def kept(rows: list[Row], quiet: bool, began: tuple[float, ...]) -> str:
    """Keep the rows as those to compare with, or say why not."""
    if not quiet:
        return f"not kept: the machine was not quiet (load {began})"
    content = {
        "version": __version__,
        "machine": machine(),
        "load": began,
        "unit_s": unit()._asdict(),
        "rows": {key(row): {"value": row.value, "ratio": row.ratio} for row in rows},
    }
    BASELINE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return f"kept: {BASELINE}"


def is_quiet(began: tuple[float, ...]) -> bool:
    """Tell whether little else runs: by the load, and by whether the workload has a processor for itself."""
    taken = unit()
    busy = began[0] / (os.cpu_count() or 1) if began else 0.0
    return busy <= QUIET_LOAD and taken.wall <= 1.1 * taken.cpu


def main() -> None:
    """Measure all, and print it beside what was kept."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--keep", action="store_true", help="compare with this from now on")
    given.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="some groups alone")
    given.add_argument("--group", choices=GROUPS, help=argparse.SUPPRESS)
    asked = given.parse_args()
    if asked.group:
        rows = measure(asked.group)
        print(_MEASURED + json.dumps(rows))
        return
    before = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    began = load()
    quiet = is_quiet(began)
    print(f"now: {__version__}, {machine()}, load {began}{'' if quiet else ': not quiet'}")
    if before:
        print(f"before: {before['version']}, {before['machine']}, load {tuple(before['load'])}")
    else:
        print("before: nothing is kept yet; add --keep on a quiet machine")
    print(f"{'':58s} {'now':>22s} {'before':>12s} {'ratio':>7s}", flush=True)
    every: list[Row] = []
    for group in asked.only:
        print(group, file=sys.stderr, flush=True)
        for row in in_own_process(group):
            every.append(row)
            print(line(row, before), flush=True)
    print(f"load at the end: {load()}")
    if asked.keep:
        print(kept(every, quiet and asked.only == list(GROUPS), began))


if __name__ == "__main__":
    main()
