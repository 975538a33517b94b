"""The command trial: what it asks, what it prints, and how it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

Run = Callable[..., tuple[int, str, str]]
WRITTEN = """
garland_trial: 1
name: mine
patients: 60
arms: {drug: pregabalin 300 mg/d from day 0, placebo: none}
visits: [28, 84]
outcome: {what: pain-responder, day: 84}
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put an answer that comes at once in place of the trials; list what was asked."""
    calls: list[dict[str, Any]] = []

    def trial(spec: Any, folder: Any, workers: int) -> Any:
        calls.append({"spec": spec, "folder": folder, "workers": workers})
        return SimpleNamespace(as_dict=lambda: {"power": float("nan")})

    made = {
        "garland.trials.run": {"trial": trial},
        "garland.report.trial.text": {"print_trial": lambda result, console: console.print("all truths")},
        "garland.report.trial.html": {"render_trial": lambda result: "<!doctype html>trial"},
    }
    for name, members in made.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return calls


def test_a_shipped_trial_is_run_with_every_option(run: Run, asked: list[dict[str, Any]], tmp_path: Path):
    page = tmp_path / "new" / "trial.html"
    words = ("--out", str(tmp_path / "kept"), "--html", str(page), "--trials", "50", "--workers", "2")
    code, out, _ = run("trial", "methylprednisolone-75", *words)
    assert code == 0
    assert asked[0]["spec"].trials == 50
    assert (asked[0]["folder"], asked[0]["workers"]) == (tmp_path / "kept", 2)
    assert page.read_text() == "<!doctype html>trial"
    assert "all truths" in out
    assert f"page: {page}" in out.replace("\n", "")


def test_json_is_all_that_is_printed(run: Run, asked: list[dict[str, Any]], tmp_path: Path):
    spec = tmp_path / "mine.yaml"
    spec.write_text(WRITTEN, encoding="utf-8")
    code, out, _ = run("trial", str(spec), "--json")
    assert (code, json.loads(out)) == (0, {"power": None})
    assert asked[0]["spec"].trials == 1000


MALFORMED = {
    "outcome: {what: pain-responder, day: 84}": (
        "outcome: {what: pain-responder}",
        "outcome.day: 'nothing' is missing",
    ),
    "patients: 60": ("patients: sixty", "patients: 'sixty' is not a number"),
    "placebo: none}": ("placebo: nothing at all}", "arms.placebo: "),
    "visits: [28, 84]": ("visits: 84", "visits: 84 is not a list"),
    "garland_trial: 1": ("garland_trial: 1\ngarland_trial: 1", "gives the key garland_trial twice"),
}


@pytest.mark.parametrize("line", MALFORMED)
def test_a_malformed_spec_is_one_line_and_exit_code_2(run: Run, tmp_path: Path, line: str):
    wrong, stated = MALFORMED[line]
    spec = tmp_path / "mine.yaml"
    spec.write_text(WRITTEN.replace(line, wrong), encoding="utf-8")
    code, out, err = run("trial", str(spec))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith(f"error: {spec}")
    assert stated in err


def test_a_trial_that_does_not_exist_is_refused(run: Run):
    code, _, err = run("trial", "no-such-trial")
    assert code == 2
    assert "neither a file nor a shipped trial" in err


def test_a_page_that_cannot_be_written_is_refused_before_any_work(
    run: Run, asked: list[dict[str, Any]], tmp_path: Path
):
    code, _, err = run("trial", "methylprednisolone-75", "--html", str(tmp_path))
    assert code == 2
    assert "--html" in err
    assert asked == []
