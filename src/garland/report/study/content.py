"""The tables of a study as every report prints them: cells in words, sign, limit and key of its source."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from string import ascii_lowercase
from typing import NamedTuple

from garland.edx_study.records import Cell, EdxStudy, FRow, HRow, MotorRow, NeedleRow, SensoryRow, SideRow
from garland.report.common.words import in_words

SIGNS = {"low": "▼", "high": "▲", "abnormal": "◆", "absent": ""}
SPOKEN = {"low": "below the limit", "high": "above the limit", "abnormal": "abnormal", "absent": "abnormal"}
DEGREES = ("", "mildly", "moderately", "severely")
NOT_MEASURED = "–"
NOT_EXAMINED = "not examined"
MOST_SIGNS = 3
AMPLITUDES = ("mV", "µV", "uV")

LEGEND = (
    ("▼", "below the limit of normal"),
    ("▲", "above it"),
    ("◆", "abnormal finding"),
    ("NR", "no response"),
    (NOT_MEASURED, "not measured"),
)
"""What the signs of a table mean; one to three of a sign say how far from normal."""

LEGEND_NOTE = "One to three signs: mildly, moderately, severely."


class _Shown(NamedTuple):
    """A cell as it is printed.

    Attributes
    ----------
    words : str
        The number or word.
    sign : str
        One to three of ``▼``, ``▲`` or ``◆``; empty if normal.
    limit : str
        Limit of normal, such as ``≥ 1.3``.
    key : str
        Letter of the limit's source.
    mark : str
        As in `Cell`; empty if normal.
    spoken : str
        What sign and box say, for a reader who does not see them.
    text : bool
        Whether it is a word rather than a number.
    """

    words: str
    sign: str = ""
    limit: str = ""
    key: str = ""
    mark: str = ""
    spoken: str = ""
    text: bool = False


class _Line(NamedTuple):
    """A row: its head, a quiet note after it, its cells."""

    head: str
    note: str
    cells: tuple[_Shown, ...]


class _Block(NamedTuple):
    """Rows under one heading; the heading is empty where the rows need none."""

    title: str
    lines: tuple[_Line, ...]


class _Sheet(NamedTuple):
    """A table.

    Attributes
    ----------
    key, title : str
        Anchor and heading.
    first : str
        Heading of the column of row heads.
    heads : tuple of (str, str)
        Heading and unit of each further column.
    blocks : tuple of Block
        Its rows.
    sources : tuple of (str, str)
        Letters used in this table with the source of the limit.
    notes : tuple of str
        Sentences below.
    """

    key: str
    title: str
    first: str
    heads: tuple[tuple[str, str], ...]
    blocks: tuple[_Block, ...]
    sources: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


Row = MotorRow | SensoryRow | FRow | HRow | NeedleRow | SideRow
Column = tuple[str, str, Callable[[Row], Cell]]


def _sheets(study: EdxStudy) -> tuple[_Sheet, ...]:
    """Return the tables of a study in the usual order; one without rows is left out, the needle table
    never.
    """
    keys = _Keys()
    made = (
        _motor(study.motor, keys),
        _sensory(study.sensory, keys),
        _plain("f-waves", "F waves", "Nerve", study.f_waves, _F_WAVES, keys),
        _plain("h-reflex", "H reflex", "Nerve", study.h_reflexes, _H_REFLEX, keys),
        _sides(study.sides, keys),
    )
    return (*(sheet for sheet in made if sheet.blocks), _needle(study.needle, keys))


def _shown(cell: Cell, key: str = "", unit: str = "") -> _Shown:
    """Return a cell as it is printed."""
    words = cell.word or _number(cell.value, cell.digits)
    sign = SIGNS.get(cell.mark, "") * min(max(cell.weight, 1), MOST_SIGNS)
    spoken = ""
    if cell.mark:
        degree = DEGREES[min(max(cell.weight, 0), MOST_SIGNS)] if cell.mark != "absent" else ""
        spoken = f"{degree} {SPOKEN.get(cell.mark, cell.mark)}".strip()
    limit = "" if words == NOT_MEASURED else cell.limit.removesuffix(f" {unit}" if unit else "")
    is_word = words != NOT_MEASURED and not words[:1].isdigit() and words[:1] != "−"
    return _Shown(words, sign, limit, key if limit else "", cell.mark, spoken, is_word)


def _number(value: float | None, digits: int) -> str:
    """Return a number with that many digits, a true minus sign, and a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NOT_MEASURED
    words = f"{value:.{digits}f}"
    return words.lstrip("-") if float(words) == 0.0 else words.replace("-", "−")


