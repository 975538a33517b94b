"""What is being done is heard by who listens, with the share done and the time left, and in one line."""

from __future__ import annotations

from contextvars import copy_context
from pathlib import Path
from threading import Thread

import pytest

from garland import progress
from garland.cli.display import _begin_anew, _last_words, _showing, _wrote
from garland.progress import Pace, duration, listening, stretch, tell

Heard = list[tuple[str, float | None]]


@pytest.fixture
def heard():
    """Listen during a test."""
    found: Heard = []
    with listening(lambda stage, share: found.append((stage, share))):
        yield found


def test_what_is_told_is_heard_inside_the_block_alone():
    found: Heard = []
    tell("before")
    with listening(lambda stage, share: found.append((stage, share))):
        tell("inside", 0.5)
    tell("after")
    assert found == [("inside", 0.5)]


def test_a_thread_that_works_for_an_answer_is_heard(heard: Heard):
    thread = Thread(target=copy_context().run, args=(tell, "in a thread"))
    thread.start()
    thread.join()
    assert heard == [("in a thread", None)]


def test_a_stretch_is_a_part_of_the_whole_and_may_have_a_name(heard: Heard):
    with stretch(0.5, 1.0, "case 2"), stretch(0.0, 0.5):
        tell("first looks", 0.5)
        tell("somewhere")
    tell("end", 1.0)
    assert heard == [("case 2: first looks", 0.625), ("case 2: somewhere", None), ("end", 1.0)]


def test_a_stretch_costs_nothing_where_nobody_listens():
    with stretch(0.0, 0.5):
        assert progress._LISTENER.get() is None


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr("garland.progress.time.monotonic", lambda: self.now)


def left_after(monkeypatch: pytest.MonkeyPatch, *steps: tuple[float, float | None]) -> float | None:
    """Return the time left after shares told at some seconds; the last second is now."""
    clock, pace = Clock(monkeypatch), Pace()
    for clock.now, share in steps:
        pace.hear(share)
    return pace.left


def test_nobody_knows_the_time_left_before_something_was_done(monkeypatch: pytest.MonkeyPatch):
    assert left_after(monkeypatch, (0.0, None), (9.0, 0.0)) is None


def test_time_left_follows_from_the_pace(monkeypatch: pytest.MonkeyPatch):
    assert left_after(monkeypatch, (0.0, 0.0), (10.0, 0.1), (20.0, 0.2)) == pytest.approx(80.0)


def test_preparing_the_model_says_nothing_about_the_pace(monkeypatch: pytest.MonkeyPatch):
    steps = ((0.0, 0.0), (1.0, None), (31.0, 0.1), (41.0, 0.2))
    assert left_after(monkeypatch, *steps) == pytest.approx(80.0)


def test_the_latest_pace_counts_most(monkeypatch: pytest.MonkeyPatch):
    left = left_after(monkeypatch, (0.0, 0.0), (100.0, 0.1), (110.0, 0.4))
    assert left is not None
    assert 20.0 < left < 0.6 * 1000.0 / 3


def test_a_share_never_falls_and_waiting_shortens_what_is_left(monkeypatch: pytest.MonkeyPatch):
    clock, pace = Clock(monkeypatch), Pace()
    for clock.now, share in ((0.0, 0.0), (10.0, 0.5), (12.0, 0.4)):
        pace.hear(share)
    assert pace.share == 0.5
    assert pace.left == pytest.approx(8.0)
    clock.now = 60.0
    assert pace.left is not None
    assert pace.left > 8.0


@pytest.mark.parametrize(("seconds", "words"), [(5.0, "5 s"), (600.0, "10 min"), (7200.0, "2.0 h")])
def test_a_time_is_told_in_words_to_plan_with(seconds: float, words: str):
    assert duration(seconds) == words


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]):
    with _showing("loading"):
        tell("working", 0.5)
    assert capsys.readouterr() == ("", "")


def test_a_stop_says_what_is_left_behind_and_how_to_go_on():
    _begin_anew()
    assert _last_words() == "Stopped. Nothing was written; run the same command again."
    with _showing("loading"):
        _wrote(Path("page.html"))
        assert _last_words() == "Stopped. Written: page.html; run the same command again for all."
        _wrote(Path("case.yaml"))
        assert "2 files, each whole, the last case.yaml" in _last_words()
    with _showing("loading", resumes=True):
        assert _last_words() == "Stopped; the same command goes on from there."
        tell("3 of 4 parts", 0.75)
        tell("preparing")
        assert _last_words() == "Stopped at 3 of 4 parts; the same command goes on from there."
    _begin_anew()
