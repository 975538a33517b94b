"""What a consult report shows, in which order and words: ``knee-extension`` is *knee extension*."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from garland.evidence import STANDINGS, UNMEASURED
from garland.inference.outside import NAME as OUTSIDE_NAME
from garland.inference.result import (
    Basis,
    CauseProbability,
    Consult,
    DoubtfulNumber,
    FindingReview,
    NextTest,
    NotMentioned,
    SiteLoss,
    TwoDiseases,
)
from garland.report.common.words import (
    _spaced_percent,
    in_words,
    percent,
    percent_fine,
    shift_in_percent,
)

SIDES = ("right", "left")
"""Order of columns: an anterior view has the patient's right at the reader's left."""

PARTS = {"cord": "Spinal cord", "root": "Roots", "plexus": "Plexus", "nerve": "Nerves"}
KINDS = (
    "history", "other findings", "examination", "nerve conduction", "needle", "laboratory", "imaging",
    "conclusion",
)  # fmt: skip

NO_FINDINGS = "No findings were recorded: these are the probabilities of the causes before any examination."
NO_SITE = "No single site is likely to have lost axons; damage may be diffuse, or in muscle."
NO_ANSWER_REMEDY = "Ask again with more virtual patients, such as --particles 4096."
NO_TEST = "No open test would tell the causes apart any further."

CAUSE_SHOWN = 0.01
LOSS_SHOWN = 0.10
INVOLVED_SHOWN = 0.30
BITS_SHOWN = 0.02
ROWS_SHOWN, ROWS_OF_PART = 24, 6
ODD_TAIL = 0.05
_FINDINGS_OF_ONE = 5
WEIGHT_STEPS = (0.1, 1.0, 3.0)


class _FoldedCauses(NamedTuple):
    """Causes worth a line, and the rest summed."""

    shown: tuple[CauseProbability, ...]
    rest_count: int
    rest_probability: float


class _LesionRow(NamedTuple):
    """One site with both sides; a side that was not reported is None."""

    site: str
    label: str
    right: SiteLoss | None
    left: SiteLoss | None


class _LesionGroup(NamedTuple):
    """Lesion rows of one part of the path; rows left out are told as number and range of means [0..1]."""

    part: str
    title: str
    rows: tuple[_LesionRow, ...]
    left_out: int = 0
    low: float = 0.0
    high: float = 0.0


class _FindingGroup(NamedTuple):
    """Findings of one modality at one visit."""

    kind: str
    title: str
    findings: tuple[FindingReview, ...]


def _readable(result: Consult) -> Consult:
    """Return the answer with identifiers turned into words, for readers; ``as_dict`` keeps the
    identifiers.
    """
    findings = tuple(
        replace(f, label=in_words(f.label), observed=in_words(f.observed), expected=in_words(f.expected))
        for f in result.findings
    )
    return replace(
        result,
        setting=in_words(result.setting),
        summary=_spaced_percent(result.summary) if result.findings else "",
        findings=findings,
        next_tests=tuple(
            replace(test, label=in_words(test.label), says=shift_in_percent(test.says))
            for test in result.next_tests
        ),
        fit=replace(result.fit, clashes=tuple(in_words(label) for label in result.fit.clashes)),
        not_used=tuple(in_words(line) if ": no such" in line else line for line in result.not_used),
    )


def _together_words(pair: TwoDiseases) -> tuple[str, str]:
    """Return two diseases with their probability, and which finding needs which of the two."""
    first, second = pair.titles
    first, long = first[0].upper() + first[1:], ", there for long" if pair.since_long else ""
    before = percent_fine(pair.before)
    head = f"{first} together with {second}{long}: {percent(pair.probability)} "
    head += f"(the second in {before} of those with the first)."
    parts = [
        f"The {'second' if at else 'first'} is needed for {_listed_findings(labels)}."
        for at, labels in enumerate((pair.by_first, pair.by_second))
        if labels
    ]
    return head, " ".join(parts)


def _listed_findings(labels: tuple[str, ...]) -> str:
    """Return the first of some findings in words, and how many more there are."""
    shown = "; ".join(in_words(label) for label in labels[:_FINDINGS_OF_ONE])
    more = len(labels) - _FINDINGS_OF_ONE
    return shown + (f"; and {more} more" if more > 0 else "")


def _hangs_words(number: DoubtfulNumber) -> str:
    """Return on what the leading cause hangs, as a line."""
    ends = " to ".join(percent(p) for p in (number.low, number.high))
    given = f"{number.standing} {number.value:g}; {number.least:.2g} to {number.most:.2g}"
    return f"{number.path} ({given}): {ends}"


def _not_mentioned_words(left_out: NotMentioned) -> str:
    """Return what the record leaves out as a sentence."""
    sign = "for" if left_out.bits >= 0.0 else "against"
    text = f"Left out beside what is told, and so weakly taken for normal: {left_out.items}."
    return f"{text} Together {abs(left_out.bits):.1f} bits {sign} the leading cause, against the runner-up."


def _ranked_causes(result: Consult) -> tuple[CauseProbability, ...]:
    """Return the causes, the most probable first."""
    return tuple(sorted(result.causes, key=lambda cause: -cause.probability))


def _listed_causes(result: Consult) -> tuple[CauseProbability, ...]:
    """Return the causes of the list, the most probable first: findings are weighed between the first two."""
    return tuple(cause for cause in _ranked_causes(result) if cause.name != OUTSIDE_NAME)


def _fold_causes(result: Consult) -> _FoldedCauses:
    """Keep the causes of at least one in a hundred (and always the first two); sum the others.

    Shown causes, the number of the others, and their summed probability [-].
    """
    causes = _ranked_causes(result)
    shown = tuple(c for rank, c in enumerate(causes) if rank < 2 or c.probability >= CAUSE_SHOWN)
    rest = causes[len(shown) :]
    return _FoldedCauses(shown, len(rest), sum(c.probability for c in rest))


def _is_shown(loss: SiteLoss | None) -> bool:
    """Whether a site is worth a line: probably involved, or losing a tenth on average."""
    return loss is not None and (loss.involved >= INVOLVED_SHOWN or loss.mean >= LOSS_SHOWN)


def _plain_label(loss: SiteLoss) -> str:
    """Return the site's words without the side, which has its own column."""
    label = loss.label
    for side in SIDES:
        label = label.removeprefix(f"{side} ").removeprefix(f"{side.capitalize()} ")
        label = label.removesuffix(f", {side}").removesuffix(f" ({side})")
    return label


