"""How tests compile what they call a few times only."""

from __future__ import annotations

from garland.model.simulate import COMPILER

FEW_CALLS: dict[str, str | int | bool] = {
    **COMPILER,
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}
"""In a third of the time; each patient then takes ten times as long, which pays below some 40,000 patients.

The numbers are the same but for rounding, 1e-5 of a finding.
"""
