"""Programs started at a terminal of their own, as a user would, and stopped there by Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass

import psutil

WIDTH, LONGEST = 100, 180.0
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class AtTerminal:
    """How a program ended: exit code, what stood on the terminal, and after Ctrl-C what came and how soon."""

    code: int
    shown: str
    after: str
    seconds: float
    left: list[psutil.Process]


def at_terminal(*words: str, stop_at: str, wait: float = 0.0, **environment: str) -> AtTerminal:
    """Run Python with some words; Ctrl-C comes `wait` seconds after a pattern was first shown."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, WIDTH, 0, 0))
    child = subprocess.Popen(
        [sys.executable, *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=os.environ | {"TERM": "xterm", "PYTHONUNBUFFERED": "1"} | environment,
        start_new_session=True,
    )
    os.close(slave)
    shown, mark, begun, stopped = b"", 0, time.monotonic(), 0.0
    family: list[psutil.Process] = []
    due = None
    try:
        while more := _read(master):
            shown += b"" if more == b"-" else more
            now = time.monotonic()
            assert now - begun < LONGEST, shown[-2000:]
            if due is None and re.search(stop_at.encode(), shown):
                due = now + wait
            if due is not None and not stopped and now >= due:
                family = psutil.Process(child.pid).children(recursive=True)
                mark, stopped = len(shown), time.monotonic()
                os.killpg(child.pid, signal.SIGINT)
        code = child.wait(LONGEST)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        os.close(master)
    seconds = time.monotonic() - stopped
    return AtTerminal(code, _plain(shown), _plain(shown[mark:]), seconds, _alive(family))


def _read(master: int) -> bytes:
    """Return what came, a dash if nothing came for a moment, nothing once the terminal is closed."""
    if not select.select([master], [], [], 0.02)[0]:
        return b"-"
    try:
        return os.read(master, 1 << 16)
    except OSError:  # how Linux says that the last program has left
        return b""


def _plain(shown: bytes) -> str:
    """Return what was shown without control sequences, a line for every time it was drawn anew."""
    return CONTROL.sub("", shown.decode(errors="replace")).replace("\r\n", "\n").replace("\r", "\n")


def _alive(family: list[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that still run a little later; a dead one that nobody asked after is none."""
    psutil.wait_procs(family, timeout=3.0)
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
