"""The page and the terminal summary of a cohort: what they must say, escaped and self-contained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from garland.cohorts.folder import opened, run
from garland.cohorts.spec import CohortSpec
from garland.cohorts.summary import CauseShare, CohortSummary, MeasureSummary, Spread, _summarised
from garland.executors import Workers
from garland.records.reading import parse_spec
from garland.report.cohort import content as v
from garland.report.cohort import figures as figures
from garland.report.cohort.html import _groups, cohort_page
from garland.report.cohort.text import print_cohort
from garland.report.common.svg import line_sample

NAN = float("nan")
COUNTY = {
    "garland_cohort": 1,
    "name": "county",
    "seed": 5,
    "size": 3000,
    "part_size": 3000,
    "people": {"source": "county", "span_years": 20, "programme": "intensified-glucose"},
    "visits": [],
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> CohortSummary:
    path = tmp_path_factory.mktemp("made") / "county"
    run(parse_spec(CohortSpec, COUNTY, "cohort"), path, Workers(1))
    return _summarised(opened(path), Workers(1))


def spread(visit: int, middle: float, silent: int = 0) -> Spread:
    shares = tuple(middle * factor for factor in (0.5, 0.8, 1.0, 1.2, 1.5))
    edges = tuple(middle * at / 12.0 for at in range(25))
    return Spread(visit, 100, 90, 10, silent, middle, 1.0, shares, edges, tuple(range(24)))


@pytest.fixture(scope="module")
def referral(county: CohortSummary) -> CohortSummary:
    """A referral with three measures at three visits, written by hand on the people of the county."""
    grades = Spread(0, 100, 100, 0, 0, 2.0, 1.0, (), (0.0, 3.0, 11.0 / 3.0), (20, 30, 50))
    life = tuple(spread(at, middle) for at, middle in enumerate((30.0, 25.0, 20.0)))
    day = tuple(spread(at, middle) for at, middle in enumerate((40.0, 130.0, 220.0)))
    snap = tuple(spread(at, 5.0, silent=7) for at in range(3))
    measures = (
        MeasureSummary("day", "d", "day", "number", False, day),
        MeasureSummary("nis", "{0..244}", "nis", "number", True, life),
        MeasureSummary("snap_left_sural_uv", "uV", "left <sural> snap", "number", False, snap),
        MeasureSummary("strength_left_knee_mrc", "{MRC 0..5}", "left knee", "grade", False, (grades,) * 3),
    )
    people = {"source": "referral", "setting": "emg-laboratory", "causes": [], "first_visit_day": None}
    return replace(
        county,
        name="few",
        county=None,
        visits=300,
        measures=measures,
        spec={**county.spec, "people": people, "visits": [0.0, 90.0, 180.0]},
        causes=(CauseShare("dlrpn", "diabetic <form>", "radiculoplexus", 60, 0.6),
                CauseShare("none", "nothing", "none", 40, 0.4)),
    )  # fmt: skip


def paged(summary: CohortSummary) -> str:
    """Return the page with plain spaces."""
    return cohort_page(summary).replace("\u00a0", " ")


def printed(summary: CohortSummary) -> str:
    console = Console(width=100, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    print_cohort(summary, console)
    return console.export_text()


def test_a_page_says_simulated_seed_version_and_spec(county: CohortSummary, referral: CohortSummary):
    for summary in (county, referral):
        page = cohort_page(summary)
        assert page.count("SIMULATED") >= 4
        assert "Not a medical device" in page
        assert summary.sha256[:16] in page
        assert f"<dd>{summary.seed}</dd>" in page
        assert "garland_cohort: 1" in page


def test_a_page_needs_nothing_from_elsewhere(county: CohortSummary, referral: CohortSummary):
    for summary in (county, referral):
        page = cohort_page(summary)
        assert not re.search(r"<script|<link|@import|src=|https?://(?!www\.w3\.org/2000/svg)", page)


def test_what_a_cohort_says_is_escaped(referral: CohortSummary):
    page = cohort_page(referral)
    assert "<form>" not in page
    assert "diabetic &lt;form&gt;" in page
    assert "left &lt;sural&gt;" in page


def test_a_county_stands_beside_what_was_published(county: CohortSummary):
    page = cohort_page(county)
    assert "4.16 (3.13 to 5.18)" in page
    assert "7.91 (4.11 to 15.2)" in page
    assert "Olmsted County" in page
    assert county.county is not None
    found = {one.what: one for one in v._comparison(county.county)}
    rate = county.county.counted.adjusted.per_100000_year
    assert found["Incidence per 100,000 a year, adjusted"].meets == (3.13 <= rate <= 5.18)
    assert found["Age of cases, adjusted: median (quartiles)"].meets is None


def test_a_programme_tells_what_it_saves_and_how_surely(county: CohortSummary):
    page, text = cohort_page(county), printed(county)
    assert county.county is not None
    for one in county.county.saved:
        assert one.needed_words in page
        assert one.needed_words in text
    assert f"{county.county.saved[1].prevented:,} prevented" in page
    assert "What-if only" in page
    assert "its numbers belong beside a county without one" in page


def test_a_referral_shows_causes_courses_and_what_did_not_respond(referral: CohortSummary):
    page = paged(referral)
    assert "Courses over visits" in page
    assert 'data-label="no response">7.0 %' in page
    assert "0: 20 %, 3: 30 %, 4−: 50 %" in page
    assert "Who falls ill" not in page
    text = printed(referral)
    assert "first visit" in text
    assert "last visit" in text
    assert "SIMULATED" in text


def test_measures_are_grouped_with_daily_life_first(referral: CohortSummary):
    stated = _groups(referral.measures[1:][::-1])
    assert [group.title for group in stated] == ["Daily life", "Strength", "SNAP"]


def test_every_drawing_is_well_formed(county: CohortSummary, referral: CohortSummary):
    assert county.county is not None
    drawn = [
        figures._pyramid(county),
        figures._rates_plot(county.county),
        *(figures._risk_plot(county.county, what) for what in ("onset", "neuropathy")),
        figures._histogram([("a", county.hba1c[0]), ("b", county.hba1c[1])], "%"),
        figures._course(referral.measures[1], (0.0, 90.0, 180.0)),
        figures._sparkline(referral.measures[3].visits[0], "grade"),
        figures._share_bar(referral.causes[0], 0.6),
        line_sample(1),
    ]
    for svg in drawn:
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert "nan" not in svg


def test_a_measure_seen_once_has_no_course(referral: CohortSummary):
    nothing = replace(referral.measures[1].visits[0], quantiles=(NAN,) * 5)
    once = replace(referral.measures[1], visits=(referral.measures[1].visits[0], nothing))
    assert not figures._drawable(once)
    assert figures._drawable(referral.measures[1])
    assert not figures._drawable(referral.measures[3])


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (1234567.0, "1,234,567"), (4.163, "4.16"), (-2.5, "−2.50"), (0.0123, "0.0123"), (NAN, "–")],
)
def test_numbers_keep_three_digits(value: float, words: str):
    assert v._number(value) == words


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0 %"), (0.00045, "0.045 %"), (0.0712, "7.1 %"), (0.456, "46 %"), (NAN, "–")]
)
def test_shares_are_told_in_per_cent(share: float, words: str):
    assert v._percent(share).replace("\u00a0", " ") == words


def test_a_column_of_nothing_is_a_dash():
    empty = Spread(0, 5, 0, 5, 0, NAN, NAN, (NAN,) * 5, (0.0, 1.0), (0,))
    assert v._spread_words(empty) == "–"
    assert v._grade_words(replace(empty, quantiles=())) == "–"
    assert "svg" in figures._sparkline(empty, "number")
    assert v._unit_words("{MRC 0..5}") == "MRC 0–5"


def test_a_cohort_is_written_where_no_folder_is_needed(county: CohortSummary, tmp_path: Path):
    (tmp_path / "page.html").write_text(cohort_page(county), encoding="utf-8")
    assert (tmp_path / "page.html").stat().st_size < 200_000
