"""What several test files share: the command line, run in this process, and programs compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from garland import programs
from garland.cli import main

HERE = Path(__file__).parent


LONGEST = (
    "inference/test_inference_vignettes.py",
    "inference/test_inference_consult.py",
    "truth/test_truth_hypothesis.py",
    "model/test_latents_by_name.py",
    "inference/test_inference_any_case.py",
    "forecast/test_forecast_case.py",
    "experiments/test_experiments_forecast_coverage.py",
    "cohort/test_cohort_bids.py",
    "model/test_one_more_disease.py",
    "cohort/test_cohort_run.py",
    "validation/test_validation_run.py",
    "evidence_loader/test_evidence_provenance.py",
    "model/test_one_more_treatment.py",
    "truth/test_truth_course.py",
    "cohort/test_cohort_part.py",
    "truth/test_truth_conservation.py",
    "test_cli.py",
)
"""Files that take longest: they begin first, so that no worker is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order files from the longest on; within a file, and among all the others, the order stays."""
    place = {HERE / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep programs in a cache folder of the test, however quickly they are compiled; give that folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(programs, "_LOADED_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(programs, "_NOT_KEPT", [])
    programs._folder.cache_clear()
    yield tmp_path / "cache"
    programs._folder.cache_clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process; give exit code, standard output and standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        printed = capsys.readouterr()
        code = end.value.code
        return (code if isinstance(code, int) else 0), printed.out, printed.err

    return call
