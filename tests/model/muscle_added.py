"""Run as a program: a muscle that Garland does not have is written into the anatomy tables, and used.

The argument is a folder with copies of the tables, in which this program finds one more muscle, pectineus.
What it prints is compared in `test_muscle_added.py`.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from garland.anatomy import tables

tables.FOLDER = Path(sys.argv[1])

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from rich.console import Console  # noqa: E402

from garland.anatomy.tree import load  # noqa: E402
from garland.model.findings import N_FINDINGS  # noqa: E402

ROWS = {
    "needle": {"results": [{"muscle": "pectineus muscle", "side": "right", "fibrillations": "2+"}]},
    "examination": {
        "strength": {"right": {"pectineus": 3, "thigh adduction": 4}},
        "wasting": {"right": {"pect": True}},
    },
}


def expected(*given: Any) -> jax.Array:
    from garland.model import simulate

    return simulate.expected_findings(simulate.state_on_day(*given))


def columns() -> int:
    """Return how many findings the model expects; formulas are traced and not run, which is enough here."""
    from garland.model.latents import draw
    from garland.model.patient import unknown_person

    given = (unknown_person(), jnp.asarray(0), draw(jax.random.key(0), 2), jnp.full((2,), 60.0))
    return int(jax.eval_shape(expected, *given).shape[1])


def weighed() -> dict[str, Any]:
    """Return how a case that names the muscle is read, and whether its findings weigh."""
    from garland.inference.encode_case import _encode_case
    from garland.inference.likelihood import _by_observation
    from garland.inference.observations import _arrays
    from garland.records import case_schema, parse_case

    reading = _encode_case(parse_case({"garland_case": 1, "id": "one", "visits": [ROWS]}))
    found = np.random.default_rng(0).normal(2.0, 2.0, size=(4, N_FINDINGS)).astype(np.float32)
    weight = np.exp(np.asarray(_by_observation(found, _arrays(reading.visits[0])))[:, :4])
    return {
        "labels": [o.label for o in reading.visits[0]],
        "not_used": reading.not_used,
        "weighed": bool(np.isfinite(weight).all() and (np.ptp(weight, axis=0) > 0.0).all()),
        "columns": columns() == N_FINDINGS,
        "schema": json.dumps(case_schema()).count('"pectineus"') > 2,
    }


def studied() -> dict[str, Any]:
    """Return what laboratory, cohort, validation and report know of the muscle."""
    from garland.cohorts.measures import _measures_of
    from garland.edx_study.protocol import _items
    from garland.edx_study.tables import _roots_of
    from garland.inference.candidate_tests import open_tests
    from garland.reference_values import limits_of_muscle
    from garland.report.anatomy import render_path
    from garland.validation.measures import _LEG_MUSCLES
    from garland.waveforms.needle_units import _healthy_measures

    console = Console(width=90, record=True, file=io.StringIO())
    console.print(render_path("pectineus"))
    return {
        "protocol": _items("needle", "needle", [{"pect": "both"}])[0].name,
        "limits": [one.source.rpartition(", ")[2] for one in limits_of_muscle("pectineus", "muap-duration")],
        "roots": _roots_of("pectineus"),
        "healthy": _healthy_measures("pectineus", 50.0)[0] > 0.0,
        "tests": [test.label for test in open_tests(set(), 60.0) if "pectineus" in test.label],
        "measures": [m.name for m in _measures_of(["fibrillation/left/pectineus"])],
        "a leg muscle": load().muscle("pectineus") in _LEG_MUSCLES,
        "path": "hip adduction" in console.export_text(),
    }


def main() -> None:
    groups = [name for name, muscles in load().groups.items() if "pectineus" in muscles]
    print(json.dumps({"groups": groups, **weighed(), **studied()}))


main()