def _lesion_groups(lesions: Iterable[SiteLoss]) -> tuple[_LesionGroup, ...]:
    """Group the sites worth a line by part of the path, with both sides of each."""
    sites: dict[str, dict[str, SiteLoss]] = {}
    for loss in lesions:
        sites.setdefault(loss.site, {})[loss.side] = loss
    rows: dict[str, list[_LesionRow]] = {part: [] for part in PARTS}
    for site, sides in sites.items():
        if any(_is_shown(loss) for loss in sides.values()):
            some = next(iter(sides.values()))
            row = _LesionRow(site, _plain_label(some), sides.get("right"), sides.get("left"))
            rows.setdefault(some.part, []).append(row)
    return tuple(
        _LesionGroup(part, PARTS.get(part, part.capitalize()), tuple(members))
        for part, members in rows.items()
        if members
    )


def _is_widespread(groups: Iterable[_LesionGroup]) -> bool:
    """Whether there are too many sites to read one by one."""
    return sum(len(group.rows) for group in groups) > ROWS_SHOWN


def _shortened(groups: tuple[_LesionGroup, ...]) -> tuple[_LesionGroup, ...]:
    """Keep the worst sites of each part where loss is widespread, still in anatomical order."""
    return tuple(map(_shortened_group, groups)) if _is_widespread(groups) else groups


def _shortened_group(group: _LesionGroup) -> _LesionGroup:
    worst = sorted(group.rows, key=lambda row: -_largest(row))
    rest = [_largest(row) for row in worst[ROWS_OF_PART:]]
    if not rest:
        return group
    kept = {row.site for row in worst[:ROWS_OF_PART]}
    rows = tuple(row for row in group.rows if row.site in kept)
    return group._replace(rows=rows, left_out=len(rest), low=min(rest), high=max(rest))


def _largest(row: _LesionRow) -> float:
    return max(loss.mean for loss in (row.right, row.left) if loss is not None)


def _left_out_words(group: _LesionGroup) -> str:
    """Return how many sites of a part are not listed, and their mean losses (of the worse side)."""
    low, high = f"{100 * group.low:.0f}", f"{100 * group.high:.0f}"
    span = low if low == high else f"{low}–{high}"
    return f"{group.left_out} more, {span} %"


def _spread_words(lesions: Iterable[SiteLoss]) -> str:
    """Return over how many sites a widespread loss is spread; empty where it is not widespread."""
    every = tuple(lesions)
    groups = _lesion_groups(every)
    if not _is_widespread(groups):
        return ""
    shown, known = sum(len(group.rows) for group in groups), len({loss.site for loss in every})
    sides = [side for side in SIDES if any(_is_shown(loss) for loss in every if loss.side == side)]
    where = "on both sides" if len(sides) == 2 else f"on the {sides[0]} side"
    return f"Widespread, {where}: {shown} of {known} sites."


def _telling_tests(result: Consult) -> tuple[NextTest, ...]:
    """Return at most five open tests, those that would tell something."""
    return tuple(test for test in result.next_tests if test.bits >= BITS_SHOWN)[:5]


def _worst_sites(lesions: Iterable[SiteLoss], count: int = 4) -> tuple[SiteLoss, ...]:
    """Return the sites with the largest mean loss among those worth a line."""
    return tuple(sorted(filter(_is_shown, lesions), key=lambda loss: -loss.mean)[:count])


