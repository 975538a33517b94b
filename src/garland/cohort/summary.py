"""The summary of a finished cohort: counts, shares, spreads and courses, read off its files part by part.

Counts, means and spreads are exact; quantiles are read off fixed bins, so that memory stays flat in size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeVar

from garland import __version__
from garland.cohort.counts import (
    AGES,
    DAY,
    Scales,
    _counts_of,
    _PartCounts,
    _scales_of,
    _steps_of,
)
from garland.cohort.county_summary import CountySummary, _county_of, _tally_of
from garland.cohort.folder import _Folder, _write_whole, _writing
from garland.cohort.histogram import _Counts, _quantiles, _Scale, _shown_bins
from garland.cohort.measures import _Measure
from garland.cohort.opened import _Opened, opened
from garland.cohort.spec import _CohortSpec
from garland.cohort.tables import PEOPLE
from garland.evidence import all_numbers
from garland.executors import Workers, completed, losses_told, pool
from garland.forecast.words import assumed_lines
from garland.model.diseases import DISEASES
from garland.population.incidence import Tally
from garland.records.spec import spec_hash

Tell = Callable[[str], None]
Job = TypeVar("Job")
JSON, PAGE = "summary.json", "summary.html"
_FEW_PARTS = 32
"""Parts that are counted sooner than processes are started [-]."""
_TITLES = {cause.name: (cause.title, cause.family) for cause in DISEASES}


@dataclass(frozen=True)
class CauseShare:
    """People with one cause."""

    name: str
    title: str
    family: str
    count: int
    share: float


@dataclass(frozen=True)
class Spread:
    """One column at one visit.

    Attributes
    ----------
    visit : int
        Number of the visit; -1 for a column of people.
    rows, recorded, missing, no_response : int
        Rows; those with a value or no response; those with neither; and no responses [-].
    mean, sd : float
        Of the values, no responses left out; NaN of none.
    quantiles : tuple of float
        10, 25, 50, 75 and 90 %, read off bins; empty for grades.
    edges, counts : tuple
        Histogram of numbers; for grades the grades, and how many have each.
    """

    visit: int
    rows: int
    recorded: int
    missing: int
    no_response: int
    mean: float
    sd: float
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class MeasureSummary:
    """One column: its name, unit and description, ``number`` or ``grade``, and its spread by visit."""

    name: str
    unit: str
    description: str
    kind: str
    life: bool
    visits: tuple[Spread, ...]


@dataclass(frozen=True)
class CohortSummary:
    """What a cohort holds.

    Attributes
    ----------
    name, version, seed, sha256, spec : str, str, int, str, dict
        Which run it is.
    people, visits : int
        Rows of both tables [-].
    causes : tuple of CauseShare
        The most frequent first; those nobody has are left out.
    age_edges : tuple of float
        Edges of the bands of age [a].
    women, men : tuple of int
        People in each band.
    diabetes_share : float
        Share of people with diabetes [0..1].
    hba1c : tuple of Spread
        HbA1c without and with diabetes [%].
    numbers, measures : tuple of MeasureSummary
        Columns of numbers about people, and of visits (the day first).
    county : CountySummary or None
        For a county.
    assumed, notes : tuple of str
        How many numbers nobody has measured, and how to read this.
    """

    name: str
    version: str
    seed: int
    sha256: str
    spec: dict[str, Any]
    people: int
    visits: int
    causes: tuple[CauseShare, ...]
    age_edges: tuple[float, ...]
    women: tuple[int, ...]
    men: tuple[int, ...]
    diabetes_share: float
    hba1c: tuple[Spread, ...]
    numbers: tuple[MeasureSummary, ...]
    measures: tuple[MeasureSummary, ...]
    county: CountySummary | None
    assumed: tuple[str, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values: what is not finite is None, and it says that it is simulated."""
        plain: dict[str, Any] = _plain(asdict(self))
        return {"garland_cohort_summary": 1, "simulated": True, **plain}


