"""What is being done, the share done and the time left: one line at the foot of the terminal.

The thread that works says what it does; the main thread draws it. So whatever computes, nothing but a signal
can come between, and a stop finds one line to wipe. Where standard error is no terminal, nothing is drawn.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from garland.progress import Pace, duration, listening

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_PATIENCE_SECONDS = 0.7
"""How long a command takes before anything is drawn [s]."""
_REDRAWN_SECONDS = 0.2
_BAR = 20
_NOTHING = "Stopped. Nothing was written; run the same command again."


class _Display:
    """The line of one block of work.

    Parameters
    ----------
    stage : str
        What is being done first, in words.
    resumes : bool
        Whether the same command goes on where it was stopped.
    """

    def __init__(self, stage: str, resumes: bool) -> None:
        self.stage, self.resumes, self.reached = stage, resumes, ""
        self._pace, self._lock = Pace(), threading.Lock()
        self._live: Live | None = None
        self._open = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._since = time.monotonic()
        self._due = self._since + _PATIENCE_SECONDS

    def hear(self, stage: str, share: float | None) -> None:
        """Take note of what is being done."""
        with self._lock:
            if stage != self.stage:
                self.stage, self._since = stage, time.monotonic()
            if share is not None:
                self.reached = stage
            self._pace.hear(share)

    def draw(self) -> None:
        """Draw the line anew if it is time to."""
        if not self._open or time.monotonic() < self._due:
            return
        with self._lock:
            if self._open:
                self._shown().update(self._drawn(), refresh=True)
                self._due = time.monotonic() + _REDRAWN_SECONDS

    def close(self) -> None:
        """Wipe the line; what is printed next begins where it stood."""
        with self._lock:
            self._open = False
            if self._live is not None:
                self._live.stop()

    def _shown(self) -> Live:
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True)
            self._live = Live(
                console=console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self._live

    def _drawn(self) -> Table:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        line, left = Table.grid(padding=(0, 1)), self._pace.left
        cells: list[Any] = []
        if self._pace.share:
            cells += [ProgressBar(1.0, self._pace.share, width=_BAR), f"{100.0 * self._pace.share:.0f} %"]
        if left is not None:
            cells.append(f"about {duration(left)} left")
        elif not self._pace.share:
            cells.append(duration(time.monotonic() - self._since))
        for _ in cells:
            line.add_column(no_wrap=True)
        line.add_column(no_wrap=True, overflow="ellipsis")
        line.add_row(*cells, Text(self.stage, style="bold"))
        return line


_CURRENT: list[_Display] = []
_WRITTEN: list[Path] = []


@contextmanager
def _showing(stage: str, *, resumes: bool = False) -> Iterator[None]:
    """Show on standard error what is done inside the block; `resumes`: if repeated, the command goes on."""
    display = _Display(stage, resumes)
    _CURRENT[:] = [display]
    try:
        with listening(display.hear):
            yield
    finally:
        display.close()


def _begin_anew() -> None:
    """Forget what was shown and written before."""
    _CURRENT.clear()
    _WRITTEN.clear()


def _draw() -> None:
    """Draw what is being done, if anything is."""
    for display in _CURRENT:
        display.draw()


def _wrote(path: Path) -> None:
    """Note a file that now stands under its name."""
    _WRITTEN.append(path)


def _last_words() -> str:
    """Return what a stop leaves behind and how to go on, in one line."""
    if _CURRENT and _CURRENT[0].resumes:
        at = f" at {_CURRENT[0].reached}" if _CURRENT[0].reached else ""
        return f"Stopped{at}; the same command goes on from there."
    if not _WRITTEN:
        return _NOTHING
    last = _WRITTEN[-1]
    what = str(last) if len(_WRITTEN) == 1 else f"{len(_WRITTEN)} files, each whole, the last {last}"
    return f"Stopped. Written: {what}; run the same command again for all."
