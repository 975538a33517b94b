"""A trial from its spec to everything that can be said of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from garland import __version__
from garland.errors import InputError
from garland.records.spec import spec_hash
from garland.trial.bank import _Bank, _load
from garland.trial.characteristics import Characteristics, _characteristics
from garland.trial.example import _Example, _example
from garland.trial.many import _repeat, _Workshop
from garland.trial.spec import _TrialSpec
from garland.trial.words import _assumptions

NOTICE = "SIMULATED by a research model. Not a medical device; not evidence that a treatment works."
Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class TrialReport:
    """Everything that can be said of a trial.

    Attributes
    ----------
    spec : TrialSpec
        The trial on paper.
    sha256, version, notice : str
        Hash of the spec, version of Garland, and what the numbers are not.
    bank_size, screened : int
        Patients from whom all trials draw, and patients screened for them [-].
    characteristics : tuple of Characteristics
        One for each truth, the one without a difference first.
    example : Example
        One trial in full: the one with the median test statistic, under the last truth.
    assumptions : tuple of str
        What had to be assumed, in words.
    """

    spec: _TrialSpec
    sha256: str
    version: str
    notice: str
    bank_size: int
    screened: int
    characteristics: tuple[Characteristics, ...]
    example: _Example
    assumptions: tuple[str, ...]

    @property
    def null(self) -> Characteristics:
        """The truth in which no arm differs: its power is the error of the first kind."""
        return self.characteristics[0]

    @property
    def others(self) -> tuple[Characteristics, ...]:
        """Truths in which the arms may differ."""
        return self.characteristics[1:]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; what is not finite becomes None when printed."""
        return {
            "garland_trial": 1,
            "simulated": True,
            "version": self.version,
            "notice": self.notice,
            "spec_sha256": self.sha256,
            "seed": self.spec.seed,
            "spec": self.spec.model_dump(mode="json"),
            "bank": {"patients": self.bank_size, "screened": self.screened},
            "type_one_error": asdict(self.null.power),
            "truths": [asdict(one) for one in self.characteristics],
            "example": _plain(asdict(self.example)),
            "assumptions": list(self.assumptions),
        }


def run_trial(
    spec: _TrialSpec, folder: Path | None = None, workers: int = 1, tell: Tell | None = None
) -> TrialReport:
    """Carry out a trial many times under every truth and say what the design can do."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="garland-trial-") as scratch:
            return _reported(_Workshop(spec, Path(scratch), workers, tell))
    place = folder / f"trials-{_design_hash(spec)[:16]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        rule = f"cannot be written ({problem.strerror})"
        raise InputError("--out", str(folder), rule, "name a folder you may write") from problem
    return _reported(_Workshop(spec, place, workers, tell))


def _design_hash(spec: _TrialSpec) -> str:
    """Return a hash of all that changes a single trial: not how many there are, nor the sizes tried."""
    same = {"trials": 1, "sizes": (), "target_power": 0.8, "patients": 8}
    same |= {"name": "-", "description": None, "remarks": ()}
    design = [spec_hash(spec.model_copy(update=same)), list(spec.arms), list(spec.truths), __version__]
    return hashlib.sha256(json.dumps(design).encode()).hexdigest()


def _reported(shop: _Workshop) -> TrialReport:
    spec = shop.spec
    bank = _bank(shop)
    found = tuple(_characteristics(shop, bank, truth) for truth in spec.truth_names)
    return TrialReport(
        spec=spec,
        sha256=spec_hash(spec),
        version=__version__,
        notice=NOTICE,
        bank_size=bank.size,
        screened=bank.screened,
        characteristics=found,
        example=_example(spec, bank, spec.truth_names[-1], _typical(shop, spec.truth_names[-1])),
        assumptions=_assumptions(spec),
    )


def _typical(shop: _Workshop, truth: str) -> int:
    """Return the number of the trial whose test statistic is nearest to the median of all."""
    made = _repeat(shop, truth, shop.spec.patients, shop.spec.trials, estimate=True)
    return int(np.argmin(np.abs(made.z - np.median(made.z))))


def _bank(shop: _Workshop) -> _Bank:
    if shop.bank_path.exists():
        return _load(shop.bank_path)
    from garland.trial.patients import _block_path, _make_bank

    made = _make_bank(shop.spec, shop.tell, shop.folder)
    made.save(shop.bank_path)
    for block in count():
        if not (path := _block_path(shop.folder, block)).exists():
            break
        path.unlink()
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.ndarray):
        return [float(entry) for entry in value]
    return value
