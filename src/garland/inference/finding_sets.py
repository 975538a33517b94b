"""Findings that belong together: studies of one nerve, the needle in one muscle, a part of the examination.

Left out one by one, findings that say the same share the credit; left out together, they keep it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from garland.inference.alternative_results import _Result, _result_of, _results_for
from garland.inference.observations import _Observation
from garland.inference.phrases import _Phrase, _phrase, _plain, _side_and_item, _sided_words_after
from garland.model.findings import FINDINGS

_PARTS = {
    "symptoms": "the symptoms",
    "background": "the background",
    "other findings": "the other findings",
    "strength": "the strength",
    "reflexes": "the reflexes",
    "sensation": "the sensation",
    "signs": "the other signs",
    "sensory": "the sensory conduction",
    "motor": "the motor conduction",
    "late": "the late responses",
    "needle": "the needle examination",
    "laboratory": "the laboratory values",
    "imaging": "the imaging",
    "conclusion": "the conclusions",
}


@dataclass(frozen=True)
class _Finding:
    """One finding with its place in the record and on its scale.

    Attributes
    ----------
    index, visit : int
        Position among all findings, and the visit.
    observation : Observation
        What was found.
    results : tuple of Result
        The results it could have had.
    result : Result
        The one it had.
    part : str
        Part of the examination, such as ``reflexes``.
    when : str
        Words that tell its visit from others; empty at the first.
    phrase : Phrase
        The finding as part of a sentence.
    """

    index: int
    visit: int
    observation: _Observation
    results: tuple[_Result, ...]
    result: _Result
    part: str
    when: str
    phrase: _Phrase


@dataclass(frozen=True)
class _FindingSet:
    """Findings left out together.

    Attributes
    ----------
    members : tuple of Finding
        One or more.
    whole_part : bool
        Whether it is all of a part of the examination.
    unit : bool
        Whether it stands for itself in a sentence: a finding of a larger unit does not.
    """

    members: tuple[_Finding, ...]
    whole_part: bool = False
    unit: bool = False

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions of the members among all findings."""
        return tuple(member.index for member in self.members)

    @property
    def part(self) -> str:
        """Part of the examination."""
        return self.members[0].part

    def phrase(self, single: NDArray[np.float64]) -> _Phrase:
        """Return the set in words."""
        if self.whole_part:
            return _Phrase(_PARTS[self.part], "")
        if self.part == "needle" and len(self.members) > 1:
            side, item = _side_and_item(self.members[0].observation)
            normal = all(member.result.normal for member in self.members)
            signs = "the normal needle findings in the" if normal else "the needle signs in the"
            where = _plain(item) if item not in ("others", "unspecified") else "other muscles"
            return _Phrase(_sided_words_after(signs, side), where, self.members[0].when)
        return max(self.members, key=lambda m: (not m.result.normal, abs(single[m.index]))).phrase


def _findings_of(
    used: Iterable[tuple[_Observation, ...]], age_years: float, height_cm: float
) -> tuple[_Finding, ...]:
    """Return all findings of a record in order, visit by visit."""
    rows: list[_Finding] = []
    for visit, observations in enumerate(used):
        for observation in observations:
            results = _results_for(observation.where[0], age_years, height_cm)
            when = f" at visit {visit + 1}" if visit else ""
            result = _result_of(observation, results)
            said = _phrase(observation, result, when)
            rows.append(
                _Finding(len(rows), visit, observation, results, result, _part(observation), when, said)
            )
    return tuple(rows)


def _part(observation: _Observation) -> str:
    address = observation.where[0]
    declared = FINDINGS[address.field]
    if observation.kind == "history":
        part = declared.item.get(address.item, {}).get("part", declared.part)
        return "background" if part == "background" else "symptoms"
    if observation.kind in ("examination", "nerve conduction"):
        return declared.part
    return observation.kind


def _sets_of(findings: tuple[_Finding, ...]) -> tuple[_FindingSet, ...]:
    """Return what is left out: every single finding, then units of several, then whole parts."""
    groups: dict[tuple[object, ...], list[_Finding]] = {}
    for finding in findings:
        key: tuple[object, ...] = (finding.index,)
        if finding.part in ("sensory", "motor", "late", "needle"):
            key = (finding.part, finding.visit, *_side_and_item(finding.observation))
        groups.setdefault(key, []).append(finding)
    alone = {members[0].index for members in groups.values() if len(members) == 1}
    singles = [_FindingSet((finding,), unit=finding.index in alone) for finding in findings]
    units = [_FindingSet(tuple(members), unit=True) for members in groups.values() if len(members) > 1]
    names = [members[0].part for members in groups.values()]
    parts = [
        _FindingSet(tuple(f for f in findings if f.part == part), whole_part=True)
        for part in _PARTS
        if names.count(part) > 1
    ]
    return (*singles, *units, *parts)


def _membership(sets: tuple[_FindingSet, ...], count: int) -> NDArray[np.float64]:
    """Return sets as columns, (O, K), with 1 where an observation belongs to a set."""
    member = np.zeros((count, len(sets)))
    for column, each in enumerate(sets):
        member[list(each.positions), column] = 1.0
    return member
