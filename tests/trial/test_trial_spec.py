"""The spec of a trial: what it fixes, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from synthetic import mapping, spec

from garland.errors import InputError
from garland.records.reading import _shipped_specs, find_spec, parse_spec
from garland.trials.spec import TrialSpec, _plan_of

MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    "another version": (
        {"garland_trial": 2},
        "garland_trial: 2 is not a version",
    ),
    "no arms": (
        {"arms": {"drug": "none"}},
        "arms: .* are not two to six arms",
    ),
    "an unknown drug": (
        {"arms": {"drug": "aspirine 1 g/d from day 0", "placebo": "none"}},
        "arms.drug: 'aspirine",
    ),
    "a dose without unit": (
        {"arms": {"drug": "pregabalin 300 from day 0", "b": "none"}},
        "arms.drug.*unit",
    ),
    "a plan in a file": (
        {"arms": {"drug": "plan.yaml", "placebo": "none"}},
        "arms.drug: 'plan.yaml' is a file",
    ),
    "an arm without a name": (
        {"arms": {"": "none", "b": "none"}},
        "arms: '' is not a name of an arm",
    ),
    "an unknown control": (
        {"control": "sham"},
        "control: 'sham' is not one of the arms",
    ),
    "an arm against itself": (
        {"control": "drug", "compared": "drug"},
        "compared: 'drug' is compared with itself",
    ),
    "three arms, none compared": (
        {"arms": {"a": "none", "b": "none", "c": "none"}, "truths": {}},
        "compared: 'nothing' is missing",
    ),
    "an arm too many in the allocation": (
        {"randomisation": {"allocation": {"sham": 2}}},
        "randomisation.allocation: 'sham' is not one of",
    ),
    "blocks that do not divide": (
        {"randomisation": {"block_size": 5}},
        "randomisation.block_size: 5 does not divide by the 2 parts",
    ),
    "blocks of simple randomisation": (
        {"randomisation": {"method": "simple", "block_size": 4}},
        "randomisation.block_size: 4 is for blocks",
    ),
    "strata of simple blocks": (
        {"randomisation": {"strata": ["age"]}},
        "randomisation.method: 'blocked' does not go with the strata",
    ),
    "a stratum twice": (
        {"randomisation": {"method": "stratified", "strata": ["age", "age"]}},
        "names one stratum twice",
    ),
    "an unknown stratum": (
        {"randomisation": {"method": "stratified", "strata": ["height"]}},
        r"strata\[0\]: 'height' is not one",
    ),
    "visits that fall": (
        {"visits": [84, 28]},
        "visits: .* are not rising days",
    ),
    "a visit on day 0": (
        {"visits": [0, 84]},
        r"visits\[0\]: 0 is outside",
    ),
    "an outcome between visits": (
        {"outcome": {"what": "walks-alone", "day": 60}},
        "outcome.day: 60 is not the day",
    ),
    "an outcome without its day": (
        {"outcome": {"what": "nis-change"}},
        "outcome.day: 'nothing' is missing",
    ),
    "a time on a day": (
        {"outcome": {"what": "nis-gain", "day": 84}},
        "outcome.day: 84 is not used",
    ),
    "an unknown outcome": (
        {"outcome": {"what": "cure"}},
        "outcome.what: 'cure' is not one of the words",
    ),
    "half a patient": (
        {"patients": 75.5},
        "patients: 75.5 is not a whole number",
    ),
    "patients in words": (
        {"patients": "many"},
        "patients: 'many' is not a number",
    ),
    "a small bank": (
        {"bank": 60},
        "bank: 60 is smaller than a trial of 100 patients",
    ),
    "a look at nobody": (
        {"patients": 8, "looks": {"fractions": [0.2, 1]}},
        "looks.fractions: 0.2 leaves fewer",
    ),
    "looks that do not end": (
        {"looks": {"fractions": [0.5, 0.9]}},
        "looks.fractions: .* do not rise to 1",
    ),
    "an unknown spending": (
        {"looks": {"spending": "all"}},
        "looks.spending: 'all' is not one of the words",
    ),
    "an age turned round": (
        {"eligibility": {"age_years": [70, 40]}},
        "eligibility.age_years: .* holds nothing",
    ),
    "an age alone": (
        {"eligibility": {"age_years": 70}},
        "eligibility.age_years: 70 is not a range",
    ),
    "no cause": (
        {"eligibility": {"causes": []}},
        "eligibility.causes: .* names no cause",
    ),
    "a truth without effect": (
        {"truths": {"big": {"pain": 0.3}}},
        "truths.big.kind: 'fixed' does not say",
    ),
    "a truth beyond the model": (
        {"truths": {"big": {"attack": 0.9}}},
        "truths.big.attack: 0.9 is outside",
    ),
    "a truth called none": (
        {"truths": {"none": "as-modelled"}},
        "truths: 'none' is not a name for this truth",
    ),
    "an answer to no immunotherapy": (
        {"arms": {"drug": "pregabalin 300 mg/d from day 0", "b": "none"}, "truths": {"big": {"attack": 0.3}}},
        "truths: 'big' fixes the answer to immunotherapy",
    ),
    "an unknown key": ({"power": 0.8}, "power: 'power' is not a key used here"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_spec_is_refused_with_place_rule_and_remedy(name: str):
    changes, words = MALFORMED[name]
    with pytest.raises(InputError, match=words):
        parse_spec(TrialSpec, mapping(**changes), "trial")


def test_a_spec_that_is_no_mapping_is_refused():
    with pytest.raises(InputError, match="begin with 'garland_trial: 1'"):
        parse_spec(TrialSpec, ["arms"], "trial")


def test_control_and_compared_arm_are_the_last_and_the_first_unless_named():
    assert (spec().compared_arm, spec().control_arm) == ("drug", "placebo")
    assert (spec(control="drug", truths={}).compared_arm, spec(control="drug", truths={}).control_arm) == (
        "placebo",
        "drug",
    )


def test_a_truth_without_a_difference_is_always_there_and_comes_first():
    made = spec(truths={"good": {"attack": 0.3, "pain": 0.1}, "none": None})
    assert made.truth_names == ("none", "good")
    assert made.truth("none").kind == "none"
    assert (made.truth("good").kind, made.truth("good").attack) == ("fixed", 0.3)


def test_losses_that_a_spec_leaves_open_are_those_of_the_evidence():
    made = spec(losses={})
    assert (made.drop_out_per_year, made.missed_visits) == (0.1, 0.05)


def test_a_block_is_twice_the_parts_unless_written():
    assert spec(randomisation={"allocation": {"drug": 2}}).block_size == 6
    assert spec(randomisation={"block_size": 4}).block_size == 4


def test_a_shipped_plan_begins_on_the_day_of_randomisation():
    assert _plan_of("methylprednisolone").treatments[0].start_day == 0.0
    assert _plan_of("pregabalin 300 mg/d from day 7").treatments[0].start_day == 7.0


@pytest.mark.parametrize("name", _shipped_specs("trial"))
def test_every_shipped_trial_can_be_read_by_its_name(name: str):
    assert find_spec(TrialSpec, name, "trial", "trial").name == name


def test_a_trial_that_is_neither_file_nor_shipped_is_refused():
    with pytest.raises(InputError, match="neither a file nor a shipped trial; did you mean"):
        find_spec(TrialSpec, "methylprednisolone-57", "trial", "trial")


def test_a_spec_is_read_from_a_file(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text("garland_trial: 1\nname: mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine.yaml: 4 faults\npatients: 'nothing' is missing, "):
        find_spec(TrialSpec, path, "trial", "trial")


def test_the_schema_of_a_spec_names_ranges_and_versions():
    schema = TrialSpec.model_json_schema()
    assert schema["properties"]["garland_trial"] == {"const": 1, "title": "Garland Trial"}
    assert schema["$defs"]["Eligibility"]["properties"]["age_years"]["maxItems"] == 2
