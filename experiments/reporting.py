"""How far findings of real patients may be believed, and what silence means, learnt from published ones.

    .venv/bin/python -m experiments.reporting

Every published patient is consulted once; what other numbers of `inference/reporting` would have answered is
told by weighing the patients behind each cause anew. The numbers are then chosen one after the other by the
log score of the published diagnosis, on four fifths of the patients, and scored on the fifth. Patients drawn
for one set of numbers tell of another only nearby: start again from what is found until it stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland._types import Float64s
from garland.evidence import part
from garland.inference.consult import Asked, _posterior_of, remember_compiled_programs
from garland.inference.encode_case import EncodedCase
from garland.inference.likelihood import _seen_in_full, prepare_programs
from garland.inference.observations import _Observation
from garland.inference.smc import _some
from garland.model.diseases import index_of
from garland.records import accepted_causes, shipped_case, shipped_cases

TRIED: Mapping[str, tuple[float, ...]] = {
    "shared history": (0.0, 0.15, 0.3, 0.45, 0.6),
    "shared examination": (0.0, 0.2, 0.35, 0.5, 0.65),
    "shared others": (0.0, 0.1, 0.2, 0.3),
    "silence strength": (0.0, 0.2, 0.35, 0.5, 0.65),
    "silence reflexes": (0.0, 0.3, 0.6),
    "silence sensation": (0.0, 0.2, 0.4),
    "silence history": (0.0, 0.2, 0.4, 0.6),
    "silence the complaint": (0.0, 0.2, 0.4, 0.6),
    "silence_shared": (0.0, 0.2, 0.4),
}
"""Numbers that are chosen, and the values tried; ``others`` are all kinds but history and examination."""
FOLDS, _SWEEPS, _AGAIN, _PATIENTS, _LEAST = 5, 2, 40, 192, 1e-6
_COMPLAINT = "the complaint"
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class _Sampled:
    """One published patient: accepted causes and log prior; by cause log evidence, log weights (N,), and the
    log likelihood of every observation (N, O) with a power of one and a silence that always means normal.
    """

    accepted: tuple[int, ...]
    log_prior: Float64s
    written: tuple[_Observation, ...]
    by_cause: Mapping[int, tuple[float, Float64s, Float64s]]

    def powers(self, numbers: Numbers) -> tuple[Float64s, Float64s]:
        """Return the power of every observation, and how surely its silence means normal, (O,) each."""
        kinds = Counter(o.kind for o in self.written if not o.silence)
        domains = Counter(_domain(o) for o in self.written if o.silence)
        base = part("inference/reporting").table("silence")
        power, sure = np.ones(len(self.written)), np.zeros(len(self.written))
        for at, o in enumerate(self.written):
            if o.silence:
                domain, alone = _domain(o), _domain(o) == _COMPLAINT
                filed = base["complaints" if alone else domain]
                power[at] = 1.0 if alone else domains[domain] ** -numbers["silence_shared"]
                sure[at] = numbers[f"silence {domain}"] * o.silence / filed
            else:
                kind = o.kind if o.kind in ("history", "examination") else "others"
                power[at] = kinds[o.kind] ** -numbers[f"shared {kind}"]
        return power, sure

    @property
    def as_drawn(self) -> tuple[Float64s, Float64s]:
        """The same two, with which the patients were drawn."""
        return np.array([o.power for o in self.written]), np.array([o.silence for o in self.written])

    def likelihood(self, plain: Float64s, power: Float64s, sure: Float64s) -> Float64s:
        """Return the log likelihood of patients as it then counts, (N,) [nat]."""
        silent = np.array([o.silence > 0.0 for o in self.written])
        means = np.log1p(sure * np.expm1(np.minimum(plain, 0.0)))
        return np.asarray((power * np.where(silent, means, plain)).sum(axis=1))

    def log_score(self, numbers: Numbers) -> float:
        """Return the log probability of the accepted causes under other numbers [nat]."""
        power, sure = self.powers(numbers)
        score = np.full(len(self.log_prior), -np.inf)
        for cause, (evidence, weights, plain) in self.by_cause.items():
            moved = self.likelihood(plain, power, sure) - self.likelihood(plain, *self.as_drawn)
            score[cause] = evidence + float(logsumexp(weights + moved)) + self.log_prior[cause]
        p = np.exp(score - logsumexp(score))
        return float(np.log(max(p[list(self.accepted)].sum(), _LEAST)))


def _domain(observation: _Observation) -> str:
    name = observation.label.partition(",")[0]
    return _COMPLAINT if name.startswith(_COMPLAINT) else name


def _sampled() -> Iterator[_Sampled]:
    """Yield every published patient whose cause is in the list."""
    for name, _ in shipped_cases():
        accepted = accepted_causes(name)
        if not accepted:
            continue
        reading, problem, _, posterior = _posterior_of(shipped_case(name), Asked())
        written = tuple(o for visit in _weighed(reading) for o in visit)
        if not written:
            continue
        rows = {}
        for cause, cloud in posterior.clouds.items():
            if np.isfinite(posterior.log_evidence[cause]):
                index, weights = _some(cloud, min(_PATIENTS, len(cloud.vectors)))
                counted, _, _ = _seen_in_full(problem, cause, cloud.vectors[index])
                log_weights = np.log(np.maximum(weights, 1e-300))
                plain = _in_full(np.concatenate(counted, axis=1), written)
                rows[cause] = (float(posterior.log_evidence[cause]), log_weights, plain)
        with np.errstate(divide="ignore"):
            before = np.log(posterior.prior)
        yield _Sampled(tuple(map(index_of, accepted)), before, written, rows)
        print(name, flush=True)


def _weighed(reading: EncodedCase) -> list[tuple[_Observation, ...]]:
    return [visit for visit in reading.weighed if visit]


def _in_full(counted: Float64s, written: Sequence[_Observation]) -> Float64s:
    """Return log likelihoods with power and silence taken off again, (N, O)."""
    plain = counted / np.array([o.power for o in written])
    sure = np.array([o.silence for o in written])
    normal = 1.0 - (1.0 - np.exp(plain)) / np.where(sure > 0.0, sure, 1.0)
    return np.where(sure > 0.0, np.log(np.clip(normal, 1e-12, 1.0)), plain)


def _filed() -> dict[str, float]:
    p = part("inference/reporting")
    shared, silence = p.table("shared"), p.table("silence")
    found = {f"shared {kind}": shared[kind] for kind in ("history", "examination")}
    found["shared others"] = shared["imaging"]
    found |= {f"silence {name}": silence[name] for name in ("strength", "reflexes", "sensation", "history")}
    found["silence the complaint"] = silence["complaints"]
    return found | {"silence_shared": p.value("silence_shared")}


class _Table:
    """Log scores of all patients by numbers, each set of numbers worked out once."""

    def __init__(self, patients: Sequence[_Sampled]) -> None:
        self.patients = patients
        self._known: dict[tuple[float, ...], Float64s] = {}

    def scores(self, numbers: Numbers) -> Float64s:
        """Return the log score of every patient, (P,) [nat]."""
        key = tuple(numbers.values())
        if key not in self._known:
            self._known[key] = np.array([one.log_score(numbers) for one in self.patients])
        return self._known[key]

    def best(self, among: NDArray[np.intp]) -> dict[str, float]:
        """Return the numbers that score best on some of the patients, chosen one after the other."""
        numbers = _filed()
        for _ in range(_SWEEPS):
            for name, values in TRIED.items():
                tried = [{**numbers, name: value} for value in values]
                numbers = max(tried, key=lambda one: self.scores(one)[among].mean())
        return numbers


def main() -> None:
    """Print what the numbers score, and what they were by folds and by patients drawn again."""
    remember_compiled_programs()
    prepare_programs()
    table = _Table(list(_sampled()))
    every, rng = np.arange(len(table.patients)), np.random.default_rng(0)
    nothing = dict.fromkeys(TRIED, 0.0)
    print(f"{len(every)} patients; log score as filed {table.scores(_filed()).mean():.3f}")
    print(f"all in full, silence means nothing: {table.scores(nothing).mean():.3f}")
    best = table.best(every)
    print(f"best {table.scores(best).mean():.3f}", best)
    order, scored = rng.permutation(every), []
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        scored.append(table.scores(table.best(np.setdiff1d(every, out)))[out])
    print(f"by {FOLDS} folds {np.concatenate(scored).mean():.3f}")
    again = [table.best(rng.integers(0, len(every), len(every))) for _ in range(_AGAIN)]
    for name in TRIED:
        values = [one[name] for one in again]
        print(f"  {name}: {np.mean(values):.2f} ± {np.std(values):.2f} (filed {_filed()[name]:g})")


if __name__ == "__main__":
    main()
