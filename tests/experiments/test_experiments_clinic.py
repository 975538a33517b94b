"""What a clinic writes of a virtual patient: read back, nested, and silent about the hidden truth."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from experiments import bedside, clinic, examiner
from experiments.examiner import Chart, slip_share, slip_weights
from garland.errors import InputError
from garland.inference.encode_case import _encode_case
from garland.inference.observations import INF, _cells
from garland.model.diseases import DISEASES
from garland.model.diseases.tables import cause_tables
from garland.model.findings import N_FINDINGS, SIDED, UNSIDED, Address, column

PERSON = {
    "age_years": 61.0, "male": 0.0, "height_cm": 168.0, "weight_kg": 74.0, "diabetes": 1.0,
    "diabetes_years": 9.4, "hba1c_percent": 7.9, "triglycerides_mg_dl": 160.0,
}  # fmt: skip
_MIDDLE = {
    "movement_strength": 4.0, "reflex": 1.4, "dermatome_feeling": 0.9, "dermatome_feeling_small": 0.9,
    "fibrillation": 1.5, "recruitment": -2.0, "cmap": 0.8, "snap": 1.0, "motor_latency": 1.6,
    "motor_velocity": 3.6, "sensory_velocity": 3.7, "f_latency": 4.0, "h_latency": 3.4, "walking": 1.5,
    "progression": 3.0, "laboratory": 3.0, "cmap_drop": -0.3,
}  # fmt: skip


def _expected(seed: int) -> np.ndarray:
    """Return expected findings of an ill patient, made up, (N_FINDINGS,)."""
    rng = np.random.default_rng(seed)
    row = np.zeros(N_FINDINGS, np.float32)
    for field, items in {**SIDED, **UNSIDED}.items():
        for item in items:
            for side in (0, 1) if field in SIDED else (None,):
                spread = rng.normal() * (0.2 if field.endswith(("latency", "velocity", "drop")) else 0.8)
                row[column(Address(field, side, item))] = _MIDDLE.get(field, 0.0) + spread
    return row


def _case(seed: int, level: str, expected: np.ndarray | None = None) -> clinic.Case:
    shown = _expected(seed) if expected is None else expected
    return clinic.record(f"virtual-{seed}", PERSON, 40.0, shown, seed, level)


@pytest.mark.parametrize("seed", range(12))
def test_every_word_read_back_gives_an_interval_that_holds_what_was_found(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examiner, "_contamination_rate", lambda: 0.0)
    case, found = _case(seed, "laboratory"), Chart(_expected(seed), seed)
    for observation in _encode_case(case).visits[0]:
        where = observation.where[0]
        if len(observation.where) > 1 or observation.label == "first symptom":
            continue
        value = found.found(*where)
        if observation.absent_in_health:
            assert observation.text == "absent"
        elif observation.measured:
            assert observation.low == pytest.approx(value, abs=0.012), observation
        else:
            assert observation.low - 1e-6 <= value <= observation.high + 1e-6, observation


@pytest.mark.parametrize("seed", range(4))
def test_a_level_holds_the_findings_of_the_level_before_it(seed: int) -> None:
    seen = [set(map(str, _encode_case(_case(seed, level)).visits[0])) for level in clinic.LEVELS]
    assert all(less < more for less, more in itertools.pairwise(seen))


def test_the_same_seed_writes_the_same_case() -> None:
    assert _case(5, "laboratory") == _case(5, "laboratory")
    assert _case(5, "laboratory") != _case(6, "laboratory")


def test_a_full_study_of_the_most_ill_has_80_to_180_findings() -> None:
    counts = [len(_encode_case(_case(seed, "laboratory")).visits[0]) for seed in range(20)]
    assert min(counts) >= 80
    assert max(counts) <= 180


def test_every_statement_of_a_full_study_is_heard() -> None:
    assert not any(_encode_case(_case(seed, "laboratory")).not_used for seed in range(10))


def test_what_is_asked_does_not_depend_on_the_hidden_truth() -> None:
    for seed in range(10):
        one = _case(seed, "examination", _expected(1))
        other = _case(seed, "examination", _expected(2))
        for flag in bedside.FLAGS:
            assert (getattr(one.history, flag) is None) == (getattr(other.history, flag) is None)
        tested = [case.visits[0].examination.sensation.results for case in (one, other)]
        assert [r.dermatome for r in tested[0]] == [r.dermatome for r in tested[1]]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputError, match="is no level of information"):
        _case(1, "laboratories")


def test_a_day_beyond_what_a_record_takes_is_left_out() -> None:
    days = [
        clinic.record("x", PERSON, 40000.0, _expected(1), seed, "history").visits[0].day_since_onset
        for seed in range(8)
    ]
    assert all(day is None or day <= 36500.0 for day in days)
    assert None in days


def test_cells_share_out_the_scale_and_meet_in_the_middle_of_an_overlap() -> None:
    words = _cells({"low": (-INF, 2.0), "middle": (1.0, 3.0), "high": (4.0, INF)})
    assert words == (("low", 1.5), ("middle", 3.5), ("high", INF))


@pytest.mark.parametrize(
    "words",
    [examiner.STRENGTH, examiner.REFLEX, examiner.SENSATION, examiner.SPONTANEOUS, examiner.RECRUITMENT,
    examiner.SIZE,
     examiner.LENGTH, examiner.WALKING, examiner.TEMPO],
)  # fmt: skip
def test_the_cells_of_every_scale_rise(words: examiner.Words) -> None:
    ends = [end for _, end in words]
    assert ends == sorted(set(ends))
    assert ends[-1] == INF


def test_slips_come_as_often_as_inference_weighs_them_and_pick_any_word() -> None:
    sure = np.zeros(N_FINDINGS, np.float32)
    where = ("reflex", 0, "knee")
    sure[column(Address(*where))] = 9.0
    written = [Chart(sure, seed).word(examiner.REFLEX, *where) for seed in range(3000)]
    share = slip_share(5 * slip_weights()[0])
    assert np.mean([word != 4 for word in written]) == pytest.approx(0.8 * share, abs=0.012)
    assert set(written) == {0, 1, 2, 3, 4}


def test_a_number_by_slip_lies_about_the_healthy_value_and_within_the_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examiner, "_contamination_rate", lambda: 1.0)
    where = Address("snap", 0, "sural")
    row = np.zeros(N_FINDINGS, np.float32)
    values = [Chart(row, seed).number(where, math.log(10.0), (1.0, 30.0), least=0.0) for seed in range(400)]
    numbers = [value for value in values if value is not None]
    assert min(numbers) >= 1.0
    assert max(numbers) <= 30.0
    assert max(numbers) > 20.0
    word, density = slip_weights()
    absent = word / (word + density * math.log(30.0 / math.exp(math.log(10.0) - 2.0)))
    assert np.mean([value is None for value in values]) == pytest.approx(absent, abs=0.09)


def test_no_response_is_written_below_the_smallest_one_and_by_luck_in_health() -> None:
    where, row = Address("snap", 0, "sural"), np.zeros(N_FINDINGS, np.float32)
    row[column(where)] = -9.0
    lost = [Chart(row, seed).number(where, 2.0, (0.001, 300.0), least=0.0) for seed in range(100)]
    assert np.mean([value is None for value in lost]) > 0.9
    row[column(where)] = 3.0
    lacking = [
        Chart(row, seed).number(where, 2.0, (0.001, 300.0), least=0.0, lack=0.5) for seed in range(400)
    ]
    assert np.mean([value is None for value in lacking]) == pytest.approx(0.5, abs=0.09)


def test_the_first_symptom_follows_the_shares_of_its_cause() -> None:
    row = np.zeros(N_FINDINGS, np.float32)
    cause = [cause.name for cause in DISEASES].index("dlrpn")
    start = column(Address("history", None, "pain"))
    row[start : start + len(UNSIDED["history"])] = cause_tables().history[cause]
    first = {"pain": "first_pain", "weakness": "first_weakness", "numbness": "first_numbness"}
    stated = [Chart(row, seed).one_of(first) for seed in range(2000)]
    assert np.mean([word == "pain" for word in stated]) == pytest.approx(0.79, abs=0.03)
    assert np.mean([word is None for word in stated]) < 0.01
