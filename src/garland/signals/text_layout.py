"""How a table of text is laid out, found by its structure: no vendor is known by name.

Rows are what most lines look like under one separator and one decimal sign; what stands before the first row
is a preamble that may name columns, units, and the rate or interval of samples.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.signals.recordings import _unit_of

LOST = (
    "",
    "nan",
    "na",
    "n/a",
    "#n/a",
    "null",
    "none",
    "-",
    "--",
    "#div/0!",
    "#value!",
    "1.#qnan",
    "-1.#ind",
    "?",
)
"""Words that stand for a sample that was lost."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_CLOCK = re.compile(
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]+)?(\d{1,3}):(\d{2})(?::(\d{2}))?(?:[.,:](\d+))?"
    r"(?: ?[AaPp][Mm])?(?:Z|[+-]\d\d:?\d\d)?"
)
_CANDIDATES = (
    (",", "."),
    (";", "."),
    (";", ","),
    ("\t", "."),
    ("\t", ","),
    (" ", "."),
    (" ", ","),
    ("|", "."),
    (",", ","),
)
_NEEDED = 2
"""Rows after the first that must look alike, as far as there are any [-]."""


class _Layout(NamedTuple):
    """A table: what parts cells, the decimal sign, lines before the first row, and each column.

    Attributes
    ----------
    kinds : str
        For each column ``n`` numbers, ``t`` clock times, ``w`` words, ``e`` nothing.
    names, units : tuple of str
        As the header spells them, empty where it does not.
    """

    separator: str
    decimal: str
    skip: int
    kinds: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    header: tuple[str, ...]


def _cells(line: str, separator: str) -> list[str]:
    """Return the cells of a line without quotes."""
    if '"' in line:
        try:
            return [cell.strip() for cell in next(csv.reader([line.strip()], delimiter=separator), [])]
        except csv.Error:
            return [line]
    if separator == " ":
        return line.split()
    return [cell.strip() for cell in line.split(separator)]


def _plain(cell: str, decimal: str) -> str:
    """Return a number with a point as its decimal sign."""
    cell = cell.strip().strip("'").replace("−", "-").replace("\u00a0", "")
    if decimal == ",":
        return cell.replace(",", ".") if "." not in cell else "x" + cell
    return cell


def _kind(cell: str, decimal: str) -> str:
    """Return what a cell is: number, ``z`` digits after a zero, time, lost, empty or word."""
    if not cell:
        return "e"
    plain = _plain(cell, decimal)
    if _NUMBER.fullmatch(plain):
        return "z" if len(plain) > 2 and plain[0] == "0" and plain.isdigit() else "n"
    if plain.lower().lstrip("+-") in (*LOST, "inf", "infinity"):
        return "l"
    return "t" if _CLOCK.fullmatch(cell) else "w"


def _value(cell: str, decimal: str) -> float:
    """Return the number in a cell; NaN where it is lost or none."""
    plain = _plain(cell, decimal)
    return float(plain) if _NUMBER.fullmatch(plain) else float("nan")


def _seconds(cell: str) -> float:
    """Return a clock time as seconds; NaN where it is none."""
    found = _CLOCK.fullmatch(cell.strip())
    if not found:
        return float("nan")
    first, second, third, fraction = found.groups()
    share = float(f"0.{fraction}") if fraction else 0.0
    if third is None:
        return 60.0 * int(first) + int(second) + share
    return 3600.0 * int(first) + 60.0 * int(second) + int(third) + share


