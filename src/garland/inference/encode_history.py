"""The history as observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from garland.anatomy.terminology import terms
from garland.evidence.findings import NO, YES
from garland.inference.encode_conclusions import _encode_conclusions
from garland.inference.observations import _declared_words, _Observation, _sided, _unsided
from garland.model.findings import FINDINGS
from garland.records import Case
from garland.records.background import Symptom

_TERMS = terms()
_LEG_MOVEMENTS = _TERMS.movement_groups["leg"]
_ITEMS = FINDINGS["history"].item
_FIRST = {symptom: name for name, one in _ITEMS.items() for symptom in one.get("first", ())}
_SURGERY = {"hip": "surgery_hip", "spine": "surgery_spine", "abdominal-pelvic": "surgery_abdominal_pelvic"}
_FAMILY = {"neuropathy": "family_neuropathy", "motor-neuron-disease": "family_motor_neuron_disease"}
OTHER_SIDE = {"left": "right", "right": "left"}
"""The side that a complaint of one side leaves out."""
_LOSS_THAT_COUNTS_KG = 4.5
_FALL_THAT_COUNTS_PERCENT = 2.0
_INR_THAT_COUNTS = 1.5


def _item(name: str, label: str, present: bool, text: str | None = None) -> _Observation:
    low, high = YES if present else NO
    said = text or ("yes" if present else "no")
    return _Observation(label, "history", said, _unsided("history", name), low, high)


def _encode_history(case: Case) -> Iterator[_Observation]:
    """Yield what was told and concluded, as observations; a key left out says nothing."""
    history = case.history
    for name, one in _ITEMS.items():
        value = getattr(history, one["key"]) if "key" in one else None
        if value is not None and not (name == "childbirth" and history.surgery == "obstetric"):
            yield _item(name, one["label"], value)
    if history.anticoagulant is None:
        yield from _anticoagulation(case)
    yield from _course(case)
    yield from _before(case)
    yield from _weakness(case)
    yield from _symptom("pain", "region_pain", history.pain)
    yield from _symptom("numbness", "region_numbness", history.numbness)
    yield from _symptom("tingling", "region_numbness", history.paraesthesia)
    yield from _other_findings(history.other_findings or {})
    # What an examiner concludes hangs on no day: like the history, it counts once.
    for visit in case.visits:
        yield from _encode_conclusions(visit.published_impression)


def _drug_names(drugs: Sequence[str], item: str) -> tuple[str, ...]:
    """Return those of some drugs that stand for an item of the history."""
    known = _ITEMS[item].get("drugs", ())
    return tuple(drug for drug in drugs if any(name in drug.lower() for name in known))


def _inr_tells(inr: float | str | None) -> bool:
    """Tell whether an INR is one of anticoagulation."""
    return isinstance(inr, int | float) and inr > _INR_THAT_COUNTS


def _anticoagulation(case: Case) -> Iterator[_Observation]:
    """Yield anticoagulation where the record names its drug or its INR and not the thing: once."""
    drugs = _drug_names(case.history.drugs, "anticoagulant")
    ratios = [f"INR {v.laboratory.inr:g}" for v in case.visits if _inr_tells(v.laboratory.inr)]
    for said in (*drugs, *ratios)[:1]:
        yield _item("anticoagulant", _ITEMS["anticoagulant"]["label"], True, said)


def _course(case: Case) -> Iterator[_Observation]:
    history = case.history
    if history.first_symptom in _FIRST:
        yield _item(_FIRST[history.first_symptom], "first symptom", True, history.first_symptom)
    if history.tempo in _declared_words("progression"):
        low, high = _declared_words("progression")[history.tempo]
        yield _Observation("tempo", "history", history.tempo, _unsided("progression", "ln-days"), low, high)
    if history.pain.present is not None:
        yield _item("pain", "pain", history.pain.present)
    elif history.pain.regions or history.pain.intensity_nrs:
        yield _item("pain", "pain", True)


def _before(case: Case) -> Iterator[_Observation]:
    history = case.history
    loss = history.weight_loss_kg
    if isinstance(loss, str):
        yield _item("weight_loss", "weight loss", loss == "present", loss)
    elif loss is not None:
        yield _item("weight_loss", "weight loss", loss >= _LOSS_THAT_COUNTS_KG, f"{loss:g} kg")
    if history.surgery == "obstetric":
        yield _item("childbirth", "childbirth", True)
    elif history.surgery is not None and history.surgery != "none":
        yield _item(_SURGERY.get(history.surgery, "surgery_other"), f"surgery ({history.surgery})", True)
    if history.family_history == "none":
        for name, word in ((v, k) for k, v in _FAMILY.items()):
            yield _item(name, f"family history of {word}", False)
    elif history.family_history in _FAMILY:
        yield _item(_FAMILY[history.family_history], f"family history of {history.family_history}", True)
    fall = case.diabetes.hba1c_fall_percent
    if fall is not None:
        much = fall >= _FALL_THAT_COUNTS_PERCENT
        yield _item("hba1c_fall", "fall of HbA1c before onset", much, f"{fall:g} points")


def _symptom(word: str, field: str, symptom: Symptom) -> Iterator[_Observation]:
    """Yield where it is felt, region by region; a region that names several is any of them.

    A complaint of one side says that the other side does not have it.
    """
    sides = {"both": ("left", "right"), None: ("unstated",)}.get(symptom.side, (str(symptom.side),))
    for region in symptom.regions:
        members = _TERMS.regions_in(region)
        for side in sides:
            label = f"{word}, {'' if side == 'unstated' else side + ' '}{region}"
            yield _Observation(label, "history", "present", _sided(field, side, members), *YES)
    for region in symptom.spared:
        for side in OTHER_SIDE:
            for member in _TERMS.regions_in(region):
                label = f"{word}, {side} {member}"
                yield _Observation(label, "history", "none", _sided(field, side, member), *NO)
    other = OTHER_SIDE.get(symptom.side or "")
    members = tuple(dict.fromkeys(m for region in symptom.regions for m in _TERMS.regions_in(region)))
    sided_members = tuple(m for m in members if m not in _TERMS.midline_regions)
    if other and sided_members:
        label, where = f"{word}, {other} side", _sided(field, other, sided_members)
        yield _Observation(label, "history", f"none ({symptom.side} only)", where, *NO, every=True)


def _other_findings(found: Mapping[str, bool]) -> Iterator[_Observation]:
    for code, there in found.items():
        said, interval = ("yes", YES) if there else ("no", NO)
        label = FINDINGS["elsewhere"].item[code]["phrase"]
        yield _Observation(label, "other findings", said, _unsided("elsewhere", code), *interval)


_MOVES_OF = {
    "buttock": ("hip-extension", "hip-abduction"),
    "groin": ("hip-flexion", "hip-adduction"),
    "anterior-thigh": ("knee-extension", "hip-flexion"),
    "lateral-thigh": ("hip-abduction", "knee-extension"),
    "medial-thigh": ("hip-adduction",),
    "posterior-thigh": ("knee-flexion",),
    "knee": ("knee-extension", "knee-flexion"),
    "foot-dorsum": ("ankle-dorsiflexion", "toe-extension"),
    "calf": ("ankle-plantarflexion",),
    "leg-lateral": ("ankle-eversion", "ankle-dorsiflexion"),
    "leg-medial": ("ankle-inversion",),
    "sole": ("toe-flexion", "ankle-plantarflexion"),
    "arm": _TERMS.movement_groups["proximal-arm"],
    "hand": _TERMS.movement_groups["distal-arm"],
}
NOT_COMPLAINED_OF = (4.17, float("inf"))
"""Strength that a patient does not complain of: the first loss goes unnoticed."""


def _weakness(case: Case) -> Iterator[_Observation]:
    """Yield the complaint of weakness: some movement there is weak, and none of a side left out."""
    complaint = case.history.weakness
    regions = [r for region in complaint.regions for r in _TERMS.regions_in(region)]
    named = tuple(dict.fromkeys(move for r in regions for move in _MOVES_OF.get(r, ())))
    members, everywhere = named or _LEG_MOVEMENTS, _LEG_MOVEMENTS
    if complaint.present is False:
        where = tuple(a for side in OTHER_SIDE for a in _sided("movement_strength", side, everywhere))
        yield _Observation("weakness", "history", "no", where, *NOT_COMPLAINED_OF, every=True)
        return
    if complaint.side is None or complaint.side == "unstated":
        return
    for side in ("left", "right") if complaint.side == "both" else (complaint.side,):
        where = _sided("movement_strength", side, members)
        yield _Observation(
            f"weakness, {side}", "history", "yes", where, *_declared_words("movement_strength")["reduced"]
        )
    other = OTHER_SIDE.get(complaint.side)
    if other:
        where = _sided("movement_strength", other, members)
        said = f"none ({complaint.side} only)"
        yield _Observation(f"weakness, {other}", "history", said, where, *NOT_COMPLAINED_OF, every=True)
