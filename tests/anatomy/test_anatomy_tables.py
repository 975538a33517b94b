"""A row of anatomy that does not say where it comes from, or does not add up, is refused."""

from __future__ import annotations

import pytest

from garland.anatomy.tables import _check_names, _check_sum, _read, _source_of
from garland.errors import EvidenceError

GOOD = {"source": {"key": "Harrison", "where": "table"}, "standing": "derived"}


def test_every_row_of_every_table_has_a_source_and_a_standing():
    assert _read().muscles["vastus-lateralis"]["source"]["key"] == "Phillips1991"


def test_a_row_with_source_and_standing_is_accepted():
    assert _source_of("muscles", "soleus", GOOD).standing == "derived"


@pytest.mark.parametrize("source", [None, {}, {"key": "Harrison"}, {"key": "Harrison", "where": ""}])
def test_a_row_without_a_complete_source_is_refused(source):
    with pytest.raises(EvidenceError, match="anatomy/muscles: soleus has no source"):
        _source_of("muscles", "soleus", {**GOOD, "source": source})


def test_a_row_without_standing_is_refused():
    with pytest.raises(EvidenceError, match="has standing None; use one of measured"):
        _source_of("muscles", "soleus", {"source": GOOD["source"]})


def test_a_row_with_an_unknown_source_is_refused():
    with pytest.raises(EvidenceError, match="'Harisson', which does not exist; did you mean Harrison"):
        _source_of("muscles", "soleus", {**GOOD, "source": {"key": "Harisson", "where": "table"}})


def test_a_remembered_source_cannot_carry_a_derived_number():
    with pytest.raises(EvidenceError, match="is derived but nobody has read Textbook"):
        _source_of("muscles", "soleus", {**GOOD, "source": {"key": "Textbook", "where": "table"}})


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(EvidenceError, match=r"shares of soleus sum to 0\.9"):
        _check_sum("muscles", "soleus", {"s1": 0.6, "s2": 0.3})


def test_a_negative_share_is_refused():
    with pytest.raises(EvidenceError, match="must be positive"):
        _check_sum("muscles", "soleus", {"s1": 1.2, "s2": -0.2})


def test_a_name_that_does_not_exist_is_refused_with_the_nearest_one():
    with pytest.raises(EvidenceError, match="did you mean tibial-ankle"):
        _check_names("muscles", "soleus", ["tibial-ankel"], _read().sites)
