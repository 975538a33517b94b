"""What a user says about a recording, and units of voltage."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from garland.errors import InputError, did_you_mean

MICROVOLTS = {"nV": 1e-3, "uV": 1.0, "mV": 1e3, "V": 1e6}
"""Microvolts in one of each unit [uV]."""

_SPELLINGS = {
    "nv": "nV",
    "uv": "uV",
    "µv": "uV",
    "μv": "uV",
    "mcv": "uV",
    "microvolt": "uV",
    "microvolts": "uV",
}
_SPELLINGS |= {"mv": "mV", "millivolt": "mV", "millivolts": "mV", "v": "V", "volt": "V", "volts": "V"}


class Told(NamedTuple):
    """What the file does not say, or says wrongly; None leaves it to the file.

    Attributes
    ----------
    unit : str or None
        ``uV``, ``mV``, ``V`` or ``nV``; goes before the unit in the file.
    rate_hz : float or None
        Samples per second [Hz], for a CSV file without times.
    full_scale_uv : float or None
        What the largest number of a WAV file means [uV].
    stimulus_ms : float or None
        When the stimulus came, on the clock of the file [ms].
    """

    unit: str | None = None
    rate_hz: float | None = None
    full_scale_uv: float | None = None
    stimulus_ms: float | None = None


def _unit_of(word: str) -> str | None:
    """Return the unit a word stands for, in any usual spelling; None if it stands for none.

    ``MV`` and ``mv`` are millivolts: no recording is in megavolts.
    """
    return _SPELLINGS.get(word.strip().strip("[]()").lower())


def _microvolts(told: Told, in_file: str | None, path: str) -> float:
    """Return microvolts per unit of a channel.

    [uV].
    """
    word = told.unit if told.unit is not None else in_file
    if word is None or not word.strip():
        raise InputError(
            path, "no unit", "leaves the size open", "say --unit uV, mV or V, or write it in the header"
        )
    known = _unit_of(word)
    if known is None:
        where = "--unit" if told.unit is not None else path
        raise InputError(where, word, "is no unit of voltage", did_you_mean(word, MICROVOLTS))
    return MICROVOLTS[known]


def _opened(path: Path) -> bytes:
    """Return the whole file."""
    try:
        content = path.read_bytes()
    except OSError as problem:
        why = (problem.strerror or "unreadable").lower()
        raise InputError("FILE", str(path), f"cannot be read ({why})", "name a recording") from problem
    if not content:
        raise InputError("FILE", str(path), "is empty", "name a recording")
    return content
