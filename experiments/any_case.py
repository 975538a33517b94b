"""Whether a consult of any valid case ends with an answer that holds together, on very many random cases.

    .venv/bin/python -m experiments.any_case [CASES] [WORKERS]

The cases and what must hold of their answers are those of tests/inference. One line for each case goes to
build/trust/any_case.jsonl; a second start goes on from there. Failures are printed with their case as YAML.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER, NAME = ROOT / "build" / "trust", "any_case"
CASES, WORKERS, CLOSELY = 10_000, 2, 20
"""How many cases, in how many processes; one of so many is asked twice and printed."""


def tried(number: int) -> dict[str, Any]:
    """Return what became of one random case: how large it was, how long it took, and what failed."""
    sys.path.insert(0, str(ROOT / "tests" / "inference"))
    from any_answer import answered
    from random_valid_cases import case_of

    case = case_of(number)
    began = time.perf_counter()
    row: dict[str, Any] = {"visits": len(case.visits), "failed": "", "passed": True}
    try:
        answer = answered(case, closely=number % CLOSELY == 0)
        row["findings"] = len(answer.findings)
        row["passed"] = answer.diagnostics.passed
    except Exception:  # noqa: BLE001 - whatever goes wrong is what is looked for
        row["failed"] = traceback.format_exc()
    return {**row, "seconds": round(time.perf_counter() - began, 2)}


def tell(rows: list[dict[str, Any]]) -> None:
    """Print every failure with its case, and the counts."""
    import yaml

    sys.path.insert(0, str(ROOT / "tests" / "inference"))
    from random_valid_cases import case_of

    from garland.records.reading import _case_mapping

    failures = [row for row in rows if row["failed"]]
    for row in failures:
        print(f"--- case {row['seed']}\n{row['failed']}")
        print(yaml.safe_dump(_case_mapping(case_of(row["seed"])), sort_keys=False, allow_unicode=True))
    refused = sum(not row["passed"] for row in rows)
    slowest = max((row["seconds"] for row in rows), default=0.0)
    print(f"{len(rows)} cases: {len(failures)} failed, {refused} answers withheld by their diagnostics,")
    print(f"{sum(row['visits'] for row in rows)} visits; the slowest took {slowest:.1f} s")


def main() -> None:
    """Try the cases that have not been tried."""
    from experiments.progress_lines import told_in_lines
    from garland.executors import resume_jobs

    number = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else WORKERS
    with told_in_lines():
        rows = resume_jobs(NAME, tried, range(number), folder=FOLDER, workers=workers)
    tell(rows)
    sys.exit(any(row["failed"] for row in rows))


if __name__ == "__main__":
    main()
