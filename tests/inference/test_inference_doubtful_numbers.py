"""On which doubtful numbers an answer hangs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from garland.evidence import part
from garland.inference.doubtful_numbers import _hangs_on, _range_of
from garland.inference.encode_history import _item
from garland.inference.observations import _how_common
from garland.inference.posterior import Posterior
from garland.inference.predictive import _as_counted, _PredictiveSample
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.tables import cause_tables, entry_of
from garland.model.findings import N_FINDINGS, UNSIDED, Address, column

FIBULAR, SCIATIC = index_of("fibular"), index_of("sciatic")


def sample(cause: int, observation) -> _PredictiveSample:
    expected = np.zeros((4, N_FINDINGS), np.float32)
    for item, score in zip(UNSIDED["history"], cause_tables().history[cause], strict=True):
        expected[:, column(Address("history", None, item))] = score
    counted = _as_counted(expected, [observation])
    return _PredictiveSample(np.full(4, 0.25), (counted,), (expected,), np.zeros((4, 2, 0), np.float32))


def two_causes(first: float) -> Posterior:
    p = np.zeros(len(DISEASES))
    p[[FIBULAR, SCIATIC]] = first, 1.0 - first
    nothing = np.zeros(len(DISEASES))
    return Posterior(p, p, nothing, nothing, nothing, {})


def test_what_stands_for_an_item_is_what_the_table_of_its_cause_holds():
    for cause in DISEASES:
        for number, item in enumerate(UNSIDED["history"]):
            _, _, value = entry_of(cause, "history", item)
            score = cause_tables().history[DISEASES.index(cause), number]
            assert score == pytest.approx(ndtri(np.clip(value, 0.001, 0.999)), rel=1e-4)
    assert entry_of(DISEASES[0], "movement_strength", "knee-extension") is None


def test_a_lone_finding_moves_the_odds_by_what_its_number_says():
    crossing = _item("leg_crossing", "leg crossing", True)
    views = {cause: sample(cause, crossing) for cause in (FIBULAR, SCIATIC)}
    rows = _hangs_on([(crossing,)], two_causes(0.6), views, "emg-laboratory", {})
    row = next(row for row in rows if row.path.endswith("fibular.history.leg_crossing"))
    share = part("recordings/noise").value("odd_share")

    common = _how_common(Address("history", None, "leg_crossing"))

    def likelihood(p: float) -> float:
        return (1.0 - share) * ndtr(ndtri(p)) + share * common

    for end, found in ((row.least, row.low), (row.most, row.high)):
        odds = 0.6 / 0.4 * likelihood(end) / likelihood(row.value)
        assert found == pytest.approx(odds / (1.0 + odds), rel=1e-3)
    assert row.standing in ("assumed", "recalled")


def test_without_a_range_of_its_own_a_probability_may_be_wrong_by_a_factor_of_its_odds():
    path, number, value = entry_of(DISEASES[FIBULAR], "history", "leg_crossing")
    low, high = _range_of(path, number, value).ends
    assert low / (1 - low) == pytest.approx(0.5 * value / (1 - value))
    assert high / (1 - high) == pytest.approx(2.0 * value / (1 - value))


def test_what_is_measured_is_not_doubted():
    for cause in DISEASES:
        found = [entry_of(cause, "history", item) for item in UNSIDED["history"]]
        assert all(number.path.startswith("causes/") for _, number, _ in found)
