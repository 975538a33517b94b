"""A trial from spec to report, on a bank built from arrays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from synthetic import OUTCOMES, bank, spec

from garland.errors import InputError
from garland.progress import listening
from garland.trials import run as trial_run
from garland.trials.run import (
    _assumptions,
    _design_hash,
    analysis_words,
    outcome_words,
    trial,
    truth_words,
)
from garland.trials.spec import TrialSpec

BANK = bank(400)


@pytest.fixture(autouse=True)
def _without_the_model(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("garland.trials.potential_outcomes._make_bank", lambda spec, folder: BANK)


def plan(**changes: object) -> TrialSpec:
    return spec(**({"trials": 20, "sizes": [50, 100], "bank": 400} | changes))


def test_a_report_holds_every_truth_and_says_that_it_is_simulated():
    stated: list[str] = []
    with listening(lambda stage, share: stated.append(stage)):
        made = trial(plan())
    plain = made.as_dict()
    assert [one["truth"] for one in plain["truths"]] == ["none", "real"]
    assert plain["simulated"] is True
    assert "Not a medical device" in plain["notice"]
    assert plain["type_one_error"]["n"] == 20
    assert made.example.truth == "real"
    assert any(line == "trials of 50 patients, truth real: 1 of 1 parts" for line in stated)


@pytest.mark.parametrize("what", OUTCOMES)
def test_the_same_spec_gives_the_same_report(what: str):
    one, other = (trial(plan(outcome=OUTCOMES[what])).as_dict() for _ in range(2))
    assert json.dumps(one) == json.dumps(other)


def test_a_run_in_a_folder_goes_on_where_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = trial(plan(), tmp_path).as_dict()
    monkeypatch.setattr("garland.trials.replicate._conduct", None)
    monkeypatch.setattr("garland.trials.potential_outcomes._make_bank", None)
    assert json.dumps(trial(plan(), tmp_path).as_dict()) == json.dumps(first)
    assert len(list(tmp_path.iterdir())) == 1


def test_another_design_has_a_folder_of_its_own_and_more_trials_have_not():
    assert _design_hash(plan()) == _design_hash(plan(trials=500, sizes=[60], target_power=0.9))
    changed = [
        plan(seed=1), plan(blinded=True), plan(visits=[28, 56, 84]), plan(looks={"fractions": [0.5, 1]}),
        plan(arms={"placebo": "none", "drug": "methylprednisolone 1 g/wk from day 0"}),
    ]  # fmt: skip
    assert len({_design_hash(one) for one in [plan(), *changed]}) == 6


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--out: .* cannot be written"):
        trial(plan(), tmp_path / "file")


def test_no_worker_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="workers"):
        trial(plan(), tmp_path, workers=0)


def test_assumptions_name_losses_noise_missing_values_and_drugs_without_a_trial():
    stated = " ".join(_assumptions(plan(losses={}, blinded=True)))
    for words in ("10 % of patients leave", "5 % of visits", "off by 2 points", "one bank of 400 patients",
                  "is taken as at the last visit", "No controlled trial of methylprednisolone",
                  "Blinded"):  # fmt: skip
        assert words in stated
    arms = {"drug": "pregabalin 300 mg/d from day 0", "placebo": "none"}
    quiet = " ".join(_assumptions(plan(arms=arms)))
    assert "No controlled trial" not in quiet
    assert "Blinded" not in quiet


def test_remarks_of_a_spec_are_told_first_and_change_no_trial():
    noted = plan(remarks=["Nobody has seen its data."])
    assert _assumptions(noted)[0] == "Nobody has seen its data."
    assert _design_hash(noted) == _design_hash(plan())


def test_words_say_what_truths_outcomes_and_tests_are():
    made = plan(truths={"some": {"attack": 0.3, "pain": 0.2}, "real": "as-modelled"})
    assert truth_words(made, "some") == "30 % of new damage and 20 % of pain held back while it is given"
    assert "as the model draws it" in truth_words(made, "real")
    assert "every arm gets the care of the control" in truth_words(made, "none")
    assert "4 points below entry" in outcome_words(plan(outcome=OUTCOMES["nis-gain"]))
    assert "log-rank" in analysis_words(plan(outcome=OUTCOMES["nis-gain"]))


def test_the_notice_denies_that_a_treatment_works():
    assert "not evidence that a treatment works" in trial_run.NOTICE


def test_the_trial_shown_is_the_one_with_the_median_statistic(tmp_path: Path):
    made = trial(plan(), tmp_path)
    rows = [json.loads(line) for line in next(tmp_path.glob("*/real-100-effects.jsonl")).open()]
    scores = sorted(rows[0]["z"][:20])
    assert scores[8] <= made.example.estimate.z <= scores[11]
