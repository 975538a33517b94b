"""Run as a program: two small functions through `Compiled`, their values and what they rest on, as JSON."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from garland import programs
from garland.evidence import part
from garland.evidence.provenance import numbers_read
from garland.programs import Compiled

programs._LOADED_AGAIN_SECONDS = 0.0
TRACED: list[str] = []


def healed(day: Any) -> Any:
    TRACED.append("healed")
    return jnp.exp(-day * part("fibres/regrowth").value("rate_mm_per_day"))


def scaled(name: str, day: Any) -> Any:
    TRACED.append(name)
    return day * part("fibres/regrowth").value(name)


def main() -> None:
    first, second = Compiled(healed, name="healed"), Compiled(scaled, (0,), name="scaled")
    with numbers_read() as read:
        values = [np.asarray(first(day)).tolist() for day in (2.0, np.arange(3.0))]
        values.append(np.asarray(second("lag_day", np.arange(3.0))).tolist())
    kept = programs.kept_programs()
    answer = {
        "values": values,
        "read": sorted(read),
        "traced": TRACED,
        "files": sorted(file.name for file in kept.folder.iterdir()),
        "cache": jax.config.jax_enable_compilation_cache,
        "not_kept": programs.why_not_kept(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
