"""Cases made at random that are valid, however odd: every key and every word that a record may hold.

The strategies are built from the models of the records themselves, so that a new key or word comes in without
a line here. What contradicts itself in a way that the records refuse is taken out again, statement by
statement; what the records let pass stays, however little sense it makes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from garland.anatomy.terminology import terms
from garland.model.diseases import DISEASES
from garland.records import Case, ConductionResult, NeedleResult, SensoryFinding, Visit
from garland.records import RecordPart as Part
from garland.records.examination import MRC_WORDS, _Mrc, _Plus
from garland.records.fields import (
    FormatVersion,
    Kind,
    NumberKind,
    _Cause,
    _Day,
    _Flag,
    _Keyed,
    _Name,
    _Text,
    _Word,
)

Strategy = st.SearchStrategy[Any]
MOST_VISITS, MOST_ROWS = 20, 24
_LATEST_DAY = 36500

_WHICH = {
    ConductionResult: (("study",), ("study",), ("nerve", "kind"), ("study", "stimulate")),
    NeedleResult: (("muscle",), ("muscle",), ("group",)),
    SensoryFinding: (("dermatome",), ("nerve",), ("region",), ("distribution",)),
}
"""What says of which test a row is: one of these sets of keys; the side is always there."""

_USUAL_AMOUNTS = ("few", "few", "few", "most", "all", "none", "none")
_AMOUNTS = {Case: ("few", "most", "all", "all"), Visit: ("few", "few", "most", "all")}
"""How many of the keys of a part are used."""

_GRADES = (0, 1, "1+", "2-", 2, "2+", "3-", 3, "3+", "4-", 4, "4+", "5-", 5, 4.0, "4/5", "4 -")
_RANGES = ("0 to 1", "0-1", "1 to 2", "3- to 4", "3 to 4+", "4- to 5", "0 to 5")
_PLUSES = (0, 1, 2, 3, 4, 2.0, "0", "1+", "2+", "4+", "+", "++", "+++", "++++")
_DAYS = ("0 days", "1 day", "10 days", "2 weeks", "3 months", "1.5 years", "100 years")
_LETTERS = st.characters(categories=("L", "N", "P", "S"), include_characters=" \n\t")
_TEXT = st.text(_LETTERS, min_size=1, max_size=12).filter(lambda text: bool(text.strip()))


def _number(kind: NumberKind) -> Strategy:
    """Return numbers between the bounds, the bounds themselves more often than chance, and words."""
    low, high = float(kind.low), float(kind.high)
    usual = min(low + 0.02 * (high - low), high)
    numbers = st.sampled_from([kind.low, kind.high]) | st.floats(low, high) | st.floats(low, usual)
    whole = st.integers(-int(-low // 1), int(high))
    return (numbers | whole | st.sampled_from(kind.words)) if kind.words else (numbers | whole)


def _names(vocabulary: str) -> Strategy:
    """Return names of a vocabulary, now and then in another spelling."""
    known = terms().vocabularies[vocabulary]
    other = [*known.synonyms, *(name.replace("-", " ").title() for name in known.names)]
    return st.sampled_from([*known.names, *known.names, *other])


def _of_kind(kind: Kind) -> Strategy:
    match kind:
        case _Day():
            return st.sampled_from(_DAYS) | st.integers(0, 400) | st.floats(0, _LATEST_DAY)
        case FormatVersion():
            return st.just(1)
        case NumberKind():
            return _number(kind)
        case _Word():
            return st.sampled_from([*kind.words, *(word.replace("-", " ").upper() for word in kind.words)])
        case _Name():
            return _names(kind.vocabulary)
        case _Flag():
            return st.booleans()
        case _Text():
            return _TEXT
        case _Cause():
            return st.sampled_from([*(cause.name for cause in DISEASES), "not-modelled"])
        case _Mrc():
            return st.sampled_from([*_GRADES, *_RANGES, *MRC_WORDS])
        case _Plus():
            return st.sampled_from([*_PLUSES, *kind.words])
        case _Keyed():
            return st.dictionaries(_names(kind.vocabulary), _of_kind(kind.value), max_size=8)
    raise NotImplementedError(f"no values for {type(kind).__name__}")


def _of_type(annotation: Any) -> Strategy:
    """Return values of the type of a field."""
    origin, given = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        kinds = [meta for meta in given[1:] if isinstance(meta, Kind)]
        return _of_kind(kinds[0]) if kinds else _of_type(given[0])
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_of_type(one) for one in given if one is not type(None)])
    if origin is tuple:
        few = st.lists(_of_type(given[0]), max_size=4)
        return few | few | st.lists(_of_type(given[0]), max_size=MOST_ROWS)
    if origin is dict:
        return st.dictionaries(_names("study"), _of_type(given[1]), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return part(annotation)
    raise NotImplementedError(f"no values for {annotation}")


def _of_field(field: FieldInfo) -> Strategy:
    kinds = [meta for meta in field.metadata if isinstance(meta, Kind)]
    return _of_kind(kinds[0]) if kinds else _of_type(field.annotation)


@st.composite
def part(draw: st.DrawFn, model: type[Part], without: Sequence[str] = ()) -> dict[str, Any]:
    """Mapping for a part of a case: none, few, most or all of its keys."""
    fields = {name: field for name, field in model.model_fields.items() if name not in without}
    subjects = {name for names in _WHICH.get(model, ()) for name in names}
    free = [name for name, field in fields.items() if not field.is_required() and name not in subjects]
    chosen = {name for name, field in fields.items() if field.is_required()}
    some = draw(st.lists(st.sampled_from(free), unique=True, max_size=6)) if free else []
    amount = draw(st.sampled_from(_AMOUNTS.get(model, _USUAL_AMOUNTS)))
    chosen |= {"few": set(some), "most": set(free) - set(some), "all": set(free), "none": set()}[amount]
    if model in _WHICH:
        chosen |= {"side", *draw(st.sampled_from(_WHICH[model]))}
    return {name: draw(_of_field(fields[name])) for name in fields if name in chosen}


def _place_of(problem: Mapping[str, Any]) -> tuple[str | int, ...]:
    return (*problem["loc"], *(problem.get("ctx") or {}).get("at", ()))


def _removed(whole: Any, place: Sequence[str | int]) -> None:
    """Take the deepest thing that stands on a path out of a mapping."""
    holder, key = whole, place[0]
    for step in place[1:]:
        inner = holder[key]
        known = isinstance(inner, dict) and step in inner
        known |= isinstance(inner, list) and isinstance(step, int) and step < len(inner)
        if not known:
            break
        holder, key = inner, step
    del holder[key]


def made_valid(mapping: dict[str, Any]) -> Case:
    """Return the case that is left once everything that the records refuse is taken out."""
    while True:
        try:
            return Case.model_validate(mapping)
        except ValidationError as error:
            _removed(mapping, _place_of(error.errors(include_url=False)[0]))
        if not mapping.get("visits"):
            mapping["visits"] = [{}]


@st.composite
def _crowd(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of the needle table that speak of more than a thousand findings between them."""
    largest = sorted(terms().muscle_groups, key=lambda name: -len(terms().muscle_groups[name]))[:4]
    rows = draw(st.lists(part(NeedleResult), min_size=2, max_size=4))
    for row in rows:
        row.pop("muscle", None)
        row |= {"group": draw(st.sampled_from(largest)), "side": draw(st.sampled_from(("both", "unstated")))}
    return rows


