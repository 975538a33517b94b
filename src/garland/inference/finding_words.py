"""Findings in the words of a clinical sentence: *the absent right knee jerk*, *had there been no pain*.

A finding is either a thing with a quality (an absent reflex, a slow velocity) or a sign that is there or not
(fibrillations, weight loss). Phrases come in three pieces, so that those alike but for their place can share
a beginning: *the needle signs in the right vastus lateralis and adductor longus*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from garland.inference.observations import Observation
from garland.inference.other_results import _Result
from garland.inference.place_words import _listed, _nerve_and_muscle, _plain, _side_and_item
from garland.records.vocabulary import MOVEMENTS


class _Phrase(NamedTuple):
    """A finding in words: beginning, place and end; those of one beginning and end can be joined."""

    beginning: str
    place: str
    end: str = ""

    @property
    def words(self) -> str:
        """The whole phrase."""
        return f"{self.beginning} {self.place}{self.end}".replace("  ", " ").strip()


class _Thing(NamedTuple):
    """What a finding is about: a thing with a quality, or a sign of which there may be none.

    Attributes
    ----------
    before : str
        Words between the quality and the place (``sensation over the right``), or the sign with its
        preposition (``fibrillations in the right``).
    place : str
        The part of the body or the study.
    end : str
        What follows, such as the muscle a study is recorded from.
    sign : bool
        Whether it is a sign that is there or not.
    article : str
        Article of a sign that can be counted (``a family history``).
    """

    before: str
    place: str
    end: str = ""
    sign: bool = False
    article: str = ""


_HISTORY: dict[str, tuple[str, str]] = {
    "pain": ("pain", ""),
    "first_pain": ("pain as the first symptom", ""),
    "first_weakness": ("weakness as the first symptom", ""),
    "first_numbness": ("numbness as the first symptom", ""),
    "back_pain": ("back pain", ""),
    "weight_loss": ("weight loss", ""),
    "sphincter": ("sphincter symptoms", ""),
    "bulbar": ("bulbar symptoms", ""),
    "upper_limb": ("symptoms of the arms", ""),
    "cramps": ("cramps", ""),
    "autonomic": ("autonomic symptoms", ""),
    "cancer": ("history of cancer", "a"),
    "radiation": ("radiation to the pelvis or spine", ""),
    "anticoagulant": ("anticoagulation", ""),
    "surgery_hip": ("hip surgery", ""),
    "surgery_spine": ("spine surgery", ""),
    "surgery_abdominal_pelvic": ("abdominal or pelvic surgery", ""),
    "surgery_other": ("other surgery", ""),
    "trauma": ("trauma", ""),
    "injection": ("injection into the buttock", "an"),
    "childbirth": ("childbirth", ""),
    "leg_crossing": ("habitual leg crossing", ""),
    "autoimmune_disease": ("autoimmune disease", ""),
    "infection_before": ("preceding infection", "a"),
    "family_neuropathy": ("family history of neuropathy", "a"),
    "family_motor_neuron_disease": ("family history of motor neuron disease", "a"),
    "hba1c_fall": ("fall of HbA1c before the onset", "a"),
}
_LABORATORY = {"csf_protein": "CSF protein", "csf_cells": "CSF cell count", "esr": "ESR", "crp": "CRP"}
_SIGNS_IN = {
    "fibrillation": "fibrillations in the",
    "fasciculation": "fasciculation potentials in the",
    "myokymia": "myokymia in the",
    "polyphasia": "polyphasic units in the",
    "early_recruitment": "early recruitment in the",
    "wasting": "wasting of the",
    "twitching": "fasciculations in the",
}
_QUALITY_IN = {
    "recruitment": "recruitment in the",
    "muap_amplitude": "motor units in the",
    "muap_duration": "motor units in the",
}
_TIMED = {
    "motor_latency": "distal motor latency",
    "sensory_latency": "sensory latency",
    "motor_velocity": "motor velocity",
    "sensory_velocity": "sensory velocity",
    "f_latency": "F-wave latency",
    "h_latency": "H-reflex latency",
    "f_response": "F wave",
    "h_response": "H reflex",
}


def _thing(observation: Observation) -> _Thing:
    """Return what a finding is about, in words."""
    field = observation.where[0].field
    side, item = _side_and_item(observation)
    if observation.kind == "history" and field == "movement_strength":
        return _Thing("weakness", f"on the {side}" if side else "", sign=True)
    if field in _UNSIDED:
        return _UNSIDED[field](observation, item)
    if field in ("snap", "cmap", "cmap_drop") or field in _TIMED:
        return _conducted(field, side, item)
    if item == "others":
        return _elsewhere(field, side, observation.label.partition(", ")[0])
    if field in _SIGNS_IN:
        return _Thing(*_in_muscle(_SIGNS_IN[field], side, item), sign=True)
    if field in _QUALITY_IN:
        return _Thing(*_in_muscle(_QUALITY_IN[field], side, item))
    if field in ("region_pain", "region_numbness"):
        felt = observation.label.partition(", ")[0]
        return _Thing(_sided_words_after(f"{felt} in the", side), _plain(item), sign=True)
    if field.endswith(("feeling", "feeling_small")):
        return _felt(field, side, item)
    if field == "plantar":
        name = "Hoffmann sign" if observation.label.endswith("Hoffmann sign") else "plantar response"
        return _Thing(side, name)
    if field.endswith("strength") and item not in MOVEMENTS:
        where = "at the" if item in _JOINTS else "of the"
        return _Thing(_sided_words_after(f"strength {where}", side), _plain(item))
    return _Thing(side, _plain(item), " jerk" if field == "reflex" else "")


_JOINTS = ("hip", "knee", "ankle", "toes")


def _sided_words_after(words: str, side: str) -> str:
    """Return words with the side after them, where there is one: ``wasting of the right``."""
    return f"{words} {side}".strip()


def _in_muscle(words: str, side: str, item: str) -> tuple[str, str]:
    """Return a sign with its preposition, and the muscle."""
    if item == "unspecified":
        return words.removesuffix(" the"), f"{side} muscles not named".strip()
    return _sided_words_after(words, side), _plain(item)


def _elsewhere(field: str, side: str, felt: str) -> _Thing:
    """Return the words for all that is not named."""
    place = f"elsewhere on the {side}" if side else "elsewhere"
    if field in _SIGNS_IN:
        return _Thing(_SIGNS_IN[field].rpartition(" ")[0].rpartition(" ")[0], place, sign=True)
    if field in ("region_pain", "region_numbness"):
        on = f"on the {side}" if side else ""
        return _Thing(felt, on, sign=True)
    words = "strength" if field.endswith("strength") else "recruitment"
    return _Thing("sensation" if "feeling" in field else words, place)


def _felt(field: str, side: str, item: str) -> _Thing:
    if field.startswith("dermatome"):
        return _Thing(_sided_words_after("sensation over the", side), _plain(item), " dermatome")
    if field.startswith("nerve"):
        return _Thing(_sided_words_after("sensation in the", side), _plain(item), " territory")
    if item in ("stocking", "glove", "stocking-and-glove", "saddle"):
        return _Thing(f"sensation in a {item} distribution", f"on the {side}" if side else "")
    return _Thing(_sided_words_after("sensation over the", side), _plain(item))


def _conducted(field: str, side: str, item: str) -> _Thing:
    nerve, muscle = _nerve_and_muscle(item)
    if field == "cmap_drop":
        return _Thing(
            _sided_words_after("conduction block in the", side), f"{nerve} nerve", muscle, sign=True
        )
    name = {"snap": "SNAP", "cmap": "CMAP"}.get(field) or _TIMED[field]
    if field[:2] == "h_":
        return _Thing(side, name)
    return _Thing(side, nerve, f" {name}{muscle}")


def _told(observation: Observation, item: str) -> _Thing:
    words, article = _HISTORY.get(item, (observation.label, ""))
    return _Thing(words, "", sign=True, article=article)


def _imaged(observation: Observation, item: str) -> _Thing:
    if item.startswith("biopsy_"):
        return _Thing(f"{_plain(item.removeprefix('biopsy_'))} on", observation.label, sign=True)
    name, _, words = observation.label.partition(": ")
    return _Thing(
        f"{_plain(words.replace('_', '-'))} on", name, sign=True, article="a" if words in _COUNTED else ""
    )


_COUNTED = ("mass", "haematoma", "disc-herniation")


def _compressed(observation: Observation, item: str) -> _Thing:
    roots = " or ".join(a.item.upper() for a in observation.where)
    return _Thing(f"compression of {roots} on", observation.label.partition(":")[0], sign=True)


_UNSIDED: dict[str, Callable[[Observation, str], _Thing]] = {
    "history": _told,
    "imaging": _imaged,
    "compression": _compressed,
    "laboratory": lambda seen, item: _Thing("", _LABORATORY.get(item, item.upper())),
    "walking": lambda seen, item: _Thing("", "walking"),
    "progression": lambda seen, item: _Thing("", "onset"),
}


def _phrase(observation: Observation, result: _Result, when: str = "") -> _Phrase:
    """Return a finding as part of a list in a sentence."""
    about = _thing(observation)
    about = about._replace(end=about.end + when)
    if about.sign:
        there = f"the absence of {about.article}".strip() if result.normal else about.article or "the"
        if about.before.endswith("as the first symptom") and not result.normal:
            there = ""
        return _Phrase(f"{there} {about.before}".strip(), about.place, about.end)
    return _Phrase(f"the {_quality(about, result)} {about.before}".strip(), about.place, about.end)


def _quality(about: _Thing, result: _Result) -> str:
    if result.word == "weak" and about.before.startswith("strength"):
        return "reduced"
    if about.place == "Hoffmann sign":
        return "negative" if result.normal else "positive"
    return {"wheelchair": "wheelchair-bound", "aid": "aided"}.get(result.word, result.word)


def _had_been(observation: Observation, result: _Result, when: str = "") -> str:
    """Return the beginning of a sentence on another result: ``Had the right knee jerk been normal``."""
    about = _thing(observation)
    about = about._replace(end=about.end + when)
    rest = f"{about.before} {about.place}{about.end}".strip()
    if about.sign:
        article = f"{about.article} " if about.article else ""
        return f"Had there been {'no ' if result.normal else article}{rest}"
    if result.word == "wheelchair":
        return "Had the patient needed a wheelchair"
    if result.word == "aid":
        return "Had the patient walked with an aid"
    lone = about.place == "walking" or about.before in ("sensation", "strength")
    return f"Had {'' if lone else 'the '}{rest} been {_quality(about, result)}"


def _joined(phrases: Iterable[_Phrase]) -> str:
    """Return phrases as one list; those that differ in their place alone are said once."""
    places: dict[tuple[str, str], list[str]] = {}
    for each in phrases:
        kept = places.setdefault((each.beginning, each.end), [])
        if each.place not in kept:
            kept.append(each.place)
    return _listed(
        [
            _Phrase(beginning, _listed(named), end if len(named) == 1 else _many(end)).words
            for (beginning, end), named in places.items()
        ]
    )


def _many(end: str) -> str:
    """Return the end of a phrase for several places: ``SNAPs``, ``territories``."""
    head, bracket, rest = end.partition(" (")
    if head.endswith("y"):
        return f"{head[:-1]}ies{bracket}{rest}"
    countable = head.endswith(("jerk", "dermatome", "SNAP", "CMAP", "wave"))
    return f"{head}s{bracket}{rest}" if countable else end
