"""The words of a treatment: name, dose with unit, and days, taken apart."""

from __future__ import annotations

import re
from typing import Any

from garland.errors import InputError, did_you_mean
from garland.records.treatment_names import _spellings, _treatment_named, _treatments
from garland.records.values import refuse

WAYS = "write it like 'pregabalin 300 mg/d from day 30 to day 200'"
GLUCOSE_WAY = "write it like 'glucose to HbA1c 7 % over 180 days from day 30'"
"""Remedies that show how a treatment is written."""
_DAYS_IN = {"d": 1, "day": 1, "wk": 7, "week": 7, "month": 30, "year": 365}
_LINE = re.compile(
    r"(?P<what>[a-z][a-z -]*?)\s+(?P<target>(?:to\s+)?hba1c\s+)?(?P<amount>[-+]?\d+(?:\.\d+)?)\s*"
    r"(?P<unit>.*?)(?P<when>(?:\b(?:from|to|until|for|over)\s.*)?)"
)
_WHEN = re.compile(
    r"(?:(?P<from>from)|(?P<to>to|until))\s+day\s+(?P<day>-?\d+(?:\.\d+)?)"
    r"|(?P<word>for|over)\s+(?P<length>\d+(?:\.\d+)?)\s*(?P<unit>d|day|wk|week|month|year)s?\b"
)


def _fields_of(line: str) -> dict[str, Any]:
    """Return the fields of the treatment that a line of lower-case words tells."""
    found = _LINE.fullmatch(line)
    name = re.split(r"\s+(?:from|to|until|for|over|hba1c|[-+]?\d)", line)[0]
    what = _treatment_named(name)
    if what is None:
        raise InputError("what", name, "is not a treatment of the model", did_you_mean(name, _spellings()))
    if found is None or found["what"] != name or (found["target"] and what != "glucose"):
        raise InputError("amount", line, "gives no dose", GLUCOSE_WAY if what == "glucose" else WAYS)
    days = _days(found["when"].strip(), line)
    return {"what": what, "amount": f"{found['amount']} {found['unit']}".strip(), **days}


def _days(rest: str, line: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    while rest:
        piece = _WHEN.match(rest)
        if piece is None:
            raise InputError("", rest, "is not understood", "write 'from day 30', 'to day 200', 'for 12 wk'")
        key = {"from": "start_day", "to": "stop_day", "until": "stop_day", "over": "over_day"}.get(
            piece["to"] or piece["from"] or piece["word"], "for"
        )
        if key in fields:
            raise InputError("" if key == "for" else key, line, "says one thing twice", "keep one")
        length = float(piece["length"]) * _DAYS_IN[piece["unit"]] if piece["word"] else 0.0
        fields[key] = length if piece["word"] else float(piece["day"])
        rest = rest[piece.end() :].strip()
    return _with_length(fields, line)


def _with_length(fields: dict[str, Any], line: str) -> dict[str, Any]:
    if "start_day" not in fields:
        raise InputError("start_day", line, "does not say when it begins", "add 'from day ...'")
    if "for" in fields:
        if "stop_day" in fields:
            raise InputError("stop_day", line, "tells its end twice, as a day and as a length", "keep one")
        fields["stop_day"] = fields["start_day"] + fields.pop("for")
    return fields


def _amount_of(what: str, text: str) -> float:
    """Return a written dose in the unit of the treatment; a refusal is raised as in `records.values`."""
    found = re.fullmatch(r"([-+]?\d+(?:\.\d+)?)\s*(.*)", text.strip().lower())
    spec = _treatments()[what]
    if found is None:
        refuse("is not a dose", f"write a number and its unit, {spec['unit']}", text, ("amount",))
    unit = _unit(found[2])
    if unit not in spec["written"]:
        told = "has no unit" if not unit else "is in a unit that is not used for it"
        refuse(told, f"write {what} in {' or '.join(spec['written'])}", text, ("amount",))
    return float(found[1]) * float(spec["written"][unit])


def _unit(text: str) -> str:
    plain = re.sub(r"\s*(?:/|\bper\b|\ba\b|\bevery\b)\s*", "/", text.strip())
    plain = re.sub(r"\s*\b(?:daily|once/day)$", "/d", plain)
    plain = re.sub(r"\s*\bweekly$", "/wk", re.sub(r"\btimes?\s*(?=/)", "", plain))
    plain = re.sub(r"/day$", "/d", re.sub(r"/weeks?$", "/wk", plain))
    return re.sub(r"/4\s*(?:wk|weeks?)$", "/4wk", plain).replace(" ", "")
