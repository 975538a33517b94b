"""The published rows, how the model is asked the same question, and what came of it.

A row of a share holds ``count`` and ``n``; its value [%] and its Wilson interval are computed here. Any other
row holds ``value``, and ``interval`` where one was published. A row with ``left_out`` says why the model is
not asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from garland.errors import EvidenceError, did_you_mean
from garland.evidence import STANDINGS, UNMEASURED, Reference, read_yaml, references
from garland.evidence.library import ROOT
from garland.io import plain
from garland.validation.statistics import Verdict, _judge, _tolerated, _undecided, _wilson

THEMES = {
    "incidence": "Who gets it",
    "onset": "Onset and spread",
    "signs": "Symptoms and signs",
    "severity": "Severity",
    "laboratory": "Laboratory",
    "imaging": "Imaging and biopsy",
    "electrodiagnosis": "Electrodiagnosis",
    "course": "Course and recovery",
    "survival": "Relapse and survival",
    "treatment": "Treatment of the attack",
    "glucose": "Treatment-induced neuropathy",
    "analgesics": "Drugs for neuropathic pain",
    "reliability": "Agreement of examiners",
}
"""Groups of rows in the order of a report, with their titles."""
CAUSES = {
    "radiculoplexus": "radiculoplexus neuropathy",
    "treatment-induced": "treatment-induced neuropathy",
    "polyneuropathy": "diabetic polyneuropathy",
    "neuropathic-pain": "neuropathic pain",
    "radiculopathy": "radiculopathy",
    "stenosis": "lumbar stenosis",
    "cauda-equina": "cauda equina syndrome",
    "femoral": "femoral neuropathy",
    "sciatic": "sciatic neuropathy",
    "fibular": "fibular neuropathy",
    "meralgia": "meralgia",
    "plexopathy": "plexopathy",
    "vasculitis": "vasculitic neuropathy",
    "cidp": "CIDP",
    "gbs": "Guillain-Barré syndrome",
    "hereditary": "hereditary neuropathy",
    "als": "motor neuron disease",
    "myositis": "inflammatory myopathy",
    "ibm": "inclusion body myositis",
    "muscle-infarction": "diabetic muscle infarction",
    "health": "healthy people",
    "examiners": "examiners",
}
"""What a row is about, with words for a report."""
PAPERS = {"first": "first papers", "second": "second papers"}
"""Papers in the order in which the model met them; the use of the second goes by a rule (DESIGN.md)."""
QUALITIES = ("good", "fair", "poor")
USES = ("calibration", "check")
ASCERTAINMENTS = ("community", "referral", "trial", "population")
_KEYS = (
    "quantity", "theme", "population", "ascertainment", "value", "interval", "unit", "count", "n", "where",
    "source", "standing", "use", "simulate", "left_out", "note", "cause", "papers", "quality",
)  # fmt: skip
_NEEDED = ("quantity", "theme", "population", "ascertainment", "unit", "where", "standing", "use", "cause")
_OF_FILE = ("source", "cause", "papers")
"""What a file may say once for all its rows."""


@dataclass(frozen=True)
class _Question:
    """Which cohort is simulated and what is measured in it."""

    cohort: str
    measure: str


@dataclass(frozen=True)
class StudyRow:
    """One published number.

    Attributes
    ----------
    id, study : str
        Identifier, and the study's folder.
    quantity, population, where : str
        What was counted, in whom, and where it stands in the source.
    theme, ascertainment, use, standing : str
        Group; how patients were found; whether the model was set with it (``calibration``) or is tested by
        it (``check``); how the number came to be.
    value : float
        Published number, in `unit`; a share in per cent.
    unit : str
        Unit; ``1`` for a pure number.
    interval : tuple of float or None
        Interval, in `unit`.
    interval_kind : str
        ``published``, ``wilson`` (computed here from a count) or ``tolerance`` (none: 15 % either way).
    count, n : int or None
        How many of how many; `n` alone is the size of the sample.
    source : Reference
        Where it was read or from where it is remembered.
    question : Question or None
        What the model is asked; None if it is not.
    left_out : str or None
        Why it is not asked.
    note : str or None
        What the reader must know.
    cause, papers, quality : str
        What it is about (`CAUSES`), with which papers it came (`PAPERS`), and how good the source is.
    """

    id: str
    study: str
    quantity: str
    population: str
    where: str
    theme: str
    ascertainment: str
    use: str
    standing: str
    value: float
    unit: str
    interval: tuple[float, float] | None
    interval_kind: str
    count: int | None
    n: int | None
    source: Reference
    question: _Question | None
    left_out: str | None
    note: str | None
    cause: str
    papers: str
    quality: str

    @property
    def band(self) -> tuple[float, float]:
        """Interval, or 15 % about the value where there is none, in `unit`."""
        return self.interval or _tolerated(self.value)


@cache
def study_rows() -> tuple[StudyRow, ...]:
    """Return every published row of Garland's evidence, ordered as in `_read_studies`."""
    return _read_studies(ROOT / "studies")