def _sided(side: str, label: str) -> str:
    """Return a label with its side in front, the first letter a capital, without hyphens of identifiers."""
    words = in_words(f"{side} {label}".strip())
    return words[:1].upper() + words[1:]


def _facts(study: EdxStudy) -> tuple[tuple[str, str], ...]:
    """Return the lines of the head: patient and session, protocol, seed and version, each once."""
    stated = tuple((label[:1].upper() + label[1:], words) for label, words in study.header)
    known = {label for label, _ in stated}
    own = (
        ("Protocol", in_words(study.protocol)),
        ("Seed", str(study.seed)),
        ("Model version", study.version),
    )
    return (*stated, *(line for line in own if line[0] not in known))


class _Keys:
    """Letters of sources, given as they come."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def of(self, cell: Cell) -> str:
        """Return the letter of a cell's source; empty where it names none."""
        if not (cell.limit and cell.source):
            return ""
        count = len(self._letters)
        first = ascii_lowercase[count // 26 - 1] if count >= 26 else ""
        return self._letters.setdefault(cell.source, first + ascii_lowercase[count % 26])

    def used(self, blocks: Iterable[_Block]) -> tuple[tuple[str, str], ...]:
        """Return letters and sources that occur in some rows."""
        met = {cell.key for block in blocks for line in block.lines for cell in line.cells}
        return tuple((letter, source) for source, letter in self._letters.items() if letter in met)


def _distance(row: Row) -> Cell:
    return Cell(getattr(row, "distance_mm", None), digits=0)


def _field(name: str) -> Callable[[Row], Cell]:
    def read(row: Row) -> Cell:
        found: Cell = getattr(row, name)
        return found

    return read


def _bare(name: str) -> Callable[[Row], Cell]:
    """Return what reads a cell without its limit, which stands in an earlier table."""
    read = _field(name)
    return lambda row: replace(read(row), limit="", source="")


def _difference(row: Row) -> Cell:
    """Return a difference with its unit: of amplitudes it is told in per cent of the larger."""
    cell, unit = _field("difference")(row), getattr(row, "unit", "")
    unit = "%" if unit in AMPLITUDES else unit
    words = _number(cell.value, cell.digits)
    return cell if cell.word or words == NOT_MEASURED else replace(cell, word=f"{words} {unit}".strip())


_MOTOR: tuple[Column, ...] = (
    ("Latency", "ms", _field("latency_ms")),
    ("Amplitude", "mV", _field("amplitude_mv")),
    ("Area", "mV·ms", _field("area_mv_ms")),
    ("Duration", "ms", _field("duration_ms")),
    ("Fall", "%", _field("drop_percent")),
    ("Distance", "mm", _distance),
    ("Velocity", "m/s", _field("velocity_m_s")),
)
_SENSORY: tuple[Column, ...] = (
    ("Onset", "ms", _field("onset_ms")),
    ("Peak", "ms", _field("peak_ms")),
    ("Amplitude", "µV", _field("amplitude_uv")),
    ("Peak to peak", "µV", _field("peak_to_peak_uv")),
    ("Distance", "mm", _distance),
    ("Velocity", "m/s", _field("velocity_m_s")),
)
_F_WAVES: tuple[Column, ...] = (
    ("Shortest", "ms", _field("shortest_ms")),
    ("Mean", "ms", _field("mean_ms")),
    ("Chronodispersion", "ms", _field("chronodispersion_ms")),
    ("Persistence", "%", _field("persistence_percent")),
    ("Stimuli", "", lambda row: Cell(getattr(row, "stimuli", None), digits=0)),
)
_H_REFLEX: tuple[Column, ...] = (
    ("Latency", "ms", _field("latency_ms")),
    ("Largest H", "mV", _field("amplitude_mv")),
    ("Largest M", "mV", _field("m_amplitude_mv")),
    ("H/M", "", _field("ratio")),
)
_SIDES: tuple[Column, ...] = (
    ("Left", "", _bare("left")),
    ("Right", "", _bare("right")),
    ("Difference", "", _difference),
)
_NEEDLE: tuple[Column, ...] = (
    ("Insertional activity", "", _field("insertional")),
    ("Fibrillations", "", _field("fibrillations")),
    ("Positive waves", "", _field("positive_waves")),
    ("Fasciculations", "", _field("fasciculations")),
    ("Other", "", _field("other")),
    ("MUAP amplitude", "µV", _field("amplitude_uv")),
    ("MUAP duration", "ms", _field("duration_ms")),
    ("Polyphasic", "%", _field("polyphasic_percent")),
    ("Recruitment", "", _field("recruitment")),
)


def _line(head: str, note: str, row: Row, columns: Sequence[Column], keys: _Keys) -> _Line:
    cells = [(read(row), unit) for _, unit, read in columns]
    return _Line(head, note, tuple(_shown(cell, keys.of(cell), unit) for cell, unit in cells))


def _sheet(
    names: tuple[str, str, str], columns: Sequence[Column], blocks: Sequence[_Block], keys: _Keys, *notes: str
) -> _Sheet:
    """Return a table of key, title and first heading, without columns in which nothing was measured."""
    lines = [line for block in blocks for line in block.lines]
    kept = [i for i in range(len(columns)) if any(line.cells[i].words != NOT_MEASURED for line in lines)]

    def thin(line: _Line) -> _Line:
        return line._replace(cells=tuple(line.cells[i] for i in kept))

    left = tuple(_Block(block.title, tuple(map(thin, block.lines))) for block in blocks)
    return _Sheet(*names, tuple(columns[i][:2] for i in kept), left, keys.used(blocks), notes)


def _motor(rows: Sequence[MotorRow], keys: _Keys) -> _Sheet:
    """Return the motor table: a block for each nerve and side, a row for each stimulation point."""
    blocks = [
        _Block(
            _sided(side, label), tuple(_line(_sided("", row.point), "", row, _MOTOR, keys) for row in points)
        )
        for (side, label), points in groupby(rows, key=lambda row: (row.side, row.label))
    ]
    names = "motor", "Motor nerve conduction", "Stimulation"
    amplitude = "Amplitude and area of the negative wave, from the baseline."
    return _sheet(
        names, _MOTOR, blocks, keys, amplitude, "Fall: loss of amplitude against the next distal point."
    )


def _sensory(rows: Sequence[SensoryRow], keys: _Keys) -> _Sheet:
    """Return the sensory table."""
    sheet = _plain("sensory", "Sensory nerve conduction", "Nerve", rows, _SENSORY, keys)
    return sheet._replace(notes=("Amplitude from baseline to the negative peak. Velocity over the onset.",))


def _plain(
    key: str, title: str, first: str, rows: Sequence[Row], columns: Sequence[Column], keys: _Keys
) -> _Sheet:
    """Return a table of one row for each nerve and side."""
    lines = tuple(_line(_sided(getattr(row, "side", ""), row.label), "", row, columns, keys) for row in rows)
    return _sheet((key, title, first), columns, (_Block("", lines),) if lines else (), keys)


def _sides(rows: Sequence[SideRow], keys: _Keys) -> _Sheet:
    """Return the table of side-to-side differences, the unit after each label."""
    lines = tuple(_line(_sided("", row.label), row.unit, row, _SIDES, keys) for row in rows)
    names = "sides", "Side-to-side differences", "Measure"
    note = "The difference of amplitudes is a share of the larger one."
    return _sheet(names, _SIDES, (_Block("", lines),) if lines else (), keys, note)


def _is_paraspinal(row: NeedleRow) -> bool:
    """Whether a muscle of the needle table is one of the paraspinals."""
    return "paraspinal" in f"{row.muscle} {row.label}".lower()


def _served(row: NeedleRow) -> str:
    """Return roots and nerve of a muscle."""
    return ", ".join(filter(None, (row.roots, in_words(row.nerve))))


def _needle(rows: Sequence[NeedleRow], keys: _Keys) -> _Sheet:
    """Return the needle table; paraspinals stand in it even where nobody examined them."""
    lines = [_line(_sided(row.side, row.label), _served(row), row, _NEEDLE, keys) for row in rows]
    if not any(map(_is_paraspinal, rows)):
        nothing = (_Shown(NOT_EXAMINED, text=True), *(_Shown(NOT_MEASURED) for _ in _NEEDLE[1:]))
        lines.append(_Line("Lumbar paraspinals", "", nothing))
    names = "needle", "Needle EMG", "Muscle"
    units = "MUAP: motor unit action potential, mean of the units met."
    rest = "Fibrillations and positive waves from 0 to 4+."
    return _sheet(names, _NEEDLE, (_Block("", tuple(lines)),), keys, units, rest)
