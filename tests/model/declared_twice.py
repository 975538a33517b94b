"""Run as a program: two findings that Garland does not have are declared, given a formula, and used.

The only argument is a folder with copies of the declarations, in which this program finds one more entry for
the needle and one for the examination. What it prints is compared in `test_findings_declared.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import garland.evidence.findings as declarations

declarations.FOLDER = Path(sys.argv[1])

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from garland.errors import EvidenceError  # noqa: E402
from garland.model import simulate  # noqa: E402
from garland.model.findings import N_FINDINGS  # noqa: E402


def formulas(state: simulate.PatientState) -> dict[str, jax.Array]:
    affected = 1.0 - state.muscle.conducting
    return {
        "complex_repetitive_discharges": 4.0 * affected - 1.0,
        "clonus": jnp.full((len(state.day), 2, 1), -0.5),
    }


def expected(*given: Any) -> jax.Array:
    return simulate.expected_findings(simulate.state_on_day(*given))


def shape() -> tuple[int, ...]:
    """Return the shape of what the model expects; formulas are traced and not run, which is enough here."""
    from garland.model.latents import draw
    from garland.model.patient import unknown_person

    given = (unknown_person(), jnp.asarray(0), draw(jax.random.key(0), 4), jnp.full((4,), 60.0))
    return tuple(jax.eval_shape(expected, *given).shape)


def used(found: np.ndarray) -> dict[str, Any]:
    from garland.cohorts.measures import _measures_of
    from garland.inference.alternative_results import _result_of, _results_for
    from garland.inference.candidate_tests import open_tests
    from garland.inference.encode_case import _encode_case
    from garland.inference.likelihood import _by_observation
    from garland.inference.observations import _arrays
    from garland.inference.phrases import _had_been, _phrase
    from garland.records import case_schema, parse_case

    row = {"muscle": "vastus-lateralis", "side": "right", "complex_repetitive_discharges": "present"}
    visit = {"needle": {"results": [row]}, "examination": {"ankle_clonus": {"left": "negative"}}}
    case = parse_case({"garland_case": 1, "id": "one", "visits": [visit]})
    reading = _encode_case(case)
    said = []
    for observation in reading.visits[0]:
        results = _results_for(observation.where[0], 60.0, 170.0)
        result = _result_of(observation, results)
        said.append(_phrase(observation, result).words)
        said.append(_had_been(observation, next(r for r in results if r != result)))
    weight = np.exp(np.asarray(_by_observation(found, _arrays(reading.visits[0])))[:, :2])
    tests = open_tests(set(), 60.0)
    return {
        "labels": [o.label for o in reading.visits[0]],
        "not_used": reading.not_used,
        "said": said,
        "weighed": bool(np.isfinite(weight).all() and (np.ptp(weight, axis=0) > 0.0).all()),
        "tests": [test.label for test in tests if "clonus" in test.label],
        "items": sorted({i.what for t in tests for i in t.items if "complex" in i.label}),
        "measures": [m.name for m in _measures_of(["clonus", "complex_repetitive_discharges/left/soleus"])],
        "schema": "ankle_clonus" in json.dumps(case_schema()),
    }


def error() -> str:
    try:
        shape()
    except EvidenceError as refused:
        return str(refused)
    return "nothing is refused"


def main() -> None:
    said: dict[str, Any] = {"without a formula": error()}
    simulate._FORMULAS.append(formulas)
    said["columns"] = shape()[1] == N_FINDINGS
    said |= used(np.random.default_rng(0).normal(size=(4, N_FINDINGS)).astype(np.float32))
    simulate._FORMULAS.append(lambda state: {"undeclared": state.day})
    said["without a declaration"] = error()
    print(json.dumps(said))


main()