def _read_studies(folder: Path) -> tuple[StudyRow, ...]:
    """Read every ``*/rows.yaml`` below a folder."""
    rows: list[StudyRow] = []
    for file in sorted(folder.glob("*/rows.yaml")):
        raw = _mapping(file.parent.name, read_yaml(file))
        for name, entry in _mapping(f"{file.parent.name}.rows", raw.get("rows")).items():
            shared = {key: raw[key] for key in _OF_FILE if key in raw}
            rows.append(_row(file.parent.name, name, {"papers": "first", **shared, **_mapping(name, entry)}))
    ids = [row.id for row in rows]
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        raise EvidenceError(f"studies: row {twice!r} stands twice; rename one")
    return tuple(sorted(rows, key=_place))


def _place(row: StudyRow) -> tuple[int, bool, bool]:
    return list(THEMES).index(row.theme), row.use == "check", row.standing == "recalled"


def _mapping(place: str, raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping) or not raw:
        raise EvidenceError(f"studies/{place}: {raw!r} is not a mapping of names; write name: {{...}}")
    return raw


def _row(study: str, name: str, raw: Mapping[str, Any]) -> StudyRow:
    place = f"studies/{study}.{name}"
    for key in raw:
        if key not in _KEYS:
            raise EvidenceError(f"{place}: unknown key {key!r}; {did_you_mean(str(key), _KEYS)}")
    missing = [key for key in _NEEDED if key not in raw]
    if missing:
        raise EvidenceError(f"{place}: has no {' and no '.join(missing)}; add it")
    if ("simulate" in raw) == ("left_out" in raw):
        raise EvidenceError(f"{place}: needs either simulate or left_out; write one of them")
    known_words = {
        "theme": THEMES, "use": USES, "ascertainment": ASCERTAINMENTS, "cause": CAUSES, "papers": PAPERS,
        "quality": QUALITIES,
    }  # fmt: skip
    for key, known in known_words.items():
        word = raw.get(key, "good")
        if word not in known:
            raise EvidenceError(f"{place}: {key} {word!r} is unknown; {did_you_mean(str(word), known)}")
    value, interval, kind = _value(place, raw)
    return StudyRow(
        id=name,
        study=study,
        quantity=" ".join(raw["quantity"].split()),
        population=raw["population"],
        where=raw["where"],
        theme=raw["theme"],
        ascertainment=raw["ascertainment"],
        use=raw["use"],
        standing=raw["standing"],
        value=value,
        unit=raw["unit"],
        interval=interval,
        interval_kind=kind,
        count=raw.get("count"),
        n=raw.get("n"),
        source=_source(place, raw),
        question=_Question(**raw["simulate"]) if "simulate" in raw else None,
        left_out=raw.get("left_out"),
        note=raw.get("note"),
        cause=raw["cause"],
        papers=raw["papers"],
        quality=raw.get("quality", "good"),
    )


def _value(place: str, raw: Mapping[str, Any]) -> tuple[float, tuple[float, float] | None, str]:
    """Return value, interval and the kind of interval."""
    if ("count" in raw) == ("value" in raw):
        raise EvidenceError(f"{place}: needs either count (with n) or value; write one of them")
    if "count" in raw:
        count, n = raw["count"], raw.get("n")
        if not isinstance(count, int) or not isinstance(n, int) or not 0 <= count <= n or n < 1:
            raise EvidenceError(f"{place}: count {count!r} of n {n!r} is not a share; write 0 <= count <= n")
        if raw["unit"] != "%":
            raise EvidenceError(f"{place}: a count has the unit %, not {raw['unit']!r}; change it")
        return 100.0 * count / n, _wilson(count, n), "wilson"
    if "interval" not in raw:
        return float(raw["value"]), None, "tolerance"
    low, high = float(raw["interval"]["low"]), float(raw["interval"]["high"])
    if not low <= float(raw["value"]) <= high:
        raise EvidenceError(f"{place}: value {raw['value']} lies outside its interval; mend either")
    return float(raw["value"]), (low, high), "published"


def _source(place: str, raw: Mapping[str, Any]) -> Reference:
    """Return the reference, and refuse a standing it cannot carry."""
    key, standing, known = str(raw.get("source")), raw["standing"], references()
    if standing not in STANDINGS:
        raise EvidenceError(f"{place}: standing {standing!r} is unknown; use one of {', '.join(STANDINGS)}")
    if key not in known:
        hint = did_you_mean(key, known)
        raise EvidenceError(f"{place}: source {key!r} is not in references.yaml; {hint}")
    if standing in ("measured", "derived") and not known[key].seen:
        raise EvidenceError(f"{place}: is {standing} but nobody has read {key}; write recalled")
    if standing in UNMEASURED and raw["use"] == "calibration":
        raise EvidenceError(
            f"{place}: is {standing}, so it may not be used for calibration; write use: check"
        )
    return known[key]


