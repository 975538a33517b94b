"""Run as a program: what is drawn and answered where one block of latents is wider and one more stands first.

`as_they_are` or `widened` says which. What it prints is compared in `test_latents_by_name.py`.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from types import ModuleType
from typing import Any

import numpy as np

CHANGES = (
    ('"spread": _Block(3,', '"spread": _Block(5,'),
    ('"side": _Block(1,', '"unused": _Block(2, "nothing"),\n    "side": _Block(1,'),
)
CASE = {
    "garland_case": 1,
    "id": "one",
    "person": {"age_years": 62, "sex": "male", "height_cm": 175},
    "visits": [
        {
            "day_since_onset": 40,
            "examination": {
                "strength": {"left": {"knee-extension": 2, "ankle-dorsiflexion": 5}},
                "reflexes": {"left": {"knee": "absent"}, "right": {"knee": "normal"}},
            },
        }
    ],
}


def widened() -> ModuleType:
    """Load the latents from changed source, before anything else asks for them."""
    spec = importlib.util.find_spec("garland.model.latents")
    assert spec is not None
    assert spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        source = file.read()
    for old, new in CHANGES:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    exec(compile(source, spec.origin, "exec"), module.__dict__)
    return module


def drawn() -> dict[str, list[list[float]]]:
    """Return what is drawn of each block that both have, as far as both have it."""
    import jax

    from garland.model import latents

    both = {
        "draw": np.asarray(latents.draw(jax.random.key(3), 5).vector),
        "normals": latents.normals(np.random.default_rng(3), 5),
        "uniforms": latents.uniforms(np.random.default_rng(3), 5),
    }
    return {
        f"{how} {name}": vector[:, latents.place_of(name)][:, : 3 if name == "spread" else None].tolist()
        for how, vector in both.items()
        for name in latents.BLOCKS
        if name != "unused"
    }


def answered() -> dict[str, Any]:
    """Return a small consult: the probability and log evidence of every cause."""
    from garland.inference.consult import consult
    from garland.records import parse_case

    answer = consult(parse_case(CASE), particles=128, seed=1)
    return {cause.name: [cause.probability, cause.log_evidence] for cause in answer.causes if cause.prior}


def main() -> None:
    if sys.argv[1] == "widened":
        widened()
    from garland.model.latents import N_LATENTS

    print(json.dumps({"latents": N_LATENTS, "drawn": drawn(), "answer": answered()}))


main()