def write_summary(
    folder: _Folder,
    workers: Workers,
    tell: Tell | None = None,
    page: Callable[[CohortSummary], str] | None = None,
) -> CohortSummary:
    """Write ``summary.json``, and with `page` ``summary.html``, each whole or not at all."""
    summary = _summarised(opened(folder.path), workers, tell)
    text = json.dumps(summary.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with _writing(folder.path):
        _write_whole(folder.path / JSON, text.encode())
        if page is not None:
            _write_whole(folder.path / PAGE, page(summary).encode())
    return summary


def _summarised(cohort: _Opened, workers: Workers, tell: Tell | None = None) -> CohortSummary:
    """Return the summary of a finished cohort."""
    say, spec = tell or (lambda _: None), cohort.spec
    scales = _scales_of(cohort)
    here = Workers(1 if spec.parts <= _FEW_PARTS else workers.count)
    total: _PartCounts | None = None
    tallies: list[Tally] = []
    for part, (counts, cases) in _in_order(partial(_counted, cohort, scales), spec, here):
        total = counts if total is None else total + counts
        tallies += [] if cases is None else [cases]
        say(f"{spec.name}: summary, {part + 1} of {spec.parts} parts")
    assert total is not None
    county = _county_of(spec, total.lives, tallies) if total.lives else None
    return _summary(spec, scales, total, county)


def _counted(cohort: _Opened, scales: Scales, part: int) -> tuple[_PartCounts, Tally | None]:
    cases = _tally_of(cohort.spec, part) if cohort.spec.people.source == "county" else None
    return _counts_of(cohort, scales, part), cases


def _in_order(job: Callable[[int], Job], spec: _CohortSpec, workers: Workers) -> Iterator[tuple[int, Job]]:
    """Yield every part with its result, in the order of parts, so that sums come out the same."""
    with losses_told(), pool(workers) as executor:
        held: dict[int, Job] = {}
        upcoming = 0
        for part, done in completed(executor, job, range(spec.parts), workers.count):
            held[part] = done.result()
            while upcoming in held:
                yield upcoming, held.pop(upcoming)
                upcoming += 1


def _summary(
    spec: _CohortSpec, scales: Scales, total: _PartCounts, county: CountySummary | None
) -> CohortSummary:
    people = int(total.ages.sum())
    found = [at for at in range(len(DISEASES)) if total.causes[at]]
    return CohortSummary(
        name=spec.name,
        version=__version__,
        seed=spec.seed,
        sha256=spec_hash(spec),
        spec=spec.model_dump(mode="json"),
        people=people,
        visits=sum(each[DAY.name].rows for each in total.visits),
        causes=_causes(total, people),
        age_edges=AGES,
        women=tuple(int(count) for count in total.ages[0]),
        men=tuple(int(count) for count in total.ages[1]),
        diabetes_share=total.diabetes / people,
        hba1c=tuple(_spread(one, scales["hba1c_percent"], -1) for one in total.hba1c),
        numbers=tuple(_of_people(name, one, scales) for name, one in total.people.items()),
        measures=tuple(_of_visits(one, scales, total) for one in (DAY, *spec.columns) if total.visits),
        county=county,
        assumed=_assumed(spec, found),
        notes=_notes(spec),
    )


def _causes(total: _PartCounts, people: int) -> tuple[CauseShare, ...]:
    shares = [
        CauseShare(cause.name, *_TITLES[cause.name], int(count), int(count) / people)
        for cause, count in zip(DISEASES, total.causes, strict=True)
        if count
    ]
    return tuple(sorted(shares, key=lambda one: (-one.count, one.name)))


def _of_people(name: str, one: _Counts, scales: Scales) -> MeasureSummary:
    unit, words = PEOPLE[name]
    return MeasureSummary(name, unit, words, "number", False, (_spread(one, scales[name], -1),))


def _of_visits(one: _Measure, scales: Scales, total: _PartCounts) -> MeasureSummary:
    grades = _steps_of(one)
    scale = None if grades else scales[one.name]
    spreads = tuple(_spread(each[one.name], scale, at, grades) for at, each in enumerate(total.visits))
    kind = "grade" if grades else "number"
    return MeasureSummary(one.name, one.unit, one.description, kind, bool(one.life), spreads)


def _spread(one: _Counts, scale: _Scale | None, visit: int, grades: tuple[float, ...] = ()) -> Spread:
    if scale is None:
        counts = tuple(int(count) for count in one.bins)
        middle: tuple[Any, ...] = (), grades, counts
    else:
        middle = _quantiles(one, scale), *_shown_bins(one, scale)
    missing = one.rows - one.recorded
    return Spread(visit, one.rows, one.recorded, missing, one.silent, one.mean, one.sd, *middle)


def _assumed(spec: _CohortSpec, causes: list[int]) -> tuple[str, ...]:
    """Return how many numbers nobody has measured, by station: only those that this cohort rests on."""
    lines = list(assumed_lines(causes))
    if not spec.visits:
        lines = [line for line in lines if line.startswith("person")]
    if spec.people.source == "county":
        mine = [n for n in all_numbers() if n.path.removeprefix("parameters/").startswith("population/")]
        loose = sum(number.standing in ("assumed", "recalled") for number in mine)
        lines.append(f"population: {loose} of {len(mine)} numbers assumed or recalled")
    return tuple(lines)


def _notes(spec: _CohortSpec) -> tuple[str, ...]:
    notes = [
        "Simulated: nothing here was measured in a person. Not a medical device.",
        "Counts, means and standard deviations are exact; quantiles are read off 240 fixed bins.",
        "No response is counted apart from what was not done, and is in no mean and no quantile.",
        "Quantities of daily life are as modelled, without error of measurement.",
    ]
    if spec.people.source == "county":
        notes.append("A closed county grows old: hold the adjusted incidence against the published one.")
        notes.append("Ages of cases are ages at onset; the published ones are ages at diagnosis.")
    if not spec.programme.does_nothing:
        notes.append(
            "No trial tried to prevent a radiculoplexus neuropathy: what a programme saves is what-if."
        )
    return tuple(notes)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
