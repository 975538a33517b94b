"""Run as a program on a copy of the package that has one more analgesic; see `test_one_more_treatment.py`.

With a word, it only asks how much of the pain is relieved.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import jax.numpy as jnp
import numpy as np

from garland.model.latents import BLOCKS, Latents, normals, place_of
from garland.model.treatment.analgesics import DRUGS, relief
from garland.model.treatment.schedule import from_plan
from garland.records.treatment import read_plan

PERSON = normals(np.random.default_rng(5), 1)


def relieved(plan: str, vector: np.ndarray = PERSON) -> float:
    return float(relief(from_plan(read_plan(plan)), Latents(jnp.asarray(vector)), 90.0)[0])


def with_latent(name: str, value: float) -> np.ndarray:
    vector = PERSON.copy()
    vector[:, place_of(name)] = value
    return vector


def own_latent() -> dict[str, Any]:
    strong = with_latent("exemplin", 3.0)
    new, old = "exemplin 100 mg/d from day 0", "pregabalin 300 mg/d from day 0"
    return {
        "drawn": {name: PERSON[0, place_of(name)].tolist() for name in BLOCKS},
        "new": [relieved(new), relieved(new, strong), relieved(new, with_latent("pregabalin", 3.0))],
        "old": [relieved(old), relieved(old, strong)],
        "placebo": [relieved(new, with_latent("placebo", z)) for z in (-3.0, 3.0)],
    }


def written() -> dict[str, Any]:
    from garland.records.treatment import parse_plan

    plan = parse_plan([{"what": "exem", "amount": "0.1 g/d", "start_day": 20, "stop_day": 90}])
    too_much = ""
    try:
        read_plan("exemplin 900 mg/d from day 0")
    except Exception as refused:  # noqa: BLE001 - what it says is compared
        too_much = str(refused)
    return {
        "plan": plan.model_dump(exclude_none=True)["treatments"],
        "words": plan.words(),
        "refused": too_much,
    }


def tried() -> dict[str, Any]:
    from garland.model.treatment.trials import drug_trial
    from garland.trials.potential_outcomes import _care
    from garland.trials.spec import TrialSpec

    arms = {"drug": "exemplin 100 mg/d from day 0", "placebo": "none"}
    outcome = {"what": "pain-responder", "share": 0.5, "day": 84}
    plan = {"garland_trial": 1, "name": "one", "patients": 60, "arms": arms, "blinded": True}
    spec = TrialSpec.model_validate({**plan, "visits": [28, 84], "outcome": outcome})
    found = drug_trial("exemplin", 100.0, n=2000, seed=1)
    return {
        "arms": {
            arm: [name for name, given in _care(spec, arm)._asdict().items() if given[0] > 0.0]
            for arm in spec.arms
        },
        "responders": [found.drug.responders_50, found.placebo.responders_50],
    }


def followed() -> dict[str, Any]:
    from garland.forecasts.patient import patient

    report = patient(arms=("exemplin 100 mg/d from day 30",), seed=1, months=3.0)
    none, drug = report.arms
    pain = [next(s for s in arm.series if s.key == "pain_nrs").bands[0][1].middle for arm in (none, drug)]
    return {
        "name": drug.name,
        "words": drug.words,
        "evidence": drug.evidence,
        "pain": [list(p) for p in pain],
    }


def main() -> None:
    if sys.argv[1:]:
        print(json.dumps(relieved("pregabalin 300 mg/d from day 0")))
        return
    said = {"drugs": DRUGS, **own_latent(), **written(), **tried(), "forecast": followed()}
    print(json.dumps(said))


main()
