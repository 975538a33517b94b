"""The validation on the terminal and as a page, from made-up answers."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from rich.console import Console

from garland.report.validation import content as values
from garland.report.validation.html import _row_plot, render_validation
from garland.report.validation.text import print_report
from garland.validation.rows import Report, RowResult, study_rows

NASTY = "<script>alert('x')</script> & {{ 7 * 7 }}"
VOID = {"meta", "link", "br", "hr", "img", "input"}


def answered(place: int, row) -> RowResult:
    """Return a made-up answer: on the value, on the edge, far out, never, in turn."""
    if row.left_out:
        return RowResult(row, None, None)
    low, high = row.band
    stated = (row.value, high, high + 9.0 * (high - low), float("inf"), low - 0.4 * (high - low))[place % 5]
    return RowResult(row, stated, 0.03 * (high - low))


REPORT = Report(
    tuple(answered(place, row) for place, row in enumerate(study_rows())),
    4000, 7, 12.3, "0.0.0", "SIMULATED. Not a medical device.", ("follow-up: 3 years",),
)  # fmt: skip


class Walker(HTMLParser):
    """Refuses a tag closed out of turn, and collects words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def words_of(html: str) -> str:
    walker = Walker()
    walker.feed(html)
    walker.close()
    assert walker.open == []
    return re.sub(r"[ \n]+", " ", " ".join(walker.words))


def printed(width: int) -> str:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    print_report(REPORT, console)
    return console.file.getvalue()


def test_the_page_is_well_formed_and_loads_nothing():
    html = render_validation(REPORT)
    words_of(html)
    for drawing in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(drawing)
    assert not re.search(
        r"https?:|url\(|@import|\bsrc=|<script", html.replace("http://www.w3.org/2000/svg", "")
    )


def test_every_row_stands_on_the_page_with_both_numbers_and_its_verdict():
    stated = words_of(render_validation(REPORT))
    for result in REPORT.results:
        assert result.row.quantity in stated
        if result.row.question:
            assert values._simulated(result) in stated
            assert values.VERDICT_WORDS[result.verdict] in stated


def test_every_reason_for_leaving_a_row_out_stands_on_the_page():
    stated = words_of(render_validation(REPORT))
    assert all(row.left_out in stated for row in study_rows() if row.left_out)


def test_texts_are_escaped():
    first = replace(REPORT.results[0].row, quantity=NASTY, population=NASTY, note=NASTY, left_out=None)
    dirty = replace(REPORT, results=(RowResult(first, 1.0, 0.1),), assumptions=(NASTY,), notice=NASTY)
    assert "<script" not in render_validation(dirty)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_text_fits_its_width(width: int):
    assert max(len(line.rstrip()) for line in printed(width).splitlines()) <= width


def test_the_text_tells_totals_rows_and_signs():
    stated = re.sub(r"\s+", " ", printed(140))
    count = REPORT.count("calibration")
    assert f"Rows the model was set with: {count.agree} of {count.asked} agree" in stated
    assert "median NIS at diagnosis" in stated
    assert "SIMULATED" in stated


def test_a_dot_too_far_out_is_an_arrow():
    far = RowResult(study_rows()[0], 1e6, 0.1)
    assert "<polygon" in _row_plot(far)
    assert "<circle" in _row_plot(RowResult(study_rows()[0], study_rows()[0].value, 0.1))
    assert "circle" not in _row_plot(RowResult(study_rows()[0], float("nan"), float("nan")))


def test_numbers_keep_three_digits_and_small_errors_are_seen():
    row = study_rows()[0]
    assert values._number(-0.96) == "−0.96"
    assert values._number(float("inf")) == "never"
    assert values._simulated(RowResult(row, 1.068, 0.004)) == "1.068 ± 0.004"
    assert values._simulated(RowResult(row, 22.31, 0.7)) == "22.3 ± 0.7"


def test_the_report_is_valid_json_even_where_a_number_never_comes():
    assert json.loads(json.dumps(REPORT.as_dict(), allow_nan=False))["n"] == 4000
