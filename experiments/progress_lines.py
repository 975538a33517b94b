"""How far an experiment is and how long the rest will take, a line at a time on standard error."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager

from garland.progress import Pace, duration, listening


def told_in_lines() -> AbstractContextManager[None]:
    """Return a block in which whatever is done is written down."""
    pace = Pace()

    def write(stage: str, share: float | None) -> None:
        pace.hear(share)
        left = "" if pace.left is None else f", {duration(pace.left)} left"
        print(f"{stage}{left}", file=sys.stderr, flush=True)

    return listening(write)
