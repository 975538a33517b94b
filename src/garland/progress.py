"""What is being done: told by the model, heard by whoever listens, such as a terminal or a notebook.

Whoever works says in words what it does and how much of the whole is done. Where nobody listens, that costs
nothing. Threads that work on an answer are started in a copy of its context, so that they are heard as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, float | None], object]

_MEMORY = 0.1
"""Share of the whole after which the pace before it counts half [-]."""
_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


def tell(stage: str, share: float | None = None) -> None:
    """Say what is being done, and the share of the whole that is done [0..1]; None where nobody can say."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(stage, share)


@contextmanager
def listening(listener: Callable[[str, float | None], object]) -> Iterator[None]:
    """Hear what is done inside the block.

    Parameters
    ----------
    listener : callable
        Called with what is being done, in words, and the share of the whole that is done [0..1], None where
        nobody can say; from any thread. What it returns is ignored; what it raises ends the work.
    """
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def stretch(begin: float, end: float, name: str = "") -> Iterator[None]:
    """Let what is told inside the block count as one stretch of the whole, from share to share [0..1]."""
    outer = _LISTENER.get()
    if outer is None:
        yield
        return

    def inner(stage: str, share: float | None) -> object:
        words = f"{name}: {stage}" if name else stage
        return outer(words, None if share is None else begin + (end - begin) * share)

    with listening(inner):
        yield


class Pace:
    """How long the rest will take, from how long the latest tenths of the whole took.

    Time during which nobody could give a share (a model being prepared) says nothing about the rest.
    """

    def __init__(self) -> None:
        self.share = 0.0
        self._seconds, self._shares, self._step = 0.0, 0.0, 0.0
        self._since: float | None = None

    def hear(self, share: float | None) -> None:
        """Note what is done [0..1]; a share never falls."""
        now = time.monotonic()
        if share is None:
            self._since = None
        elif self._since is None:
            self.share, self._since = max(share, self.share), now
        elif share > self.share:
            self._step = share - self.share
            kept = 0.5 ** (self._step / _MEMORY)
            self._seconds = kept * self._seconds + now - self._since
            self._shares = kept * self._shares + self._step
            self.share, self._since = share, now

    @property
    def left(self) -> float | None:
        """Return how long the rest will take [s]; None as long as nobody can say."""
        if self._since is None or not self._shares:
            return None
        waited, usual = time.monotonic() - self._since, self._step * self._seconds / self._shares
        late = max(waited - usual, 0.0)
        return max((1.0 - self.share) * (self._seconds + late) / self._shares - min(waited, usual), 0.0)


def duration(seconds: float) -> str:
    """Return a time in words a reader can plan with."""
    if seconds < 90.0:
        return f"{seconds:.0f} s"
    return f"{seconds / 60.0:.0f} min" if seconds < 5400.0 else f"{seconds / 3600.0:.1f} h"
