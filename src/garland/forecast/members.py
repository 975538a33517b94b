"""Who stands behind a forecast: patients of every cause that may be right, in proportion to its
probability.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from garland.forecast.uncertainty import _Members
from garland.inference.gaussians import systematic
from garland.inference.posterior import Posterior
from garland.inference.sampler import Cloud

CHUNK = 64
"""Patients followed in one call, the same for every case [-]."""

WORTH_FOLLOWING = 0.01
"""Probability from which a cause is followed [-]."""


def _members_of(posterior: Posterior, total: int, seed: int) -> _Members:
    """Return patients of the causes with a probability above 1 %."""
    rng = np.random.default_rng(seed)
    followed = np.flatnonzero(posterior.probability > WORTH_FOLLOWING)
    probability = posterior.probability[followed] / posterior.probability[followed].sum()
    vectors, cause, group, weight = [], [], [], []
    for c, p in zip(followed, probability, strict=True):
        cloud = posterior.clouds[int(c)]
        n = max(-(-round(p * total) // CHUNK), 1) * CHUNK
        index, of = _drawn(cloud, n, rng)
        vectors.append(np.asarray(cloud.vectors)[index])
        cause.append(np.full(n, c))
        group.append(of + 10_000 * int(c))
        weight.append(np.full(n, p / n))
    return _Members(*(np.concatenate(rows) for rows in (vectors, cause, group, weight)))


def _drawn(cloud: Cloud, n: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return indices of `n` patients of a cloud and the group of each, systematically within every group."""
    groups = len(cloud.log_evidence)
    left = cloud.log_weights.reshape(groups, -1)
    size = left.shape[1]
    index, of = [], []
    for g in range(groups):
        wanted = len(range(g, n, groups))
        index.append(systematic(np.exp(left[g] - left[g].max()), wanted, rng) + g * size)
        of.append(np.full(wanted, g))
    return np.concatenate(index), np.concatenate(of)


def _followed_causes(members: _Members) -> tuple[tuple[int, float], ...]:
    """Return each cause that is followed with its share, the greatest first."""
    share = np.bincount(members.cause, members.weight)
    return tuple((int(c), float(share[c])) for c in np.argsort(-share, kind="stable") if share[c] > 0.0)
