"""Errors a user can act on: the field's path, the value, the rule and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_FAULTS_TOLD = 40
"""Faults of one input that are told; the others are counted [-]."""


class GarlandError(Exception):
    """Any error that Garland raises on purpose."""


class InputError(GarlandError):
    """Input that cannot be used, told in one sentence a user can act on.

    Parameters
    ----------
    path : str
        Where the value stands, such as ``visits[0].needle[2].muscle``.
    value : object
        The value found there.
    rule : str
        The rule it breaks.
    remedy : str
        What to write instead.
    """

    def __init__(self, path: str, value: object, rule: str, remedy: str) -> None:
        self.path = path
        self.value = value
        self.rule = rule
        self.remedy = remedy
        super().__init__(f"{path}: {value!r} {rule}; {remedy}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        """Return how to make this error again in another process."""
        return type(self), (self.path, self.value, self.rule, self.remedy)


class InputErrors(InputError):
    """All that is wrong with one input; its fields are those of the first fault.

    Parameters
    ----------
    where : str
        The input, such as the name of a file.
    problems : sequence of InputError
        Every fault, two at least, in the order in which they stand there.
    """

    def __init__(self, where: str, problems: Sequence[InputError]) -> None:
        first, self.where, self.problems = problems[0], where, tuple(problems)
        super().__init__(first.path, first.value, first.rule, first.remedy)
        lines = [f"{where or 'the input'}: {len(problems)} faults", *map(str, problems[:_FAULTS_TOLD])]
        if len(problems) > _FAULTS_TOLD:
            lines.append(f"and {len(problems) - _FAULTS_TOLD} more")
        self.args = ("\n".join(lines),)

    def __reduce__(self) -> tuple[type[InputErrors], tuple[str, tuple[InputError, ...]]]:  # type: ignore[override]
        """Return how to make this error again in another process."""
        return type(self), (self.where, self.problems)


class EvidenceError(GarlandError):
    """A number in the evidence files without unit, source or standing, or one that does not exist."""


class OutOfRange(GarlandError):
    """A model function was asked outside its range of trust."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, as a sentence fragment."""
    names = sorted(set(known))
    plain = word.lower().replace(" ", "-").replace("_", "-")
    near = difflib.get_close_matches(plain, names, n=1, cutoff=0.55)
    if near:
        return f"did you mean {near[0]}?"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"use one of {shown}"
