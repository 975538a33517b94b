"""Patterns in the tables of a study: which side, site, process and age they show, and how that is said.

As from a reader who was told nothing of the patient. Readings name places and patterns, never a cause: causes
are weighed by a consult, which knows how common they are. Each side is read for itself, muscle by muscle, and
what the tables do not tell apart is left open: a wrong word on site, side or process is worse than none. Of
fifty measures in health one or two lie beyond their limit: what is mildly odd counts only in company.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from garland.anatomy.tree import load
from garland.edx_study.records import FRow, HRow, MotorRow, NeedleRow, SensoryRow
from garland.evidence import part

_A = load()


@dataclass(frozen=True)
class _Tables:
    """The tables of a study that words are drawn from."""

    motor: tuple[MotorRow, ...] = ()
    sensory: tuple[SensoryRow, ...] = ()
    f_waves: tuple[FRow, ...] = ()
    h_reflexes: tuple[HRow, ...] = ()
    needle: tuple[NeedleRow, ...] = ()


@dataclass(frozen=True)
class _Reading:
    """What the tables say of one side, or of the whole person; empty words where they say nothing.

    Attributes
    ----------
    side : str
        ``left``, ``right`` or ``both``.
    site : str
        ``root``, ``roots at least``, ``plexus``, ``roots and plexus``, ``nerve``, ``beyond the ganglion``,
        ``neurons``, ``polyneuropathy`` or ``muscle``.
    process : tuple of str
        ``axonal``, ``demyelinating``, ``block`` or ``muscle``, as far as they are shown.
    age : str
        ``fresh``, ``going on`` or ``old``.
    words : str
        All of it as a sentence.
    nerve : str
        The nerve where the site is one.
    rests_on : tuple of (str, str)
        The muscles and studies, each with its side, that it rests on.
    """

    side: str
    site: str
    process: tuple[str, ...]
    age: str
    words: str
    nerve: str = ""
    rests_on: tuple[tuple[str, str], ...] = ()


def _active(row: NeedleRow) -> bool:
    """Return whether a muscle shows denervation now."""
    return bool(row.fibrillations.weight or row.positive_waves.weight)


def _few(row: NeedleRow) -> bool:
    """Return whether too few units are called."""
    return row.recruitment.weight > 0 and row.recruitment.word != "early"


def _grown(row: NeedleRow) -> bool:
    """Return whether units are large or long."""
    return "high" in (row.amplitude_uv.mark, row.duration_ms.mark)


def _myopathic(row: NeedleRow) -> bool:
    """Return whether units are small, short or called early."""
    return row.recruitment.word == "early" or "low" in (row.amplitude_uv.mark, row.duration_ms.mark)


def _surely_grown(row: NeedleRow) -> bool:
    """Return whether units are large beyond what a healthy muscle in twenty shows."""
    marks = (row.amplitude_uv, row.duration_ms)
    return all(cell.mark == "high" for cell in marks) or any(
        cell.mark == "high" and cell.weight >= _CLEAR for cell in marks
    )


def _surely_small(row: NeedleRow) -> bool:
    """Return whether units are small and short, or called early: of healthy muscles hardly any."""
    return row.recruitment.word == "early" or row.amplitude_uv.mark == row.duration_ms.mark == "low"


def _clear(row: NeedleRow) -> bool:
    """Return whether a muscle is surely denervated: more than a trace, or a trace with a second sign."""
    both = row.fibrillations.weight and row.positive_waves.weight
    much = max(row.fibrillations.weight, row.positive_waves.weight) >= _CLEAR
    return bool(both or much or (_active(row) and _called_few(row)) or _old(row))


def _old(row: NeedleRow) -> bool:
    """Return whether few and large units speak of an old loss, without denervation now."""
    return _few(row) and row.amplitude_uv.mark == row.duration_ms.mark == "high"


def _called_few(row: NeedleRow) -> bool:
    """Return whether few units are called beyond what one healthy muscle in twenty shows."""
    return _few(row) and row.recruitment.weight >= _CLEAR


def _neurogenic(row: NeedleRow) -> bool:
    """Return whether a muscle may have lost axons: it is silent in block, whatever recruitment says."""
    return _active(row) or _old(row)


def _distal(rows: Sequence[MotorRow]) -> list[MotorRow]:
    """Return the first, most distal point of every motor study."""
    seen: dict[tuple[str, str], MotorRow] = {}
    for row in rows:
        seen.setdefault((row.study, row.side), row)
    return list(seen.values())


def _listed(names: Iterable[str]) -> str:
    """Return names in a row: a, b and c."""
    every = list(names)
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} and {every[-1]}"


def _rests(rows: Iterable[NeedleRow | SensoryRow | MotorRow]) -> tuple[tuple[str, str], ...]:
    """Return muscles and studies with their sides."""
    return tuple((row.muscle if isinstance(row, NeedleRow) else row.study, row.side) for row in rows)


def _readings(tables: _Tables) -> list[_Reading]:
    """Return what the tables say: first of the whole person, then of each side."""
    general = _demyelinating(tables) or _of_muscle(tables) or _of_neurons(tables) or _polyneuropathy(tables)
    if general is not None:
        return [general]
    found = [reading for side in ("left", "right") if (reading := _of_side(tables, side)) is not None]
    if len({one.words.replace(one.side, "") for one in found}) < len(found):
        words = found[0].words.replace("On the left", "On both sides")
        return [replace(found[0], side="both", words=words, rests_on=found[0].rests_on + found[1].rests_on)]
    return found


def _demyelinating(tables: _Tables) -> _Reading | None:
    """Return the reading of nerves slowed more than loss of axons explains, away from narrow places."""
    # Where most axons are gone the slow ones that are left slow the nerve.
    distal = {(row.study, row.side): row.amplitude_mv.weight for row in _distal(tables.motor)}
    gone = {row: distal[row.study, row.side] >= _CLEAR for row in tables.motor}
    slow = [
        row
        for row in tables.motor
        if not _narrow(row)
        and (row.velocity_m_s.weight >= (3 if gone[row] else _CLEAR) or row.latency_ms.weight >= 3)
    ]
    nerves = {row.study for row in slow}
    blocked = any(row.drop_percent.weight >= _CLEAR and not _narrow(row) for row in tables.motor)
    severe = {row.study for row in slow if max(row.velocity_m_s.weight, row.latency_ms.weight) >= 3}
    two = len(severe) == 2 and not all(gone[row] for row in slow)
    if len(nerves) < 2 or (len(nerves) == 2 and not two and not blocked):
        return None
    lost = [row for row in tables.needle if _clear(row)]
    process = ("demyelinating", *(("axonal",) if len(lost) > 1 else ()))
    words = f"Conduction is slowed far beyond what loss of axons explains in {len(nerves)} motor nerves"
    if blocked:
        words += ", and amplitude falls between points of stimulation: block or dispersion"
    words += ": a demyelinating polyneuropathy"
    words += "; muscles at rest show loss of axons too." if len(lost) > 1 else "."
    return _Reading("both", "polyneuropathy", process, "", words, rests_on=_rests(slow))


def _narrow(row: MotorRow) -> bool:
    """Return whether this stretch crosses a place where healthy and diabetic nerves are often slow."""
    return any(row.study.startswith(nerve) and row.point == point for nerve, point in _NARROW)


def _of_muscle(tables: _Tables) -> _Reading | None:
    """Return the reading of small units called early; large units or low sensory responses speak against."""
    small = [row for row in tables.needle if _surely_small(row)]
    mild = [row for row in tables.needle if _myopathic(row) and not _grown(row) and not _few(row)]
    lost = [row for row in tables.needle if _old(row) or (_few(row) and _active(row))]
    early = [row for row in small if row.recruitment.word == "early"]
    if len(small) < 2 or not early or len(mild) < _SOME or len(small) <= len(lost):
        return None
    irritable = ", with fibrillation" if any(map(_active, tables.needle)) else ""
    words = (
        f"Units are small or short, or called early, in {len(mild)} muscles{irritable}: disease of muscle."
    )
    side = _one_side(tables.needle, small)
    return _Reading(side, "muscle", ("muscle",), "", words, rests_on=_rests(small))


def _one_side(rows: Sequence[NeedleRow], odd: Sequence[NeedleRow]) -> str:
    """Return the side of the odd muscles; both where the other side was not tested or is odd as well."""
    sides, tested = {row.side for row in odd}, {row.side for row in rows}
    return next(iter(sides)) if len(sides) == 1 and len(tested) == 2 else "both"


def _of_neurons(tables: _Tables) -> _Reading | None:
    """Return the reading of motor axons lost in several regions with sensory responses spared."""
    sick = [row for side in ("left", "right") for row in _sick_of(tables, side)]
    regions = {_region(row) for row in sick}
    low = [row for row in tables.sensory if row.amplitude_uv.mark]
    spared = len(tables.sensory) - len(low)
    if len(regions) < _SOME or spared < 2 * len(low) or _lacking(low, tables.sensory) < _SELDOM:
        return None
    words = "Motor axons are lost in several regions and sensory responses are spared: "
    said = words + "motor neurons, or many roots. " + _AGES[_age(sick)]
    sides = {row.side for row in sick}
    side = "both" if len(sides) == 2 else next(iter(sides))
    return _Reading(side, "neurons", ("axonal",), _age(sick), said.strip(), rests_on=_rests(sick))


def _region(row: NeedleRow) -> str:
    """Return the region of the body that a muscle lies in."""
    if row.muscle == "paraspinal-thoracic":
        return "trunk"
    return next((name for name in ("arm", "bulbar-muscles") if row.muscle in _A.groups[name]), "leg")


def _polyneuropathy(tables: _Tables) -> _Reading | None:
    """Return the reading of long nerves on both sides, or of arms and legs."""
    sick = [row for side in ("left", "right") for row in _sick_of(tables, side)]
    low = [row for row in tables.sensory if row.amplitude_uv.mark]
    feet = [row for row in low if row.study in _LONGEST]
    hands = [row for row in low if row.study in _HANDS]
    least = 1 if sick else _CLEAR  # by themselves mild ones are a person's own
    sides = {(row.study, row.side) for row in feet if row.amplitude_uv.weight >= least}
    both = any((study, "left") in sides and (study, "right") in sides for study in _LONGEST)
    wide = min(len({row.study for row in feet}), len({row.study for row in hands})) >= 2
    tested = [row for row in tables.sensory if row.study in _LONGEST | _HANDS]
    if not (both or wide) or _lacking(feet + hands, tested) > (_SELDOM if sick else _ALONE):
        return None
    legs = [row for row in sick if row.muscle in _DISTAL_LEG]
    arms = [row for row in sick if row.muscle in _A.groups["arm"]]
    distal = len(legs) >= _MOSTLY * len(sick)
    if not (distal or wide or (arms and legs)):
        return None
    rests = _rests([*feet, *hands, *sick])
    where = "feet are low on both sides" if both and not hands else "feet and hands are low"
    muscles = " and muscles have lost axons" if sick else " and muscles are spared"
    if sick and distal:
        muscles = " and muscles below the knee have lost axons"
    said = f"Sensory responses of the {where}{muscles}: an axonal polyneuropathy. {_AGES[_age(sick)]}".strip()
    return _Reading("both", "polyneuropathy", ("axonal",), _age(sick), said, rests_on=rests)


def _chance(shares: Sequence[float], tested: int) -> float:
    """Return how many such sets of odd findings a healthy person has, of so many tested [-]."""
    return math.comb(max(tested, len(shares)), len(shares)) * math.prod(shares) if shares else 1.0


def _lacking(low: Sequence[SensoryRow], tested: Sequence[SensoryRow]) -> float:
    """Return how many such sets of low responses a healthy person has [-].

    A healthy person whose response is small on one side often has it small on both.
    """
    shares, again = part("study/chance").table("low_response"), part("study/chance").table("low_again")
    by_study: dict[str, float] = {}
    for row in sorted(low, key=_in_health):
        share = _in_health(row)
        second = again["clear" if share < shares["mild"] else "mild"]
        by_study[row.study] = by_study[row.study] * second if row.study in by_study else share
    return _chance(list(by_study.values()), len({row.study for row in tested}))


def _in_health(row: SensoryRow) -> float:
    """Return the share of healthy people with so low a response [0..1]."""
    shares = part("study/chance").table("low_response")
    if row.amplitude_uv.mark == "absent":
        lacking = part("recordings/reference_limits").group(row.study).value("absent_in_health")
        return max(lacking, shares["severe"])
    return shares[("mild", "mild", "moderate", "severe")[row.amplitude_uv.weight]]


def _odd_in_health(row: NeedleRow) -> float:
    """Return the share of healthy muscles that look so denervated [0..1]."""
    p = part("study/chance")
    both = row.fibrillations.weight and row.positive_waves.weight
    much = max(row.fibrillations.weight, row.positive_waves.weight) >= _CLEAR
    word = "much" if much else "both" if both else "trace" if _active(row) else "none"
    few = p.table("few_units")["clear" if _called_few(row) else "mild"] if _few(row) else 1.0
    return p.table("spontaneous")[word] * few * (p.value("large_units") if _surely_grown(row) else 1.0)


def _of_side(tables: _Tables, side: str) -> _Reading | None:
    """Return the reading of one side."""
    own = [row for row in tables.needle if row.side == side]
    sick = _sick_of(tables, side)
    if not sick:
        few = [row for row in own if _called_few(row)]
        return _sensory_only(tables, side) or _unexplained(few, tables, side)
    low = _low_of(tables, side, {_region(row) == "arm" for row in sick})
    site, where, nerve = _site(sick, own, low, tables)
    nerves = {row.nerve for row in sick if row.nerve != "dorsal-ramus"}
    through = f", through {_nerves(nerves)}" if nerves else ""
    roots = _listed(_roots([row for row in sick if row.nerve != "dorsal-ramus"] or sick))
    early = any(row.recruitment.word == "early" for row in sick)
    lost = low or any(_few(row) or _surely_grown(row) for row in sick)
    if not lost and (early or not _roots_in_common(sick)):
        said = "axons lately lost, or disease of muscle"
        words = (
            f"On the {side} muscles of {roots} fibrillate{through}, and units are called as usual: {said}."
        )
        return _Reading(side, "", (), "", words, rests_on=_rests(sick))
    words = f"On the {side} axons are lost to muscles of {roots}{through}; {where}. {_AGES[_age(sick)]}"
    return _Reading(side, site, ("axonal",), _age(sick), words.strip(), nerve, _rests([*sick, *low]))


def _sick_of(tables: _Tables, side: str) -> list[NeedleRow]:
    """Return the muscles of a side that have lost axons: groups that chance hardly makes in health."""
    tested = [row for row in tables.needle if row.side == side]
    left = [row for row in tested if _neurogenic(row)]
    sick: list[NeedleRow] = []
    while left:
        group = [left.pop(0)]
        for row in group:  # grows while it is read
            group += [one for one in left if _near(row, one)]
            left = [one for one in left if one not in group]
        shares = [_odd_in_health(row) for row in group]
        if _chance(shares, len(tested)) < (_RARE if len(group) > 1 else _ALONE):
            sick += group
    return [row for row in tested if row in sick]


def _near(row: NeedleRow, other: NeedleRow) -> bool:
    """Return whether two muscles belong together: by root or by nerve."""
    return _share_roots([row], [other]) or row.nerve == other.nerve


def _low_of(tables: _Tables, side: str, arms: set[bool]) -> list[SensoryRow]:
    """Return the low responses of a side, in arms or legs, that are not low on the other side as well.

    In the feet age and diabetes make them low on both sides: there one side alone does not tell.
    """
    far_below = part("study/chance").value("far_below_other_side")
    other = {row.study: row.amplitude_uv for row in tables.sensory if row.side != side}
    low = []
    for row in tables.sensory:
        beside, there = other.get(row.study), (row.study in _HANDS) in arms
        if row.side == side and there and not (beside and beside.mark):
            far = beside and (row.amplitude_uv.value or 0.0) < far_below * (beside.value or 0.0)
            compared = beside or row.study not in _LONGEST
            low += [row] if far or (row.amplitude_uv.mark and compared) else []
    return low


def _site(
    sick: Sequence[NeedleRow], own: Sequence[NeedleRow], low: Sequence[SensoryRow], tables: _Tables
) -> tuple[str, str, str]:
    """Return the site that fits muscles, paraspinals and SNAPs of a side, its words, and the nerve it is."""
    clear = [row for row in sick if _clear(row)]
    limb = [row for row in sick if row.nerve != "dorsal-ramus"]
    back = [row for row in own if row.nerve == "dorsal-ramus"]
    paraspinal = [row for row in clear if row.nerve == "dorsal-ramus"]
    if not limb:
        return "", "paraspinal muscles alone: roots, dorsal rami, or what diabetes does", ""
    side = own[0].side
    every = [row for row in tables.sensory if row.side == side]
    lost = _lacking(low, every) < _SELDOM
    spared = len([row for row in every if not row.amplitude_uv.mark]) > 0 and not low
    if paraspinal:
        return (*_with_paraspinals(limb, lost, spared, bool(every)), "")
    sure = [row for row in limb if row in clear]
    nerve = _nerve_alone(sure if len(sure) > 1 else limb, limb, own, low)
    if nerve:
        said = f"muscles of the same roots by other nerves are spared: a lesion of {_nerves({nerve})}"
        return "nerve", said, nerve
    trunk = _trunk({row.nerve for row in limb})
    proximal = any(row.muscle not in _DISTAL_LEG for row in sure)
    if not trunk and lost and back and proximal:
        return "plexus", "paraspinals are spared and sensory responses low: plexus, or several nerves", ""
    return "", "roots, plexus and nerves are not told apart", ""


def _nerve_alone(
    sure: Sequence[NeedleRow], limb: Sequence[NeedleRow], own: Sequence[NeedleRow], low: Sequence[SensoryRow]
) -> str:
    """Return the nerve that alone explains the sick limb muscles; empty where there is none."""
    trunk = _trunk({row.nerve for row in sure})
    if not trunk or len(sure) < 2 or not any(map(_clear, sure)):
        return ""
    own_low = [row for row in low if trunk in _SNAPS.get(row.study, ())]
    if len(own_low) < len([row for row in low if row.study in _SNAPS]):
        return ""

    def beside(rows: Sequence[NeedleRow]) -> list[NeedleRow]:
        return [row for row in rows if row.nerve != "dorsal-ramus" and _trunk({row.nerve, trunk}) != trunk]

    spared = [row for row in beside(own) if not _neurogenic(row) and _share_roots(sure, [row])]
    back = [row for row in own if row.nerve == "dorsal-ramus" and (_active(row) or _called_few(row))]
    if len(spared) < 2 or len(beside(limb)) > 1 or len(beside(limb)) > 0.2 * len(limb) or len(back) > 1:
        return ""
    if trunk != "sciatic":
        return trunk
    thigh = [row for row in own if row.nerve.startswith("sciatic")]
    return trunk if own_low and (not thigh or any(row in limb for row in thigh)) else ""


def _with_paraspinals(limb: Sequence[NeedleRow], lost: bool, spared: bool, tested: bool) -> tuple[str, str]:
    """Return the site where paraspinals are sick as well as limb muscles."""
    if lost:
        said = "paraspinals and sensory responses are both involved: roots"
        return ("roots and plexus" if len(limb) > 1 else ""), f"{said} with plexus or nerves"
    if spared:
        said = "paraspinals are involved and sensory responses are spared: roots"
        if len(limb) < 2 or not _roots_in_common(limb):
            return "", f"{said}, motor neurons or muscle"
        return "root", f"{said}, or motor neurons"
    more = "sensory responses do not tell more" if tested else "no sensory response was measured"
    return "roots at least" if len(limb) > 1 else "", f"paraspinals are involved: roots at least; {more}"


def _trunk(nerves: set[str]) -> str:
    """Return the smallest nerve that all these belong to; empty where they have none in common."""
    if len(nerves) == 1:
        return next(iter(nerves))
    return next((trunk for trunk, branches in _BRANCHES.items() if nerves <= branches | {trunk}), "")


def _roots_in_common(limb: Sequence[NeedleRow]) -> set[str]:
    """Return the roots that all sick muscles have."""
    return set.intersection(*({*row.roots.split()} for row in limb))


def _share_roots(some: Sequence[NeedleRow], others: Sequence[NeedleRow]) -> bool:
    """Return whether spared muscles have a root in common with the sick ones."""
    return bool(
        {root for row in some for root in row.roots.split()}
        & {root for row in others for root in row.roots.split()}
    )


def _age(sick: Sequence[NeedleRow]) -> str:
    """Return how old the loss is; one large unit or one muscle dates nothing."""
    fresh = [row for row in sick if _active(row)]
    grown = [row for row in sick if _surely_grown(row)]
    if len(fresh) >= 2 and len(grown) >= max(2.0, len(sick) / 3.0):
        return "going on"
    if len(fresh) >= 2 and not grown and len([row for row in sick if _grown(row)]) <= len(sick) / 4.0:
        return "fresh"
    if len(grown) >= 2 and not fresh:
        return "old"
    return ""


def _unexplained(few: Sequence[NeedleRow], tables: _Tables, side: str) -> _Reading | None:
    """Return the reading of muscles in which few units are called though no axon loss shows."""
    fall = [row for row in tables.motor if row.side == side and row.drop_percent.weight >= _CLEAR]
    nerves = {row.study.partition("-")[0] for row in fall}
    fitting = [row for row in few if any(nerve in row.nerve for nerve in nerves)]
    if fitting:
        names, where = (
            _listed(row.label for row in fitting),
            _listed(dict.fromkeys(row.label for row in fall)),
        )
        words = f"On the {side} few units are called in {names} and amplitude falls along {where}: block."
        return _Reading(side, "nerve", ("block",), "", words, fitting[0].nerve, _rests(fitting))
    if len([row for row in few if any(_near(row, one) for one in few if one is not row)]) < 2:
        return None
    names = _listed(row.label for row in few)
    words = f"On the {side} few units are called in {names} and nothing fibrillates: early, block, or effort."
    return _Reading(side, "", (), "", words, rests_on=_rests(few))


def _roots(rows: Sequence[NeedleRow]) -> list[str]:
    """Return the span of roots of some muscles, region by region: a leg is not joined to an arm."""
    named = {root.upper() for row in rows for root in row.roots.split()}
    spans = []
    for letters in ("CT", "LS"):
        own = [root.upper() for root in _A.segments if root.upper() in named and root[:1].upper() in letters]
        if own:
            spans.append(own[0] if len(own) == 1 else f"{own[0]} to {own[-1]}")
    return spans or ["the head"]


def _nerves(nerves: set[str]) -> str:
    said = sorted(name.replace("-", " ") for name in nerves)
    return f"the {said[0]} nerve" if len(said) == 1 else f"{len(said)} nerves ({', '.join(said)})"


def _sensory_only(tables: _Tables, side: str) -> _Reading | None:
    """Return the reading of low responses of a leg or an arm alone."""
    every = [row for row in tables.sensory if row.side == side]
    found = [low for arm in (False, True) if _lacking(low := _low_of(tables, side, {arm}), every) < _ALONE]
    if not found:
        return None
    low = [row for some in found for row in some]
    where = _listed(row.label for row in low)
    words = f"On the {side} sensory responses alone are low ({where}): a lesion at the ganglion or beyond."
    return _Reading(side, "beyond the ganglion", ("axonal",), "", words, rests_on=_rests(low))


_SOME = 3
"""Muscles or regions that make a pattern."""
_CLEAR, _MOSTLY = 2, 0.8
"""Weight of a cell from which it is no accident [-]; share of sick muscles that makes a rule [0..1]."""
_ALONE, _RARE, _SELDOM = 0.003, 0.02, 0.05
"""Healthy people with such findings from which they say something by themselves, and in company [0..1]."""
_FIBULAR = {"deep-fibular", "superficial-fibular"}
_BRANCHES = {
    "common-fibular": _FIBULAR,
    "sciatic": {*_FIBULAR, "common-fibular", "tibial", "sciatic-fibular", "sciatic-tibial"},
}
_SNAPS = {
    "sural": ("sciatic", "tibial"),
    "superficial-fibular": ("sciatic", "common-fibular", "superficial-fibular"),
    "medial-plantar": ("sciatic", "tibial"),
    "saphenous": ("femoral",),
    "medial-femoral-cutaneous": ("femoral",),
}
"""Nerves that a sensory response goes through."""
_NARROW = (("fibular", "popliteal"), ("ulnar", "above-elbow"), ("median", "wrist"))
_LONGEST = {"sural", "superficial-fibular", "medial-plantar"}
_HANDS = {"median-digit-2", "ulnar-digit-5", "superficial-radial"}
_DISTAL_LEG = frozenset(_A.groups["distal-leg"])
_AGES = {
    "": "",
    "fresh": "Denervation without enlarged units: weeks to a few months old, or too severe to be made good.",
    "going on": "Denervation goes on, and surviving units have grown: many weeks to many months old.",
    "old": "Enlarged units without denervation at rest: an old lesion, made good.",
}
