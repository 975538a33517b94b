"""Specs of runs, such as a cohort or a trial: read from YAML, checked, hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from garland.errors import InputError
from garland.records.base import Part
from garland.records.reading import _refuse_all, load_file

Spec = TypeVar("Spec", bound=Part)


def read_spec(model: type[Spec], path: str | Path, what: str) -> Spec:
    """Read a spec from a YAML or JSON file."""
    where = Path(path)
    return parse_spec(model, load_file(where), what, str(where))


def parse_spec(model: type[Spec], mapping: object, what: str, where: str = "") -> Spec:
    """Check a mapping, as YAML gives it, and return the spec."""
    start = f"begin with 'garland_{what}: 1'"
    if not isinstance(mapping, Mapping):
        found = "nothing" if mapping is None else mapping
        raise InputError(where or what, found, f"is no {what}", f"{start} and 'key: value' lines")
    try:
        return model.model_validate(mapping)
    except ValidationError as error:
        _refuse_all(error, where, what, f"see the examples of a {what}")


def spec_hash(spec: Part) -> str:
    """Return the SHA-256 of a spec: the same for the same run, however it was written (64 hex digits)."""
    plain = json.dumps(spec.model_dump(mode="json"), sort_keys=True, allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()
