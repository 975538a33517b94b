"""How common distal polyneuropathy is among adults, as the background under every other cause.

Trusted  diabetes of 0-30 years.   Numbers  evidence/parameters/population/polyneuropathy.yaml

A person has it when diabetes alone has cost the longest fibres more than a set hazard; what age costs is
left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from garland._types import Float64s
from garland.evidence import part
from garland.model import latents
from garland.model.axons.injury import background_hazard
from garland.model.patient import unknown_person
from garland.model.vessels.glycaemia import wear_rate

_NO_AGE_YEARS = 50.0
"""An age that costs no fibres [a]."""
_HALVINGS = 18
_BLOCK = 8192
"""People looked at together, always as many, so that nobody's answer depends on who stands beside [-]."""


class _Wearing(NamedTuple):
    """How N people with diabetes wear out the vessels of their nerves; fields (N,).

    Attributes
    ----------
    before, after : ndarray
        Relative wear before and after a change of care [-].
    change_years : ndarray
        Duration of diabetes at which care changes [a].
    luck : ndarray
        Standard normal of the background hazard [-].
    """

    before: Float64s
    after: Float64s
    change_years: Float64s
    luck: Float64s


def triglycerides_mg_dl(diabetes: Float64s, luck: Float64s) -> Float64s:
    """Return triglycerides [mg/dL] with (1) or without diabetes (0) by a standard normal, same shape."""
    p = part("person")
    more = diabetes * p.value("triglycerides_diabetes_extra_mg_dl")
    return (p.value("triglycerides_mg_dl") + more) * np.exp(p.value("triglycerides_sd_ln") * luck)


def _wear(hba1c_percent: Float64s, triglycerides: Float64s) -> Float64s:
    """Return how fast HbA1c [%] and triglycerides [mg/dL] wear out vessels, shape (N,) [-]."""
    found = []
    for hba1c, fats in _blocks(hba1c_percent, triglycerides):
        given = unknown_person()._replace(
            hba1c_percent=jnp.asarray(hba1c, jnp.float32),
            triglycerides_mg_dl=jnp.asarray(fats, jnp.float32),
        )
        found.append(np.asarray(wear_rate(given), np.float64))
    return np.concatenate(found)[: hba1c_percent.size]


def _neuropathic_from(
    wearing: _Wearing, first: Float64s, last: Float64s, halvings: int = _HALVINGS
) -> Float64s:
    """Return at which duration of diabetes distal polyneuropathy is first there.

    Shape (N,) [a]; `first` if it is there already, NaN if not by `last`.
    """
    found = []
    for *worn, low, high in _blocks(*wearing, first, last):
        found.append(_bisected(_Wearing(*worn), low, high, halvings))
    return np.concatenate(found)[: first.size]


def _blocks(*fields: Float64s) -> Iterator[list[Float64s]]:
    """Yield fields (N,) in blocks of one size, the last filled with ones: nothing compiles anew."""
    n = fields[0].size
    empty = np.ones(max(-(n // -_BLOCK), 1) * _BLOCK - n)
    filled = [np.concatenate([field, empty]) for field in fields]
    for begin in range(0, filled[0].size, _BLOCK):
        yield [field[begin : begin + _BLOCK] for field in filled]


def _bisected(wearing: _Wearing, first: Float64s, last: Float64s, halvings: int) -> Float64s:
    """Halve the time in which the hazard comes to its limit; better control may let it fall afterwards."""
    limit = part("population/polyneuropathy").value("neuropathy_hazard")
    vector = jnp.zeros((_BLOCK, latents.N_LATENTS), jnp.float32)
    place = latents.place_of("background")
    luck = latents.Latents(vector.at[:, place].set(jnp.asarray(wearing.luck, jnp.float32)[:, None]))

    def there(years: Float64s) -> NDArray[np.bool_]:
        return _hazard_of(wearing, luck, years) > limit

    change = np.clip(wearing.change_years, first, last)
    before = (wearing.after < wearing.before) & there(change)
    low, high = first, np.where(before, change, last)
    already, ever = there(low), there(high)
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        found = there(middle)
        low, high = np.where(found, low, middle), np.where(found, middle, high)
    return np.where(already, first, np.where(ever, high, np.nan))


def _hazard_of(wearing: _Wearing, luck: latents.Latents, years: Float64s) -> Float64s:
    """Return the hazard on the longest fibres at a duration of diabetes, shape (N,) [-]."""
    worn = wearing.after * years + (wearing.before - wearing.after) * np.minimum(years, wearing.change_years)
    n = years.size
    person = unknown_person()._replace(
        age_years=jnp.full(n, _NO_AGE_YEARS, jnp.float32),
        diabetes=jnp.ones(n, jnp.float32),
        diabetes_years=jnp.asarray(years, jnp.float32),
    )
    hazard = background_hazard(person, luck, jnp.asarray(worn, jnp.float32), jnp.zeros(n, jnp.float32))
    return np.asarray(hazard, np.float64)
