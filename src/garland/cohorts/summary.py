"""What a finished cohort says, that of a referral or of a county.

Hazards, strokes and controls are not in the tables, so each part is lived through once more from the spec:
a pure function of spec and part, without any visit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from garland import __version__
from garland.cohorts.counts import (
    AGES,
    CHANGES,
    DAY,
    OUTCOMES,
    STEPS,
    WORLDS,
    Scales,
    _Counts,
    _counts_of,
    _LifeCounts,
    _PartCounts,
    _quantiles,
    _Scale,
    _scales_of,
    _shown_bins,
    _steps,
    _steps_of,
)
from garland.cohorts.folder import _Folder, _Opened, _writing, opened, run
from garland.cohorts.measures import _Measure
from garland.cohorts.spec import WHAT, CohortSpec
from garland.cohorts.tables import PEOPLE
from garland.cohorts.visits import _chance_of, _generator_of, _start
from garland.errors import InputError
from garland.executors import Workers, completed, losses_in_words, pool
from garland.forecasts.sentences import assumed_lines, station_line
from garland.io import plain, write_whole
from garland.model.diseases import DISEASES
from garland.population.demographics import sample_adults
from garland.population.incidence import (
    Counted,
    Rate,
    Share,
    Tally,
    counted,
    exact_share,
    merged,
    poisson_rate,
    tally,
)
from garland.population.number_needed_to_treat import nnt
from garland.population.years import over_years
from garland.progress import stretch, tell
from garland.records.reading import find_spec, spec_hash
from garland.statistics import binomial_interval

_CONTROLS = 2
"""Stream of dice that draws controls."""
_COUNTY = 20_000
"""Adults on whom numbers needed to treat are worked out [-]."""


@dataclass(frozen=True)
class _CohortCurve:
    """Share of all people who have newly fallen ill by each year, death being the other way out.

    Attributes
    ----------
    outcome, world : str
        ``onset`` or ``neuropathy``; ``with`` or ``without`` the programme.
    share, low, high : tuple of float
        With exact 95 % interval, by step [0..1].
    """

    outcome: str
    world: str
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class _Polyneuropathy:
    """Distal polyneuropathy.

    Attributes
    ----------
    at_start, at_end : Share
        Prevalence at the start, and among survivors at the end.
    new : Rate
        Incidence in those without it.
    """

    at_start: Share
    at_end: Share
    new: Rate


@dataclass(frozen=True)
class Saved:
    """What a programme did to one outcome in these very people, by the same chance.

    Attributes
    ----------
    outcome : str
        ``onset`` or ``neuropathy``.
    without, with_programme : int
        New cases [-].
    prevented, later, same, earlier, caused : int
        What became of them [-].
    needed, needed_words : float, str
        Number needed to treat by the median of what is not known, and with its interval in words.
    reduction, low, high, harm_share, concerned_share : float
        As of `population.benefit.NumberNeeded`.
    """

    outcome: str
    without: int
    with_programme: int
    prevented: int
    later: int
    same: int
    earlier: int
    caused: int
    needed: float
    needed_words: str
    reduction: float
    low: float
    high: float
    harm_share: float
    concerned_share: float


@dataclass(frozen=True)
class CountySummary:
    """What a county says.

    Attributes
    ----------
    span_years : float
        How long it was followed [a].
    programme : str
        Name of the programme; ``none``.
    people, survivors : int
        At the start and at the end [-].
    counted : Counted
        Incidence of radiculoplexus neuropathy and who falls ill, as lived.
    years : tuple of float
        Steps of the curves [a].
    curves : tuple of Curve
        Under a programme, also without.
    polyneuropathy : tuple of Polyneuropathy
        As lived, and under a programme also without.
    saved : tuple of Saved
        One for each outcome; empty without a programme.
    """

    span_years: float
    programme: str
    people: int
    survivors: int
    counted: Counted
    years: tuple[float, ...]
    curves: tuple[_CohortCurve, ...]
    polyneuropathy: tuple[_Polyneuropathy, ...]
    saved: tuple[Saved, ...]


def _tally_of(spec: CohortSpec, part: int) -> Tally:
    """Return the tally of one part, made anew from the spec."""
    people, luck = _start(*_chance_of(spec, part))
    years = over_years(people, spec.people.span_years, spec.programme, luck)
    return tally(people, years, spec.programme, _generator_of(spec, part, _CONTROLS))


def _county_of(spec: CohortSpec, lives: _LifeCounts, tallies: list[Tally]) -> CountySummary:
    """Return what a county says."""
    whole = merged(tallies)
    in_files, anew = int(lives.fallen[0, 0, STEPS]), int(whole.cases.sum())
    if in_files != anew:
        rule = f"has {in_files} cases, the same spec now makes {anew}"
        remedy = "it is of other code or libraries (see environment in run.json): make it anew"
        raise InputError("FOLDER", spec.name, rule, remedy)
    worlds = range(1 if spec.programme.does_nothing else len(WORLDS))
    return CountySummary(
        span_years=spec.people.span_years,
        programme=spec.people.programme or "none",
        people=lives.people,
        survivors=lives.survivors,
        counted=counted(whole),
        years=tuple(float(year) for year in _steps(spec)),
        curves=tuple(_curve(lives, world, what) for what in range(len(OUTCOMES)) for world in worlds),
        polyneuropathy=tuple(_polyneuropathy(lives, world) for world in worlds),
        saved=tuple(_saved(spec, lives, what) for what in range(len(OUTCOMES))) if len(worlds) > 1 else (),
    )


def _curve(lives: _LifeCounts, world: int, outcome: int) -> _CohortCurve:
    """Return one curve; those who have distal polyneuropathy from the start are no new cases."""
    ill, n = lives.fallen[world, outcome].astype(float), lives.people
    low, high = binomial_interval(ill, n)
    shares = [tuple(float(value) for value in one) for one in (ill / n, low, high)]
    return _CohortCurve(OUTCOMES[outcome], WORLDS[world], *shares)


def _polyneuropathy(lives: _LifeCounts, world: int) -> _Polyneuropathy:
    new = float(lives.fallen[world, OUTCOMES.index("neuropathy"), STEPS])
    return _Polyneuropathy(
        exact_share(lives.at_start, lives.people),
        exact_share(int(lives.at_end[world]), lives.survivors),
        poisson_rate(new, float(lives.free_years[world])),
    )


def _saved(spec: CohortSpec, lives: _LifeCounts, outcome: int) -> Saved:
    what = OUTCOMES[outcome]
    needed = nnt(
        sample_adults(_COUNTY, spec.seed), spec.programme, spec.people.span_years, what, seed=spec.seed
    )
    now, before = (int(lives.fallen[world, outcome, STEPS]) for world in (0, 1))
    changes = {name: int(count) for name, count in zip(CHANGES, lives.changed[outcome], strict=True)}
    return Saved(
        outcome=what,
        without=before,
        with_programme=now,
        **changes,
        needed=needed.needed,
        needed_words=needed.words,
        reduction=needed.reduction,
        low=needed.low,
        high=needed.high,
        harm_share=needed.harm_share,
        concerned_share=needed.concerned_share,
    )


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
        return {"garland_cohort_summary": 1, "simulated": True, **plain(asdict(self))}


def _write_summary(
    folder: _Folder,
    workers: Workers,
    page: Callable[[CohortSummary], str] | None = None,
) -> CohortSummary:
    """Write ``summary.json``, and with `page` ``summary.html``, each whole or not at all."""
    summary = _summarised(opened(folder.path), workers)
    text = json.dumps(summary.as_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    tell("writing the report", 1.0)
    with _writing(folder.path):
        write_whole(folder.path / JSON, text.encode(), durable=True)
        if page is not None:
            write_whole(folder.path / PAGE, page(summary).encode(), durable=True)
    return summary


def cohort(
    spec: CohortSpec | str | Path,
    folder: Path | str | None = None,
    workers: Workers | int = 2,
    page: Callable[[CohortSummary], str] | None = None,
) -> CohortSummary:
    """Make a cohort of virtual patients as Parquet files, or go on with one that was stopped, and sum it up.

    Parameters
    ----------
    spec : CohortSpec, str or Path
        The cohort; a shipped one by its name, or a file (YAML or JSON).
    folder : Path or str, optional
        Where it is written; None: a folder of its name, here.
    workers : Workers or int
        Processes, or how and where they work [-].
    page : callable, optional
        Gives the page that is written beside the tables.

    Returns
    -------
    CohortSummary
        Counts, spreads and rates; the same is written as ``summary.json``.

    Raises
    ------
    InputError
        If the spec cannot be read, or the folder cannot be written or holds another cohort.
    """
    spec = spec if isinstance(spec, CohortSpec) else find_spec(CohortSpec, spec, WHAT, "SPEC")
    workers = Workers(workers) if isinstance(workers, int) else workers
    with stretch(0.0, 0.9):
        made = run(spec, Path(spec.name if folder is None else folder), workers)
    with stretch(0.9, 1.0):
        return _write_summary(made, workers, page)


def _summarised(cohort: _Opened, workers: Workers) -> CohortSummary:
    """Return the summary of a finished cohort."""
    spec, scales = cohort.spec, _scales_of(cohort)
    here = Workers(1 if spec.parts <= _FEW_PARTS else workers.count)
    total: _PartCounts | None = None
    tallies: list[Tally] = []
    for part, (counts, cases) in _in_order(partial(_counted, cohort, scales), spec, here):
        total = counts if total is None else total + counts
        tallies += [] if cases is None else [cases]
        tell(f"{spec.name}: summary, {part + 1:,} of {spec.parts:,} parts", (part + 1) / spec.parts)
    assert total is not None
    county = _county_of(spec, total.lives, tallies) if total.lives else None
    return _summary(spec, scales, total, county)


def _counted(cohort: _Opened, scales: Scales, part: int) -> tuple[_PartCounts, Tally | None]:
    cases = _tally_of(cohort.spec, part) if cohort.spec.people.source == "county" else None
    return _counts_of(cohort, scales, part), cases


def _in_order(job: Callable[[int], Job], spec: CohortSpec, workers: Workers) -> Iterator[tuple[int, Job]]:
    """Yield every part with its result, in the order of parts, so that sums come out the same."""
    with losses_in_words(), pool(workers) as executor:
        held: dict[int, Job] = {}
        upcoming = 0
        for part, done in completed(executor, job, range(spec.parts), workers.count):
            held[part] = done.result()
            while upcoming in held:
                yield upcoming, held.pop(upcoming)
                upcoming += 1


def _summary(
    spec: CohortSpec, scales: Scales, total: _PartCounts, county: CountySummary | None
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


def _assumed(spec: CohortSpec, causes: list[int]) -> tuple[str, ...]:
    """Return how many numbers nobody has measured, by station: only those that this cohort rests on."""
    lines = list(assumed_lines(causes))
    if not spec.visits:
        lines = [line for line in lines if line.startswith("person")]
    if spec.people.source == "county":
        lines.append(station_line("population"))
    return tuple(lines)


def _notes(spec: CohortSpec) -> tuple[str, ...]:
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
