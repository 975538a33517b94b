"""Run as a program: two small functions through `Compiled`, their numbers and what they rest on, as JSON.

Words on the command line: how often the first function is called, each time with a plain number and an array.
"""

from __future__ import annotations

import json
import sys
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
        values = [np.asarray(first(given)).tolist() for given in (2.0, np.float64(2.0), jnp.asarray(2.0))]
        values.append(np.asarray(second("rate_mm_per_day", jnp.arange(3.0))).tolist())
    kept = programs.kept_programs()
    answer = {
        "values": values,
        "read": sorted(read),
        "traced": TRACED,
        "folder": str(kept.folder),
        "files": sorted(file.name for file in kept.folder.glob("*.program")),
        "cache": jax.config.jax_enable_compilation_cache,
        "not_kept": programs.why_not_kept(),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    sys.exit(main())
