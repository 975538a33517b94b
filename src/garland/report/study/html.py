"""A study of the EMG laboratory as one self-contained HTML page that also sounds; no network.

The page holds each muscle once, as recorded; what makes it loud and what draws it is the page's script, which
bends large signals as `garland.signals.sound` does.
"""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from garland.edx_study.records import EdxStudy, Plate, Sound
from garland.inference.result import NOTICE
from garland.report.common import pages
from garland.report.study import content as values
from garland.report.study.plates import _drawings, _Drawn, _fitting, _gain_words
from garland.signals.sound import DIVISIONS, LINEAR
from garland.signals.trace import Trace

KINDS = {
    "motor": "Motor conduction",
    "sensory": "Sensory conduction",
    "f": "F waves",
    "h": "H reflex",
    "needle": "Needle EMG",
}
PART_WORDS = {"rest": "Rest", "weak": "Weak effort", "full": "Full effort"}
FULL_SCALE = 32_000
SCREEN_ROWS = 8.0
SHARE_SHOWN = 0.999


class _Group(NamedTuple):
    """Drawings of one kind under a heading, with what is to be said of any of them."""

    kind: str
    title: str
    drawn: tuple[_Drawn, ...]
    remarks: tuple[str, ...]


class _Button(NamedTuple):
    """What one button plays: its words, the gain of screen and loudspeaker [uV/div], stretches [ms]."""

    words: str
    gain: float
    gain_words: str
    stretches: tuple[tuple[float, float], ...]


class _Record(NamedTuple):
    """One muscle to listen to: its name, a WAV as base64, microvolts of one count, its buttons."""

    title: str
    wav: str
    microvolts: float
    buttons: tuple[_Button, ...]


def render_study(study: EdxStudy) -> str:
    """Render a study as one HTML page."""
    known = {
        "script": Markup(pages.read_page_part("study.js")),
        "divisions": DIVISIONS,
        "linear": LINEAR,
        "stretches": _stretch_words,
        "safe_drawing": Markup,
    }
    return pages.page_template("study.html.j2", ("style.css", "study.css"), **known).render(
        s=study,
        notice=NOTICE,
        facts=values._facts(study),
        sheets=values._sheets(study),
        legend=values.LEGEND,
        legend_note=values.LEGEND_NOTE,
        groups=_groups(study.plates),
        sounds=[_record(one) for one in study.sounds],
    )


@lru_cache(maxsize=1)
def _groups(plates: tuple[Plate, ...]) -> tuple[_Group, ...]:
    """Return plates drawn and grouped by kind; drawn once for page and paper."""
    return _grouped(_drawings(plates))


def _grouped(drawn: Sequence[_Drawn]) -> tuple[_Group, ...]:
    """Return drawings by kind, kinds in the order of the tables."""
    known = list(KINDS)
    order = sorted(drawn, key=lambda one: known.index(one.kind) if one.kind in KINDS else len(known))
    made = []
    for kind, ones in groupby(order, key=lambda one: one.kind):
        members = tuple(ones)
        remarks = tuple(dict.fromkeys(remark for one in members for remark in one.remarks))
        made.append(_Group(kind, KINDS.get(kind, kind.capitalize()), members, remarks))
    return tuple(made)


def _record(heard: Sound) -> _Record:
    """Return a sound as the page holds it.

    Parameters
    ----------
    heard : Sound
        Parts of one name share a button, whose gain is the one recorded with, or the first of the series
        1, 2, 5 that shows all but a thousandth of the samples on eight divisions.
    """
    peak = float(np.max(np.abs(heard.trace.samples_uv), initial=0.0)) or 1.0
    buttons = []
    for name in dict.fromkeys(part[0] for part in heard.parts):
        stretches = tuple((begin, end) for part, begin, end in heard.parts if part == name)
        cut = [heard.trace.between(begin, end).samples_uv for begin, end in stretches]
        size = float(np.quantile(np.abs(np.concatenate(cut)), SHARE_SHOWN)) if any(map(len, cut)) else 0.0
        gain = _fitting(heard.uv_per_division, size, size, SCREEN_ROWS)
        buttons.append(_Button(PART_WORDS.get(name, name.capitalize()), gain, _gain_words(gain), stretches))
    title = values._sided(heard.side, heard.title)
    return _Record(title, _wav(heard.trace, peak), peak / FULL_SCALE, tuple(buttons))


def _wav(trace: Trace, peak_uv: float) -> str:
    """Return a trace as a WAV of 16 bits in base64, its peak just below full scale."""
    counts = np.round(trace.samples_uv * (FULL_SCALE / peak_uv)).astype("<i2")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(round(trace.rate_hz))
        file.writeframes(counts.tobytes())
    return base64.b64encode(held.getvalue()).decode("ascii")


def _stretch_words(stretches: Iterable[tuple[float, float]], start_ms: float = 0.0) -> str:
    """Return stretches as the script reads them, such as ``0-500,900-1400`` [ms]."""
    return ",".join(f"{begin - start_ms:g}-{end - start_ms:g}" for begin, end in stretches)
