"""How tests compile what they call a few times only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp

from garland.model.simulate import COMPILER

FEW_CALLS: dict[str, str | int | bool] = {
    **COMPILER,
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}
"""In a third of the time; each patient then takes ten times as long, which pays below some 40,000 patients.

The numbers are the same but for rounding, 1e-5 of a finding.
"""


def single(given: Any) -> Any:
    """Return every field in single precision.

    Arrays filled with a Python number are of weak type: with them a program is compiled once more.
    """
    return jax.tree.map(lambda field: jnp.asarray(field, jnp.float32), given)


def for_few_calls(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function of numbers and arrays in single precision, once for each of their shapes."""
    program = jax.jit(function, compiler_options=FEW_CALLS)

    @wraps(function)
    def call(*given: Any) -> Any:
        return program(*single(given))

    return call
