"""Which numbers inside the model, measured by nobody, move the leading causes of published patients most.

Every unmeasured number that can be an argument of the program of a visit is moved one deviation down and up,
one after the other, for the patients who explain the findings of some published records. A number that moves
all causes alike moves no answer: what counts is the difference between the leading cause and the others.
"""

from __future__ import annotations

import argparse
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from garland.evidence import UNMEASURED, Number, numbers_at
from garland.evidence.provenance import numbers_given
from garland.inference import likelihood
from garland.inference.consult import Asked, _posterior_of
from garland.inference.smc import _some
from garland.model.latents import N_LATENTS
from garland.model.patient import unknown_person
from garland.records import shipped_case, shipped_cases

PARTS = ("bedside", "fibres", "recordings", "vessels")
UNTOLD_FACTOR, DEVIATE = 1.5, 1.96
"""How far a number without a range of trust may be off, and deviations from its value to an end [-]."""


def candidates() -> list[Number]:
    """Return the unmeasured numbers that a visit reads and that can be arguments of its program."""
    causes, visit = likelihood.prepare_programs()
    vectors, cause = np.zeros((likelihood.CHUNK, N_LATENTS), np.float32), np.int32(0)
    lesions = causes.run(unknown_person(), cause, vectors)
    now = likelihood._as_now()
    found = []
    for number in numbers_at(visit.paths):
        if number.standing not in UNMEASURED or not isinstance(number.value, float):
            continue
        if number.path.split("/")[0] not in PARTS or "reference_limits" in number.path:
            continue

        def shown(value: Any, path: str = number.path) -> Any:
            at = [value if path == one else now[k] for k, one in enumerate(likelihood._in_doubt())]
            with numbers_given({path: value}):
                return likelihood._visit(*lesions, cause, vectors, likelihood.UNKNOWN, at)

        try:
            jax.eval_shape(shown, jnp.float32(number.value))
        except (TypeError, jax.errors.JAXTypeError):
            continue  # its value shapes the program
        found.append(number)
    return found


def ends(number: Number) -> tuple[float, float]:
    """Return the ends of what a number may be."""
    low, high = number.trusted
    if low is not None and high is not None:
        return low, high
    value = float(number.value)
    below, above = sorted((value / UNTOLD_FACTOR, value * UNTOLD_FACTOR))
    return below, above


def slopes(name: str, numbers: list[Number], program: Any) -> NDArray[np.float64] | None:
    """Return how the evidence of the leading causes goes with each number, (causes, K) [nat a deviation]."""
    _, problem, _, posterior = _posterior_of(shipped_case(name), Asked())
    leading = [c for c in posterior.order[:3] if posterior.probability[c] > 0.01]
    if posterior.failures or len(leading) < 2:
        return None
    values = np.array([number.value for number in numbers], np.float32)
    known, when = likelihood._on_device(
        *(np.array(fields, np.float32).tobytes() for fields in (problem.person, problem.timings))
    )
    rows = []
    for cause in leading:
        cloud = posterior.clouds[cause]
        index, weights = _some(cloud, likelihood.CHUNK)
        vectors = np.zeros((likelihood.CHUNK, N_LATENTS), np.float32)
        vectors[: len(index)] = cloud.vectors[index]
        lesions = likelihood.prepare_programs()[0].run(known, np.int32(cause), vectors)

        def fit(
            at: NDArray[np.float32],
            lesions: Any = lesions,
            vectors: Any = vectors,
            n: int = len(index),
            cause: int = cause,
        ):
            total = np.zeros(n)
            for timing, seen in zip(when, problem.seen, strict=True):
                shown, _ = program(*lesions, np.int32(cause), vectors, timing, at)
                expected = np.asarray(shown)[seen.column, :n].astype(float).T
                total += likelihood._by_entry(expected, seen).sum(axis=1)
            return total

        base, row = fit(values), []
        for place, number in enumerate(numbers):
            moved = []
            for end in ends(number):
                at = values.copy()
                at[place] += (end - values[place]) / DEVIATE
                moved.append(logsumexp(fit(at) - base, b=weights))
            row.append(0.5 * (moved[1] - moved[0]))
        rows.append(row)
    return np.array(rows)


def main() -> None:
    """Print the numbers from the one that moves answers most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=28, help="published records drawn")
    asked = parser.parse_args()
    numbers = candidates()
    paths = [number.path for number in numbers]

    def visit(person: Any, lesions: Any, cause: Any, vectors: Any, timing: Any, values: Any) -> Any:
        given = dict(zip(paths, [values[k] for k in range(len(paths))], strict=True))
        now = zip(likelihood._in_doubt(), likelihood._as_now(), strict=True)
        with numbers_given(given):
            at = [given.get(path, value) for path, value in now]
            return likelihood._visit(person, lesions, cause, vectors, timing, at)

    program = jax.jit(visit)
    names = [name for name, _ in shipped_cases()]
    drawn = np.random.default_rng(0).choice(len(names), asked.records, replace=False)
    found = [slopes(names[k], numbers, program) for k in sorted(drawn)]
    apart = np.array([np.abs(one[0] - one[1:]).max(axis=0) for one in found if one is not None])
    size = np.sqrt((apart**2).mean(axis=0))
    share = np.cumsum(np.sort(size**2)[::-1]) / (size**2).sum()
    for rank, place in enumerate(np.argsort(-size)):
        print(f"{paths[place]:50s} {size[place]:6.3f} nat  {share[rank]:6.1%}")


if __name__ == "__main__":
    main()
