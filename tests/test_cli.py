"""The command line: what each command prints, and how it fails."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from garland import __version__
from garland.cli import main
from garland.cli.consult import _score_case
from garland.errors import GarlandError, InputError, OutOfRange
from garland.inference.candidate_tests import Budget
from garland.inference.consult import Asked
from garland.inference.result import (
    CauseProbability,
    Consult,
    FindingReview,
    NextTest,
    _Diagnostics,
    _FitCheck,
)
from garland.inference.test_selection import Rule
from garland.records import Case, find_case, shipped_cases
from garland.records.case import AMOUNTS, up_to

Run = Callable[..., tuple[int, str, str]]
MALFORMED = runpy.run_path(str(Path(__file__).parent / "malformed" / "malformed_cases.py"))["MALFORMED"]


def answer(case_id: str = "04", log_evidence: float = -3.0, failures: tuple[str, ...] = ()) -> Consult:
    causes = (
        CauseProbability("femoral", "Femoral neuropathy", "nerve", 0.2, 0.3, 0.01, log_evidence),
        CauseProbability("dlrpn", "Radiculoplexus neuropathy", "plexus", 0.1, 0.6, 0.01, -2.0),
        CauseProbability("lrpn", "The same without diabetes", "plexus", 0.1, 0.1, 0.01, -4.0),
    )
    return Consult(
        case_id=case_id,
        title="A case",
        published_diagnosis="diabetic amyotrophy",
        setting="emg-laboratory",
        summary="Most likely radiculoplexus neuropathy.",
        causes=() if failures else causes,
        lesions=(),
        findings=(),
        next_tests=(NextTest("saphenous SNAP", "nerve conduction", 0.4, "Absent: nerve or plexus."),),
        fit=_FitCheck(True, 0.4, "The findings fit."),
        not_used=(),
        basis=(),
        diagnostics=_Diagnostics(0, 1000, 3, 400.0, 0.5, failures=failures),
        version=__version__,
        notice="Not a medical device.",
    )


def put_in_place(monkeypatch: pytest.MonkeyPatch, consult: Callable[[Any, Asked], Consult]) -> None:
    """Put a consult that answers at once in place of the real one."""
    module = ModuleType("garland.inference.consult")
    module.consult, module.Asked = consult, Asked  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "garland.inference.consult", module)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Case, Asked]]:
    """Answer every consult at once; list what was asked."""
    calls: list[tuple[Case, Asked]] = []

    def consult(case: Case, question: Asked) -> Consult:
        calls.append((case, question))
        return answer(case.id)

    put_in_place(monkeypatch, consult)
    return calls


def failing(monkeypatch: pytest.MonkeyPatch, problem: BaseException) -> None:
    def consult(case: Case, question: Asked) -> Consult:
        raise problem

    put_in_place(monkeypatch, consult)


def test_the_version_is_printed(run: Run):
    assert run("--version") == (0, f"garland {__version__}\n", "")


def test_help_names_every_command(run: Run):
    code, out, _ = run("--help")
    assert code == 0
    for command in ("consult", "cases", "schema", "template", "anatomy", "sources"):
        assert command in out


def test_a_consult_names_the_leading_cause_and_the_way_to_the_page(run: Run, asked: list[tuple[Case, Asked]]):
    code, out, _ = run("consult", "04")
    assert code == 0
    assert "Radiculoplexus neuropathy" in out
    assert "--html" in out
    assert asked[0][0].id.startswith("04")


def test_a_consult_passes_its_options_on(run: Run, asked: list[tuple[Case, Asked]]):
    run("consult", "04", "--setting", "spine-clinic", "--seed", "7", "--particles", "64")
    (_, question) = asked[0]
    assert (question.setting, question.seed, question.particles) == ("spine-clinic", 7, 64)


def test_what_further_tests_may_cost_and_when_to_stop_is_passed_on(run: Run, asked: list[tuple[Case, Asked]]):
    run("consult", "04", "--minutes", "30", "--insertions", "4", "--discomfort", "9", "--tests", "3",
        "--certainty", "0.8", "--by-family")  # fmt: skip
    (_, question) = asked[0]
    assert question.budget == Budget(minutes=30.0, insertions=4.0, discomfort=9.0, tests=3)
    assert question.rule == Rule(certainty=0.8, by_family=True)


def test_without_a_budget_there_is_no_limit_but_the_number_of_tests(
    run: Run, asked: list[tuple[Case, Asked]]
):
    run("consult", "04")
    assert asked[0][1].budget == Budget(tests=6)
    assert asked[0][1].rule == Rule()


@pytest.mark.parametrize("how", [(), ("--json",)])
def test_where_the_sampling_failed_the_reason_is_told_with_exit_code_three(
    run: Run, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
):
    put_in_place(monkeypatch, lambda case, question: answer(failures=("too few patients explain it",)))
    code, out, err = run("consult", "04", *how)
    assert code == 3
    assert "too few patients explain it" in " ".join(out.split())
    assert "Radiculoplexus neuropathy (" not in out
    assert "Traceback" not in err


@pytest.mark.usefixtures("asked")
def test_json_is_all_that_stands_on_standard_output(run: Run):
    code, out, _ = run("consult", "04", "--json")
    assert code == 0
    assert json.loads(out)["causes"][1]["name"] == "dlrpn"


def test_what_is_not_finite_becomes_null_in_json(run: Run, monkeypatch: pytest.MonkeyPatch):
    put_in_place(monkeypatch, lambda case, question: answer(log_evidence=float("-inf")))
    _, out, _ = run("consult", "04", "--json")
    assert json.loads(out)["causes"][0]["log_evidence"] is None


@pytest.mark.usefixtures("asked")
def test_a_page_is_written_into_a_new_folder_and_its_place_is_told(run: Run, tmp_path: Path):
    page = tmp_path / "new" / "report.html"
    code, out, _ = run("consult", "04", "--html", str(page))
    assert code == 0
    assert "page:" in out
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert os.listdir(page.parent) == ["report.html"]


def test_nothing_half_written_stays_when_the_page_fails(
    run: Run, asked: list[tuple[Case, Asked]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fails(page: str, path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("garland.report.common.pages.write_page", fails)
    code, _, err = run("consult", "04", "--html", str(tmp_path / "report.html"))
    assert code == 2
    assert "cannot be written (No space left on device); name a file you may write" in err
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_is_a_folder_is_refused_before_any_work(
    run: Run, asked: list[tuple[Case, Asked]], tmp_path: Path
):
    code, _, err = run("consult", "04", "--html", str(tmp_path))
    assert code == 2
    assert "cannot be written (it is a folder)" in err
    assert asked == []


def test_a_page_below_a_file_is_refused(run: Run, asked: list[tuple[Case, Asked]], tmp_path: Path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    code, _, err = run("consult", "04", "--html", str(tmp_path / "file" / "report.html"))
    assert code == 2
    assert "cannot be written" in err
    assert asked == []


def test_a_page_in_a_read_only_folder_is_refused(
    run: Run, asked: list[tuple[Case, Asked]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("garland.cli.output.os.access", lambda path, mode: False)
    code, _, err = run("consult", "04", "--html", str(tmp_path / "report.html"))
    assert code == 2
    assert "cannot be written (its folder is read-only)" in err


def test_an_error_is_one_line_and_exit_code_two(run: Run, monkeypatch: pytest.MonkeyPatch):
    failing(monkeypatch, OutOfRange("age 300 a lies outside\n0 to 110 a"))
    assert run("consult", "04") == (2, "", "error: age 300 a lies outside 0 to 110 a\n")


@pytest.mark.parametrize("words", [("--debug", "consult", "04"), ("consult", "04", "--debug")])
def test_debug_shows_the_error_itself(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch):
    failing(monkeypatch, OutOfRange("age 300 a"))
    with pytest.raises(OutOfRange, match="age 300 a"):
        main(words)


def test_an_interrupted_consult_ends_with_130_and_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch):
    failing(monkeypatch, KeyboardInterrupt())
    code, out, err = run("consult", "04")
    assert code == 130
    assert "Traceback" not in out + err


def test_a_file_that_does_not_exist_is_one_line(run: Run, asked: list[tuple[Case, Asked]]):
    code, _, err = run("consult", "nowhere.yaml")
    assert code == 2
    assert err.startswith("error: nowhere.yaml")
    assert err.count("\n") == 1


def written(row: Any, folder: Path) -> str:
    """Write a malformed case and return its place."""
    file = folder / f"case{row.suffix}"
    file.write_bytes(row.raw)
    return str(file)


@pytest.mark.parametrize("row", MALFORMED, ids=lambda row: row.name)
def test_a_malformed_case_is_exit_code_two_and_one_line(
    run: Run, asked: list[tuple[Case, Asked]], row: Any, tmp_path: Path
):
    code, out, err = run("consult", written(row, tmp_path))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert row.fragment in err
    assert "Traceback" not in err
    assert asked == []


def test_a_malformed_case_is_one_line_in_a_shell_too(tmp_path: Path):
    row = next(row for row in MALFORMED if row.name == "muscle_misspelt")
    command = [sys.executable, "-m", "garland", "consult", written(row, tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert printed.returncode == 2
    assert printed.stdout == ""
    assert printed.stderr.startswith("error: ")
    assert printed.stderr.count("\n") == 1


def test_a_shipped_case_that_does_not_exist_is_one_line(run: Run, asked: list[tuple[Case, Asked]]):
    code, _, err = run("consult", "4711")
    assert code == 2
    assert "is not one of the published cases" in err


def test_a_file_goes_before_a_shipped_case_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "04").write_text("not a case", encoding="utf-8")
    with pytest.raises(InputError, match="04"):
        find_case("04")


@pytest.mark.parametrize(
    "words",
    [("consult",), ("consult", "04", "--setting", "moon"), ("consult", "04", "--seed", "-1"), ("unknown",)],
)
def test_a_wrong_use_is_exit_code_two(run: Run, words: tuple[str, ...]):
    code, _, err = run(*words)
    assert code == 2
    assert "Usage" in err


@pytest.mark.usefixtures("asked")
def test_all_cases_are_run_and_ranked(run: Run):
    code, out, _ = run("cases", "--json")
    rows = json.loads(out)["cases"]
    assert code == 0
    assert [row["case_id"] for row in rows] == [find_case(name).id for name, _ in shipped_cases()]
    assert {"rank", "probability", "published", "seconds"} <= set(rows[0])


@pytest.mark.usefixtures("asked")
def test_all_cases_are_shown_as_a_table(run: Run):
    code, out, err = run("cases")
    assert code == 0
    assert "first" in out
    assert not err


def test_cases_are_answered_by_what_was_known(run: Run, asked: list[tuple[Case, Asked]]):
    code, out, _ = run("cases", "--by-amount", "--json", "--seed", "3")
    assert code == 0
    assert list(json.loads(out)) == list(AMOUNTS)
    assert len(asked) == len(AMOUNTS) * len(shipped_cases())
    history = asked[0][0].visits[0]
    assert history == up_to(find_case(asked[0][0].id), "history").visits[0]
    assert {question.seed for _, question in asked} == {3}


@pytest.mark.usefixtures("asked")
def test_all_cases_are_a_page_too(run: Run, tmp_path: Path):
    page = tmp_path / "new" / "cases.html"
    code, out, _ = run("cases", "--html", str(page))
    assert code == 0
    assert f"page: {page}" in out
    assert "Every case" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("asked")
def test_what_was_known_is_a_table_too(run: Run):
    code, out, _ = run("cases", "--by-amount")
    assert code == 0
    assert all(amount in out for amount in AMOUNTS)


def test_the_rank_is_that_of_the_best_accepted_cause():
    score = _score_case(answer(), ("lrpn", "femoral"))
    assert score.rank == 2
    assert score.probability == pytest.approx(0.4)
    assert score.leading == "Radiculoplexus neuropathy"


def test_a_score_keeps_the_first_accepted_cause_and_what_the_answer_rests_on():
    kinds = ("history", "needle", "history")
    found = replace(
        answer(), findings=tuple(FindingReview("a", kind, 0, "x", "y", 0.0, 0.5) for kind in kinds)
    )
    score = _score_case(found, ("lrpn", "femoral"))
    assert (score.cause, score.family) == ("The same without diabetes", "plexus")
    assert (score.findings, score.kinds) == (3, ("history", "needle"))
    assert score.leading_name == "dlrpn"


def test_a_case_without_an_accepted_cause_has_no_rank():
    assert _score_case(answer(), ()).rank is None


def test_the_schema_is_json(run: Run):
    code, out, _ = run("schema")
    assert code == 0
    assert json.loads(out)["type"] == "object"


def test_the_template_is_a_case_that_can_be_read(run: Run, tmp_path: Path):
    code, out, _ = run("template")
    assert code == 0
    (tmp_path / "case.yaml").write_text(out, encoding="utf-8")
    assert find_case(str(tmp_path / "case.yaml")).id


def test_the_path_of_a_muscle_is_shown_from_root_to_nerve(run: Run):
    code, out, _ = run("anatomy", "vastus-lateralis", "--height-cm", "180")
    assert code == 0
    assert "L3" in out
    assert "femoral" in out


def test_a_muscle_that_does_not_exist_is_refused_with_the_nearest_name(run: Run):
    code, _, err = run("anatomy", "vastus-lateralus")
    assert code == 2
    assert "vastus-lateralis" in err


def test_the_sources_count_what_is_measured_and_name_what_is_not(run: Run):
    code, out, _ = run("sources")
    assert code == 0
    for standing in ("measured", "derived", "recalled", "assumed"):
        assert standing in out


def test_the_sources_are_complete_as_json(run: Run):
    _, out, _ = run("sources", "--json")
    stated = json.loads(out)
    assert sum(stated["counts"].values()) == len(stated["numbers"])
    assert {number["source"] for number in stated["numbers"]} == set(stated["references"])


def test_garland_runs_as_a_module():
    command = [sys.executable, "-m", "garland", "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert printed.stdout == f"garland {__version__}\n"


def test_a_closed_pipe_is_no_traceback():
    command = f"{sys.executable} -m garland schema | head -c 1"
    printed = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in printed.stderr


@pytest.mark.slow
def test_the_shipped_amyotrophy_is_answered_from_end_to_end(run: Run, tmp_path: Path):
    code, out, err = run("consult", "04", "--json", "--html", str(tmp_path / "report.html"))
    assert code == 0, err
    stated = json.loads(out)
    assert sum(cause["probability"] for cause in stated["causes"]) == pytest.approx(1.0, abs=1e-6)
    assert (tmp_path / "report.html").stat().st_size > 1000


def test_every_error_on_purpose_is_one_family():
    assert issubclass(InputError, GarlandError)
    assert issubclass(OutOfRange, GarlandError)
