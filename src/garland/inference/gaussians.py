"""Gaussians about the most probable patients of a cause, and their mixture with chance itself.

A Gaussian here differs from chance in some entries only; every other entry stays standard normal. Densities
are told relative to chance, so that those entries cancel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.model.latents import N_LATENTS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class _Gaussian(NamedTuple):
    """A normal law of some entries of chance.

    Attributes
    ----------
    entries : (A,)
        Which entries.
    mean : (A,)
        Their mean [-].
    root : (A, A)
        Lower triangular; root times its transpose is the precision.
    """

    entries: NDArray[np.int64]
    mean: Doubles
    root: Doubles

    def standard(self, vectors: Floats) -> Doubles:
        """Return the entries as independent standard normals, shape (N, A)."""
        return np.asarray((vectors[:, self.entries] - self.mean) @ self.root)

    def log_ratio(self, vectors: Floats) -> Doubles:
        """Return the log density relative to chance, shape (N,) [nat]."""
        own = vectors[:, self.entries].astype(np.float64)
        height = float(np.log(np.diag(self.root)).sum())
        return np.asarray(height + 0.5 * (own**2).sum(1) - 0.5 * (self.standard(vectors) ** 2).sum(1))

    def spread(self, noise: Floats) -> Doubles:
        """Return deviations from the mean that have its covariance, from standard normals (N, A)."""
        return np.asarray(np.linalg.solve(self.root.T, noise.T.astype(np.float64)).T)


@dataclass(frozen=True)
class Base:
    """The law from which patients of a cause are first drawn: chance, and Gaussians about modes.

    Attributes
    ----------
    parts : tuple of Gaussian
        The Gaussians; none leaves chance alone.
    shares : (1 + parts,)
        Share of chance, then of every Gaussian; they sum to one [-].
    """

    parts: tuple[_Gaussian, ...] = ()
    shares: tuple[float, ...] = (1.0,)

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Return chance of `n` patients, shape (n, SIZE); the shares are met as evenly as `n` allows."""
        vectors = rng.standard_normal((n, N_LATENTS), np.float32)
        ladder = np.cumsum(self.shares) - 1e-9
        which = rng.permutation(np.searchsorted(ladder, (np.arange(n) + rng.random()) / n * ladder[-1]))
        for number, part in enumerate(self.parts, start=1):
            mine = np.flatnonzero(which == number)
            deviation = part.spread(vectors[np.ix_(mine, part.entries)])
            vectors[np.ix_(mine, part.entries)] = part.mean + deviation
        return vectors

    def log_ratio(self, vectors: Floats) -> Doubles:
        """Return the log density relative to chance, shape (N,) [nat]; zero for chance alone."""
        if not self.parts:
            return np.zeros(len(vectors))
        rows = [np.full(len(vectors), np.log(max(self.shares[0], 1e-12)))]
        for share, part in zip(self.shares[1:], self.parts, strict=True):
            rows.append(np.log(max(share, 1e-12)) + part.log_ratio(vectors))
        return np.asarray(np.logaddexp.reduce(rows, axis=0))


def systematic(mass: Doubles, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return indices of `n` draws in proportion to mass, as evenly as `n` allows."""
    ladder = np.cumsum(mass)
    rungs = (np.arange(n) + rng.random()) / n * ladder[-1]
    return np.asarray(np.minimum(np.searchsorted(ladder, rungs), len(mass) - 1))


def _fitted(vectors: Floats) -> _Gaussian:
    """Return a Gaussian with the mean and spread of patients, entry by entry, where they depart from
    chance.
    """
    mean, sd = vectors.mean(axis=0), vectors.std(axis=0)
    entries = np.flatnonzero((np.abs(mean) > _INFORMED_MEAN) | (sd < _INFORMED_SD))
    root = np.diag(1.0 / np.clip(sd[entries], _NARROWEST, _WIDEST)).astype(np.float64)
    return _Gaussian(entries, mean[entries].astype(np.float64), root)


_INFORMED_MEAN, _INFORMED_SD = 0.2, 0.85
_NARROWEST, _WIDEST = 0.25, 1.2
