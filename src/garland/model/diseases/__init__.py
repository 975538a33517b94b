"""The causes: what each disease does to the sites of the peripheral nervous system.

A cause says which sites are struck, how hard and when; how often it is met and in whom; and what it does to
history, laboratory and imaging. Everything after that is shared. Adding a cause is one file, one evidence
file of the same name and one line in `DISEASES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from garland.errors import InputError, did_you_mean
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

Insult = Callable[[Person, Latents], LesionProcess]


@dataclass(frozen=True)
class Disease:
    """One disease.

    Attributes
    ----------
    name, title, family : str
        Identifier, words for a reader, family for grouping.
    lesion_process : callable
        ``insult(person, chance) -> Insults`` for N patients.
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
    lesion_process: Insult
    evidence: str
    diabetes: float | None = None
    root: str | None = None


def _cause(
    name: str, title: str, family: str, lesion_process: Insult, diabetes: float | None = None
) -> Disease:
    """Return a cause whose evidence file bears its name."""
    return Disease(name, title, family, lesion_process, name.replace("-", "_"), diabetes)


def _radiculopathy(root: str) -> Disease:
    name, title = f"radiculopathy-{root.lower()}", f"{root} radiculopathy (compressive)"
    return Disease(name, title, "radiculopathy", radiculopathy._of_root(root), "radiculopathy", root=root)


DISEASES: tuple[Disease, ...] = (
    _cause(
        "dlrpn",
        "diabetic lumbosacral radiculoplexus neuropathy",
        "radiculoplexus",
        radiculoplexus._dlrpn,
        1.0,
    ),
    _cause(
        "lrpn",
        "lumbosacral radiculoplexus neuropathy without diabetes",
        "radiculoplexus",
        radiculoplexus._lrpn,
        0.0,
    ),
    _cause(
        "distal-polyneuropathy",
        "distal symmetric (diabetic) polyneuropathy",
        "polyneuropathy",
        distal_polyneuropathy._lesion_process,
    ),
    _cause(
        "treatment-induced",
        "treatment-induced neuropathy of diabetes",
        "polyneuropathy",
        treatment_induced._lesion_process,
        1.0,
    ),
    *(_radiculopathy(root) for root in ("L1", "L2", "L3", "L4", "L5", "S1", "S2")),
    _cause("lumbar-stenosis", "lumbar spinal stenosis", "radiculopathy", lumbar_stenosis._lesion_process),
    _cause("cauda-equina", "cauda equina syndrome", "radiculopathy", cauda_equina._lesion_process),
    _cause("femoral", "femoral neuropathy", "mononeuropathy", femoral._lesion_process),
    _cause("obturator", "obturator neuropathy", "mononeuropathy", obturator._lesion_process),
    _cause(
        "lateral-femoral-cutaneous",
        "lateral femoral cutaneous neuropathy (meralgia)",
        "mononeuropathy",
        lateral_femoral_cutaneous._lesion_process,
    ),
    _cause("sciatic", "sciatic neuropathy", "mononeuropathy", sciatic._lesion_process),
    _cause(
        "fibular",
        "common fibular (peroneal) neuropathy at the fibular head",
        "mononeuropathy",
        fibular._lesion_process,
    ),
    _cause("tibial", "tibial neuropathy", "mononeuropathy", tibial._lesion_process),
    _cause(
        "plexopathy-neoplastic",
        "neoplastic lumbosacral plexopathy",
        "plexopathy",
        plexopathy_neoplastic._lesion_process,
    ),
    _cause(
        "plexopathy-radiation", "radiation plexopathy", "plexopathy", plexopathy_radiation._lesion_process
    ),
    _cause(
        "plexopathy-haematoma",
        "plexopathy from a psoas or iliacus haematoma",
        "plexopathy",
        plexopathy_haematoma._lesion_process,
    ),
    _cause(
        "plexopathy-compressive",
        "compressive or traumatic lumbosacral plexopathy",
        "plexopathy",
        plexopathy_compressive._lesion_process,
    ),
    _cause(
        "cidp",
        "chronic inflammatory demyelinating polyradiculoneuropathy",
        "polyneuropathy",
        cidp._lesion_process,
    ),
    _cause("gbs", "Guillain-Barré syndrome", "polyneuropathy", gbs._lesion_process),
    _cause(
        "hereditary-demyelinating",
        "hereditary demyelinating neuropathy",
        "polyneuropathy",
        hereditary_demyelinating._lesion_process,
    ),
    _cause(
        "vasculitic",
        "vasculitic neuropathy (mononeuritis multiplex)",
        "vasculitis",
        vasculitic._lesion_process,
    ),
    _cause(
        "motor-neuron-disease", "motor neuron disease", "motor neuron", motor_neuron_disease._lesion_process
    ),
    _cause("myopathy", "inflammatory or necrotising myopathy", "muscle", myopathy._lesion_process),
    _cause(
        "inclusion-body-myositis",
        "inclusion body myositis",
        "muscle",
        inclusion_body_myositis._lesion_process,
    ),
    _cause(
        "diabetic-muscle-infarction",
        "diabetic muscle infarction",
        "muscle",
        diabetic_muscle_infarction._lesion_process,
    ),
    _cause("none", "no neuromuscular lesion (hip, spine or functional pain)", "none", none._lesion_process),
)
"""Every cause Garland knows, in the order in which it lists them."""


def index_of(name: str) -> int:
    """Return the position of cause `name` in `DISEASES`."""
    names = [cause.name for cause in DISEASES]
    if name not in names:
        raise InputError("cause", name, "is not a modelled cause", did_you_mean(name, names))
    return names.index(name)