def _find_layout(lines: Sequence[str], name: str) -> _Layout:
    """Return the layout of a table from its first lines (InputError if no rows are among them)."""
    best, best_score, best_forms = None, 0.0, []
    for separator, decimal in _CANDIDATES:
        forms = ["".join(_kind(cell, decimal) for cell in _cells(line, separator)) for line in lines]
        kinds, score = _columns(forms, separator)
        if score > best_score:
            best, best_score, best_forms = (separator, decimal, kinds), score, forms
    if best is None:
        raise _no_rows(lines, name)
    separator, decimal, kinds = best
    skip = _first_row(best_forms, kinds)
    header = tuple(lines[:skip])
    width = len(kinds.rstrip("e"))
    names, units = _names(header, separator, width, len(kinds))
    whole = separator == "," and decimal == "." and not any("." in line for line in lines[skip:])
    zeros = sum("z" in form for form in best_forms) > 0.02 * len(best_forms)
    if whole and (zeros or 2 * sum(map(bool, names)) == width):
        raise InputError(
            name, "the comma", "parts columns and is the decimal sign", "export with semicolons or points"
        )
    return _Layout(separator, decimal, skip, kinds[:width], names, units, header)


def _no_rows(lines: Sequence[str], name: str) -> InputError:
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    shown = "a header alone" if kept else "no rows"
    return InputError(name, shown, "is not a recording", "export the samples as numbers, one row each")


def _columns(forms: Sequence[str], separator: str) -> tuple[str, float]:
    """Return what most rows hold, column by column, and how well all rows fit."""
    rows = [form.replace("z", "n") for form in forms if "n" in form or "z" in form]
    if not rows:
        return "", 0.0
    widths = Counter(len(row) for row in rows if "w" not in row) or Counter(len(row) for row in rows)
    most = max(widths.values())
    width = max(size for size, count in widths.items() if count == most)
    alike = [row for row in rows if len(row) == width]
    kinds = "".join(_majority("".join(row[k] for row in alike)) for k in range(width))
    if "n" not in kinds:
        return "", 0.0
    matched = sum(all(a == b or a in "el" for a, b in zip(row, kinds, strict=True)) for row in alike)
    score = matched * (0.5 if "w" in kinds else 1.0) + 0.01 * min(kinds.count("n"), 20)
    score += 1.5 * (width > 1 and "w" * width in forms)
    zeros = sum("z" in form for form in forms)
    return kinds, score * (0.3 if separator == "," and zeros > 0.02 * len(rows) else 1.0)


def _majority(forms: str) -> str:
    """Return what most cells of a column are that are not empty."""
    held = Counter(forms.replace("e", "").replace("l", "n"))
    return held.most_common(1)[0][0] if held else "e"


def _first_row(forms: Sequence[str], kinds: str) -> int:
    """Return the lines before the first row: those after it look alike, or half of the next few."""

    def fits(form: str, empty: str) -> bool:
        form = form.replace("z", "n")
        alike = all(a == b or b in "we" or a in empty for a, b in zip(form, kinds, strict=False))
        return alike and len(form) >= len(kinds) and not form[len(kinds) :].strip("we")

    lines = [(k, form) for k, form in enumerate(forms) if form != "e"]
    for needed, share in ((_NEEDED, 1.0), (4 * _NEEDED, 0.5)):
        for place, (k, form) in enumerate(lines):
            after = [fits(other, "le") for _, other in lines[place + 1 : place + 1 + needed]]
            if fits(form, "l") and after and sum(after) >= share * len(after):
                return k
    return next((k for k, form in lines if fits(form, "le")), 0)


_TITLES = re.compile(r"^(channel ?)?(titles?|names?|labels?|channels?|signals?|traces?)$", re.IGNORECASE)
_UNITS = re.compile(
    r"^(channel |y ?|amplitude )?(units?|unit ?names?|range|physical dimensions?)$", re.IGNORECASE
)


