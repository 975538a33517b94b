"""Simulated trials of analgesics, to be held against the published ones.

Both arms hold the same people with the same noise, so that their difference is the drug alone. The pain they
report is measured with noise, at entry and at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland.errors import InputError, did_you_mean
from garland.evidence import part
from garland.evidence.treatments import declared_treatments, treatment_named
from garland.model.latents import Latents, draw
from garland.model.treatment.analgesics import DRUGS, _drug_hazard, _placebo_relief
from garland.model.treatment.schedule import FOREVER_DAY, Dose, GlucoseTarget, Treatments, no_care

_NAMES = (*DRUGS, "placebo")


class _Arm(NamedTuple):
    """Result of one arm: shares of people with 30 and 50 % less pain [0..1], and the mean change [NRS]."""

    responders_30: float
    responders_50: float
    mean_change: float


class Trial(NamedTuple):
    """Result of a simulated trial: the arm on the drug, and the same people on placebo."""

    drug: _Arm
    placebo: _Arm

    @property
    def nnt(self) -> float:
        """Number needed to treat for pain halved [-]; infinite where the drug is no better."""
        gained = self.drug.responders_50 - self.placebo.responders_50
        return 1.0 / gained if gained > 0 else float("inf")

    @property
    def difference(self) -> float:
        """Mean change on the drug less that on placebo [NRS]; below 0 if the drug helps."""
        return self.drug.mean_change - self.placebo.mean_change


def drug_trial(
    drug: str | Mapping[str, float],
    dose_mg: float = 0.0,
    n: int = 4000,
    seed: int = 0,
    weeks: float = 12.0,
    baseline_nrs: float = 6.4,
) -> Trial:
    """Run a trial of one drug, or of several together, against placebo in the same people.

    Parameters
    ----------
    drug : str or mapping of str to float
        A declared analgesic such as ``pregabalin``; or daily doses of several by name [mg/d].
    dose_mg : float
        Daily dose, where one drug is named [mg/d].
    n : int
        People [-].
    seed : int
        Seed of who they are and of the noise in what they report.
    weeks : float
        Length [wk].
    baseline_nrs : float
        Mean pain at entry [NRS, 0..10].

    Returns
    -------
    Trial
        Responders and mean change in both arms.

    Raises
    ------
    InputError
        The drug is not known.
    """
    given = {drug: dose_mg} if isinstance(drug, str) else dict(drug)
    before, after, placebo = _reported(given, n, seed, weeks, baseline_nrs)
    return Trial(_arm(before, after), _arm(before, placebo))


def _reported(
    given: Mapping[str, float], n: int, seed: int, weeks: float, baseline_nrs: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pain that n people report at entry, and at the end with the drugs and with placebo.

    Weekly mean pain at entry, at the end on the drugs, at the end on placebo, each (n,) [NRS, 0..10].
    """
    latents, pain, noise = _people(n, seed, baseline_nrs)
    treatment, end = _care(given), 7.0 * weeks
    left = 1.0 - _placebo_relief(treatment, latents, end)
    treated = left * jnp.exp(-_drug_hazard(treatment, latents, end))
    sd = part("care/analgesics").value("weekly_noise_nrs")
    before = np.clip(pain + sd * noise[:, 0], 0.5, 10.0)
    ends = [np.clip(pain * np.asarray(kept) + sd * noise[:, 1], 0.0, 10.0) for kept in (treated, left)]
    return before, ends[0], ends[1]


def onset(drug: str, dose_mg: float, n: int = 2000, seed: int = 0, weeks: int = 12) -> float:
    """Return the median day on which sustained relief first shows in the diary.

    Median over all people of the first day with pain at least one point below entry, where pain at the end
    is lower by 30 % or more [d]; infinite if fewer than half get there.
    """
    latents, pain, noise = _people(n, seed, 6.4)
    p = part("care/analgesics")
    days = jnp.arange(1.0, 7.0 * weeks + 1.0)
    treatment = _care({drug: dose_mg})

    def left(day: jax.Array) -> jax.Array:
        drugs = _drug_hazard(treatment, latents, day)
        return (1.0 - _placebo_relief(treatment, latents, day)) * jnp.exp(-drugs)

    course = pain[:, None] * np.asarray(jax.vmap(left, out_axes=1)(days))
    before = pain + p.value("weekly_noise_nrs") * noise[:, 0]
    daily = np.random.default_rng(seed).standard_normal(course.shape) * p.value("daily_noise_nrs")
    reached = course + daily <= before[:, None] - 1.0
    sustained = course[:, -1] + p.value("weekly_noise_nrs") * noise[:, 1] <= 0.7 * before
    first = np.where(reached.any(axis=1) & sustained, np.asarray(days)[reached.argmax(axis=1)], np.inf)
    return float(np.sort(first)[n // 2])


def _people(n: int, seed: int, baseline_nrs: float) -> tuple[Latents, np.ndarray, np.ndarray]:
    p = part("care/analgesics")
    latents = draw(jax.random.key(seed), n)
    entry = np.random.default_rng([seed, 1]).standard_normal((n, 3))
    pain = baseline_nrs + p.value("baseline_sd_nrs") * entry[:, 0]
    return latents, np.clip(pain, p.value("baseline_least_nrs"), 10.0), entry[:, 1:]


def _care(given: Mapping[str, float]) -> Treatments:
    """Return care from day 0 for ever; a drug at dose 0 is placebo."""
    fields: dict[str, Dose | GlucoseTarget] = {}
    for name, dose_mg in given.items():
        drug = treatment_named(name)
        if drug not in _NAMES:
            raise InputError("drug", name, "is not an analgesic of the model", did_you_mean(name, _NAMES))
        inert = drug == "placebo" or dose_mg == 0.0
        amount, field = (1.0, "placebo") if inert else (dose_mg, declared_treatments()[drug].field_name)
        fields[field] = Dose(jnp.float32(amount), jnp.float32(0.0), jnp.float32(FOREVER_DAY))
    return no_care(**fields)


def _arm(before: np.ndarray, after: np.ndarray) -> _Arm:
    less = 1.0 - after / before
    return _Arm(float((less >= 0.3).mean()), float((less >= 0.5).mean()), float((after - before).mean()))
