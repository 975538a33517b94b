"""The lesion map: how much is lost at each site, averaged over causes and patients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.tree import load
from garland.inference.observations import SIDES
from garland.inference.result import SiteLoss
from garland.inference.review import _View

_A = load()
_PARTS = {"ganglion": "root", "ramus": "root"}
_INVOLVED = 0.1


def _lesion_map(views: dict[int, _View], probability: NDArray[np.float64]) -> tuple[SiteLoss, ...]:
    """Return the loss at every site and side with its 80 % interval."""
    share = {cause: probability[cause] for cause in views}
    total = sum(share.values())
    losses = np.concatenate([seen.at_sites for seen in views.values()])
    weights = np.concatenate([seen.weights * share[cause] / total for cause, seen in views.items()])
    rows = []
    for index, site in enumerate(_A.sites):
        for side, name in enumerate(SIDES):
            values = losses[:, side, index]
            low, high = _weighted_quantiles(values, weights, (0.1, 0.9))
            part = _PARTS.get(_A.site_parts[index], _A.site_parts[index])
            rows.append(
                SiteLoss(
                    site,
                    f"{name} {_A.site_labels[index]}",
                    part,
                    name,
                    float(values @ weights),
                    low,
                    high,
                    float((values > _INVOLVED) @ weights),
                )
            )
    return tuple(rows)


def _weighted_quantiles(
    values: NDArray[np.floating[Any]], weights: NDArray[np.float64], shares: tuple[float, ...]
) -> tuple[float, ...]:
    """Return quantiles of weighted values."""
    order = np.argsort(values)
    ladder = np.cumsum(weights[order])
    return tuple(
        float(values[order][min(int(np.searchsorted(ladder, share)), len(values) - 1)]) for share in shares
    )
