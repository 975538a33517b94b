"""A case as it stood before all tests were done: the same record without what came later in the work-up."""

from __future__ import annotations

from typing import Any

from garland.records.case import Case, Visit

AMOUNTS = ("history", "examination", "conduction", "needle", "everything")
"""What is known, each with all before it."""

_ADDED: tuple[tuple[str, ...], ...] = (
    (),
    ("examination",),
    ("nerve_conduction",),
    ("needle",),
    ("laboratory", "imaging", "other_tests", "published_impression"),
)


def up_to(case: Case, amount: str) -> Case:
    """Return a case without what is learnt after this amount of work."""
    known = {field for fields in _ADDED[: AMOUNTS.index(amount) + 1] for field in fields}
    later = {field for fields in _ADDED for field in fields} - known
    empty: dict[str, Any] = {field: Visit.model_fields[field].default for field in later}
    return case.model_copy(update={"visits": tuple(v.model_copy(update=empty) for v in case.visits)})
