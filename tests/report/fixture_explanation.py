"""An explanation as inference would return it, for the made-up consult. All made up."""

from __future__ import annotations

from dataclasses import dataclass, fields

from fixture_consult import CONSULT

from garland.inference.result import CauseCase, Consult, Exclusion, Explanation, Weight, _Counterfactual


@dataclass(frozen=True)
class Explained(Consult):
    """A consult that has an explanation."""

    explanation: Explanation | None = None


DLRPN = CauseCase(
    "dlrpn",
    "diabetic lumbosacral radiculoplexus neuropathy",
    0.862,
    "Diabetic lumbosacral radiculoplexus neuropathy: for it, the needle signs in the right adductor longus; "
    "against it, the normal right saphenous SNAP.",
    (0.4, -1.2, 2.6),
    (Weight("the needle signs in the right adductor longus", (2,), 2.6, True),),
    (Weight("the normal right saphenous SNAP", (1,), -1.2),),
    (Weight("the needle examination", (2, 3), 4.5, True), Weight("the reflexes", (0,), 0.05)),
    True,
)
L3 = CauseCase(
    "radiculopathy-l3",
    "L3 radiculopathy, compressive",
    0.071,
    "L3 radiculopathy: no single finding speaks clearly for or against it.",
    (0.0, 0.0, 0.0),
    (),
    (),
    (),
    False,
)
TURNS = _Counterfactual(
    1, "absent", 0.31, "femoral", "femoral neuropathy", 0.61, 0.017, True, 0.7,
    "Had the right saphenous SNAP been absent, femoral neuropathy would lead (61 %, now 2 %).", False,
)  # fmt: skip
KEEPS = _Counterfactual(
    0, "normal", 0.02, "dlrpn", DLRPN.title, 0.7, 0.862, False, 0.16,
    "Had there been no pain, diabetic lumbosacral radiculoplexus neuropathy would still lead, at 70 %"
    " instead of 86 %.", True,
)  # fmt: skip
OPEN = Exclusion(
    "radiculopathy-l3", "L3 radiculopathy, compressive", "radiculopathy", 0.071, 0.082, "unlikely",
    "the needle signs in the right adductor longus", 2.2, 0.5, "the right saphenous SNAP", "normal", 0.3,
    "L3 radiculopathy is unlikely (7 %).", True,
)  # fmt: skip
GONE = Exclusion(
    "motor-neuron-disease", "motor neuron disease", "motor neuron", 0.0005, 0.0006, "excluded",
    "", 0.0, 2.9, "", "", 0.0, "Motor neuron disease is excluded (<0.1 %).", False,
)  # fmt: skip
EXPLANATION = Explanation((DLRPN, L3), (TURNS, KEEPS), (OPEN, GONE), ("tibial neuropathy",), 0.0004)


def explained(explanation: Explanation | None = EXPLANATION) -> Explained:
    """Return the made-up consult with an explanation."""
    known = {field.name: getattr(CONSULT, field.name) for field in fields(CONSULT)}
    return Explained(**{**known, "explanation": explanation})
