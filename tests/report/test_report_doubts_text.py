"""Doubts in the terminal and on the page."""

from __future__ import annotations

import io

from rich.console import Console

from garland.inference.record_doubts import (
    Doubts,
    PriorSensitivity,
    _CauseRange,
    _Comorbidity,
    _Cover,
    _PartInDoubt,
    _SideDoubt,
    _Suspicion,
)
from garland.report.consult.content import NO_DOUBT, _doubt_lines, _doubts_html, _print_doubts

RANGE = _CauseRange("dlrpn", "DLRPN <b>", 0.8, 0.4, 0.9, {"emg-laboratory": 0.8})
PRIOR = PriorSensitivity(3.0, (RANGE,), "DLRPN", "femoral", 6.0, {}, "DLRPN would still lead.")
EXCHANGED = _SideDoubt(0.9, (_PartInDoubt(0, "needle", "left", 0.9),), "Needle says left.")
BESIDES = _Comorbidity("dlrpn", "DLRPN", 0.8, 0.4, 0.2, 0.1, 0.3, "Besides: polyneuropathy.")
COVER = _Cover("a", "b", (), ("x",), (), 9.0, "Two diseases at once? A leaves knee-extension.")


def printed(doubts: Doubts) -> str:
    out = io.StringIO()
    _print_doubts(doubts, Console(file=out, width=80))
    return out.getvalue()


def test_a_sound_record_says_so():
    assert _doubt_lines(Doubts(_Suspicion(), PRIOR))[0] == (False, NO_DOUBT)
    assert NO_DOUBT in printed(Doubts(_Suspicion(), PRIOR))


def test_warnings_come_first_and_are_marked():
    lines = _doubt_lines(Doubts(_Suspicion(EXCHANGED), PRIOR, BESIDES, COVER))
    assert [warning for warning, _ in lines] == [True, True, False, False]
    assert lines[1][1] == "Two diseases at once? A leaves knee extension."


def test_the_range_of_a_cause_is_printed_with_what_it_is_over():
    text = printed(Doubts(_Suspicion(EXCHANGED), PRIOR))
    assert "! Needle says left." in text
    assert "40.0 % to 90.0 %" in text
    assert "3 times rarer to 3 times commoner" in text


def test_polyneuropathy_is_not_mentioned_in_people_without_diabetes():
    none = _Comorbidity("femoral", "femoral", 0.0, 0.0, 0.0, 0.0, 0.0, "Besides: nothing.")
    assert all("Besides" not in line for _, line in _doubt_lines(Doubts(_Suspicion(), PRIOR, none)))


def test_the_page_escapes_every_text():
    page = _doubts_html(Doubts(_Suspicion(EXCHANGED), PRIOR))
    assert "DLRPN &lt;b&gt;" in page
    assert '<li class="warning">Needle says left.</li>' in page
