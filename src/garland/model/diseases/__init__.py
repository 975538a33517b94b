"""The diseases: what each does to the sites of the peripheral nervous system.

A disease says which sites are affected, how hard and when; how often it is met and in whom; and what it does
to history, laboratory and imaging. Everything after that is shared. Adding a disease is one module with a
`lesion_process`, one evidence file of the same name and one line in `DISEASES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from garland.errors import EvidenceError, InputError, did_you_mean
from garland.model.diseases import (
    cauda_equina,
    cidp,
    diabetic_muscle_infarction,
    distal_polyneuropathy,
    femoral,
    fibular,
    gbs,
    hereditary_demyelinating,
    inclusion_body_myositis,
    lateral_femoral_cutaneous,
    lumbar_stenosis,
    motor_neuron_disease,
    myopathy,
    none,
    obturator,
    plexopathy_compressive,
    plexopathy_haematoma,
    plexopathy_neoplastic,
    plexopathy_radiation,
    radiculopathy,
    radiculoplexus,
    sciatic,
    tibial,
    treatment_induced,
    vasculitic,
)
from garland.model.diseases.lesion_process import LesionProcess
from garland.model.latents import Latents
from garland.model.patient import Person

LesionFunction = Callable[[Person, Latents], LesionProcess]


@dataclass(frozen=True)
class Disease:
    """One disease.

    Attributes
    ----------
    name, title, family : str
        Identifier, words for a reader, family for grouping.
    lesion_process : callable
        ``lesion_process(person, latents) -> LesionProcess`` for N patients.
    evidence : str
        Its part under ``evidence/parameters/causes``.
    diabetes : float or None
        1 if it requires diabetes, 0 if it excludes it, None if it says nothing.
    root : str or None
        The compressed root, for radiculopathies.
    """

    name: str
    title: str
    family: str
    lesion_process: LesionFunction
    evidence: str
    diabetes: float | None = None
    root: str | None = None

    def __post_init__(self) -> None:
        """Refuse a disease without its words, by its name."""
        for missing in (field for field in ("title", "family") if not getattr(self, field)):
            raise EvidenceError(f"disease {self.name}: has no {missing}; write it in its line of DISEASES")


def _disease(module: ModuleType, title: str = "", family: str = "", diabetes: float | None = None) -> Disease:
    """Return the disease of a module, whose evidence file bears the same name."""
    evidence = module.__name__.rpartition(".")[2]
    return Disease(evidence.replace("_", "-"), title, family, module.lesion_process, evidence, diabetes)


def _radiculoplexus(name: str, title: str, lesion_process: LesionFunction, diabetes: float) -> Disease:
    return Disease(name, title, "radiculoplexus", lesion_process, name, diabetes)


def _radiculopathy(root: str) -> Disease:
    name, title = f"radiculopathy-{root.lower()}", f"{root} radiculopathy (compressive)"
    return Disease(name, title, "radiculopathy", radiculopathy._of_root(root), "radiculopathy", root=root)


DISEASES: tuple[Disease, ...] = (
    _radiculoplexus("dlrpn", "diabetic lumbosacral radiculoplexus neuropathy", radiculoplexus._dlrpn, 1.0),
    _radiculoplexus(
        "lrpn", "lumbosacral radiculoplexus neuropathy without diabetes", radiculoplexus._lrpn, 0.0
    ),
    _disease(distal_polyneuropathy, "distal symmetric (diabetic) polyneuropathy", "polyneuropathy"),
    _disease(treatment_induced, "treatment-induced neuropathy of diabetes", "polyneuropathy", 1.0),
    *(_radiculopathy(root) for root in ("L1", "L2", "L3", "L4", "L5", "S1", "S2")),
    _disease(lumbar_stenosis, "lumbar spinal stenosis", "radiculopathy"),
    _disease(cauda_equina, "cauda equina syndrome", "radiculopathy"),
    _disease(femoral, "femoral neuropathy", "mononeuropathy"),
    _disease(obturator, "obturator neuropathy", "mononeuropathy"),
    _disease(lateral_femoral_cutaneous, "lateral femoral cutaneous neuropathy (meralgia)", "mononeuropathy"),
    _disease(sciatic, "sciatic neuropathy", "mononeuropathy"),
    _disease(fibular, "common fibular (peroneal) neuropathy at the fibular head", "mononeuropathy"),
    _disease(tibial, "tibial neuropathy", "mononeuropathy"),
    _disease(plexopathy_neoplastic, "neoplastic lumbosacral plexopathy", "plexopathy"),
    _disease(plexopathy_radiation, "radiation plexopathy", "plexopathy"),
    _disease(plexopathy_haematoma, "plexopathy from a psoas or iliacus haematoma", "plexopathy"),
    _disease(plexopathy_compressive, "compressive or traumatic lumbosacral plexopathy", "plexopathy"),
    _disease(cidp, "chronic inflammatory demyelinating polyradiculoneuropathy", "polyneuropathy"),
    _disease(gbs, "Guillain-Barré syndrome", "polyneuropathy"),
    _disease(hereditary_demyelinating, "hereditary demyelinating neuropathy", "polyneuropathy"),
    _disease(vasculitic, "vasculitic neuropathy (mononeuritis multiplex)", "vasculitis"),
    _disease(motor_neuron_disease, "motor neuron disease", "motor neuron"),
    _disease(myopathy, "inflammatory or necrotising myopathy", "muscle"),
    _disease(inclusion_body_myositis, "inclusion body myositis", "muscle"),
    _disease(diabetic_muscle_infarction, "diabetic muscle infarction", "muscle"),
    _disease(none, "no neuromuscular lesion (hip, spine or functional pain)", "none"),
)
"""Every cause Garland knows, in the order in which it lists them."""


def index_of(name: str) -> int:
    """Return the position of cause `name` in `DISEASES`."""
    names = [cause.name for cause in DISEASES]
    if name not in names:
        raise InputError("cause", name, "is not a modelled cause", did_you_mean(name, names))
    return names.index(name)
