"""How one answer compares with the published diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from garland.report.cases_table import CaseScore

if TYPE_CHECKING:
    from garland.inference.result import Consult


def _score_case(result: Consult, accepted: Sequence[str]) -> CaseScore:
    """Compare one answer with the published diagnosis."""
    ordered = sorted(result.causes, key=lambda cause: -cause.probability)
    ranks = [place for place, cause in enumerate(ordered, start=1) if cause.name in accepted]
    return CaseScore(
        case_id=result.case_id,
        title=result.title,
        published=result.published_diagnosis or "",
        accepted=tuple(accepted),
        rank=min(ranks, default=None),
        probability=sum(cause.probability for cause in ordered if cause.name in accepted),
        leading=ordered[0].title if ordered else "",
        leading_probability=ordered[0].probability if ordered else 0.0,
        seconds=result.diagnostics.seconds,
        note="" if result.findings else "no findings recorded",
    )
