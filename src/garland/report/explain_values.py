"""What a report shows of an explanation: which causes, weights and alternatives, and in which words."""

from __future__ import annotations

from typing import NamedTuple

from garland.inference.explained import CauseCase, Exclusion, Explanation, Weight
from garland.report.selection import percent_fine

CAUSES_SHOWN, WEIGHTS_SHOWN = 5, 6
CAUSE_SHOWN = 0.01
RARE_BITS = 2.0
"""How much rarer an alternative must have been beforehand to be told [bit]."""
ROUGH = "≈"
"""Mark of a number that rests on few simulated patients."""
ROUGH_WORDS = "rests on fewer than fifty effective SIMULATED patients"
STATUSES = ("not yet excluded", "unlikely", "excluded")
NOTHING_WOULD = "No single other result would change the leading cause or move the causes much."


class StatusGroup(NamedTuple):
    """Alternatives of one status."""

    status: str
    title: str
    rows: tuple[Exclusion, ...]


def shown_causes(explanation: Explanation) -> tuple[CauseCase, ...]:
    """Return the causes worth a sentence: at least one in a hundred, two at least and five at most."""
    return tuple(
        cause
        for rank, cause in enumerate(explanation.causes[:CAUSES_SHOWN])
        if rank < 2 or cause.probability >= CAUSE_SHOWN
    )


def weights(cause: CauseCase) -> tuple[Weight, ...]:
    """Return the weightiest findings for and against a cause, from most for to most against it."""
    pros, cons = cause.speaks_for[:WEIGHTS_SHOWN], cause.against[:WEIGHTS_SHOWN]
    return (*pros, *reversed(cons))


def by_status(explanation: Explanation) -> tuple[StatusGroup, ...]:
    """Return the alternatives grouped by how far they are excluded; empty groups are left out."""
    groups = (
        StatusGroup(
            status, status.capitalize(), tuple(r for r in explanation.exclusions if r.status == status)
        )
        for status in STATUSES
    )
    return tuple(group for group in groups if group.rows)


def plain_noun(words: str) -> str:
    """Return a finding without its article, for a table: ``absent right knee jerk``."""
    for article in ("the ", "a ", "an "):
        if words.startswith(article):
            return words.removeprefix(article)
    return words


def against_words(row: Exclusion) -> str:
    """Return what speaks most against an alternative, its rarity included, as a cell of a table."""
    found = plain_noun(row.by) if row.by else "no finding by itself"
    if row.rarity_bits < RARE_BITS:
        return found
    return f"{found} ({2.0**row.rarity_bits:.0f} times rarer beforehand)"


def test_words(row: Exclusion) -> str:
    """Return the test that tells an alternative from the leader, with the result that speaks for it."""
    return f"{plain_noun(row.test)}: {row.result}" if row.test else ""


def rough_mark(rough: bool) -> str:
    """Return the mark of a rough number, with a space before it, or nothing."""
    return f" {ROUGH}" if rough else ""


def unseen_words(explanation: Explanation) -> str:
    """Return which causes were not looked at one by one, as a sentence; empty if none."""
    titles = explanation.not_looked_at
    if not titles:
        return ""
    share = percent_fine(explanation.not_looked_at_probability)
    return f"Not looked at one by one, together {share}: {', '.join(titles)}."
