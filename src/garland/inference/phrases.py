"""Findings in words: what a cause expects, and clinical sentences such as *the absent right knee jerk*.

A finding is either a thing with a quality (an absent reflex, a slow velocity) or a sign that is there or not
(fibrillations, weight loss). Phrases come in three pieces, so that those alike but for their place can share
a beginning: *the needle signs in the right vastus lateralis and adductor longus*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from garland.anatomy.terminology import terms
from garland.evidence.findings import FindingKind
from garland.inference.alternative_results import _Result
from garland.inference.observations import SIDES, _Observation
from garland.inference.predictive import _PredictiveSample
from garland.model.findings import FINDINGS, Address, column, noise_sd
from garland.statistics import weighted_quantiles

_WHOLE = {
    "leg-medial": "medial leg",
    "leg-lateral": "lateral leg",
    "foot-dorsum": "dorsum of the foot",
    "lateral-femoral-cutaneous": "lateral femoral cutaneous",
    "foot-intrinsic": "intrinsic foot muscles",
    "hand-intrinsic": "intrinsic hand muscles",
    "biceps-femoris-long": "biceps femoris (long head)",
    "biceps-femoris-short": "biceps femoris (short head)",
    "screen": "muscles of the usual screen",
    "l5-outside-fibular": "L5 muscles outside the fibular nerve",
    "straight-leg-raise": "straight-leg raise",
    "femoral-stretch": "femoral stretch test",
}
_SEGMENT = re.compile(r"\b([clst])([1-8])\b")
_PARASPINAL = re.compile(r"paraspinal-(\w+)")
_FINGER = re.compile(r"(median|ulnar)-digit-(\d)")


def _plain(name: str) -> str:
    """Return an identifier such as ``vastus-lateralis`` or ``l4`` as words."""
    if name in _WHOLE:
        return _WHOLE[name]
    name = _FINGER.sub(r"\1 digit \2", name)
    name = _PARASPINAL.sub(r"\1 paraspinals", name)
    if name.endswith("-innervated"):
        return f"{name.removesuffix('-innervated')}-innervated muscles"
    return _SEGMENT.sub(lambda found: found[0].upper(), name.replace("-", " "))


def _nerve_and_muscle(study: str) -> tuple[str, str]:
    """Return the nerve of a study and, in brackets, the muscle or finger that tells it from another."""
    if finger := _FINGER.fullmatch(study):
        return finger[1], f" (digit {finger[2]})"
    if study not in terms().motor_studies:
        return _plain(study), ""
    nerve, _, muscle = study.partition("-")
    return nerve, f" ({_plain(muscle)})"


def _side_and_item(observation: _Observation) -> tuple[str, str]:
    """Return the side and the identifier of what an observation is about."""
    if len({(a.side, a.item.partition("@")[0]) for a in observation.where}) == 1:
        return _of_address(observation.where[0])
    before, _, after = observation.label.partition(", ")
    place = before if observation.kind == "nerve conduction" else after or before
    side = next((side for side in SIDES if place.startswith(side)), "")
    item = place.removeprefix(side).strip().removesuffix("-f-wave").removesuffix("-h-reflex")
    return side, "others" if item in ("all others", "side", "") else item


def _of_address(address: Address) -> tuple[str, str]:
    side = "" if address.side is None else SIDES[address.side]
    return side, address.item.partition("@")[0]


def _listed(words: tuple[str, ...] | list[str]) -> str:
    """Return words as a list in a sentence: ``a, b and c``; ``a, b and c, and d`` where one is a list."""
    if len(words) < 2:
        return "".join(words)
    comma = "," if any(" and " in each for each in words) else ""
    return f"{', '.join(words[:-1])}{comma} and {words[-1]}"


def _capital(text: str) -> str:
    """Return a sentence that begins with a capital."""
    return text[:1].upper() + text[1:]


def _percent(share: float) -> str:
    """Return a probability in per cent that never claims certainty, such as ``61 %`` or ``<0.1 %``."""
    if share > 0.99:
        return ">99 %"
    if share < 0.001:
        return "<0.1 %"
    return f"{100.0 * share:.{int(share < 0.0095)}f} %"


def _short_title(title: str) -> str:
    """Return the title of a cause without the remark in brackets at its end, for use within a sentence."""
    return _REMARK.sub("", title)


_REMARK = re.compile(r" \([^)]*\)$")


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


def _thing(observation: _Observation) -> _Thing:
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
    if kind.part == "strength" and item not in terms().names("movement"):
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


def _without_side(observation: _Observation, item: str) -> _Thing:
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
    if kind.part == "conclusion" and len(observation.where) > 1:
        roots = " or ".join(a.item.rpartition("-")[2].upper() for a in observation.where)
        return _Thing(f"conclusion of {roots} radiculopathy", "", sign=True, article="a")
    if kind.part != "imaging":
        words, article = one.get("phrase", observation.label), one.get("article", "")
        return _Thing(words, "", sign=True, article=article)
    if item.startswith("biopsy_"):
        return _Thing(f"{_plain(item.removeprefix('biopsy_'))} on", observation.label, sign=True)
    name, _, words = observation.label.partition(": ")
    said = "normal findings on" if words == "normal" else f"{_plain(words.replace('_', '-'))} on"
    return _Thing(said, name, sign=True, article=one.get("article", ""))


def _phrase(observation: _Observation, result: _Result, when: str = "") -> _Phrase:
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


def _had_been(observation: _Observation, result: _Result, when: str = "") -> str:
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


def _expected_words(seen: _PredictiveSample, observation: _Observation, visit: int) -> str:
    """Return what a cause expects of a finding, with its 80 % range."""
    columns = [column(address) for address in observation.where]
    values = seen.expected[visit][:, columns].mean(axis=1)
    low, middle, high = map(float, weighted_quantiles(values, seen.weights, (0.1, 0.5, 0.9)))
    kind = FINDINGS[observation.where[0].field]
    if kind.printed:
        return str(kind.printed.get("before", "")) + _span(
            *(_word(kind, value) for value in (low, middle, high))
        )
    if kind.kind == "fall":
        return _numbers(100.0 * (1.0 - np.exp([high, middle, low])), kind.unit)
    if kind.kind == "level":
        away = 1.28 * noise_sd()[columns].mean()
        return _numbers(np.exp([middle - away, middle, middle + away]), "")
    if kind.log or kind.kind == "ratio":
        return _numbers(np.exp([low, middle, high]), kind.unit)
    return f"{_probability(values, seen.weights, float(noise_sd()[columns].mean())):.0%} of patients"


def _probability(values: NDArray[np.float32], weights: NDArray[np.float64], noise: float) -> float:
    drawn = values + noise * np.random.default_rng(0).standard_normal(len(values))
    return float((drawn > 0) @ weights)


def _word(kind: FindingKind, value: float) -> str:
    """Return the first of the printed words whose limit the value does not reach; the last has none."""
    return next(str(word) for word, limit in kind.printed["words"] if limit is None or value < limit)


def _span(low: str, middle: str, high: str) -> str:
    return middle if low == high else f"{middle} ({low} to {high})"


def _numbers(values: NDArray[np.float64], unit: str) -> str:
    low, middle, high = (f"{value:.3g}" for value in values)
    return f"{middle} ({low} to {high}) {unit}".strip()