@st.composite
def _visits(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Visits in order of time, some without a day; now and then very many of them, all alike."""
    few = draw(st.lists(part(Visit, ("day_since_onset",)), min_size=1, max_size=3))
    repeats = draw(st.sampled_from((1,) * 24 + (MOST_VISITS,)))
    visits = [dict(visit) for visit in (few * repeats)[:MOST_VISITS]]
    latest = draw(st.sampled_from((30, 400, 400, 4000, _LATEST_DAY)))
    days = sorted(draw(st.lists(st.floats(0, latest), min_size=len(visits), max_size=len(visits))))
    for visit, day in zip(visits, days, strict=True):
        known = draw(st.sampled_from(("", "exactly", "whole", "zero")))
        if known:
            visit["day_since_onset"] = {"exactly": day, "whole": int(day), "zero": 0 if day < 1 else day}[
                known
            ]
    return visits


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any valid case: one or many visits, much or nothing in it, likely or absurd."""
    mapping = draw(part(Case, ("visits",)))
    mapping["visits"] = draw(_visits())
    if draw(st.sampled_from((False,) * 9 + (True,))):
        mapping["visits"][0].setdefault("needle", {})["results"] = draw(_crowd())
    return made_valid(mapping)


EVERY = settings(
    database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=tuple(HealthCheck)
)
"""Cases are made, not shrunk: an answer takes longer than hypothesis likes to wait."""


def case_of(number: int) -> Case:
    """Return one random case; same number and same release of hypothesis, same case.

    The first that hypothesis makes is always the simplest one, so a later one is taken.
    """
    made: list[Case] = []

    @seed(number)
    @settings(EVERY, max_examples=3)
    @given(cases())
    def make(case: Case) -> None:
        made.append(case)

    make()
    return made[-1]
