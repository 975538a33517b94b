"""Run as a program: work that has files half written, and processes at work, when Ctrl-C comes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from garland.cli.display import _showing
from garland.cli.interruption import _stoppable
from garland.executors import resume_jobs
from garland.io import scratch_folder, whole_file, whole_folder


def slow(number: int) -> dict[str, int]:
    """Return a number after a while, the later the longer."""
    time.sleep(0.01 if number < 3 else 60.0)
    return {"number": number}


def work() -> None:
    """Leave everything open that can be, and never end."""
    folder = Path(sys.argv[1])
    with (
        _showing("counting", resumes=True),
        whole_file(folder / "page") as page,
        whole_folder(folder / "out") as out,
        scratch_folder() as scratch,
    ):
        page.write(b"half")
        (out / "some").write_text("half")
        (scratch / "some").write_text("half")
        (folder / "scratch").write_text(str(scratch))
        resume_jobs("slow", slow, range(10), folder=folder / "kept", workers=2, title="counted")


if __name__ == "__main__":
    _stoppable(work)
