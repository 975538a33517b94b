"""Findings in the words of a clinical sentence: *the absent right knee jerk*, *had there been no pain*.

A finding is either a thing with a quality (an absent reflex, a slow velocity) or a sign that is there or not
(fibrillations, weight loss). Phrases come in three pieces, so that those alike but for their place can share
a beginning: *the needle signs in the right vastus lateralis and adductor longus*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from garland.inference.observations import Observation
from garland.inference.other_results import _Result
from garland.inference.place_words import _listed, _nerve_and_muscle, _plain, _side_and_item
from garland.model.findings import FINDINGS
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


def _thing(observation: Observation) -> _Thing:
    """Return what a finding is about, in words."""
    field = observation.where[0].field
    side, item = _side_and_item(observation)
    if observation.kind == "history" and field == "movement_strength":
        return _Thing("weakness", f"on the {side}" if side else "", sign=True)
    kind = FINDINGS[field]
    said = kind.phrase
    if not kind.sided:
        return _without_side(observation, item)
    if "study" in said or "block" in said:
        return _conducted(said, side, item)
    felt = observation.label.partition(", ")[0]
    if item == "others":
        return _elsewhere(said, side, felt)
    if "complaint" in said:
        return _Thing(_sided_words_after(f"{felt} in the", side), _plain(item), sign=True)
    if item in ("stocking", "glove", "stocking-and-glove", "saddle"):
        return _Thing(f"sensation in a {item} distribution", f"on the {side}" if side else "")
    if "sign" in said or "quality" in said:
        words = said.get("sign") or said["quality"]
        return _Thing(*_in_muscle(words, side, item), said.get("end", ""), sign="sign" in said)
    if "plantar_response" in kind.record:
        name = "Hoffmann sign" if observation.label.endswith("Hoffmann sign") else "plantar response"
        return _Thing(side, name)
    if kind.part == "strength" and item not in MOVEMENTS:
        where = "at the" if item in _JOINTS else "of the"
        return _Thing(_sided_words_after(f"strength {where}", side), _plain(item))
    return _Thing(side, _plain(item), said.get("end", ""))


_JOINTS = ("hip", "knee", "ankle", "toes")


def _sided_words_after(words: str, side: str) -> str:
    """Return words with the side after them, where there is one: ``wasting of the right``."""
    return f"{words} {side}".strip()


def _in_muscle(words: str, side: str, item: str) -> tuple[str, str]:
    """Return a sign with its preposition, and the muscle."""
    if item == "unspecified":
        return words.removesuffix(" the"), f"{side} muscles not named".strip()
    return _sided_words_after(words, side), _plain(item)


def _elsewhere(said: Mapping[str, Any], side: str, felt: str) -> _Thing:
    """Return the words for all that is not named."""
    place = f"elsewhere on the {side}" if side else "elsewhere"
    if "sign" in said:
        return _Thing(said["sign"].rpartition(" ")[0].rpartition(" ")[0], place, sign=True)
    if "complaint" in said:
        return _Thing(felt, f"on the {side}" if side else "", sign=True)
    return _Thing(said.get("elsewhere", "recruitment"), place)


def _conducted(said: Mapping[str, Any], side: str, item: str) -> _Thing:
    nerve, muscle = _nerve_and_muscle(item)
    if "block" in said:
        return _Thing(_sided_words_after(said["block"], side), f"{nerve} nerve", muscle, sign=True)
    if said.get("without_nerve"):
        return _Thing(side, said["study"])
    return _Thing(side, nerve, f" {said['study']}{muscle}")


def _without_side(observation: Observation, item: str) -> _Thing:
    """Return the words for a field with one value per patient."""
    field = observation.where[0].field
    kind = FINDINGS[field]
    one = kind.item.get(item, {})
    if "whole" in kind.phrase:
        return _Thing("", kind.phrase["whole"])
    if kind.kind == "level":
        return _Thing("", one.get("phrase", item.upper()))
    if field == "compression":
        roots = " or ".join(a.item.upper() for a in observation.where)
        return _Thing(f"compression of {roots} on", observation.label.partition(":")[0], sign=True)
    if kind.part != "imaging":
        words, article = one.get("phrase", observation.label), one.get("article", "")
        return _Thing(words, "", sign=True, article=article)
    if item.startswith("biopsy_"):
        return _Thing(f"{_plain(item.removeprefix('biopsy_'))} on", observation.label, sign=True)
    name, _, words = observation.label.partition(": ")
    said = f"{_plain(words.replace('_', '-'))} on"
    return _Thing(said, name, sign=True, article=one.get("article", ""))


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
