"""Traces written as a table, the way a machine exports them, for tests of reading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from garland import __version__
from garland.signals.files import _same_clock
from garland.signals.trace import Trace


def write_csv(traces: Sequence[Trace], path: Path | str, note: str = "SIMULATED") -> None:
    """Write traces of one clock as a table that `_read_recording` reads back."""
    _same_clock(traces)
    header = ",".join(["time_ms", *(f"{plain(trace.label, k)} [uV]" for k, trace in enumerate(traces, 1))])
    lines = [
        f"# {' '.join(note.split())}, garland {__version__}",
        f"# rate_hz: {traces[0].rate_hz:.10g}",
        header,
    ]
    table = np.column_stack([traces[0].times_ms, *(trace.samples_uv for trace in traces)])
    forms = ["%.7f", *["%.7g"] * len(traces)]
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")
        np.savetxt(file, table, fmt=forms, delimiter=",")


def plain(label: str, number: int) -> str:
    """Return a label without what parts columns."""
    return re.sub(r"[,;\t\n\"#]+", " ", label).strip() or f"channel {number}"
