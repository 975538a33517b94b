"""Randomisation: simple, in permuted blocks, and in permuted blocks within strata."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from garland.evidence import part

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def _simple(n: int, parts: Sequence[int], rng: np.random.Generator) -> Integers:
    """Return the arm of each of n patients, dealt one by one, (n,)."""
    share = np.asarray(parts, np.float64) / sum(parts)
    return np.asarray(rng.choice(len(parts), n, p=share), np.int64)


def _blocked(n: int, parts: Sequence[int], size: int, rng: np.random.Generator) -> Integers:
    """Return the arm of each of n patients in permuted blocks, (n,): every whole block is exactly
    balanced.
    """
    if size < 1 or size % sum(parts):
        raise ValueError(f"a block of {size} does not divide by {sum(parts)} parts")
    block = np.repeat(np.arange(len(parts)), np.asarray(parts) * (size // sum(parts)))
    dealt = rng.permuted(np.tile(block, (-(-n // size), 1)), axis=1)
    return np.asarray(dealt.reshape(-1)[:n], np.int64)


def _stratified(strata: Integers, parts: Sequence[int], size: int, rng: np.random.Generator) -> Integers:
    """Return the arm of each of n patients in permuted blocks within each stratum, (n,)."""
    arms = np.empty(len(strata), np.int64)
    for stratum in np.unique(strata):
        at = strata == stratum
        arms[at] = _blocked(int(at.sum()), parts, size, rng)
    return arms


def _strata_of(names: Sequence[str], people: Mapping[str, Floats], entry: Mapping[str, Floats]) -> Integers:
    """Return the stratum of each patient, (n,): one number for each combination of the strata named."""
    found = np.zeros(len(next(iter(people.values()))), np.int64)
    for name in names:
        found = 2 * found + _CUTS[name](people, entry)
    return found


_Cut = Callable[[Mapping[str, Floats], Mapping[str, Floats]], NDArray[np.bool_]]
_CUTS: Mapping[str, _Cut] = {
    "sex": lambda people, entry: people["male"] > 0.5,
    "diabetes": lambda people, entry: people["diabetes"] > 0.5,
    "age": lambda people, entry: people["age_years"] >= part("trial/conduct").value("age_cut_years"),
    "nis": lambda people, entry: entry["nis"] >= part("trial/conduct").value("nis_cut"),
    "walking": lambda people, entry: entry["walks_alone"] > 0.5,
}
