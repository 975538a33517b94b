"""Whether inference deserves trust: experiments on virtual patients whose truth is known, each resumable.

    .venv/bin/python -m experiments.run EXPERIMENT [PATIENTS] [FIRST SEED]

EXPERIMENT is one of calibration, error_injection, saving, forecast_coverage, repeated, changes. Rows are kept
in build/trust, a line a
patient; a second start goes on where the first one ended, and asking for more patients adds to those done.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

PATIENTS = {
    "calibration": 2000,
    "error_injection": 500,
    "saving": 800,
    "forecast_coverage": 300,
    "repeated": 60,
    "changes": 30,
}
TIMED = {"repeated", "changes"}
"""Experiments in which time counts, so that one process does them alone."""
FOLDER = Path("build/trust")


def experiment(name: str) -> tuple[Callable[[int], dict[str, Any]], Callable[[list[dict[str, Any]]], str]]:
    """Return the job of an experiment and what puts its rows into words."""
    from experiments import calibration, changes, error_injection, forecast_coverage, repeated, saved, saving

    return {
        "calibration": (
            calibration.job,
            lambda rows: "\n".join(calibration.lines(calibration.summary(rows))),
        ),
        "error_injection": (error_injection.job, lambda rows: as_lines(error_injection.summary(rows))),
        "saving": (saving.job, lambda rows: saved.as_text(saved.summary(rows))),
        "forecast_coverage": (
            forecast_coverage.job,
            lambda rows: as_lines(asdict(forecast_coverage.summary(rows))),
        ),
        "repeated": (repeated.job, lambda rows: as_lines(repeated.summary(rows))),
        "changes": (changes.job, lambda rows: as_lines(changes.summary(rows))),
    }[name]


def as_lines(found: Mapping[str, Any]) -> str:
    """Return figures by name, a line each."""
    return "\n".join(f"{name:40} {value}" for name, value in found.items())


def main() -> None:
    """Run one experiment, on two processes unless it is timed, and print what it found."""
    from experiments.progress_lines import told_in_lines
    from garland.executors import resume_jobs

    name = sys.argv[1] if len(sys.argv) > 1 else "calibration"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else PATIENTS[name]
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    job, words = experiment(name)
    workers = 1 if name in TIMED else 2
    with told_in_lines():
        rows = resume_jobs(name, job, range(first, first + count), folder=FOLDER, workers=workers)
    print(words(rows))


if __name__ == "__main__":
    main()
