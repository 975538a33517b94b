"""A treatment is declared once: two files add a drug, and what is forgotten is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from copied_package import Copy

from garland.model.latents import BLOCKS, normals, place_of

DECLARED, NUMBERS = "evidence/care/treatments.yaml", "evidence/parameters/care/analgesics.yaml"
ENTRY = """
exemplin:
  title: exemplin
  kind: analgesic
  unit: mg/d
  highest: 400
  written: {mg: 1, mg/d: 1, g/d: 1000}
  names: [exem]
  latents: {exemplin: [response to it]}
  evidence: none
  rests_on: "an example"
"""
DOSE_RESPONSE = """
exemplin:
  potency:
    description: "largest hazard of pain removed, median person"
    unit: "1"
    value: 0.4
    source: {key: Assumed, where: "an example"}
    standing: assumed
  half_effect_mg:
    description: "daily dose with half of the largest effect"
    unit: "mg/d"
    value: 50
    source: {key: Assumed, where: "an example"}
    standing: assumed
"""


def with_one_more(
    folder: Path, entry: str = ENTRY, dose_response: str = DOSE_RESPONSE, days: bool = True
) -> Copy:
    copy = Copy(folder)
    for name, added in ((DECLARED, entry), (NUMBERS, dose_response)):
        copy.write(name, (copy.package / name).read_text(encoding="utf-8").rstrip("\n") + added)
    for last in (" placebo: 10.0}", " placebo: 14.0}") if days else ():
        copy.replace(NUMBERS, last, last.replace("}", ", exemplin: 6.0}"))
    return copy


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return with_one_more(tmp_path_factory.mktemp("treatment"))


@pytest.fixture(scope="module")
def said(copy: Copy) -> dict[str, Any]:
    return copy.said("one_more_treatment.py")


def test_a_drug_takes_two_files(copy: Copy):
    assert copy.touched == {DECLARED, NUMBERS}


def test_a_new_drug_has_a_latent_of_its_own_and_the_draws_of_all_others_stay(said: dict[str, Any]):
    before = normals(np.random.default_rng(5), 1)
    assert set(said["drawn"]) - set(BLOCKS) == {"exemplin"}
    for name in BLOCKS:
        np.testing.assert_array_equal(
            np.float32(said["drawn"][name]), before[0, place_of(name)], err_msg=name
        )


def test_only_its_own_latent_and_that_of_placebo_change_its_effect(said: dict[str, Any]):
    usual, strong, with_another = said["new"]
    assert strong > usual + 0.05
    assert with_another == usual
    assert said["old"][0] == said["old"][1]
    assert said["placebo"][1] > said["placebo"][0] + 0.3


def test_a_new_drug_can_be_written_in_a_record(said: dict[str, Any]):
    assert said["plan"] == [{"what": "exemplin", "amount": 100.0, "start_day": 20.0, "stop_day": 90.0}]
    assert said["words"] == ["Exemplin 100 mg/d from day 20 to day 90. It rests on: an example."]
    assert "far beyond what is known (400 mg/d at most)" in said["refused"]


def test_a_new_drug_can_be_an_arm_of_a_blinded_trial(said: dict[str, Any]):
    assert said["arms"] == {"drug": ["exemplin"], "placebo": ["placebo"]}
    assert said["responders"][0] > said["responders"][1] + 0.05


def test_a_new_drug_can_be_forecast(said: dict[str, Any]):
    forecast = said["forecast"]
    none, drug = (np.array(pain) for pain in forecast["pain"])
    assert forecast["name"] == "exemplin 100 mg/d from day 30"
    assert "No controlled trial of exemplin in radiculoplexus neuropathy" in forecast["evidence"]
    assert (drug <= none + 1e-6).all()
    assert (drug < none - 0.1).any()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dose_response": "\n"}, "care/analgesics: has no 'exemplin'"),
        (
            {"dose_response": DOSE_RESPONSE[: DOSE_RESPONSE.index("  half")]},
            "care/analgesics.exemplin: has no 'half",
        ),
        ({"days": False}, "care/analgesics.onset_day: has no 'exemplin'"),
        (
            {"entry": ENTRY.replace("  latents: {exemplin", "  latents: {pain: [pain], exemplin")},
            "care/treatments: latents.pain is a block of the body",
        ),
    ],
    ids=["dose-response", "half of it", "days", "a block of the body"],
)
def test_what_a_new_drug_lacks_is_named(tmp_path: Path, changes: dict[str, Any], message: str):
    done = with_one_more(tmp_path, **changes).run("one_more_treatment.py", "relief")
    assert done.returncode != 0
    assert message in done.stderr