VERDICTS: tuple[Verdict, ...] = ("inside", "near", "outside", "left-out")
VERDICT_WORDS = {
    "inside": "inside the interval",
    "near": "within 15 %",
    "outside": "outside",
    "left-out": "not asked",
}
"""Verdicts in the words of a report."""


@dataclass(frozen=True)
class RowResult:
    """One published row and the model's answer.

    Attributes
    ----------
    row : StudyRow
        What was published.
    simulated, error : float or None
        The model's number and its Monte Carlo error, in the row's unit; None if the row is left out.
    """

    row: StudyRow
    simulated: float | None
    error: float | None

    @property
    def verdict(self) -> Verdict:
        """How the two compare."""
        if self.simulated is None:
            return "left-out"
        return _judge(self.simulated, self.row.value, self.row.interval)

    @property
    def unsure(self) -> bool:
        """Whether two Monte Carlo errors could change agreement."""
        if self.simulated is None or self.error is None:
            return False
        return _undecided(self.simulated, self.error, self.row.value, self.row.interval)


@dataclass(frozen=True)
class _Count:
    """How many rows came out how."""

    inside: int
    near: int
    outside: int
    left_out: int

    @property
    def asked(self) -> int:
        """Rows the model was asked."""
        return self.inside + self.near + self.outside

    @property
    def agree(self) -> int:
        """Rows inside their interval or within 15 %."""
        return self.inside + self.near


@dataclass(frozen=True)
class Report:
    """All rows, how they were simulated, and what was assumed.

    Attributes
    ----------
    results : tuple of RowResult
        By theme.
    n, seed : int
        Patients of each cohort, and the seed.
    seconds : float
        Wall time [s].
    version, notice : str
        Version of Garland, and what the numbers are not.
    assumptions : tuple of str
        What had to be assumed to ask the model the same question, in words.
    """

    results: tuple[RowResult, ...]
    n: int
    seed: int
    seconds: float
    version: str
    notice: str
    assumptions: tuple[str, ...]

    def groups(self) -> tuple[tuple[str, tuple[RowResult, ...]], ...]:
        """Return the rows by theme, with the theme's title; empty themes are left away."""
        by_theme = ((title, self._of(theme)) for theme, title in THEMES.items())
        return tuple((title, rows) for title, rows in by_theme if rows)

    def _of(self, theme: str) -> tuple[RowResult, ...]:
        return tuple(result for result in self.results if result.row.theme == theme)

    def count(self, use: str | None = None, cause: str | None = None, papers: str | None = None) -> _Count:
        """Count verdicts, of all rows or of those with one use, one cause or one set of papers."""
        return _count(
            result
            for result in self.results
            if use in (None, result.row.use)
            and cause in (None, result.row.cause)
            and papers in (None, result.row.papers)
        )

    def causes(self) -> tuple[str, ...]:
        """Return the causes that the model was asked about, in their order."""
        return tuple(cause for cause in CAUSES if self.count(cause=cause).asked)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON; numbers that are not finite become None."""
        return {
            "simulated": True,
            "version": self.version,
            "notice": self.notice,
            "n": self.n,
            "seed": self.seed,
            "seconds": round(self.seconds, 2),
            "totals": {use: _plain_count(self.count(use)) for use in USES},
            "by_papers": {
                papers: {use: _plain_count(self.count(use, papers=papers)) for use in USES}
                for papers in PAPERS
            },
            "by_cause": {
                cause: {
                    papers: {use: _plain_count(self.count(use, cause, papers)) for use in USES}
                    for papers in PAPERS
                }
                for cause in CAUSES
            },
            "assumptions": list(self.assumptions),
            "rows": [_plain(result) for result in self.results],
        }


def _count(results: Iterable[RowResult]) -> _Count:
    """Count the verdicts of some rows."""
    found = [result.verdict for result in results]
    return _Count(*[found.count(verdict) for verdict in VERDICTS])


def _plain_count(made: _Count) -> dict[str, int]:
    return {
        "asked": made.asked,
        "inside": made.inside,
        "near": made.near,
        "outside": made.outside,
        "left_out": made.left_out,
    }


def _plain(result: RowResult) -> dict[str, Any]:
    row, interval = result.row, result.row.interval
    return {
        "id": row.id,
        "theme": row.theme,
        "cause": row.cause,
        "papers": row.papers,
        "quantity": row.quantity,
        "population": row.population,
        "ascertainment": row.ascertainment,
        "use": row.use,
        "standing": row.standing,
        "published": {
            "value": row.value,
            "low": interval[0] if interval else None,
            "high": interval[1] if interval else None,
            "interval": row.interval_kind,
            "unit": row.unit,
            "count": row.count,
            "n": row.n,
        },
        "simulated": plain(result.simulated),
        "error": plain(result.error),
        "verdict": result.verdict,
        "unsure": result.unsure,
        "left_out": row.left_out,
        "note": row.note,
        "source": {"key": row.source.key, "citation": row.source.citation, "address": row.source.address},
    }
