"""The validation: every published row asked of the model, cohort by cohort."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from garland import __version__
from garland.errors import InputError, did_you_mean
from garland.evidence import part, replaced
from garland.inference.consult import remember_compiled_programs
from garland.progress import tell
from garland.validation.cohorts import RECIPES, _make_cohort
from garland.validation.measures import MEASURES
from garland.validation.rows import Report, RowResult, StudyRow, _Question, study_rows
from garland.validation.statistics import _Simulated
from garland.validation.trials import _county_measures, _drug_measure, _glucose_measure

NOTICE = "SIMULATED. Garland is for research and teaching; it is not a medical device."
TITLES = {
    **{name: recipe.title for name, recipe in RECIPES.items()},
    "county": "who gets it in a county",
    "analgesics": "trials of analgesics",
    "glucose-fall": "rapid falls of glucose",
}
"""Every cohort a row may name, in words."""
COHORTS = tuple(TITLES)
_LEAST = 100


def validate(seed: int = 0, n: int = 4000) -> Report:
    """Ask the model every published row.

    Parameters
    ----------
    seed : int
        Same seed, same result.
    n : int
        Patients of each cohort, at least 100 [-].

    Returns
    -------
    Report
        All rows with the model's answers.

    Raises
    ------
    InputError
        Too few patients for a share to mean anything.
    """
    if n < _LEAST:
        raise InputError("n", n, "is too few patients", f"simulate {_LEAST} or more")
    remember_compiled_programs()
    start, rows = time.perf_counter(), study_rows()
    names = list(dict.fromkeys(row.question.cohort for row in rows if row.question))
    found: dict[str, _Simulated] = {}
    for done, name in enumerate(names):
        tell(f"cohort {done + 1} of {len(names)}: {TITLES[name]}", done / len(names))
        found |= _measure_cohort(name, n, seed)
    results = tuple(_result(row, found.get(row.id)) for row in rows)
    seconds = time.perf_counter() - start
    return Report(results, n, seed, seconds, __version__, NOTICE, _assumptions())


def _measure_cohort(
    name: str,
    n: int,
    seed: int,
    numbers: Mapping[str, Any] | None = None,
    rows: Iterable[StudyRow] | None = None,
) -> dict[str, _Simulated]:
    """Simulate one cohort and answer the rows that ask about it."""
    if name not in COHORTS:
        raise InputError("cohort", name, "is not a cohort of the validation", did_you_mean(name, COHORTS))
    asked = [
        (row.id, row.question)
        for row in (study_rows() if rows is None else rows)
        if row.question is not None and row.question.cohort == name
    ]
    with replaced(dict(numbers or {})):
        answers = _answers(name, [question for _, question in asked], n, seed, numbers)
    return {row: answers[question.measure] for row, question in asked}


def _answers(
    name: str, questions: list[_Question], n: int, seed: int, numbers: Mapping[str, Any] | None
) -> dict[str, _Simulated]:
    """Return the answers by measure; each measure is computed once."""
    measures = list(dict.fromkeys(question.measure for question in questions))
    if not measures:
        return {}
    if name == "county":
        return _chosen(measures, _county_measures(n, seed))
    if name == "analgesics":
        return {measure: _drug_measure(measure, n, seed) for measure in measures}
    if name == "glucose-fall":
        return {measure: _glucose_measure(measure, n, seed) for measure in measures}
    cohort = _make_cohort(name, n, seed, numbers)
    return {measure: _one(measure, MEASURES)(cohort) for measure in measures}


def _chosen(measures: list[str], every: Mapping[str, _Simulated]) -> dict[str, _Simulated]:
    return {measure: _one(measure, every) for measure in measures}


def _one(measure: str, every: Mapping[str, Any]) -> Any:
    if measure not in every:
        hint = did_you_mean(measure, every)
        raise InputError("measure", measure, "is not a measure of this cohort", hint)
    return every[measure]


def _result(row: StudyRow, answer: _Simulated | None) -> RowResult:
    return RowResult(row, None, None) if answer is None else RowResult(row, answer.value, answer.error)


def _assumptions() -> tuple[str, ...]:
    """Return what had to be assumed to ask the same question, in words with range of trust."""
    stated = []
    for number in part("validation/ascertainment").numbers:
        if number.standing == "assumed":
            low, high = number.trusted
            unit = "" if number.unit == "1" else f" {number.unit}"
            reach = "" if low is None or high is None else f", trusted {low:g} to {high:g}"
            middle = number.distribution.centre if number.distribution else number.value
            stated.append(f"{number.description}: {middle:g}{unit}{reach}")
    return tuple(stated)
