"""Run as a program: what consults say they rest on, and every number that was read since the start.

The numbers are noted here by a second way, on the functions that hand them out, from before anything of the
model is imported. What it prints is compared in `test_evidence_provenance.py`.
"""

from __future__ import annotations

import json
from typing import Any

from garland.evidence.parts import Part

SEEN: set[str] = set()


def noted(name: str) -> None:
    original: Any = getattr(Part, name)

    def get(self: Part, number: str) -> Any:
        if number in self.names:
            SEEN.add(f"{self.path}.{number}")
        return original(self, number)

    setattr(Part, name, get)


for way in ("__getitem__", "number"):
    noted(way)

from garland.evidence import numbers_at  # noqa: E402
from garland.forecasts.patient import PatientSpec, patient  # noqa: E402
from garland.inference.consult import consult  # noqa: E402
from garland.programs import Compiled  # noqa: E402
from garland.records import parse_case  # noqa: E402

load_or_compile = Compiled._made


def traced_as_well(self: Compiled, path: Any, args: tuple[Any, ...], given: list[Any]) -> Any:
    """Read for a program what is read where it is compiled, also where another process compiled it."""
    program = load_or_compile(self, path, args, given)
    self._jitted.lower(*args)
    return program


Compiled._made = traced_as_well  # type: ignore[method-assign]

CASE = {
    "garland_case": 1,
    "id": "one",
    "person": {"age_years": 62, "sex": "male", "height_cm": 175},
    "visits": [
        {
            "day_since_onset": 40,
            "examination": {"strength": {"left": {"knee-extension": 2}}},
            "nerve_conduction": {"results": [{"study": "sural", "side": "left", "amplitude_uv": "reduced"}]},
        }
    ],
}


def main() -> None:
    case = parse_case(CASE)
    first = [number.path for number in consult(case, particles=128).basis]
    unmeasured = [n.path for n in numbers_at(SEEN) if n.standing in ("recalled", "assumed")]
    second = [number.path for number in consult(case, particles=128).basis]
    course = patient(PatientSpec(cause="dlrpn"), months=6).assumed
    print(json.dumps({"first": first, "second": second, "read": unmeasured, "course": course}))


main()
