"""Patients kept from an answer, weighed anew when the record changes: the model is not asked again.

What a patient is expected to show does not depend on what was found. A changed finding thus changes nothing
but weights: the evidence of a cause is multiplied by the weighted mean of the likelihood ratio over its
patients. That is as good as the patients overlap with those whom the changed record calls for, told by their
effective share. Where person or days changed, the kept patients are shown to the model once more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
from scipy.special import logsumexp

from garland._types import Float32s, Float64s
from garland.inference.encode_case import EncodedCase
from garland.inference.likelihood import Timing, _by_observation, _coming, _shown_in_full
from garland.inference.observations import _arrays, _Observation
from garland.inference.posterior import Posterior, _from_evidence, _side_by_side
from garland.inference.smc import Particles, _some
from garland.model.findings import N_FINDINGS
from garland.model.patient import Person

_MATTERS = 0.002
"""Probability from which more patients of a cause are kept [-]."""
_KEPT, _KEPT_OF_OTHERS = 512, 128
_MOST_BYTES = 64e6
"""Memory for what the kept patients are expected to show [bytes]; half as many patients of each if beyond."""
_CONTESTED = 0.05
"""Probability, before or after a change, from which a cause counts for the effective share [-]."""
_ENOUGH = 128.0
"""Effective patients before a change below which the effective share counts for less [-]."""
Expected = tuple[Float32s, ...]


@dataclass(frozen=True)
class _Patients:
    """Kept patients of one cause.

    Attributes
    ----------
    vectors : (N, N_LATENTS)
        Their chance.
    log_weights : (N,)
        Log weights, their exponentials summing to one [ln].
    effective : float
        Effective patients in the cloud that they were taken from [-].
    expected : tuple of (N, F)
        What they are expected to show at each visit of the record, visits without findings too.
    """

    vectors: Float32s
    log_weights: Float64s
    effective: float
    expected: Expected


@dataclass(frozen=True)
class _Reweighed:
    """What the kept patients say of a changed record.

    Attributes
    ----------
    posterior : Posterior
        Probabilities with their error; no patients.
    shares : (C,)
        Effective share of the patients of each cause, zero where there are none [0..1].
    least_share : float
        The least one among the causes that matter [0..1].
    changed : float
        Findings left out, turned or added; infinite where person or days changed [-].
    """

    posterior: Posterior
    shares: Float64s
    least_share: float
    changed: float


@dataclass(frozen=True)
class _KeptAnswer:
    """An answer with some patients of every cause, ready to be weighed anew."""

    reading: EncodedCase
    posterior: Posterior
    patients: dict[int, _Patients]
    _shown_again: dict[tuple[bytes, int], Expected] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def reweighed(self, reading: EncodedCase, prior: Float64s) -> _Reweighed:
        """Return what the kept patients say of another record of the same patient."""
        change = _Change(self.reading, reading)
        with self._lock:
            if change.unseen:
                self._show_again(reading)
            ratios = {
                cause: change.log_ratio(cause, kept, self._shown_again.get((_print_of(reading), cause), ()))
                for cause, kept in self.patients.items()
            }
        found, shares = _weighed_anew(self.posterior, self.patients, ratios, prior)
        # A cause that was impossible before, in another person, has no patients.
        unknown = set(np.flatnonzero(prior > 0.0)) - self.patients.keys()
        sound = not unknown and not self.posterior.failures and np.isfinite(found.probability).all()
        least = _least_share(shares, self.posterior, found) if sound else 0.0
        return _Reweighed(found, shares, least, change.size)

    def _show_again(self, reading: EncodedCase) -> None:
        """Ask the model what the kept patients show as this person on these days; the last such is kept."""
        mark = _print_of(reading)
        if any(key[0] == mark for key in self._shown_again):
            return
        self._shown_again.clear()

        def show(cause: int) -> None:
            vectors = self.patients[cause].vectors
            self._shown_again[mark, cause] = _shown(reading, cause, vectors)

        _side_by_side(show, self.patients)


def _kept(reading: EncodedCase, posterior: Posterior) -> _KeptAnswer:
    """Return an answer with patients of every cause, and what they are expected to show at every visit."""
    wanted = {
        c: min(_KEPT if posterior.probability[c] > _MATTERS else _KEPT_OF_OTHERS, len(cloud.vectors))
        for c, cloud in posterior.clouds.items()
    }
    size = sum(wanted.values()) * len(reading.timings) * N_FINDINGS * 4
    halved = max(int(np.ceil(np.log2(size / _MOST_BYTES))), 0)
    patients: dict[int, _Patients] = {}

    def keep(cause: int) -> None:
        cloud = posterior.clouds[cause]
        vectors, log_weights = _chosen(cloud, max(wanted[cause] >> halved, 1))
        expected = _shown(reading, cause, vectors)
        patients[cause] = _Patients(vectors, log_weights, cloud.effective, expected)

    _side_by_side(keep, wanted)
    return _KeptAnswer(reading, posterior, patients)


def _chosen(cloud: Particles, count: int) -> tuple[Float32s, Float64s]:
    """Return the patients of a cloud with their log weights; if there are too many, some by their weights."""
    if count >= len(cloud.vectors):
        return cloud.vectors, cloud.log_weights - logsumexp(cloud.log_weights)
    index, weights = _some(cloud, count)
    return cloud.vectors[index], np.log(weights)


def _shown(reading: EncodedCase, cause: int, vectors: Float32s) -> Expected:
    """Return what patients of a cause are expected to show at every visit, (N, F) each."""
    return tuple(_shown_in_full(reading.person, cause, vectors, reading.timings)[0])


def _same(one: Person | Timing, other: Person | Timing) -> bool:
    return np.array_equal(np.array(one, np.float64), np.array(other, np.float64), equal_nan=True)


def _print_of(reading: EncodedCase) -> bytes:
    """Return what tells person and days from others."""
    return np.array([*reading.person, *np.ravel(reading.timings)], np.float64).tobytes()


class _Change:
    """From one record to another: what is no longer said at each visit, and what is said anew.

    Where the patients must be shown again, since person or day changed, everything counts as said anew.
    """

    def __init__(self, before: EncodedCase, after: EncodedCase) -> None:
        same = _same(before.person, after.person)
        visits = range(max(len(before.visits), len(after.visits)))
        self.before, self.after = before, after
        self.again = [
            v for v in visits[: len(after.visits)]
            if not same or v >= len(before.visits) or not _same(before.timings[v], after.timings[v])
        ]  # fmt: skip
        old, new = (
            [Counter(r.weighed[v]) if v < len(r.visits) else Counter() for v in visits]
            for r in (before, after)
        )
        self.gone = [_listed(old[v] if v in self.again else old[v] - new[v]) for v in visits]
        self.come = [_listed(new[v] if v in self.again else new[v] - old[v]) for v in visits]
        self.unseen = any(self.come[v] for v in self.again)
        self.size = np.inf if self.again else float(sum(_told_anew(before, after, v) for v in visits))

    def log_ratio(self, cause: int, kept: _Patients, shown_again: Expected) -> Float64s:
        """Return the log likelihood of the new record over that of the old, (N,) [nat]."""
        ratio = np.zeros(len(kept.vectors))
        if self.again and self.again[0] == 0:
            for sign, reading in ((1.0, self.after), (-1.0, self.before)):
                when, how = reading.timings[0], reading.arrival
                ratio += sign * _coming(when, cause, kept.vectors, how)[0]
        for v, (gone, come) in enumerate(zip(self.gone, self.come, strict=True)):
            if gone:
                ratio -= _log_likelihood(kept.expected[v], gone)
            if come:
                ratio += _log_likelihood((shown_again if v in self.again else kept.expected)[v], come)
        return ratio


def _told_anew(before: EncodedCase, after: EncodedCase, visit: int) -> int:
    """Return how many findings of a visit differ between two records [-]."""
    one, other = (
        # How much a finding counts is no part of what was found.
        Counter(replace(o, power=1.0) for o in r.visits[visit]) if visit < len(r.visits) else Counter()
        for r in (before, after)
    )
    return max((one - other).total(), (other - one).total())


def _listed(counted: Counter[_Observation]) -> tuple[_Observation, ...]:
    return tuple(counted.elements())


def _log_likelihood(expected: Float32s, observations: tuple[_Observation, ...]) -> Float64s:
    return np.asarray(_by_observation(expected, _arrays(observations)).sum(axis=1))


def _weighed_anew(
    before: Posterior, patients: dict[int, _Patients], ratios: dict[int, Float64s], prior: Float64s
) -> tuple[Posterior, Float64s]:
    """Return probabilities after a change of likelihood, and the effective share of each cause [0..1].

    The share is the inverse of the mean square of the likelihood ratio over the square of its mean. The error
    of the evidence is that of the answer before and that of this mean.
    """
    pairs, shares = np.full((len(prior), 2), (-np.inf, 0.0)), np.zeros(len(prior))
    for cause, ratio in ratios.items():
        weights, effective = patients[cause].log_weights, patients[cause].effective
        mean = float(logsumexp(weights + ratio))
        share = float(np.exp(min(2.0 * mean - logsumexp(weights + 2.0 * ratio), 0.0)))
        missed = (1.0 / max(share, 1e-12) - 1.0) / min(effective, float(_KEPT))
        pairs[cause] = (
            before.log_evidence[cause] + mean,
            np.hypot(before.evidence_error[cause], np.sqrt(missed)),
        )
        shares[cause] = share * min(effective / _ENOUGH, 1.0)
    with np.errstate(divide="ignore"):
        return _from_evidence(prior, np.log(prior), pairs, {}), shares


def _least_share(shares: Float64s, before: Posterior, after: Posterior) -> float:
    """Return the least effective share among the causes that matter before or after a change [0..1]."""
    matter = np.maximum(before.probability, after.probability) > _CONTESTED
    return float(shares[matter].min())
