"""One trial and many: the bank, who is drawn, looks, and batches that are kept."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np
import pytest
from synthetic import OUTCOMES, bank, spec

from garland.errors import InputError
from garland.trials.potential_outcomes import _Bank, _load
from garland.trials.replicate import BATCH, _conduct, _deal, _repeat, _visits, _Workshop
from garland.trials.run import _example

BANK = bank()


def test_a_bank_is_loaded_as_it_was_saved(tmp_path: Path):
    BANK.save(tmp_path / "bank.npz")
    again = _load(tmp_path / "bank.npz")
    assert isinstance(again, _Bank)
    assert (again.truths, again.arms, again.screened, again.refused) == (
        BANK.truths, BANK.arms, BANK.screened, BANK.refused,
    )  # fmt: skip
    assert all(np.array_equal(again.lives[name], field) for name, field in BANK.lives.items())
    assert [path.name for path in tmp_path.iterdir()] == ["bank.npz"]


def test_a_torn_bank_is_refused(tmp_path: Path):
    path = tmp_path / "bank.npz"
    BANK.save(path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match="is not a bank of patients; delete it"):
        _load(path)


def test_a_bank_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        BANK.save(tmp_path / "file" / "bank.npz")


def test_a_day_that_the_bank_does_not_hold_is_refused():
    assert BANK.day_index(84.0) == 2
    with pytest.raises(ValueError, match="day 30 is not among the days"):
        BANK.day_index(30.0)


def test_nobody_is_twice_in_one_trial_and_the_same_number_is_the_same_trial():
    made = _deal(spec(), BANK, 100, 3)
    assert len(np.unique(made.rows)) == 100
    again, other = _deal(spec(), BANK, 100, 3), _deal(spec(), BANK, 100, 4)
    assert np.array_equal(made.rows, again.rows)
    assert not np.array_equal(made.rows, other.rows)


def test_a_trial_larger_than_the_bank_is_refused():
    with pytest.raises(ValueError, match="a bank of 4000 patients is too small for a trial of 5000"):
        _deal(spec(), BANK, 5000, 0)


def test_truths_differ_by_the_treatment_alone():
    made = _deal(spec(), BANK, 100, 0)
    null, real = (_visits(BANK, truth, made) for truth in ("none", "real"))
    drug = made.arms == 0
    assert np.array_equal(null.nis[:, ~drug], real.nis[:, ~drug])
    assert null.nis[2, drug] - real.nis[2, drug] == pytest.approx(3.0)


@pytest.mark.parametrize("method", ["simple", "blocked", "stratified"])
def test_every_way_of_randomising_deals_both_arms(method: str):
    strata = ["sex", "age"] if method == "stratified" else []
    made = _deal(spec(randomisation={"method": method, "strata": strata}), BANK, 100, 0)
    assert 30 < (made.arms == 0).sum() < 70


def test_only_the_two_arms_compared_are_analysed():
    third = {"drug": "prednisone 60 mg/d from day 0", "other": "none", "placebo": "none"}
    wide = spec(arms=third, compared="drug", control="placebo")
    lives = {name: field[:, [0, 1, 1]] for name, field in BANK.lives.items()}
    three = _Bank(BANK.truths, tuple(third), BANK.days, BANK.people, lives, 1, {})
    found = _conduct(wide, three, "real", 300, 0)
    assert found.estimate.se == pytest.approx(np.sqrt(0.25 / 100 + 0.21 / 100), rel=0.1)


def test_a_clear_effect_ends_a_trial_at_its_first_look_and_none_goes_on_to_the_last():
    looks = {"fractions": [0.5, 1.0], "spending": "pocock"}
    strong = bank(walks=(0.9, 0.1))
    early = _conduct(spec(looks=looks), strong, "real", 100, 0)
    assert (early.rejects, early.look, early.patients) == (True, 0, 50)
    late = _conduct(spec(looks=looks), strong, "none", 100, 0)
    assert (late.rejects, late.look, late.patients) == (False, 1, 100)


def shop(folder: Path, **changes: object) -> _Workshop:
    made = _Workshop(spec(**changes), folder)
    BANK.save(made.bank_path)
    return made


def test_finished_batches_are_kept_and_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = shop(tmp_path)
    first = _repeat(made, "real", 100, 2 * BATCH, estimate=True)
    kept = (tmp_path / "real-100-effects.jsonl").read_bytes()
    monkeypatch.setattr("garland.trials.replicate._conduct", None)
    again = _repeat(made, "real", 100, 2 * BATCH, estimate=True)
    assert np.array_equal(first.effect, again.effect)
    assert (tmp_path / "real-100-effects.jsonl").read_bytes() == kept


def test_a_lost_process_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = shop(tmp_path)

    def lose(*given: object, **more: object) -> None:
        raise BrokenProcessPool("terminated abruptly")

    monkeypatch.setattr("garland.trials.replicate.resume_jobs", lose)
    with pytest.raises(InputError, match="was killed; run the same command again: what is finished is kept"):
        _repeat(made, "real", 100, 10, estimate=False)


def test_a_fault_of_a_job_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = shop(tmp_path)

    def fail(*given: object, **more: object) -> None:
        raise RuntimeError("1 of 2 jobs failed") from ZeroDivisionError()

    monkeypatch.setattr("garland.trials.replicate.resume_jobs", fail)
    with pytest.raises(RuntimeError, match="1 of 2 jobs failed"):
        _repeat(made, "real", 100, 10, estimate=False)


def test_a_run_that_was_torn_off_ends_in_the_same_bytes(tmp_path: Path):
    one, other = shop(tmp_path / "one"), shop(tmp_path / "other")
    _repeat(one, "real", 100, 3 * BATCH, estimate=False)
    whole = (one.folder / "real-100-tests.jsonl").read_bytes()
    _repeat(other, "real", 100, BATCH, estimate=False)
    with (other.folder / "real-100-tests.jsonl").open("ab") as file:
        file.write(b'{"seed": 1, "rejects": [tr')
    _repeat(other, "real", 100, 3 * BATCH, estimate=False)
    assert (other.folder / "real-100-tests.jsonl").read_bytes() == whole


def test_two_processes_find_what_one_finds(tmp_path: Path):
    made = shop(tmp_path)
    alone = _repeat(made, "real", 60, 2 * BATCH, estimate=False)
    (tmp_path / "real-60-tests.jsonl").unlink()
    both = _repeat(_Workshop(made.spec, tmp_path, 2), "real", 60, 2 * BATCH, estimate=False)
    assert np.array_equal(alone.z, both.z)


def test_fewer_trials_are_the_first_of_many(tmp_path: Path):
    made = shop(tmp_path)
    many = _repeat(made, "real", 100, 2 * BATCH, estimate=False)
    few = _repeat(made, "real", 100, 10, estimate=False)
    assert np.array_equal(few.z, many.z[:10])


@pytest.mark.parametrize("what", OUTCOMES)
def test_the_flow_of_one_trial_adds_up(what: str):
    losses = {"drop_out_per_year": 0.6, "missed_visits": 0.1}
    made = _example(spec(outcome=OUTCOMES[what], losses=losses), BANK, "real")
    assert sum(flow.randomised for flow in made.flows) == 100
    assert made.screened == 200
    assert made.refused == {"age": 100}
    for flow in made.flows:
        assert flow.seen_last <= flow.randomised - flow.left - flow.died
        assert flow.analysed <= flow.randomised
        curve = made.curves[flow.arm]
        assert len(curve.days) == len(curve.share) == len(curve.low)
        assert (curve.low <= curve.share + 1e-9).all()
