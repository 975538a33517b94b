"""The causes: what each disease does to the sites of the peripheral nervous system.

A cause says which sites are struck, how hard and when; how often it is met and in whom; and what it does to
history, laboratory and imaging. Everything after that is shared. Adding a cause is one file, one evidence file
and one line in `CAUSES`.
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


def _radiculopathy(root: str) -> Cause:
    return Cause(
        f"radiculopathy-{root.lower()}",
        f"{root} radiculopathy (compressive)",
        "radiculopathy",
        radiculopathy.of_root(root),
        "radiculopathy",
        root=root,
    )


CAUSES: tuple[Cause, ...] = (
    Cause("dlrpn", "diabetic lumbosacral radiculoplexus neuropathy", "radiculoplexus", radiculoplexus.dlrpn, "dlrpn", 1.0),
    Cause("lrpn", "lumbosacral radiculoplexus neuropathy without diabetes", "radiculoplexus", radiculoplexus.lrpn, "lrpn", 0.0),
    Cause("distal-polyneuropathy", "distal symmetric (diabetic) polyneuropathy", "polyneuropathy", distal_polyneuropathy.insult, "distal_polyneuropathy"),
    Cause("treatment-induced", "treatment-induced neuropathy of diabetes", "polyneuropathy", treatment_induced.insult, "treatment_induced", 1.0),
    *(_radiculopathy(root) for root in ("L1", "L2", "L3", "L4", "L5", "S1", "S2")),
    Cause("lumbar-stenosis", "lumbar spinal stenosis", "radiculopathy", lumbar_stenosis.insult, "lumbar_stenosis"),
    Cause("cauda-equina", "cauda equina syndrome", "radiculopathy", cauda_equina.insult, "cauda_equina"),
    Cause("femoral", "femoral neuropathy", "mononeuropathy", femoral.insult, "femoral"),
    Cause("obturator", "obturator neuropathy", "mononeuropathy", obturator.insult, "obturator"),
    Cause("lateral-femoral-cutaneous", "lateral femoral cutaneous neuropathy (meralgia)", "mononeuropathy", lateral_femoral_cutaneous.insult, "lateral_femoral_cutaneous"),
    Cause("sciatic", "sciatic neuropathy", "mononeuropathy", sciatic.insult, "sciatic"),
    Cause("fibular", "common fibular (peroneal) neuropathy at the fibular head", "mononeuropathy", fibular.insult, "fibular"),
    Cause("tibial", "tibial neuropathy", "mononeuropathy", tibial.insult, "tibial"),
    Cause("plexopathy-neoplastic", "neoplastic lumbosacral plexopathy", "plexopathy", plexopathy_neoplastic.insult, "plexopathy_neoplastic"),
    Cause("plexopathy-radiation", "radiation plexopathy", "plexopathy", plexopathy_radiation.insult, "plexopathy_radiation"),
    Cause("plexopathy-haematoma", "plexopathy from a psoas or iliacus haematoma", "plexopathy", plexopathy_haematoma.insult, "plexopathy_haematoma"),
    Cause("plexopathy-compressive", "compressive or traumatic lumbosacral plexopathy", "plexopathy", plexopathy_compressive.insult, "plexopathy_compressive"),
    Cause("cidp", "chronic inflammatory demyelinating polyradiculoneuropathy", "polyneuropathy", cidp.insult, "cidp"),
    Cause("gbs", "Guillain-Barré syndrome", "polyneuropathy", gbs.insult, "gbs"),
    Cause("hereditary-demyelinating", "hereditary demyelinating neuropathy", "polyneuropathy", hereditary_demyelinating.insult, "hereditary_demyelinating"),
    Cause("vasculitic", "vasculitic neuropathy (mononeuritis multiplex)", "vasculitis", vasculitic.insult, "vasculitic"),
    Cause("motor-neuron-disease", "motor neuron disease", "motor neuron", motor_neuron_disease.insult, "motor_neuron_disease"),
    Cause("myopathy", "inflammatory or necrotising myopathy", "muscle", myopathy.insult, "myopathy"),
    Cause("inclusion-body-myositis", "inclusion body myositis", "muscle", inclusion_body_myositis.insult, "inclusion_body_myositis"),
    Cause("diabetic-muscle-infarction", "diabetic muscle infarction", "muscle", diabetic_muscle_infarction.insult, "diabetic_muscle_infarction"),
    Cause("none", "no neuromuscular lesion (hip, spine or functional pain)", "none", none.insult, "none"),
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
