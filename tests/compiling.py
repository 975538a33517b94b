"""How tests compile what they call a few times only."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from garland.model.simulate import COMPILER
from garland.programs import Compiled

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


def kept_for_all(function: Callable[..., Any], options: dict[str, Any]) -> Compiled:
    """Compile a function of numbers and arrays alone once for all test workers; its file may change it."""
    assert inspect.getclosurevars(function).nonlocals == {}
    file = Path(inspect.getfile(function))
    word = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return Compiled(function, name=f"{file.stem}-{function.__name__}-{word}", compiler_options=options)
