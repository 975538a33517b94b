"""What the tests of inference share: consults that are run once, with the patients behind them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from answers import Answer, Ask

from garland.inference.likelihood import _Problem
from garland.inference.posterior import Posterior
from garland.records import Case

sys.path.append(str(Path(__file__).resolve().parents[1] / "records"))


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Answer a case; the same question is answered once."""
    known: dict[tuple[Any, ...], Answer] = {}
    module = importlib.import_module("garland.inference.consult")
    infer = module._infer

    def call(case: Case, again: int = 0, **options: Any) -> Answer:
        key = (case.model_dump_json(), again, *sorted((k, str(v)) for k, v in options.items()))
        if key not in known:
            behind: dict[str, Any] = {}

            def spy(problem: _Problem, *rest: Any, **named: Any) -> Posterior:
                behind["problem"], behind["posterior"] = problem, infer(problem, *rest, **named)
                return behind["posterior"]

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "_infer", spy)
                known[key] = Answer(module.consult(case, **options), **behind)
        return known[key]

    return call
