"""The lesion map, its strips and the small bars."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from consult_variants import mirrored, widespread
from fixture_consult import CONSULT, DISEASES, LESIONS

from garland.report.common.svg import element, spread_apart, text
from garland.report.consult.bars import (
    _bits_bar,
    _cause_bar,
    _information_bar,
    _level,
    _level_words,
    _loss_bar,
    _side_strips,
)
from garland.report.consult.lesion_map import _body_map, _legend, _lesion_map

SVG = "{http://www.w3.org/2000/svg}"


def half(drawing: str, side: str) -> ElementTree.Element:
    groups = ElementTree.fromstring(drawing).iter(f"{SVG}g")
    return next(group for group in groups if group.get("class") == f"half {side}")


def shapes(drawing: str, side: str) -> list[tuple[str | None, ...]]:
    return [
        (part.tag, part.get("class"), part.get("d"), part.get("stroke-width"), part.get("r"))
        for part in half(drawing, side).iter()
        if part.tag != f"{SVG}title" and part.tag != f"{SVG}g"
    ]


def test_the_mirrored_patient_gives_the_mirrored_map():
    seen, mirror = _lesion_map(LESIONS), _lesion_map(mirrored(CONSULT).lesions)
    assert shapes(seen, "right") == shapes(mirror, "left")
    assert shapes(seen, "left") == shapes(mirror, "right")
    assert shapes(seen, "right") != shapes(seen, "left")


def test_the_patients_right_is_drawn_at_the_readers_left():
    drawing = _lesion_map(LESIONS)
    assert half(drawing, "right").get("transform") == "scale(-1,1)"
    assert half(drawing, "left").get("transform") is None
    names = {
        node.text: float(node.get("x", "0")) for node in ElementTree.fromstring(drawing).iter(f"{SVG}text")
    }
    assert names["Patient’s right"] < 0 < names["Patient’s left"]


def test_a_site_carries_its_numbers_as_a_tooltip():
    titles = [node.text for node in half(_lesion_map(LESIONS), "right").iter(f"{SVG}title")]
    assert (
        "Right lumbar plexus, posterior divisions: mean loss 63 %, 80 % interval 41–83 %, "
        "involved with probability 97 %"
    ) in titles


def test_more_loss_is_drawn_thicker_and_in_a_later_colour():
    loss = next(loss for loss in LESIONS if loss.site == "sural" and loss.side == "left")

    def line(mean: float) -> tuple[str, float]:
        drawn = half(_lesion_map([replace(loss, mean=mean)]), "left")
        found = [p for p in drawn.iter(f"{SVG}path") if re.fullmatch(r"line l[1-5]", p.get("class", ""))]
        return found[0].get("class", ""), float(found[0].get("stroke-width", "0"))

    drawn = [line(mean) for mean in (0.1, 0.2, 0.4, 0.6, 0.9)]
    assert [css for css, _width in drawn] == [f"line l{step}" for step in range(1, 6)]
    assert [width for _css, width in drawn] == sorted(width for _css, width in drawn)


def test_a_wide_interval_is_striped():
    loss = next(loss for loss in LESIONS if loss.site == "femoral-pelvic" and loss.side == "right")
    assert "stripes" in _lesion_map([loss])
    assert "stripes" not in _lesion_map([replace(loss, low=0.3, high=0.5)])


def test_the_case_of_a_segment_in_a_sites_name_does_not_matter():
    assert _lesion_map([replace(loss, site=loss.site.lower()) for loss in LESIONS]) == _lesion_map(LESIONS)


def test_an_empty_map_shows_every_path_as_intact():
    drawing = _lesion_map(())
    assert not re.search(r'class="(line|dot) l[1-5]"', drawing)
    assert "no site reaches the limit" in drawing


def test_every_anchor_lies_within_the_body():
    view = _body_map()["view"]
    for shape in [*_body_map()["back"].values(), *_body_map()["front"].values()]:
        x, y = shape["at"]
        assert 0 < x < view["body_half_width"]
        assert 0 < y < view["height"]


def test_labels_are_moved_apart_and_stay_within_the_drawing():
    placed = spread_apart([10.0, 12.0, 14.0, 200.0], 35.0, 0.0, 300.0)
    assert all(after - before >= 35.0 - 1e-9 for before, after in pairwise(placed))
    assert placed[0] >= 0.0
    assert placed[-1] == 200.0
    assert spread_apart([290.0, 295.0], 35.0, 0.0, 300.0) == [265.0, 300.0]
    assert spread_apart([], 35.0, 0.0, 300.0) == []


def test_strips_for_cord_and_arm_appear_only_when_involved():
    assert _side_strips(LESIONS) == ()
    strips = _side_strips(widespread(CONSULT).lesions)
    assert len(strips) == 3
    assert "57 %" in strips[0]
    assert "42 %" in strips[2]


def test_the_steps_of_the_scale_cover_nothing_to_all():
    assert [_level(mean) for mean in (0.0, 0.05, 0.15, 0.3, 0.5, 0.75, 1.0)] == [0, 1, 2, 3, 4, 5, 5]
    assert [_level_words(step) for step in (0, 5)] == ["0–5", "75–100"]
    assert [words for _sample, words in _legend()] == [
        *(f"{_level_words(s)} %" for s in range(6)),
        "uncertain",
    ]


@pytest.mark.parametrize("bits", [-40.0, -0.4, 0.0, 0.4, 40.0])
def test_a_findings_bar_points_to_the_side_it_speaks_for_and_stays_in_its_box(bits):
    bars = {rect.get("class"): rect for rect in ElementTree.fromstring(_bits_bar(bits)).iter(f"{SVG}rect")}
    bar = bars.get("for") if bits > 0 else bars.get("against")
    assert bar is not None
    left, width = float(bar.get("x", "0")), float(bar.get("width", "0"))
    assert (left >= 50.0) if bits > 0 else (left + width <= 50.0)
    assert 0.0 <= left <= left + width <= 100.0


def test_bars_tell_their_numbers_to_a_reader_who_does_not_see_them():
    assert "86.2 %, Monte Carlo error 1.4 %; before the findings 3.1 %" in _cause_bar(DISEASES[0])
    assert "mean loss 24 %, 80 % interval 2–48 %" in _loss_bar(LESIONS[0])
    assert "expected information 0.20 bit" in _information_bar(0.2, 0.0)


def test_attributes_and_texts_are_escaped():
    assert element("rect", aria_label='a"<b>&') == '<rect aria-label="a&quot;&lt;b&gt;&amp;"/>'
    assert text("title", "<b>&") == "<title>&lt;b&gt;&amp;</title>"
