"""One recorded trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trace:
    """Samples at even steps, active electrode minus reference; a negative wave is a negative number.

    Attributes
    ----------
    samples_uv : ndarray
        Shape (n,) [uV].
    rate_hz : float
        Samples per second [Hz].
    start_ms : float
        Time of the first sample: after the stimulus, or since the recording began [ms].
    label : str
        What was recorded, for plates and messages.
    """

    samples_uv: Floats
    rate_hz: float
    start_ms: float = 0.0
    label: str = ""

    @property
    def times_ms(self) -> Floats:
        """Return the time of every sample, shape (n,) [ms]."""
        return np.asarray(self.start_ms + np.arange(len(self.samples_uv)) * (1000.0 / self.rate_hz), float)

    @property
    def duration_ms(self) -> float:
        """Return the time from the first sample to the end of the last [ms]."""
        return len(self.samples_uv) * 1000.0 / self.rate_hz

    def between(self, begin_ms: float, end_ms: float) -> Trace:
        """Return the part between two times, ends cut to the recording."""
        step = 1000.0 / self.rate_hz
        first = max(int(np.ceil((begin_ms - self.start_ms) / step - 1e-9)), 0)
        last = max(int(np.floor((end_ms - self.start_ms) / step + 1e-9)) + 1, first)
        return Trace(self.samples_uv[first:last], self.rate_hz, self.start_ms + first * step, self.label)
