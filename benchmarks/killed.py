"""Kills a cohort's run again and again at random moments, and compares the bytes in the end.

    .venv/bin/python benchmarks/killed.py [TIMES] [SEED]

Odd times a Dask worker is killed, even times the client and all it started; both by SIGKILL. Afterwards the
same command goes on, until the cohort is whole. A run in one process gives the bytes it must have.
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
_SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
_SPEC = {
    "garland_cohort": 1, "name": "killed", "seed": 5, "size": 6000, "part_size": 256,
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


def kill(run: psutil.Popen, worker: bool, rng: random.Random) -> str:
    """Kill one of the workers, or the client and all that it started."""
    below = run.children(recursive=True)
    workers = [one for one in below if "spawn_main" in " ".join(one.cmdline()) and not one.children()]
    if worker and workers:
        rng.choice(workers).kill()
        return "worker"
    os.killpg(run.pid, signal.SIGKILL)
    return "client"


def main() -> None:
    """Kill as often as told, finish, and compare."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else TIMES
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    with tempfile.TemporaryDirectory() as folder:
        spec, out, whole = Path(folder) / "spec.json", Path(folder) / "killed", Path(folder) / "whole"
        spec.write_text(json.dumps(_SPEC))
        subprocess.run(command(spec, whole, "--workers", "1"), check=True, capture_output=True)
        fates = []
        for number in range(times):
            words = command(spec, out, "--scheduler", "local")
            run = psutil.Popen(words, start_new_session=True, **_SILENT)
            time.sleep(rng.uniform(1.0, 20.0))
            if run.poll() is not None:
                fates.append(f"over before (exit {run.returncode})")
                rng.choice(sorted(out.rglob("part-*.parquet"))).unlink()
                continue
            fate = kill(run, number % 2 == 1, rng)
            done = len(list(out.rglob("part-*.parquet")))
            if fate == "worker":
                run.wait()
            fates.append(f"{fate} at {done} files, exit {run.wait()}")
            print(fates[-1], flush=True)
        subprocess.run(command(spec, out), check=True, capture_output=True)
        same = digest(out) == digest(whole)
        print(f"{times} times killed; the bytes are {'the same' if same else 'DIFFERENT'}")
        sys.exit(not same)


if __name__ == "__main__":
    main()
