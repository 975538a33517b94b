"""Kills a cohort's run at random moments, again and again, and compares the bytes in the end.

    .venv/bin/python -m experiments.killed [TIMES] [SEED]

By turns the client with all it started, or one of two Dask workers, is killed by SIGKILL, each time in a new
folder. Afterwards the same command goes on. A run in one process gives the bytes that must stand there.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

TIMES = 20
_FILES = 64
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
_SPEC = {
    "garland_cohort": 1, "name": "killed", "seed": 5, "size": 8192, "part_size": 256,
    "people": {"source": "referral"}, "visits": [0, 90], "measures": ["snap", "reflex", "nis"],
}  # fmt: skip


def digest(out: Path) -> str:
    """Return one hash of every table of a cohort."""
    whole = hashlib.sha256()
    for each in sorted(out.rglob("*.parquet")):
        whole.update(str(each.relative_to(out)).encode() + each.read_bytes())
    return whole.hexdigest()


def command(spec: Path, out: Path, *way: str) -> list[str]:
    """Return the command that makes the cohort."""
    return [sys.executable, "-m", "garland", "cohort", str(spec), "--out", str(out), "--bare", *way]


def workers_of(run: psutil.Popen) -> list[psutil.Process]:
    """Return the worker processes of a run that are alive."""
    found = []
    for one in run.children(recursive=True):
        try:
            if "spawn_main" in " ".join(one.cmdline()) and not one.children():
                found.append(one)
        except psutil.Error:
            continue
    return found


def kill(run: psutil.Popen, worker: bool, rng: random.Random) -> str:
    """Kill one of the workers, or the client and all that it started."""
    workers = workers_of(run) if worker else []
    if workers:
        rng.choice(workers).kill()
        return "worker"
    os.killpg(run.pid, signal.SIGKILL)
    return "client"


def tried(spec: Path, out: Path, worker: bool, rng: random.Random) -> str:
    """Kill a run once a random number of files is there, go on to the end; return what happened."""
    words = command(spec, out, "--scheduler", "local")
    run = psutil.Popen(words, start_new_session=True, **_SILENT)
    wanted = rng.randrange(_FILES)
    while len(files(out)) < wanted and run.poll() is None:
        time.sleep(0.002)
    time.sleep(rng.uniform(0.0, 0.2))
    if run.poll() is not None:
        return f"over before, exit {run.returncode}"
    fate, done = kill(run, worker, rng), len(files(out))
    code = run.wait()
    if code:
        subprocess.run(words, check=True, **_SILENT)
    return f"{fate} killed at {done} of {_FILES} files, exit {code}"


def files(out: Path) -> list[Path]:
    """Return the tables that are there."""
    return sorted(out.rglob("part-*.parquet"))


def main() -> None:
    """Kill as often as told, each time in a new folder, and compare what stands in it in the end."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    rng, wrong = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0), 0
    with tempfile.TemporaryDirectory() as folder:
        spec, whole = Path(folder) / "spec.json", Path(folder) / "whole"
        spec.write_text(json.dumps(_SPEC))
        subprocess.run(command(spec, whole, "--workers", "1"), check=True, **_SILENT)
        for number in range(times):
            out = Path(folder) / f"killed-{number}"
            said = tried(spec, out, number % 2 == 1, rng)
            same = digest(out) == digest(whole)
            wrong += not same
            print(f"{number + 1}: {said}; bytes {'the same' if same else 'DIFFERENT'}", flush=True)
    print(f"{times} kills, {wrong} with other bytes")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
