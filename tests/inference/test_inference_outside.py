"""A cause outside the list."""

from __future__ import annotations

import numpy as np
import pytest

from garland.evidence import part
from garland.inference.consult import _problem_of
from garland.inference.encode_case import _encode_case
from garland.inference.outside import _NOTHING_OUTSIDE, NAME, _Outside, _weigh_outside
from tests.inference.small_cases import small_case

WEAK_LEGS = {"strength": {"both": {"leg": 2, "arm": 5}}}
CORD = {
    **WEAK_LEGS,
    "reflexes": {"both": {"knee": 4, "ankle": 4}},
    "plantar_response": {"both": "extensor"},
    "sensation": {"results": [{"side": "both", "region": "trunk", "result": "reduced"}]},
}


def outside(history: dict | None = None, virtual: bool = False, **visit: object) -> _Outside:
    case = small_case(history, **visit).model_copy(update={"simulated": virtual})
    return _weigh_outside(_problem_of(_encode_case(case))[0])


def test_the_kinds_share_everything_outside():
    numbers = part("inference/outside")
    assert sum(numbers.group(name).value("share") for name in numbers.group_names) == pytest.approx(1.0)


def test_without_findings_it_is_as_probable_as_before():
    found = outside()
    assert found.probability(0.0) == pytest.approx(part("inference/outside").value("share"))


def test_a_virtual_patient_has_a_cause_of_the_list():
    assert outside(virtual=True, examination=CORD) == _NOTHING_OUTSIDE
    assert _NOTHING_OUTSIDE.probability(-50.0) == 0.0


@pytest.mark.parametrize("within", [-40.0, -10.0, 0.0])
def test_its_probability_is_that_of_two_alternatives(within: float):
    odds = 0.1 / 0.9 * np.exp(-12.0 - within)
    assert _Outside(0.1, -12.0).probability(within) == pytest.approx(odds / (1.0 + odds))


def test_signs_of_the_cord_name_the_cord():
    kinds = dict(outside({"sphincter_symptoms": True}, examination=CORD).kinds)
    assert max(kinds, key=lambda kind: kinds[kind]) == "a lesion of the spinal cord"
    assert sum(kinds.values()) == pytest.approx(1.0)


def test_what_a_kind_expects_is_likelier_under_it_than_the_reverse():
    """Brisk reflexes with weak legs are likelier outside the list than absent ones without any other sign."""
    brisk, calm = ({**WEAK_LEGS, "plantar_response": {"both": word}} for word in ("extensor", "flexor"))
    kinds = [dict(outside(examination=e).kinds)["a lesion of the spinal cord"] for e in (brisk, calm)]
    assert kinds[0] > kinds[1]
    assert NAME == "none-of-these"
