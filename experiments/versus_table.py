"""Garland's sampler beside a discrete network, importance sampling and a long reference run, in one table.

    make versus                                       every job, then the table
    .venv/bin/python -m experiments.versus_table --table     the table of what is done so far

Jobs are taken up where they were stopped. The network needs pyAgrum, and so the environment of `make oracle`;
the first time it also counts its tables, some minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from experiments.progress_lines import told_in_lines
from experiments.versus import LONGER, NETWORK, OWN, REFERENCE, SAMPLER, WEIGHING, jobs, table
from garland.executors import _finished_jobs, resume_jobs

PATIENTS = {SAMPLER: 2000, NETWORK: 2000, OWN: 2000, REFERENCE: 200, WEIGHING: 200, LONGER: 20}
EVALUATIONS = 100_000
BANK = 32_768


def main() -> None:
    """Run the jobs named, or all of them, and print the table."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("jobs", nargs="*", metavar="JOB", help=f"which of {', '.join(PATIENTS)}; all if none")
    words.add_argument("--table", action="store_true", help="run nothing")
    words.add_argument("--patients", type=int, help="patients of each job instead of its own number")
    words.add_argument("--workers", type=int, default=1, help="processes; times are told truly by one only")
    words.add_argument("--evaluations", type=int, default=EVALUATIONS, help="of importance sampling")
    words.add_argument("--bank", type=int, default=BANK, help="patients behind the tables of each cause")
    words.add_argument("--folder", type=Path, default=Path("build/trust"))
    said = words.parse_args()
    every = jobs(said.folder, said.bank, said.evaluations)
    for name in said.jobs or list(PATIENTS) if not said.table else ():
        if name not in every:
            words.error(f"{name} is no job; choose from {', '.join(every)}")
        seeds = range(said.patients or PATIENTS[name])
        with told_in_lines():
            resume_jobs(f"versus-{name}", every[name], seeds, folder=said.folder, workers=said.workers)
    print(
        table({name: list(_finished_jobs(said.folder / f"versus-{name}.jsonl").values()) for name in every})
    )


if __name__ == "__main__":
    main()
