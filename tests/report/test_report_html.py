"""The consult as a page."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from consult_variants import empty, everywhere, misfit, nothing_to_test, widespread
from fixture_consult import CONSULT

from garland.errors import InputError
from garland.inference.result import Consult
from garland.report.common import pages
from garland.report.common.words import percent_fine, signed
from garland.report.consult import html as page
from garland.report.consult.html import render_consult, write_html
from garland.report.consult.selection import NO_SITE, NO_TEST, _is_shown

VOID = {"meta", "link", "br", "hr", "img", "input"}
NASTY = "<script>alert('x')</script> & \"quotes\" {{ 7 * 7 }}"


class Walker(HTMLParser):
    """Collects tags and text, and refuses a tag closed out of turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def walk(html: str) -> Walker:
    walker = Walker()
    walker.feed(html)
    walker.close()
    assert walker.open == []
    return walker


def words(html: str) -> str:
    return re.sub(r"\s+", " ", " ".join(walk(html).words))


def svgs(html: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", html, re.DOTALL)


@pytest.mark.parametrize("change", [lambda c: c, empty, everywhere, misfit, widespread])
def test_the_page_is_well_formed_and_so_is_each_of_its_drawings(change):
    html = render_consult(change(CONSULT))
    walk(html)
    for drawing in svgs(html):
        ElementTree.fromstring(drawing)


def test_the_page_loads_nothing_from_anywhere():
    html = render_consult(widespread(CONSULT)).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\(|@import|\bsrc=|<script|<link|<iframe", html)


def test_every_text_of_the_case_is_escaped():
    cause, loss, finding = CONSULT.causes[0], CONSULT.lesions[20], CONSULT.findings[0]
    dirty = replace(
        CONSULT,
        case_id=NASTY,
        title=NASTY,
        published_diagnosis=NASTY,
        setting=NASTY,
        summary=NASTY,
        notice=NASTY,
        version=NASTY,
        causes=(replace(cause, title=NASTY, family=NASTY),),
        lesions=(replace(loss, label=NASTY),),
        findings=(replace(finding, label=NASTY, observed=NASTY, expected=NASTY, kind=NASTY, bits=2.0),),
        next_tests=(replace(CONSULT.next_tests[0], label=NASTY, kind=NASTY, says=NASTY),),
        fit=replace(CONSULT.fit, message=NASTY, clashes=(NASTY,)),
        not_used=(NASTY,),
        basis=tuple(
            replace(entry, path=NASTY, description=NASTY, unit=NASTY, source=NASTY) for entry in CONSULT.basis
        ),
    )
    html = render_consult(dirty)
    assert "<script" not in html
    assert "alert(" in words(html)
    for drawing in svgs(html):
        ElementTree.fromstring(drawing)


def test_every_cause_loss_finding_and_test_stands_on_the_page_with_its_numbers():
    stated = words(render_consult(CONSULT))
    for cause in CONSULT.causes[:5]:
        assert cause.title in stated
        assert f"{percent_fine(cause.probability)} ± {100 * cause.monte_carlo_error:.1f}" in stated
    for loss in filter(_is_shown, CONSULT.lesions):
        assert f"{100 * loss.low:.0f}–{100 * loss.high:.0f}" in stated
        assert f"mean loss {100 * loss.mean:.0f} %" in stated
        assert f"involved with probability {100 * loss.involved:.0f} %" in stated
    for finding in CONSULT.findings:
        for part in (finding.label, finding.observed, finding.expected, signed(finding.bits)):
            assert part in stated
    for test in CONSULT.next_tests:
        assert test.says in stated
        assert f"{test.bits:.2f} bit" in stated
    assert "4 others, together 1.0 %" in stated
    assert all(line in stated for line in CONSULT.not_used)


def test_the_page_names_each_unmeasured_number_and_its_computation():
    stated = words(render_consult(CONSULT))
    for entry in CONSULT.basis:
        assert (entry.description in stated) == (entry.standing in {"recalled", "assumed"})
        if entry.standing == "measured":
            assert entry.source in stated
    for number in ("184,320", "1,812", "seed 7", "6.8 s", "0.1.0"):
        assert number in stated


def test_the_notice_stands_at_the_top_and_at_the_bottom_and_expectations_are_called_simulated():
    html = render_consult(CONSULT)
    assert html.count(CONSULT.notice) == 2
    assert (
        html.index(CONSULT.notice)
        < html.index("<main>")
        < html.index("</main>")
        < html.rindex(CONSULT.notice)
    )
    assert "SIMULATED" in html


def test_both_halves_are_labelled_from_the_patients_point_of_view():
    stated = words(render_consult(CONSULT))
    assert "Patient’s right" in stated
    assert "Patient’s left" in stated
    assert "right side is on your left" in stated


def test_a_consult_without_findings_says_that_the_answer_is_the_prior():
    stated = words(render_consult(empty(CONSULT)))
    assert "No findings were recorded" in stated
    assert "before any examination" in stated
    assert "No numbers were listed" in stated
    assert "Where axons are lost" not in stated


def test_a_consult_with_neither_a_place_nor_a_telling_test_says_so():
    stated = words(render_consult(nothing_to_test(replace(CONSULT, lesions=()))))
    assert NO_SITE in stated
    assert NO_TEST in stated


def test_a_widespread_loss_is_summed_and_its_table_is_folded_away():
    html = render_consult(everywhere(CONSULT))
    assert html.count("Widespread, on both sides: 30 of 30 sites.") == 2
    assert "All of them as a table</summary>" in html
    assert "Widespread" not in render_consult(CONSULT)


def test_what_is_not_on_the_map_is_drawn_before_it():
    cord = tuple(loss for loss in widespread(CONSULT).lesions if loss.site.startswith("cord"))
    html = render_consult(replace(CONSULT, lesions=cord))
    assert html.index('class="strips"') < html.index('class="map-frame"')
    html = render_consult(widespread(CONSULT))
    assert html.index('class="strips"') > html.index('class="map-frame"')


def test_identifiers_become_words_on_the_page():
    finding = replace(CONSULT.findings[0], label="right knee-extension", observed="MRC mild-weakness")
    stated = words(render_consult(replace(CONSULT, findings=(finding,))))
    assert "right knee extension" in stated
    assert "mild weakness" in stated


def test_a_consult_without_causes_renders():
    walk(render_consult(replace(empty(CONSULT), causes=())))


def test_a_misfit_is_told_before_the_causes():
    html = render_consult(misfit(CONSULT))
    assert html.index("Nothing modelled fits") < html.index("Nearest of the causes modelled")
    assert "Nothing modelled fits" not in render_consult(CONSULT)


def test_the_visit_is_named_only_where_there_are_several():
    later = replace(CONSULT, findings=(*CONSULT.findings, replace(CONSULT.findings[0], visit=1)))
    assert "Visit 2: " in words(render_consult(later))
    assert "Visit 1" not in words(render_consult(CONSULT))


def test_tables_have_scoped_heads_and_drawings_have_names():
    tags = walk(render_consult(widespread(CONSULT))).tags
    assert all("scope" in attributes for tag, attributes in tags if tag == "th")
    for tag, attributes in tags:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or (
                attributes["role"] == "img" and attributes["aria-label"]
            )


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_text_keeps_its_contrast_in_light_dark_and_print(theme):
    style = pages.read_page_part("style.css")
    colours = dict(re.findall(r"--([\w-]+):(#\w+)", re.findall(r":root\{(.*?)\}", style, re.DOTALL)[theme]))
    pairs = [
        (ink, paper)
        for ink in ("ink", "quiet", "accent", "for", "against", "warn")
        for paper in ("card", "page")
    ]
    pairs += [
        ("warn", "warn-card"),
        ("ink", "warn-card"),
        ("quiet", "warn-card"),
        ("quiet", "good-card"),
        ("ink", "track"),
    ]
    pairs += [("on-low", "l1"), ("on-low", "l2"), *(("on-high", f"l{step}") for step in (3, 4, 5))]
    for ink, paper in pairs:
        assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_more_loss_is_steadily_darker_on_light_and_lighter_on_dark(theme):
    style = pages.read_page_part("style.css")
    colours = dict(re.findall(r"--([\w-]+):(#\w+)", re.findall(r":root\{(.*?)\}", style, re.DOTALL)[theme]))
    lights = [luminance(colours[f"l{step}"]) for step in range(1, 6)]
    assert lights == sorted(lights, reverse=theme != 1)


def test_write_html_writes_the_page_and_nothing_else(tmp_path: Path):
    write_html(CONSULT, tmp_path / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render_consult(CONSULT)


def test_write_html_leaves_the_old_file_and_no_half_file_when_rendering_fails(tmp_path: Path, monkeypatch):
    (tmp_path / "report.html").write_text("old", encoding="utf-8")

    def fails(_result: Consult) -> str:
        raise RuntimeError("no page")

    monkeypatch.setattr(page, "render_consult", fails)
    with pytest.raises(RuntimeError, match="no page"):
        write_html(CONSULT, tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["report.html"]


def test_write_html_leaves_no_half_file_when_the_file_cannot_be_replaced(tmp_path: Path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_html(CONSULT, tmp_path / "report.html")
    assert os.listdir(tmp_path) == ["report.html"]


def test_write_html_refuses_a_folder_that_does_not_exist(tmp_path: Path):
    with pytest.raises(InputError, match="stands in a folder that does not exist"):
        write_html(CONSULT, tmp_path / "nowhere" / "report.html")
