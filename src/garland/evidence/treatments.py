"""What a treatment is, declared once: `care/treatments.yaml` says of each its kind, doses, words and latents.

Records, the model, trials and forecasts follow the declarations. A drug that works like others of its kind is
one entry there and its numbers in the part of that kind (`parameters/care`); a new kind needs a formula.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from garland.errors import EvidenceError, did_you_mean
from garland.evidence.parse import read_yaml

FOLDER = Path(__file__).resolve().parent / "care"
_BLOCK_OF = {
    "analgesic": "{name}", "placebo": "{name}", "immunotherapy": "immunotherapy", "therapy": "therapy",
    "glucose": "treatment_induced", "lipids": "", "pressure": "therapy", "procedure": "",
}  # fmt: skip
"""Every kind of treatment, and the block of latents that its formula reads."""


@dataclass(frozen=True)
class TreatmentKind:
    """One declared treatment; the keys are explained in its file."""

    name: str
    title: str
    kind: str
    unit: str
    written: Mapping[str, float]
    names: Sequence[str]
    evidence: str
    rests_on: str
    highest: float = 0.0
    target: str = ""
    dose: str = "{amount:g} {unit}"
    prescribed: bool = True
    latents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    mean_known: bool = False  # whether the mean over all patients of its latents is known

    @property
    def field_name(self) -> str:
        """Name of its field where treatments are given together."""
        return self.name.replace("-", "_")

    def dose_words(self, amount: float) -> str:
        """Return a dose in words."""
        return self.dose.format(amount=amount, percent=100.0 * amount, unit=self.unit)


def _one(name: str, raw: Any) -> TreatmentKind:
    """Return a declared treatment; what is missing or unknown is named."""
    path, known = f"care/treatments.{name}", [f for f in fields(TreatmentKind) if f.name != "name"]
    if not isinstance(raw, Mapping):
        raise EvidenceError(f"{path}: is not a mapping; write 'key: value' lines")
    for key in raw:
        if key not in (names := [f.name for f in known]):
            raise EvidenceError(f"{path}.{key}: is not a key of a treatment; {did_you_mean(str(key), names)}")
    for f in known:
        if f.name not in raw and f.default is MISSING and f.default_factory is MISSING:
            raise EvidenceError(f"{path}: {f.name} is missing; declare it")
    made = TreatmentKind(name=name, **raw)
    if made.kind not in _BLOCK_OF:
        raise EvidenceError(f"{path}: kind {made.kind!r} is unknown; {did_you_mean(made.kind, _BLOCK_OF)}")
    if made.evidence not in ("trial", "none"):
        raise EvidenceError(f"{path}: evidence {made.evidence!r} is unknown; write trial or none")
    if not made.target and not made.highest > 0.0:
        raise EvidenceError(f"{path}: highest is missing; declare the highest dose of a plan, in {made.unit}")
    block = _BLOCK_OF[made.kind].format(name=made.field_name)
    if block and block not in made.latents:
        raise EvidenceError(f"{path}: latents is without {block}, which its kind reads; declare it")
    return made


@cache
def declared_treatments() -> Mapping[str, TreatmentKind]:
    """Return every declared treatment by name, in the order of the file."""
    raw = read_yaml(FOLDER / "treatments.yaml")
    return MappingProxyType({name: _one(name, entry) for name, entry in raw.items()})


def treatments_of_kind(kind: str) -> tuple[str, ...]:
    """Return the names of the treatments of one kind, in the order of the file."""
    return tuple(one.name for one in declared_treatments().values() if one.kind == kind)


def treatment_named(text: str) -> str | None:
    """Return the name of a treatment in any known spelling, or None if there is none."""
    plain = "-".join(text.lower().replace("_", "-").split())
    return next((n for n, one in declared_treatments().items() if plain in (n, *one.names)), None)


def treatment_latents(mean_unknown: bool = False) -> dict[str, tuple[str, ...]]:
    """Return what each column is of every block of latents that treatments need, by block.

    Asked so, only blocks whose mean over all patients is not known.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in declared_treatments().values():
        for block, columns in one.latents.items() if not (mean_unknown and one.mean_known) else ():
            if found.setdefault(block, tuple(columns)) != tuple(columns):
                path = f"care/treatments.{one.name}.latents.{block}"
                raise EvidenceError(f"{path}: differs from an earlier entry; declare a shared block alike")
    return found


def _declared_doses() -> dict[str, float]:
    """Return the highest dose of every treatment that a plan may hold, in its unit."""
    every = declared_treatments().values()
    return {one.name: one.highest for one in every if one.prescribed and not one.target}
