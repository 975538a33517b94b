"""A study in words: its tables, the terminal, the pages of paper."""

from __future__ import annotations

import importlib
import io
from dataclasses import replace

import pytest
from fixture_study import absent, low, study
from rich.console import Console

from garland.edx_study.records import Cell, EdxStudy
from garland.errors import InputError
from garland.report.study import content as v
from garland.report.study import pdf
from garland.report.study.text import print_study

NASTY = '#let x = 1 *bold* $x^2$ <b> \\ [y] @z `raw` // "quoted"'
EMPTY = EdxStudy(title="Nothing done", protocol="none", header=(), seed=1, day=0.0, version="0.1.0")


def stated(given: EdxStudy, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    print_study(given, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def sheet(key: str, given: EdxStudy | None = None) -> v._Sheet:
    return next(one for one in v._sheets(given or study()) if one.key == key)


def test_a_cell_tells_value_sign_limit_and_key():
    shown = v._shown(low(0.9, 1, "1.1 mV", "Chen 2016", 2), "a", "mV")
    assert shown == v._Shown("0.9", "▼▼", "≥ 1.1", "a", "low", "moderately below the limit", False)


def test_no_response_zero_and_not_measured_are_three_things():
    assert v._shown(absent("≥ 4", "x"), "a").words == "NR"
    assert v._shown(Cell(0.0, 1)).words == "0.0"
    assert v._shown(Cell()).words == "–"
    assert v._shown(Cell(word="–", limit="≥ 3", source="x"), "a").limit == ""


def test_what_is_negative_has_a_true_minus_and_nothing_is_minus_nothing():
    assert v._number(-1.25, 1) == "−1.2"
    assert v._number(-0.01, 1) == "0.0"
    assert v._number(float("nan"), 1) == "–"


def test_motor_rows_stand_under_their_nerve_and_side():
    blocks = sheet("motor").blocks
    assert blocks[2].title == "Left fibular (peroneal) – extensor digitorum brevis"
    assert [line.head for line in blocks[2].lines] == ["Ankle", "Fibular head", "Popliteal fossa"]


def test_a_column_in_which_nothing_was_measured_is_left_out():
    bare = tuple(replace(row, drop_percent=Cell(), area_mv_ms=Cell(word="–")) for row in study().motor)
    heads = [head for head, _ in sheet("motor", replace(study(), motor=bare)).heads]
    assert "Fall" not in heads
    assert "Area" not in heads


def test_differences_of_amplitudes_are_told_in_per_cent_and_of_times_in_milliseconds():
    lines = sheet("sides").blocks[0].lines
    assert lines[0].cells[2].words == "82 %"
    assert lines[-1].cells[2].words == "1.3 ms"


def test_paraspinals_stand_in_every_needle_table():
    limbs = tuple(row for row in study().needle if not v._is_paraspinal(row))
    lines = sheet("needle", replace(study(), needle=limbs)).blocks[0].lines
    assert lines[-1].head == "Lumbar paraspinals"
    assert lines[-1].cells[0].words == v.NOT_EXAMINED
    assert len(sheet("needle").blocks[0].lines) == len(study().needle)


def test_more_than_26_sources_get_letters_of_two():
    cells = [Cell(1.0, 1, "", "≤ 2", f"source {i}") for i in range(30)]
    rows = tuple(replace(study().motor[0], label=cell.source, latency_ms=cell) for cell in cells)
    keys = [key for key, source in sheet("motor", replace(study(), motor=rows)).sources if "source" in source]
    assert len(set(keys)) == 30
    assert {"z", "aa"} <= set(keys)


@pytest.mark.parametrize("width", [80, 124, 160])
def test_the_terminal_tells_tables_signs_and_impression(width):
    words = stated(study(), width)
    for part in ("Motor nerve conduction", "Needle EMG", "1.4▼▼▼", "[NR]", "Impression", "seed 7"):
        assert part in words
    assert max(map(len, words.splitlines())) <= width


def test_a_study_of_nothing_prints():
    assert "not examined" in stated(EMPTY, 80)


def test_the_paper_is_the_same_for_the_same_study_and_has_pages():
    pytest.importorskip("typst")
    given = replace(study(), plates=study().plates[:2])
    made = pdf.render_study_pdf(given)
    assert made.startswith(b"%PDF-")
    assert made == pdf.render_study_pdf(given)


def test_what_looks_like_markup_stays_words_on_paper():
    pytest.importorskip("typst")
    given = study()
    dirty = replace(
        EMPTY,
        title=NASTY,
        header=((NASTY, NASTY),),
        motor=(replace(given.motor[0], label=NASTY, point=NASTY),),
        needle=(replace(given.needle[0], label=NASTY, roots=NASTY),),
        plates=(replace(given.plates[0], title=NASTY),),
        summary=(NASTY,),
        impression=(NASTY,),
        sources=(NASTY,),
    )
    assert pdf.render_study_pdf(dirty).startswith(b"%PDF-")
    assert pdf._compiled(EMPTY, "png", 30.0)


def test_without_its_package_the_paper_says_what_to_install(monkeypatch):
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(
        InputError, match=r"needs the package typst, which is not installed; run pip install 'garland\[pdf\]'"
    ):
        pdf.render_study_pdf(EMPTY)