def _names(
    header: Sequence[str], separator: str, width: int, raw: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the columns and what a line of units says."""
    names: list[str] = []
    units: list[str] = []
    for commented in (False, True):
        for line in reversed(header):
            marked = line.lstrip().startswith(("#", "%", "//"))
            if marked is not commented or names or not line.strip():
                continue
            cells = _header_cells(line.lstrip("#%/ \t") if commented else line, separator, width, raw)
            if len(cells) != width or (width == 1 and re.search(r"[:=]|/sample", line)):
                continue
            if all(_is_unit(cell) for cell in cells if cell) and any(cells) and not units and width > 1:
                units = cells
            elif not any(_NUMBER.fullmatch(cell) for cell in cells) and not _is_key(cells[0], width):
                names = cells
    keyed_names, keyed_units = _keyed(header, separator, width)
    paired = _paired(header)
    channels = width - 1 if len(paired) == width - 1 else width
    if len(paired) == channels and len(paired) > 0 and not units:
        blank = [""] * (width - channels)
        keyed_names = keyed_names or blank + [one for one, _ in paired]
        keyed_units = keyed_units or blank + [unit for _, unit in paired]
        first = names[: width - channels] if names else blank
        names = first + keyed_names[width - channels :]
    return tuple(names or keyed_names or [""] * width), tuple(units or keyed_units or [""] * width)


def _is_key(cell: str, width: int) -> bool:
    """Tell whether the first cell of a line is the key of what follows, not the name of a column."""
    return cell.endswith(("=", ":")) or (width > 1 and bool(_UNITS.match(cell) or _TITLES.match(cell)))


def _header_cells(line: str, separator: str, width: int, raw: int) -> list[str]:
    """Return the cells of a header line; it may be parted otherwise than the rows."""
    for mark in dict.fromkeys((separator, "\t", ";", ",")):
        cells = _cells(line, mark)
        while len(cells) > width and not cells[-1]:
            cells.pop()
        if len(cells) == width:
            return cells
        if mark == separator and len(cells) == width - 1 and width > 1 and raw == width and separator != " ":
            return ["", *cells]
    spaced = re.findall(r"[^\s\[(]+(?:\s*[\[(][^\])]*[\])])?", line)
    return spaced if separator in " \t" else _cells(line, separator)


def _is_unit(cell: str) -> bool:
    return _unit_of(cell) is not None or _time_unit(cell) is not None or _other_unit(cell) is not None


def _keyed(header: Sequence[str], separator: str, width: int) -> tuple[list[str], list[str]]:
    """Return names and units from lines that begin with their key."""
    names: list[str] = []
    units: list[str] = []
    for line in header:
        found = re.match(r"^[\s#%\"]*([A-Za-z ]+?)\s*[\"]?\s*(?:=|:|\t|,|;)[\s=:]*(.+)$", line)
        if not found:
            continue
        values = [cell for cell in _cells(found[2], separator if separator != " " else "\t") if cell]
        values = [value.strip('"') for value in values]
        if len(values) not in (width, width - 1) or not values:
            continue
        if _TITLES.match(found[1]) and not all(_NUMBER.fullmatch(value) for value in values):
            names = [""] * (width - len(values)) + values
        elif _UNITS.match(found[1]):
            last = [value.split()[-1] for value in values]
            units = [""] * (width - len(values)) + last
    return names, units


def _paired(header: Sequence[str]) -> list[tuple[str, str]]:
    """Return names that stand on a line alone with their unit alone on the next line."""
    alone = [line.strip().strip('",;\t ') for line in header]
    return [
        (name, unit)
        for name, unit in pairwise(alone)
        if name and _unit_of(unit) is not None and not re.search(r"[,;\t=:]", name) and _unit_of(name) is None
    ]


_MS_OF = {
    "ms": 1.0, "msec": 1.0, "msecs": 1.0, "millisec": 1.0, "millisecond": 1.0, "milliseconds": 1.0, "s": 1e3,
    "sec": 1e3, "secs": 1e3, "second": 1e3, "seconds": 1e3, "sek": 1e3, "sekunden": 1e3, "us": 1e-3,
    "usec": 1e-3,
    "microsec": 1e-3, "microseconds": 1e-3, "ns": 1e-6, "min": 6e4, "minutes": 6e4,
}  # fmt: skip
_OTHER_UNITS = re.compile(
    r"[\[({<]?(°|deg ?)?(c|f|k|degc|celsius|n|nm|kg|g|%|bpm|deg|°|rad|hz|a|ma|ua|na|m?g0?|k?ohm|m/s\^?2?|"
    r"mmhg|a\.?u\.?|adc|counts?|lsb|bits?)[\])}>]?",
    re.IGNORECASE,
)
_TIME_WORDS = {"time", "times", "t", "zeit", "temps", "tiempo", "tempo", "tid", "timestamp",
    "timestamps", "epoch",
    "unix", "datetime", "clock", "date", "x", "elapsed", "seconds", "uhrzeit"}  # fmt: skip
_INDEX_WORDS = re.compile(
    r"^(index|idx|samples?|n|nr|no|#|points?|rows?|i|unnamed: 0|sample (nr|no|number|index))\.?$"
)


def _time_unit(word: str) -> float | None:
    """Return milliseconds in a unit of time; None if it is none."""
    plain = word.strip().strip("[](){}<>").strip().lower().rstrip(".")
    return _MS_OF.get(plain.replace("µ", "u").replace("μ", "u").replace("â", ""))


def _other_unit(word: str) -> str | None:
    """Return a unit that is neither of voltage nor of time; None if it is no unit."""
    found = _OTHER_UNITS.fullmatch(word.strip())
    return word.strip().strip("[](){}<>") if found else None


def _label_and_unit(column: str) -> tuple[str, str]:
    """Return the name of a column without its unit, and the unit; empty where it has none."""
    bracketed = re.match(
        r"^(?P<name>.*?)\s*[\[({<]\s*(?P<unit>[^\])}>]+?)\s*[\])}>](?P<rest>[.\d]*)$", column
    )
    if bracketed and _is_unit(bracketed["unit"]):
        return bracketed["name"].strip(" _/,:-") + bracketed["rest"], bracketed["unit"]
    parted = re.match(r"^(?P<name>.*?)(?P<mark>[\s_/,:\-]+)(?:in )?(?P<unit>[^\s_/,:\-]+)$", column)
    if parted and parted["name"] and (_unit_of(parted["unit"]) or _time_unit(parted["unit"])):
        return parted["name"].strip(" _/,:-"), parted["unit"]
    if len(column) > 1 and _unit_of(column) is not None:
        return "", column
    return column, ""


def _is_index(name: str, column: Float64s) -> bool:
    """Tell whether a column merely counts the samples."""
    counts = column[np.isfinite(column)]
    steps = np.diff(counts)
    even = len(steps) > 1 and bool(np.all(steps == 1.0) and counts[0] in (0.0, 1.0))
    return even and (not name or _INDEX_WORDS.match(name.lower()) is not None)


def _is_time(name: str, unit: str, kind: str) -> bool:
    """Tell whether the header, or the cells, say that a column is a time."""
    if kind == "t":
        return True
    plain = name.strip().lower()
    if _time_unit(plain) is not None and not unit:
        return True
    first = re.split(r"[\s_\[\]()/.:,]+", plain)[0]
    if _time_unit(unit) is not None and _unit_of(unit) is None:
        return True
    return first in _TIME_WORDS and not unit and (first not in ("t", "x") or plain in ("t", "x"))


_NUM = r"([+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?)"
_RATE = re.compile(
    r"(?:(?:sampl\w*|scan\w*|acqui\w*|adc|digiti[sz]\w*|abtast\w*|échantillon\w*|echantillon\w*|muestreo|campion\w*)"
    r"[\s_\-]*(?:rate|freq\w*|fs)?|(?:freq\w*|fréquence|frecuencia|frequenza|tasa|taux)"
    r"[\s_\-]*(?:d['e]|di|de la)?[\s']*"
    r"(?:sampl\w*|[ée]chantillon\w*|muestreo|campion\w*)|^\W*(?:rate|fs|freq\w*|rate_hz|srate|abtastfrequenz))"
    r"[\s_]*[\[(<]?\s*(k?hz|k?s/s|samples?/s\w*|k?sps)?\s*[\])>]?[\s\"]*[:=,;\t ]+[\s\"]*"
    + _NUM
    + r"\s*\"?\s*[\[(]?"
    r"(k?hz|k?s/s|k?samples?(?: ?/ ?s\w*| per s\w*)|k?sps)?",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"(?:(?:sampl\w*[\s_]*)?(?:interval\w*|period|dt|delta[ _]?[tx]|abtastintervall|step)"
    r"|sampl\w*[\s_]+time|x[ _]?step)"
    r"[\s_]*[\[(<]?\s*(n?s|ms|us|µs|μs|msec|usec|sec)?\s*[\])>]?[\s\"]*[:=,;\t ]+[\s\"]*"
    + _NUM
    + r"\s*\"?\s*[\[(]?(msec\w*|usec\w*|sec\w*|ms|us|µs|μs|ns|s)?(?![A-Za-z])",
    re.IGNORECASE,
)
_PER_SAMPLE = re.compile(_NUM + r"\s*(msec\w*|usec\w*|sec\w*|ms|us|µs|μs|ns|s)\s*/\s*sample", re.IGNORECASE)
_HERTZ = re.compile(r"<\s*" + _NUM + r"\s*(k?hz)\s*>", re.IGNORECASE)
_START = re.compile(r"^\W*start\W+" + _NUM + r"[\s,;\"]+" + _NUM + r"\W*$", re.IGNORECASE)
_LEAST_HZ, _FIRST_UNSAID_HZ = 400.0, 400.0


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _said_rate(header: Sequence[str]) -> tuple[float | None, float, list[str]]:
    """Return samples per second [Hz] and the time of the first [ms] as the preamble says, and doubts."""
    for line in header:
        plain = line.replace("µ", "u").replace("μ", "u")
        if found := _START.match(plain):
            return 1.0 / max(_float(found[2]), 1e-12), 1e3 * _float(found[1]), []
        if found := _PER_SAMPLE.search(plain):
            return 1e3 / max(_float(found[1]) * (_time_unit(found[2].lower()) or 1.0), 1e-12), 0.0, []
        if found := _INTERVAL.search(plain):
            value, word = _float(found[2]), found[3] or found[1]
            if value <= 0.0:
                continue
            unit = _time_unit(word) if word else None
            if unit is not None:
                return 1e3 / (value * unit), 0.0, []
            unit = _likely_unit(value)
            return (
                1e3 / (value * unit),
                0.0,
                [f"The interval {value:g} has no unit: {_WORD[unit]} is a guess."],
            )
        if found := _HERTZ.search(plain):
            return _float(found[1]) * (1e3 if found[2].lower()[0] == "k" else 1.0), 0.0, []
        if (found := _RATE.search(plain)) and _float(found[2]) > 0.0:
            value, word = _float(found[2]), (found[3] or found[1] or "").lower()
            if word:
                return value * (1e3 if word[0] == "k" else 1.0), 0.0, []
            if value < _FIRST_UNSAID_HZ:
                return 1e3 * value, 0.0, [f"The rate {value:g} has no unit: kHz is a guess; else say --rate."]
            return value, 0.0, []
    return None, 0.0, []


_WORD = {1e3: "s", 1.0: "ms", 1e-3: "us", 1e-6: "ns"}


def _likely_unit(step: float, rate_hz: float | None = None) -> float:
    """Return the unit of time [ms] that fits a step: to the rate that is said, or to 0.4 to 400 kHz."""
    if rate_hz is not None:
        return min(_WORD, key=lambda unit: abs(np.log(step * unit * rate_hz / 1e3)))
    return next(
        (unit for unit in _WORD if step > 0 and _LEAST_HZ <= 1e3 / (step * unit) < 1e3 * _LEAST_HZ), 1.0
    )
