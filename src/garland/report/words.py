"""Identifiers of the data in the words of a reader: ``knee-extension`` becomes *knee extension*."""

from __future__ import annotations

import re

_NERVES = "femoral|fibular|tibial|median|ulnar|radial"
_RECORDED_FROM = (
    "rectus-femoris|vastus-medialis|extensor-digitorum-brevis|tibialis-anterior|abductor-hallucis"
    "|abductor-pollicis-brevis|abductor-digiti-minimi|extensor-indicis"
)
_MOTOR_STUDY = re.compile(rf"(?<![\w-])({_NERVES})-({_RECORDED_FROM})(?![\w-])")
_NAME = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_KEPT = ("non-", "pre-", "post-", "half-")
_SEGMENT = re.compile(r"(?<![\w.])([clst])([1-8])(?![\w.])")
_CAPITALS = re.compile(r"(?<!\w)(muap|cmap|snap|emg|mri|csf|[hf](?= (?:reflex|wave|latency|response)))(?!\w)")
_SHIFT = re.compile(r"\b([01]\.\d+) → ([01]\.\d+)")
_GRADE_IN_WORDS = re.compile(r"\bMRC (?=[a-z])")


def in_words(text: str) -> str:
    """Return a label or a recorded word without identifiers.

    A motor study names its nerve and, in brackets, the muscle it is recorded from; segments and
    abbreviations stand in capitals; a per cent sign stands off. Grades such as ``4-`` and ranges such as
    ``1-2+`` stay.
    """
    text = _MOTOR_STUDY.sub(lambda study: f"{study[1]} ({study[2].replace('-', ' ')})", text)
    text = _NAME.sub(lambda name: _spaced(name[0]), text)
    text = _SEGMENT.sub(lambda segment: segment[0].upper(), text)
    text = _CAPITALS.sub(lambda word: word[0].upper(), text)
    return spaced_percent(_GRADE_IN_WORDS.sub("", text))


def spaced_percent(text: str) -> str:
    """Return a text with a space between each number and its per cent sign."""
    return re.sub(r"(\d)%", r"\1 %", text)


def shift_in_percent(text: str) -> str:
    """Return a sentence with probabilities such as ``0.39 → 0.92`` in per cent: ``39 → 92 %``."""
    return _SHIFT.sub(lambda shift: f"{100 * float(shift[1]):.0f} → {100 * float(shift[2]):.0f} %", text)


def _spaced(name: str) -> str:
    return name if name.startswith(_KEPT) else name.replace("-", " ")
