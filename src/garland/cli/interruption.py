"""Ctrl-C at any moment: one line, exit code 130, nothing half-written, no process left behind.

Python hears a signal only between two steps of the main thread, and a model that is loaded, compiled or
computed keeps a thread in one step for many seconds. So the work is done in a thread of its own, and the main
thread does nothing but wait, draw what is being done, and answer signals. There is no way to unwind a thread
that computes: what it would have cleared away is cleared away for it, and the process ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from types import FrameType

from garland.cli.display import _begin_anew, _draw, _last_words

INTERRUPTED = 128 + signal.SIGINT
_HEARD = (signal.SIGINT, signal.SIGTERM)
_TICK_SECONDS = 0.1
"""How long the main thread waits at a time: on Windows a signal does not end the waiting [s]."""
_CLEAN_LINE, _SHOW_CURSOR = "\r\x1b[2K", "\x1b[?25h"


def _stoppable(work: Callable[[], None], *, to_the_end: bool = False) -> None:
    """Do some work that a signal can stop at any moment, and pass on what it raises.

    `to_the_end` says that the process ends with the work, so that a signal that comes too late is not heard.
    """
    if threading.current_thread() is not threading.main_thread():
        work()
        return
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001 - raised again in the thread that waits
            raised.append(problem)

    _begin_anew()
    worker = threading.Thread(target=copy_context().run, args=(guarded,), daemon=True)
    with _answered(to_the_end):
        worker.start()
        while worker.is_alive():
            worker.join(_TICK_SECONDS)
            _draw()
    if raised:
        raise raised[0]


@contextmanager
def _answered(to_the_end: bool) -> Iterator[None]:
    """Answer signals inside the block; what was ignored before (``nohup``, a background job) stays so."""
    before = {one: signal.getsignal(one) for one in _HEARD}
    heard = [one for one, how in before.items() if how not in (signal.SIG_IGN, None)]
    for one in heard:
        signal.signal(one, _stop)
    try:
        yield
    finally:
        for one in heard:
            signal.signal(one, signal.SIG_IGN if to_the_end else before[one])


def _stop(number: int, _frame: FrameType | None) -> None:
    """End this process, and all that it started, with one line."""
    for one in _HEARD:
        signal.signal(one, signal.SIG_IGN)
    if "garland.io" in sys.modules:  # else there is nothing to clear away yet
        with suppress(ImportError):
            from garland.io import clear_away

            clear_away()
    terminal = os.isatty(2) and os.environ.get("TERM") != "dumb"
    clean = _CLEAN_LINE + _SHOW_CURSOR if terminal else ""
    with suppress(OSError):
        os.write(2, f"{clean}{_last_words()}\n".encode())
    os._exit(128 + number)
