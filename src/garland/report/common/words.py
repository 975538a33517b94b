"""Words and numbers as every report writes them: ``knee-extension`` is *knee extension*, 0.5 is 50 %."""

from __future__ import annotations

import re
from functools import cache

from garland.anatomy.terminology import terms

_NAME = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_KEPT = ("non-", "pre-", "post-", "half-")
_SEGMENT = re.compile(r"(?<![\w.])([clst])([1-8])(?![\w.])")
_CAPITALS = re.compile(r"(?<!\w)(muap|cmap|snap|emg|mri|csf|[hf](?= (?:reflex|wave|latency|response)))(?!\w)")
_SHIFT = re.compile(r"\b([01]\.\d+) → ([01]\.\d+)")
_GRADE_IN_WORDS = re.compile(r"\bMRC (?=[a-z])")


@cache
def _motor_study() -> re.Pattern[str]:
    """Return the pattern of a motor study: its nerve and the muscle it is recorded from."""
    names = [study.split("-", 1) for study in terms().motor_studies]
    nerves, muscles = ("|".join(dict.fromkeys(part)) for part in zip(*names, strict=True))
    return re.compile(rf"(?<![\w-])({nerves})-({muscles})(?![\w-])")


def in_words(text: str) -> str:
    """Return a label or a recorded word without identifiers.

    A motor study names its nerve and, in brackets, the muscle it is recorded from; segments and
    abbreviations stand in capitals; a per cent sign stands off. Grades such as ``4-`` and ranges such as
    ``1-2+`` stay.
    """
    text = _motor_study().sub(lambda study: f"{study[1]} ({study[2].replace('-', ' ')})", text)
    text = _NAME.sub(lambda name: _spaced(name[0]), text)
    text = _SEGMENT.sub(lambda segment: segment[0].upper(), text)
    text = _CAPITALS.sub(lambda word: word[0].upper(), text)
    return _spaced_percent(_GRADE_IN_WORDS.sub("", text))


def _spaced_percent(text: str) -> str:
    """Return a text with a space between each number and its per cent sign."""
    return re.sub(r"(\d)%", r"\1 %", text)


def shift_in_percent(text: str) -> str:
    """Return a sentence with probabilities such as ``0.39 → 0.92`` in per cent: ``39 → 92 %``."""
    return _SHIFT.sub(lambda shift: f"{100 * float(shift[1]):.0f} → {100 * float(shift[2]):.0f} %", text)


def _spaced(name: str) -> str:
    return name if name.startswith(_KEPT) else name.replace("-", " ")


def signed(value: float) -> str:
    """Return a signed number with one decimal and a true minus sign, such as ``+1.8`` or ``−0.4``."""
    text = f"{abs(value):.1f}"
    return text if text == "0.0" else ("+" if value > 0 else "−") + text


def percent(share: float) -> str:
    """Return a share [0..1] in whole per cent; shares that are not quite none or all say so."""
    return _percent(share, 0)


def percent_fine(share: float) -> str:
    """Return a probability [0..1] in per cent with one decimal."""
    return _percent(share, 1)


def _percent(share: float, digits: int) -> str:
    step = 10.0 ** -(digits + 2)
    if 0.0 < share < 0.5 * step:
        return f"<{100 * step:.{digits}f} %"
    if 1.0 - 0.5 * step <= share < 1.0:
        return f">{100 * (1.0 - step):.{digits}f} %"
    return f"{100 * share:.{digits}f} %"
