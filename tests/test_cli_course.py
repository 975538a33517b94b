"""The commands patient, forecast and validate: what they ask, what they print, and how they fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from garland.forecasts.records import Arm, Band, CourseReport, Series

Run = Callable[..., tuple[int, str, str]]


def report(kind: str) -> CourseReport:
    band = Band.line((0.0, 500.0), (1.0, 7.0))
    arm = Arm("no treatment", series=(Series("pain_nrs", "pain", "NRS", "pain", (("", band),)),))
    return CourseReport(
        "A course", kind, (("age", "64 years"),), "a cause", (), 3, "0", (arm,), 500.0, 0.0 if kind else None
    )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Put answers that come at once in place of the model; list what was asked."""
    calls: list[dict[str, Any]] = []

    def patient(spec: Any, arms: Any, **more: Any) -> CourseReport:
        calls.append({"spec": spec, "arms": arms, **more})
        return report("patient")

    def forecast(case: Any, arms: Any, options: Any) -> CourseReport:
        calls.append({"case": case, "arms": arms, "options": options})
        return report("forecast")

    def validate(seed: int, n: int) -> Any:
        calls.append({"seed": seed, "n": n})
        return SimpleNamespace(as_dict=lambda: {"rows": [float("nan")]})

    made = {
        "garland.forecasts.patient": {"patient": patient, "PatientSpec": SimpleNamespace},
        "garland.forecasts.forecast": {"forecast": forecast, "ForecastOptions": lambda *values: values},
        "garland.validation.run": {"validate": validate},
        "garland.report.validation.text": {"print_report": lambda result, console: console.print("all rows")},
        "garland.report.validation.html": {"render_validation": lambda result: "<!doctype html>rows"},
    }
    for name, members in made.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return calls


def test_a_patient_is_asked_for_with_every_option(run: Run, asked: list[dict[str, Any]]):
    words = "--cause lrpn --age 61 --sex woman --height-cm 160 --weight-kg 60 --no-diabetes --hba1c 5.5"
    more = "--months 12 --seed 4 --arm pregabalin --arm therapy"
    assert run("patient", *words.split(), *more.split())[0] == 0
    spec = vars(asked[0]["spec"])
    assert spec == {
        "cause": "lrpn", "age_years": 61.0, "male": False, "height_cm": 160.0, "weight_kg": 60.0,
        "diabetes": False, "diabetes_years": None, "hba1c_percent": 5.5,
    }  # fmt: skip
    assert asked[0]["arms"] == ["pregabalin", "therapy"]
    assert (asked[0]["seed"], asked[0]["months"]) == (4, 12.0)


def test_a_patient_is_told_in_the_terminal_with_the_way_to_the_page(run: Run, asked: list[dict[str, Any]]):
    code, out, _ = run("patient")
    assert code == 0
    assert "64 years" in out
    assert "--html" in out


@pytest.mark.parametrize("words", [("patient",), ("forecast", "04")])
def test_json_is_all_that_stands_on_standard_output(
    run: Run, asked: list[dict[str, Any]], words: tuple[str, ...]
):
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["arms"][0]["name"] == "no treatment"


def test_what_is_not_finite_in_validation_becomes_null(run: Run, asked: list[dict[str, Any]]):
    code, out, _ = run("validate", "--json", "--seed", "2", "--n", "300")
    assert (code, json.loads(out)) == (0, {"rows": [None]})
    assert asked == [{"seed": 2, "n": 300}]


def test_validation_is_told_in_the_terminal(run: Run, asked: list[dict[str, Any]]):
    code, out, _ = run("validate")
    assert code == 0
    assert "all rows" in out


@pytest.mark.parametrize("words", [("patient",), ("forecast", "04"), ("validate",)])
def test_a_page_is_written_whole_into_a_new_folder(
    run: Run, asked: list[dict[str, Any]], words: tuple[str, ...], tmp_path: Path
):
    page = tmp_path / "new" / "course.html"
    code, out, _ = run(*words, "--html", str(page))
    assert code == 0
    assert "page:" in out
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html")
    assert [file.name for file in page.parent.iterdir()] == ["course.html"]


@pytest.mark.parametrize("words", [("patient",), ("forecast", "04"), ("validate",)])
def test_a_page_that_is_a_folder_is_refused_before_any_work(
    run: Run, asked: list[dict[str, Any]], words: tuple[str, ...], tmp_path: Path
):
    code, _, err = run(*words, "--html", str(tmp_path))
    assert code == 2
    assert "cannot be written (it is a folder)" in err
    assert err.count("\n") == 1
    assert asked == []


def test_nothing_half_written_stays_when_the_disk_is_full(
    run: Run, asked: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*given: Any, **named: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("garland.io.os.replace", full)
    code, _, err = run("patient", "--html", str(tmp_path / "course.html"))
    assert code == 2
    assert "cannot be written (No space left on device)" in err
    assert list(tmp_path.iterdir()) == []


def test_a_forecast_is_asked_for_with_every_option(run: Run, asked: list[dict[str, Any]]):
    words = "--setting spine-clinic --seed 7 --months 12 --particles 512 --arm none"
    assert run("forecast", "04", *words.split())[0] == 0
    assert asked[0]["case"].id.startswith("04")
    assert asked[0]["options"] == ("spine-clinic", 7, 12.0, 512)
    assert asked[0]["arms"] == ["none"]


def test_a_forecast_without_arms_leaves_the_choice_to_the_model(run: Run, asked: list[dict[str, Any]]):
    run("forecast", "04")
    assert asked[0]["arms"] is None


def test_a_sex_that_is_neither_is_refused(run: Run, asked: list[dict[str, Any]]):
    code, out, err = run("patient", "--sex", "womann")
    assert (code, out) == (2, "")
    assert err == "error: --sex: 'womann' is neither man nor woman; did you mean woman?\n"
    assert asked == []


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (("patient", "--cause", "dlprn"), "did you mean dlrpn"),
        (("patient", "--cause", "lrpn", "--diabetes"), "use --no-diabetes"),
        (("patient", "--age", "7"), "lies outside 18 to 100 years"),
        (("patient", "--months", "0"), "lies outside 1 to 120"),
        (("patient", "--arm", "pregabalinn"), "pregabalin"),
        (("patient", "--arm", "nowhere.yaml"), "nowhere.yaml"),
        (("forecast", "nowhere.yaml"), "nowhere.yaml"),
        (("forecast", "04", "--arm", "pregabalin 300 from day 3"), "mg/d"),
        (("validate", "--n", "1"), "n: 1"),
    ],
)
def test_an_option_that_cannot_be_is_one_line_and_exit_code_two(
    run: Run, words: tuple[str, ...], fragment: str
):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert fragment in err


@pytest.mark.parametrize("words", [("patient", "--age", "old"), ("forecast",), ("patient", "--seed", "-1")])
def test_a_wrong_use_is_exit_code_two(run: Run, words: tuple[str, ...]):
    code, _, err = run(*words)
    assert code == 2
    assert "Usage" in err


def test_the_help_comes_without_loading_the_model():
    look = "import sys; from garland.cli import main\n"
    look += "try: main(['patient', '--help'])\nexcept SystemExit: pass\n"
    look += "print([name for name in ('jax', 'scipy', 'numpy') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert printed.stdout.splitlines()[-1] == "[]"
    assert "--hba1c" in printed.stdout
