"""The bank: patients simulated once under every arm and every truth, from whom all trials draw.

The chance of a patient is the same in every arm, so that two arms of one row differ by the treatment alone.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from garland.errors import InputError

Floats = NDArray[np.float64]
MEASURES = ("nis", "pain_nrs", "walks_alone")
"""What is followed: NIS [points], worst pain [NRS], and the probability of walking alone [0..1]."""
PEOPLE = ("age_years", "male", "diabetes", "hba1c_percent", "onset_day", "death_day")
"""What is known of each patient; onset and death in days before and after randomisation [d]."""


@dataclass(frozen=True, eq=False)
class _Bank:
    """N eligible patients, each under every arm and truth.

    Attributes
    ----------
    truths, arms : tuple of str
        Their names, T and A of them.
    days : (D,)
        Days after randomisation, the first 0 [d].
    people : mapping of str to (N,)
        `PEOPLE` by name.
    lives : mapping of str to (T, A, D, N)
        `MEASURES` by name, without any error of measurement.
    screened : int
        Patients drawn until N were eligible [-].
    refused : mapping of str to int
        Patients not eligible, by the first reason [-].
    """

    truths: tuple[str, ...]
    arms: tuple[str, ...]
    days: Floats
    people: Mapping[str, Floats]
    lives: Mapping[str, Floats]
    screened: int
    refused: Mapping[str, int]

    @property
    def size(self) -> int:
        """Patients [-]."""
        return len(self.people["age_years"])

    def life(self, measure: str, truth: str, arm: str) -> Floats:
        """Return one measure of every patient under a truth and an arm, (D, N)."""
        return np.asarray(self.lives[measure][self.truths.index(truth), self.arms.index(arm)], np.float64)

    def day_index(self, day: float) -> int:
        """Return the place of a day among `days`."""
        found = np.flatnonzero(np.isclose(self.days, day))
        if not len(found):
            raise ValueError(f"day {day:g} is not among the days of the bank")
        return int(found[0])

    def save(self, path: Path) -> None:
        """Write the bank to a file, whole or not at all."""
        about = {
            "truths": self.truths,
            "arms": self.arms,
            "screened": self.screened,
            "refused": dict(self.refused),
        }
        arrays: dict[str, Any] = {f"life_{name}": field for name, field in self.lives.items()}
        arrays |= {f"person_{name}": field for name, field in self.people.items()}
        half = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with half.open("wb") as file:
                np.savez(file, days=self.days, about=np.array(json.dumps(about)), **arrays)
            os.replace(half, path)
        except OSError as problem:
            rule = f"cannot be written ({problem.strerror})"
            raise InputError("--out", str(path), rule, "name a folder you may write") from problem
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)


def _load(path: Path) -> _Bank:
    """Return a bank that was saved."""
    try:
        with np.load(path) as held:
            about = json.loads(str(held["about"]))
            names = [name for name in held.files if "_" in name]
            fields = {name: held[name] for name in names}
            days = held["days"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as problem:
        raise InputError(str(path), "file", "is no bank of patients", "delete it and run again") from problem
    return _Bank(
        truths=tuple(about["truths"]),
        arms=tuple(about["arms"]),
        days=days,
        people={name: fields[f"person_{name}"] for name in PEOPLE},
        lives={name: fields[f"life_{name}"] for name in MEASURES},
        screened=about["screened"],
        refused=about["refused"],
    )


def _joined(blocks: Sequence[_Bank], size: int) -> _Bank:
    """Return one bank of the first patients of several that share truths, arms and days."""
    refused = sum((Counter(block.refused) for block in blocks), Counter())
    return replace(
        blocks[0],
        people={name: np.concatenate([block.people[name] for block in blocks])[:size] for name in PEOPLE},
        lives={
            name: np.concatenate([block.lives[name] for block in blocks], axis=-1)[..., :size]
            for name in MEASURES
        },
        screened=sum(block.screened for block in blocks),
        refused=dict(refused),
    )
