"""A study of the EMG laboratory as a page."""

from __future__ import annotations

import base64
import io
import re
import wave
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
from fixture_study import study
from test_report_html import contrast, svgs, walk, words

from garland.edx_study.records import EdxStudy
from garland.report.common import pages
from garland.report.study.html import _record, render_study
from garland.signals.sound import DIVISIONS, _limited

NASTY = "<script>alert('x')</script> & \"quotes\" {{ 7 * 7 }}"
EMPTY = EdxStudy(title="Nothing done", protocol="none", header=(), seed=1, day=0.0, version="0.1.0")


@cache
def page() -> str:
    return render_study(study())


def test_the_page_is_well_formed_and_so_is_each_of_its_plates():
    walk(page())
    for drawing in svgs(page()):
        ElementTree.fromstring(drawing)


def test_a_study_of_nothing_still_makes_a_page_that_names_the_paraspinals():
    stated = words(render_study(EMPTY))
    assert "Lumbar paraspinals not examined" in stated
    assert "<script" not in render_study(EMPTY)


def test_the_page_loads_nothing_from_anywhere():
    html = page().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|<link|<iframe|fetch\(|XMLHttp", html)
    assert set(re.findall(r'\bsrc="([^,"]*)', html)) == {"data:audio/wav;base64"}


def test_the_page_says_simulated_version_and_seed():
    stated = words(page())
    assert "SIMULATED by Garland 0.1.0, seed 7." in stated
    assert stated.count("Not a medical device") == 2
    assert "Seed 7" in stated
    assert "Model version 0.1.0" in stated


def test_every_text_of_the_study_is_escaped():
    given = study()
    plate = replace(given.plates[0], title=NASTY, traces=(replace(given.plates[0].traces[0], label=NASTY),))
    dirty = replace(
        given,
        title=NASTY,
        protocol=NASTY,
        version=NASTY,
        header=((NASTY, NASTY),),
        motor=(replace(given.motor[0], label=NASTY, point=NASTY),),
        needle=(replace(given.needle[0], label=NASTY, roots=NASTY, nerve=NASTY),),
        plates=(plate,),
        sounds=(replace(given.sounds[0], title=NASTY, parts=((NASTY, 0.0, 10.0),)),),
        summary=(NASTY,),
        impression=(NASTY,),
        limitations=(NASTY,),
        assumed=(NASTY,),
        sources=(NASTY,),
    )
    html = render_study(dirty)
    walk(html)
    assert html.count("<script") == 1
    assert "{{ 7 * 7 }}" in words(html)


def test_parts_stand_in_the_order_of_a_laboratory():
    order = re.findall(r'<h2 id="([\w-]+)"', page())
    assert order == [
        "motor",
        "sensory",
        "f-waves",
        "h-reflex",
        "sides",
        "needle",
        "traces",
        "sounds",
        "summary",
        "impression",
        "limitations",
        "basis",
    ]


def test_an_abnormal_value_bears_sign_weight_and_words_for_who_does_not_see():
    cell = re.search(r'<td class="number marked low".*?</td>', page(), re.DOTALL)
    assert cell is not None
    assert "▼▼▼" in cell[0]
    assert "severely below the limit" in cell[0]
    assert "≥ 3.0<sup>" in cell[0]
    assert ".marked .reading,.marked .flag{font-weight:800" in pages.read_page_part("study.css")


def test_no_response_stands_in_a_box():
    assert re.search(r'class="number marked absent".*?>NR<', page())
    assert ".absent .reading{border:" in pages.read_page_part("study.css")


def test_every_letter_below_a_table_is_used_in_it_and_every_letter_used_stands_below():
    for sheet in re.findall(r'<section class="sheet".*?</section>', page(), re.DOTALL):
        used = set(re.findall(r"</?small[^>]*>[^<]*<sup>(\w)</sup>", sheet))
        below = set(re.findall(r"<li><sup>(\w)</sup>", sheet))
        assert used == below


def test_tables_have_scoped_heads_and_plates_have_names():
    for tag, attributes in walk(page()).tags:
        if tag == "th":
            assert "scope" in attributes
        if tag in ("svg", "canvas", "audio", "button"):
            assert attributes["aria-label"]


def test_each_muscle_is_embedded_once_as_sixteen_bits_that_keep_every_microvolt():
    heard = study().sounds[1]
    kept = _record(heard)
    with wave.open(io.BytesIO(base64.b64decode(kept.wav))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        counts = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert np.max(np.abs(counts * kept.microvolts - heard.trace.samples_uv)) <= kept.microvolts
    assert page().count(kept.wav) == 1


def test_a_button_plays_all_parts_of_its_name_at_a_gain_that_shows_them():
    heard = study().sounds[0]
    parts = (("rest", 0.0, 200.0), ("full", 1000.0, 1400.0), ("rest", 200.0, 400.0))
    kept = _record(replace(heard, parts=parts))
    rest, full = kept.buttons
    assert rest.stretches == ((0.0, 200.0), (200.0, 400.0))
    assert (rest.words, rest.gain) == ("Rest", 50.0)
    assert full.gain > rest.gain
    assert 'data-play="0-500"' in page()


def test_a_sound_without_samples_in_its_parts_keeps_its_gain():
    kept = _record(replace(study().sounds[0], parts=(("rest", 9e5, 9e5),)))
    assert kept.buttons[0].gain == 50.0


def test_the_script_bends_loud_signals_as_the_written_sound_does():
    head = re.search(r'<ul class="sounds" data-divisions="([\d.]+)" data-linear="([\d.]+)"', page())
    assert head is not None
    divisions, linear = map(float, head.groups())
    level = np.linspace(-3, 3, 101) * 50 * DIVISIONS / (50 * divisions)
    over, room = np.abs(level) - linear, 1 - linear
    script = np.where(over > 0, np.sign(level) * (linear + room * np.tanh(over / room)), level)
    assert np.allclose(script, _limited(level))


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_traces_cursors_and_marks_keep_their_contrast(theme):
    roots = re.findall(r":root\{(.*?)\}", pages.read_page_part("style.css"), re.DOTALL)
    own = re.findall(r":root\{(.*?)\}", pages.read_page_part("study.css"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+):(#\w+)", roots[theme] + ";" + own[theme]))
    long = {name: "#" + "".join(2 * c for c in code[1:]) for name, code in colours.items() if len(code) == 4}
    colours |= long
    for ink in ("trace", "cursor", "ink", "quiet"):
        assert contrast(colours[ink], colours["screen"]) >= 4.5, ink
    assert contrast(colours["warn"], colours["card"]) >= 4.5