def _finding_groups(findings: Iterable[FindingReview]) -> tuple[_FindingGroup, ...]:
    """Group findings by visit, then by modality in the order of a consultation; within one, as recorded."""
    every = tuple(findings)
    visits = sorted({finding.visit for finding in every})
    kinds = dict.fromkeys((*KINDS, *(finding.kind for finding in every)))
    groups: dict[tuple[int, str], list[FindingReview]] = {(v, kind): [] for v in visits for kind in kinds}
    for finding in every:
        groups[finding.visit, finding.kind].append(finding)
    return tuple(
        _FindingGroup(kind, f"visit {visit + 1}: {kind}" if len(visits) > 1 else kind, tuple(members))
        for (visit, kind), members in groups.items()
        if members
    )


def _strongest(findings: Iterable[FindingReview], sign: int, count: int = 3) -> tuple[FindingReview, ...]:
    """Return the findings that speak most for (`sign` 1) or against (-1) the leading cause."""
    telling = [finding for finding in findings if sign * finding.bits >= WEIGHT_STEPS[0]]
    return tuple(sorted(telling, key=lambda finding: -sign * finding.bits)[:count])


def _is_odd(finding: FindingReview) -> bool:
    """Whether the leading cause would produce something as odd as this less than once in twenty."""
    return finding.tail < ODD_TAIL


def _weight_mark(bits: float) -> str:
    """Weight of a finding as the clinician's plus or minus signs, from ``+++`` to ``−−−``."""
    steps = sum(abs(bits) >= step for step in WEIGHT_STEPS)
    return ("+" if bits > 0 else "−") * steps if steps else "·"


def _weight_side(bits: float) -> str:
    """Return ``for``, ``against`` or, under a tenth of a bit, ``none``."""
    return "none" if abs(bits) < WEIGHT_STEPS[0] else "for" if bits > 0 else "against"


def _weight_words(bits: float) -> str:
    """Weight of a finding in words, such as ``speaks moderately for``."""
    steps = sum(abs(bits) >= step for step in WEIGHT_STEPS)
    if not steps:
        return "tells little"
    return f"speaks {('', 'slightly', 'moderately', 'strongly')[steps]} {'for' if bits > 0 else 'against'}"


def _interval(loss: SiteLoss) -> str:
    """Return the 80 % interval of a loss in whole per cent, such as ``40–81``."""
    return f"{100 * loss.low:.0f}–{100 * loss.high:.0f}"


def _site_words(loss: SiteLoss) -> str:
    """Return side, site and numbers of a loss as one line, for a tooltip."""
    return (
        f"{loss.side.capitalize()} {_plain_label(loss)}: mean loss {percent(loss.mean)}, "
        f"80 % interval {_interval(loss)} %, involved with probability {percent(loss.involved)}"
    )


def _case_number(identifier: str) -> str:
    """Return the number that a shipped case's identifier begins with, else the whole identifier."""
    number = identifier.partition("-")[0]
    return number if number.isdigit() else identifier


def _p_value(share: float) -> str:
    """Return a predictive probability such as ``p = 0.084``; what is below one in a thousand says so."""
    return f"p = {share:.2g}" if share >= 0.001 else "p < 0.001"


def _one_in(tail: float) -> str:
    """Return a tail probability as ``1 in 40``; below one in ten thousand it says so."""
    return f"1 in {1 / tail:,.0f}" if tail >= 1e-4 else "under 1 in 10,000"


def _standing_counts(basis: Iterable[Basis]) -> tuple[tuple[str, int], ...]:
    """Count the numbers behind the answer by standing, best standing first."""
    counts = Counter(entry.standing for entry in basis)
    known = [standing for standing in STANDINGS if counts[standing]]
    return tuple((standing, counts[standing]) for standing in [*known, *sorted(set(counts) - set(STANDINGS))])


def _station_counts(basis: Iterable[Basis]) -> tuple[tuple[str, int], ...]:
    """Count the recalled and assumed numbers behind the answer by station, in order of appearance."""
    counts = Counter(e.path.partition("/")[0].partition(".")[0] for e in basis if e.standing in UNMEASURED)
    return tuple(counts.items())


def _unmeasured(basis: Iterable[Basis], standing: str) -> tuple[tuple[str, tuple[Basis, ...]], ...]:
    """Group the numbers of one standing by the file they live in."""
    files: dict[str, list[Basis]] = {}
    for entry in basis:
        if entry.standing == standing:
            files.setdefault(_split_path(entry.path)[0], []).append(entry)
    return tuple((name, tuple(entries)) for name, entries in files.items())


def _split_path(path: str) -> tuple[str, str]:
    """Split the path of a number into its file and its name; a path without a file has an empty one."""
    cut = path.rfind("." if "." in path else "/")
    return path[: max(cut, 0)], path[cut + 1 :]


def _sources(basis: Iterable[Basis]) -> tuple[str, ...]:
    """Return the sources of the measured and derived numbers, each once, in alphabetical order."""
    return tuple(
        sorted(
            {entry.source for entry in basis if entry.standing in {"measured", "derived"} and entry.source}
        )
    )
