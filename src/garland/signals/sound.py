"""A needle recording as the loudspeaker plays it: 48 kHz, 16 bit, as loud as it is large on the screen.

Eight divisions of the screen are full scale. Up to `LINEAR` of full scale sound is the signal itself; what
is larger is bent softly towards full scale, which it never passes, as a loudspeaker would be driven but not
torn.
"""

from __future__ import annotations

import io
import wave
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.trace import Trace

RATE_HZ = 48000
"""Samples per second of the sound [Hz]."""
DIVISIONS = 8.0
"""Divisions of the screen that are full scale [-]."""
LINEAR = 0.7
"""Share of full scale up to which sound is exactly the signal [0..1]."""
_FULL = 32767
_REACH, _KAISER = 10, 5.0
"""Samples of the slower rate on either side that make one of the sound, and how they fade (Kaiser)."""


def _resampled(trace: Trace) -> Float64s:
    """Return the trace at the rate of the sound, limited to the band that both rates hold.

    Shape (about duration times 48 kHz,) [uV].
    """
    ratio = Fraction(RATE_HZ / trace.rate_hz).limit_denominator(1000)
    if ratio == 1:
        return trace.samples_uv
    up, down = ratio.numerator, ratio.denominator
    wide = max(up, down)
    reach = _REACH * wide
    kernel = np.sinc(np.arange(-reach, reach + 1) / wide) * np.kaiser(2 * reach + 1, _KAISER)
    kernel *= up / kernel.sum()
    made = down * np.arange(-(-len(trace.samples_uv) * up // down)) + reach
    sound = np.zeros(len(made))
    for phase in range(up):
        here = made % up == phase
        sound[here] = np.convolve(trace.samples_uv, kernel[phase::up])[made[here] // up]
    return sound


def _limited(level: Float64s) -> Float64s:
    """Return levels bent softly into -1..1, same shape [-]."""
    over = np.maximum(np.abs(level) - LINEAR, 0.0)
    room = 1.0 - LINEAR
    bent = LINEAR + room * np.tanh(over / room)
    return np.asarray(np.where(over > 0.0, np.sign(level) * bent, level), float)


def _heard(trace: Trace, uv_per_division: float) -> NDArray[np.int16]:
    """Return the sound of a recording."""
    if not uv_per_division > 0.0:
        raise InputError(
            "uv_per_division", uv_per_division, "must be above 0", "give the gain of the screen, such as 100"
        )
    if not len(trace.samples_uv):
        raise InputError("trace", trace.label, "holds no samples", "give a recording of some length")
    if not np.isfinite(trace.samples_uv).all():
        raise InputError("trace", trace.label, "holds samples that are not numbers", "cut these out first")
    level = _limited(_resampled(trace) / (DIVISIONS * uv_per_division))
    return np.asarray(np.rint(level * _FULL), np.int16)


def wav_bytes(trace: Trace, uv_per_division: float) -> bytes:
    """Return a WAV file: 48 kHz, 16 bit, one channel."""
    sound = _heard(trace, uv_per_division)
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound.astype("<i2").tobytes())
    return held.getvalue()
