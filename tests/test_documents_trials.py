"""The page about trials: its spec is one, and it names every key and every shipped spec."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from garland.records.reading import _shipped_specs, parse_spec
from garland.trials.spec import OUTCOMES, Eligibility, Looks, Losses, Randomisation, TrialSpec

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "trials.md").read_text(encoding="utf-8")


def test_the_spec_of_the_page_about_trials_is_valid():
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S)
    assert parse_spec(TrialSpec, yaml.safe_load(block), "trial").patients == 80


def test_the_page_about_trials_names_every_key_outcome_and_shipped_spec():
    parts = (TrialSpec, Eligibility, Randomisation, Looks, Losses)
    keys = [key for part in parts for key in part.model_fields]
    assert [key for key in (*keys, *OUTCOMES, *_shipped_specs("trial")) if f"`{key}`" not in PAGE] == []
