"""The loudspeaker: rate, level matched to the screen, soft limit, errors."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from garland.errors import InputError
from garland.signals.sound import (
    DIVISIONS,
    LINEAR,
    RATE_HZ,
    _heard,
    _limited,
    _resampled,
    wav_bytes,
)
from garland.signals.trace import Trace


def tone(hz: float = 1000.0, uv: float = 100.0, rate: float = 24000.0, seconds: float = 0.25) -> Trace:
    return Trace(uv * np.sin(2.0 * np.pi * hz * np.arange(int(rate * seconds)) / rate), rate, 0.0, "tone")


def test_the_file_is_48_khz_16_bit_one_channel_and_lasts_as_long_as_the_recording():
    with wave.open(io.BytesIO(wav_bytes(tone(), 100.0))) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (48000, 2, 1)
        assert file.getnframes() / RATE_HZ == pytest.approx(0.25, abs=1e-4)


@pytest.mark.parametrize("rate", [12000.0, 24000.0, 31250.0, 44100.0, 48000.0, 50000.0])
def test_a_tone_keeps_its_pitch_and_size_at_any_rate(rate: float):
    sound = _resampled(tone(rate=rate))[2400:-2400]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert spectrum.argmax() * RATE_HZ / len(sound) == pytest.approx(1000.0, abs=15.0)
    assert np.sqrt(2.0) * sound.std() == pytest.approx(100.0, rel=0.01)


def test_nothing_is_added_above_the_band_of_the_recording():
    sound = _resampled(tone(9000.0, rate=24000.0))[2400:-2400]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ)
    assert power[hz > 13000.0].sum() < 1e-3 * power.sum()


def test_half_the_gain_of_the_screen_is_half_as_loud():
    loud, soft = _heard(tone(), 50.0).astype(float), _heard(tone(), 100.0).astype(float)
    assert loud.std() == pytest.approx(2.0 * soft.std(), rel=1e-3)


def test_full_scale_is_eight_divisions():
    peak = np.abs(_heard(tone(uv=400.0), 100.0)[1200:-1200]).max() / 32767.0
    assert peak == pytest.approx(4.0 / DIVISIONS, rel=0.01)


def test_what_is_small_is_not_bent_and_what_is_large_never_passes_full_scale():
    level = np.linspace(-50.0, 50.0, 20001)
    out = _limited(level)
    small = np.abs(level) <= LINEAR
    assert (out[small] == level[small]).all()
    assert np.abs(out).max() <= 1.0
    assert (np.diff(out) >= 0.0).all()
    assert out == pytest.approx(-out[::-1])


@pytest.mark.parametrize("gain", [0.0, -100.0, float("nan")])
def test_a_gain_must_be_above_zero(gain: float):
    with pytest.raises(InputError, match="must be above 0"):
        _heard(tone(), gain)


def test_an_empty_recording_has_no_sound():
    with pytest.raises(InputError, match="holds no samples"):
        _heard(Trace(np.zeros(0), 24000.0), 100.0)


def test_a_recording_with_holes_has_no_sound():
    with pytest.raises(InputError, match="not numbers"):
        _heard(Trace(np.array([0.0, np.nan]), 24000.0), 100.0)
