"""The causes: what each disease does to the sites of the peripheral nervous system.

A cause says which sites are struck, how hard and when; how often it is met and in whom; and what it does to
history, laboratory and imaging. Everything after that is shared. Adding a cause is one file, one evidence
file of the same name and one line in `CAUSES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from garland.causes import (
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
from garland.causes.insults import Insults
from garland.chance import Chance
from garland.errors import InputError, did_you_mean
from garland.person import Person

Insult = Callable[[Person, Chance], Insults]


@dataclass(frozen=True)
class Cause:
    """One disease.

    Attributes
    ----------
    name, title, family : str
        Identifier, words for a reader, family for grouping.
    insult : callable
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
    insult: Insult
    evidence: str
    diabetes: float | None = None
    root: str | None = None


def _cause(name: str, title: str, family: str, insult: Insult, diabetes: float | None = None) -> Cause:
    """Return a cause whose evidence file bears its name."""
    return Cause(name, title, family, insult, name.replace("-", "_"), diabetes)


def _radiculopathy(root: str) -> Cause:
    name, title = f"radiculopathy-{root.lower()}", f"{root} radiculopathy (compressive)"
    return Cause(name, title, "radiculopathy", radiculopathy.of_root(root), "radiculopathy", root=root)


CAUSES: tuple[Cause, ...] = (
    _cause(
        "dlrpn", "diabetic lumbosacral radiculoplexus neuropathy", "radiculoplexus",
        radiculoplexus.dlrpn, 1.0,
    ),
    _cause(
        "lrpn", "lumbosacral radiculoplexus neuropathy without diabetes", "radiculoplexus",
        radiculoplexus.lrpn, 0.0,
    ),
    _cause(
        "distal-polyneuropathy", "distal symmetric (diabetic) polyneuropathy", "polyneuropathy",
        distal_polyneuropathy.insult,
    ),
    _cause(
        "treatment-induced", "treatment-induced neuropathy of diabetes", "polyneuropathy",
        treatment_induced.insult, 1.0,
    ),
    *(_radiculopathy(root) for root in ("L1", "L2", "L3", "L4", "L5", "S1", "S2")),
    _cause("lumbar-stenosis", "lumbar spinal stenosis", "radiculopathy", lumbar_stenosis.insult),
    _cause("cauda-equina", "cauda equina syndrome", "radiculopathy", cauda_equina.insult),
    _cause("femoral", "femoral neuropathy", "mononeuropathy", femoral.insult),
    _cause("obturator", "obturator neuropathy", "mononeuropathy", obturator.insult),
    _cause(
        "lateral-femoral-cutaneous", "lateral femoral cutaneous neuropathy (meralgia)", "mononeuropathy",
        lateral_femoral_cutaneous.insult,
    ),
    _cause("sciatic", "sciatic neuropathy", "mononeuropathy", sciatic.insult),
    _cause(
        "fibular", "common fibular (peroneal) neuropathy at the fibular head", "mononeuropathy",
        fibular.insult,
    ),
    _cause("tibial", "tibial neuropathy", "mononeuropathy", tibial.insult),
    _cause(
        "plexopathy-neoplastic", "neoplastic lumbosacral plexopathy", "plexopathy",
        plexopathy_neoplastic.insult,
    ),
    _cause("plexopathy-radiation", "radiation plexopathy", "plexopathy", plexopathy_radiation.insult),
    _cause(
        "plexopathy-haematoma", "plexopathy from a psoas or iliacus haematoma", "plexopathy",
        plexopathy_haematoma.insult,
    ),
    _cause(
        "plexopathy-compressive", "compressive or traumatic lumbosacral plexopathy", "plexopathy",
        plexopathy_compressive.insult,
    ),
    _cause(
        "cidp", "chronic inflammatory demyelinating polyradiculoneuropathy", "polyneuropathy",
        cidp.insult,
    ),
    _cause("gbs", "Guillain-Barré syndrome", "polyneuropathy", gbs.insult),
    _cause(
        "hereditary-demyelinating", "hereditary demyelinating neuropathy", "polyneuropathy",
        hereditary_demyelinating.insult,
    ),
    _cause("vasculitic", "vasculitic neuropathy (mononeuritis multiplex)", "vasculitis", vasculitic.insult),
    _cause("motor-neuron-disease", "motor neuron disease", "motor neuron", motor_neuron_disease.insult),
    _cause("myopathy", "inflammatory or necrotising myopathy", "muscle", myopathy.insult),
    _cause("inclusion-body-myositis", "inclusion body myositis", "muscle", inclusion_body_myositis.insult),
    _cause(
        "diabetic-muscle-infarction", "diabetic muscle infarction", "muscle",
        diabetic_muscle_infarction.insult,
    ),
    _cause("none", "no neuromuscular lesion (hip, spine or functional pain)", "none", none.insult),
)
"""Every cause Garland knows, in the order in which it lists them."""


def index_of(name: str) -> int:
    """Return the position of cause `name` in `CAUSES`.

    Raises
    ------
    InputError
        If there is no such cause.
    """
    names = [cause.name for cause in CAUSES]
    if name not in names:
        raise InputError("cause", name, "is not a modelled cause", did_you_mean(name, names))
    return names.index(name)
