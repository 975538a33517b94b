"""The treatments that the model knows: names, units, shipped plans, and what their effects rest on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from garland.errors import InputError, did_you_mean
from garland.evidence import read_yaml

_FOLDER = Path(__file__).resolve().parents[1] / "evidence" / "care"

Standing = Literal["trial", "none"]
"""Whether a controlled trial carries an effect."""


@cache
def _treatments() -> Mapping[str, Mapping[str, Any]]:
    """Return every treatment of the model by name: unit, spellings, and what its effect rests on."""
    known: Mapping[str, Mapping[str, Any]] = read_yaml(_FOLDER / "treatments.yaml")
    return known


@cache
def arms() -> Mapping[str, tuple[str, ...]]:
    """Return the plans that come with Garland, by name, as lines of text."""
    return {name: tuple(lines) for name, lines in read_yaml(_FOLDER / "arms.yaml").items()}


def evidence_of(what: str) -> Standing:
    """Tell whether a controlled trial carries the effect of a treatment."""
    return "trial" if _known(what)["evidence"] == "trial" else "none"


def _rests_on(what: str) -> str:
    """Return what the effect of a treatment rests on, as the end of a sentence."""
    return str(_known(what)["rests_on"])


def _spellings() -> list[str]:
    """Return every name that a treatment or a shipped plan may be called by."""
    spelt = [name for spec in _treatments().values() for name in spec["names"]]
    return [*_treatments(), *spelt, *arms()]


def _treatment_named(text: str) -> str | None:
    """Return the model's name of a treatment in any known spelling, or None if there is none."""
    plain = "-".join(text.lower().replace("_", "-").split())
    for name, spec in _treatments().items():
        if plain == name or plain in spec["names"]:
            return name
    return None


def _known(what: str) -> Mapping[str, Any]:
    if what not in _treatments():
        raise InputError("what", what, "is not a treatment of the model", did_you_mean(what, _treatments()))
    return _treatments()[what]
