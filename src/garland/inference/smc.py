"""Sequential Monte Carlo over the chance of one cause.

Patients are drawn from a base law (chance, or chance mixed with Gaussians about the most probable patients)
and drawn from there to the posterior step by step: weighed by a power of posterior over base, resampled, and
moved by steps that keep the law they are drawn from. Where the base is good already, one step does. Patients
are kept in independent groups, so that the spread between groups tells the Monte Carlo error of the evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland._types import Float32s, Float64s
from garland.inference.laplace import _fitted, _Gaussian, _MixtureProposal, _normals_like, systematic
from garland.inference.likelihood import _diseases_in, _Hypothesis, _Problem
from garland.model.latents import N_LATENTS, place_of, uniforms

GROUP = 128
"""Patients in one group [-]."""
_KEEP_EFFECTIVE = 0.5
_ANYWHERE_SITES, _ANYWHERE_REST = 0.02, 0.1
_AT_SITES = np.zeros(N_LATENTS, bool)
_AT_SITES[place_of("site")] = True
_SHORTEST = 0.05
_HIDDEN_ERROR = 0.5
_EVERY_JUMP = 3


@dataclass
class Particles:
    """Virtual patients of one cause, drawn towards the findings.

    Attributes
    ----------
    cause : _Hypothesis
        Index of the cause, or two.
    base : MixtureProposal
        The law they were drawn from at first.
    vectors : (N, N_LATENTS)
        Their chance.
    log_likelihood : (N,)
        Log likelihood of the findings [nat].
    log_importance_ratio : (N,)
        Log of posterior over base, up to the evidence [nat].
    log_evidence : (groups,)
        Log marginal likelihood by group, as far as `inverse_temperature` [nat].
    inverse_temperature : float
        How far from the base (0) to the posterior (1).
    steps : int
        Steps taken [-].
    step_size : float
        Length of the moves [-].
    """

    cause: _Hypothesis
    base: _MixtureProposal
    vectors: Float32s
    log_likelihood: Float64s
    log_importance_ratio: Float64s
    log_evidence: Float64s
    inverse_temperature: float = 0.0
    steps: int = 0
    step_size: float = field(default=0.6)

    @property
    def log_weights(self) -> Float64s:
        """Log weight of every patient, that of its group counted, shape (N,) [nat]."""
        own = np.repeat(self.log_evidence, len(self.vectors) // len(self.log_evidence))
        return np.asarray(self._missing_weights + own)

    @property
    def _missing_weights(self) -> Float64s:
        return (1.0 - self.inverse_temperature) * self.log_importance_ratio

    @property
    def weights(self) -> Float64s:
        """Weight of every patient, shape (N,); they sum to one [-]."""
        weight = np.exp(self.log_weights - self.log_weights.max())
        return np.asarray(weight / weight.sum())

    @property
    def effective(self) -> float:
        """Effective number of patients [-]."""
        return float(1.0 / (self.weights**2).sum())


def _log_mean(values: Float64s) -> Float64s:
    """Return the log of the mean of exponentials along the last axis."""
    return np.asarray(logsumexp(values, axis=-1) - np.log(values.shape[-1]))


def _log_evidence(cloud: Particles) -> tuple[float, float]:
    """Return the log evidence of a cause and its standard error over groups.

    Log evidence and standard error [nat].
    """
    groups = len(cloud.log_evidence)
    total = _log_mean(cloud.log_weights.reshape(groups, -1))
    mean = float(_log_mean(total))
    if groups == 1:
        # Of patients only weighed, the weights tell the error; resampling hides what it took to get there.
        weighed = np.sqrt(max(1.0 / cloud.effective - 1.0 / len(cloud.vectors), 0.0))
        return mean, float(min(weighed, 1.0)) if cloud.inverse_temperature == 0.0 else _HIDDEN_ERROR
    relative = np.exp(total - mean)
    return mean, float(np.std(relative, ddof=1) / np.sqrt(groups))


def _draw_cloud(
    problem: _Problem,
    cause: _Hypothesis,
    rng: np.random.Generator,
    n: int,
    base: _MixtureProposal | None = None,
) -> Particles:
    """Draw `n` patients of a cause from the base law and weigh them."""
    base = base or _MixtureProposal(diseases=_diseases_in(cause))
    vectors = base.draw(rng, n)
    likelihood, _ = problem.log_likelihood(cause, vectors)
    return Particles(
        cause, base, vectors, likelihood, likelihood - base.log_ratio(vectors), np.zeros(n // GROUP)
    )


def _some(cloud: Particles, count: int) -> tuple[NDArray[np.intp], Float64s]:
    """Return which patients stand for a cloud, drawn `count` times by weight, and their shares."""
    drawn = systematic(cloud.weights, count, np.random.default_rng(0))
    index, times = np.unique(drawn, return_counts=True)
    return index, times / count


def _joined(one: Particles, other: Particles) -> Particles:
    """Return the patients of two clouds of one base, drawn equally far, as groups of one."""
    pairs: dict[str, Any] = {
        name: np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("vectors", "log_likelihood", "log_importance_ratio", "log_evidence")
    }
    return replace(other, **pairs)


def _temper(
    problem: _Problem, cloud: Particles, rng: np.random.Generator, kept: int, moves: int
) -> Particles:
    """Draw a cloud from its base to the posterior."""
    groups = kept // GROUP
    drawn = len(cloud.vectors) // groups
    cloud.log_evidence = np.zeros(groups)
    assert drawn * groups == len(cloud.vectors)
    while cloud.inverse_temperature < 1.0:
        rise = _next_rise(cloud, kept)
        weights = (rise * cloud.log_importance_ratio).reshape(groups, -1)
        chosen = _resample(weights, rng)
        cloud = Particles(
            cloud.cause,
            cloud.base,
            cloud.vectors[chosen],
            cloud.log_likelihood[chosen],
            cloud.log_importance_ratio[chosen],
            cloud.log_evidence + _log_mean(weights),
            min(cloud.inverse_temperature + rise, 1.0),
            cloud.steps + 1,
            cloud.step_size,
        )
        _rejuvenate(problem, cloud, rng, moves)
    return cloud


def _next_rise(cloud: Particles, kept: int) -> float:
    """Return by how much the power can rise while half as many patients stay effective as are kept."""
    left = 1.0 - cloud.inverse_temperature

    def effective(rise: float) -> float:
        w = np.exp(rise * (cloud.log_importance_ratio - cloud.log_importance_ratio.max()))
        return float(w.sum() ** 2 / (w * w).sum() / kept)

    if effective(left) >= _KEEP_EFFECTIVE:
        return left
    low, high = 0.0, left
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= _KEEP_EFFECTIVE else (low, middle)
    return max(low, 1e-4)


def _resample(weights: Float64s, rng: np.random.Generator) -> np.ndarray:
    """Return indices of `GROUP` patients per group, drawn systematically in proportion to weight."""
    size = weights.shape[1]
    shares = np.exp(weights - weights.max(axis=1, keepdims=True))
    return np.concatenate([systematic(share, GROUP, rng) + g * size for g, share in enumerate(shares)])


def _rejuvenate(problem: _Problem, cloud: Particles, rng: np.random.Generator, moves: int) -> None:
    """Move every patient of a cloud a few times in place, adapting the length of the steps."""
    parts = (*cloud.base.parts, _fitted(cloud.vectors, cloud.base))
    for number in range(moves):
        jump = number % _EVERY_JUMP == _EVERY_JUMP - 1
        if jump:
            proposal, correction = _anywhere(rng, cloud.vectors), np.zeros(len(cloud.vectors))
        else:
            part = parts[int(rng.integers(len(parts)))]
            proposal = _about(rng, cloud.vectors, part, cloud.step_size)
            correction = part.log_ratio(cloud.vectors) - part.log_ratio(proposal)
        likelihood, _ = problem.log_likelihood(cloud.cause, proposal)
        ratio = cloud.base.log_ratio(proposal)
        # Relative to chance, the law kept is base to the power (1 - p) times likelihood to the power p.
        new = ratio + cloud.inverse_temperature * (likelihood - ratio)
        old = (
            cloud.log_likelihood - cloud.log_importance_ratio
        ) + cloud.inverse_temperature * cloud.log_importance_ratio
        yes = np.log(rng.random(len(new))) < new - old + correction
        cloud.vectors[yes], cloud.log_likelihood[yes] = proposal[yes], likelihood[yes]
        cloud.log_importance_ratio[yes] = (likelihood - ratio)[yes]
        if not jump:
            step = cloud.step_size * np.exp(0.8 * (float(yes.mean()) - 0.3))
            cloud.step_size = float(np.clip(step, _SHORTEST, 1.0))


def _about(rng: np.random.Generator, vectors: Float32s, part: _Gaussian, step: float) -> Float32s:
    """Return patients moved by a Crank-Nicolson step that keeps a Gaussian."""
    noise = _normals_like(rng, vectors)
    stay = np.float32(np.sqrt(1.0 - step**2))
    moved = stay * vectors + np.float32(step) * noise
    own = part.mean + stay * (vectors[:, part.entries] - part.mean)
    moved[:, part.entries] = own + step * part.spread(noise[:, part.entries])
    return moved


def _anywhere(rng: np.random.Generator, vectors: Float32s) -> Float32s:
    """Return patients with a few entries of chance drawn anew: a way from one mode to another."""
    diseases = vectors.shape[1] // N_LATENTS
    at_random = np.concatenate([uniforms(rng, len(vectors)) for _ in range(diseases)], axis=1)
    often = np.tile(np.where(_AT_SITES, _ANYWHERE_SITES, _ANYWHERE_REST), diseases)
    return np.where(at_random < often, _normals_like(rng, vectors), vectors)
