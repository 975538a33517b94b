"""The treatments that the model knows: names, units, shipped plans, and what their effects rest on.

The words of a treatment: name, dose with unit, and days, taken apart.

Treatments and plans: what is given from which day, read from YAML or from short text.

A line such as ``pregabalin 300 mg/d from day 30 to day 200`` is a treatment; several, divided by semicolons,
commas or lines, are a plan. Days count from the first symptom. Nothing is guessed: a dose without its unit or
a treatment without its first day is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import ValidationError, model_validator

from garland.errors import InputError, did_you_mean
from garland.evidence import part, read_yaml
from garland.evidence.treatments import FOLDER, TreatmentKind, declared_treatments, treatment_named
from garland.records.fields import PROBLEM, RecordPart, refuse
from garland.records.reading import load_file

Standing = Literal["trial", "none"]
"""Whether a controlled trial carries an effect."""


def _treatments() -> dict[str, TreatmentKind]:
    """Return every treatment that a plan may hold, by name."""
    return {name: one for name, one in declared_treatments().items() if one.prescribed}


@cache
def arms() -> Mapping[str, tuple[str, ...]]:
    """Return the plans that come with Garland, by name, as lines of text."""
    return {name: tuple(lines) for name, lines in read_yaml(FOLDER / "arms.yaml").items()}


def evidence_of(what: str) -> Standing:
    """Tell whether a controlled trial carries the effect of a treatment."""
    return "trial" if _known(what).evidence == "trial" else "none"


def _rests_on(what: str) -> str:
    """Return what the effect of a treatment rests on, as the end of a sentence."""
    return _known(what).rests_on


def _spellings() -> list[str]:
    """Return every name that a treatment or a shipped plan may be called by."""
    spelt = [name for one in _treatments().values() for name in one.names]
    return [*_treatments(), *spelt, *arms()]


def _treatment_named(text: str) -> str | None:
    """Return the model's name of a treatment of plans in any known spelling, or None if there is none."""
    found = treatment_named(text)
    return found if found in _treatments() else None


def _known(what: str) -> TreatmentKind:
    if what not in _treatments():
        raise InputError("what", what, "is not a treatment of the model", did_you_mean(what, _treatments()))
    return _treatments()[what]


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
    procedure = re.fullmatch(r"(?P<what>[a-z][a-z -]*?)\s+(?:on|from)\s+day\s+(?P<day>\d+(?:\.\d+)?)", line)
    if procedure and (done := _treatment_named(procedure["what"])) and _known(done).kind == "procedure":
        return {"what": done, "amount": 1.0, "start_day": float(procedure["day"])}
    found = _LINE.fullmatch(line)
    name = re.split(r"\s+(?:from|to|until|for|over|hba1c|[-+]?\d)", line)[0]
    what = _treatment_named(name)
    if what is None:
        raise InputError("what", name, "is not a treatment of the model", did_you_mean(name, _spellings()))
    if found is None or found["what"] != name or (found["target"] and not _known(what).target):
        raise InputError("amount", line, "gives no dose", GLUCOSE_WAY if _known(what).target else WAYS)
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
        refuse("is not a dose", f"write a number and its unit, {spec.unit}", text, ("amount",))
    unit = _unit(found[2])
    if unit not in spec.written:
        detail = "has no unit" if not unit else "is in a unit that is not used for it"
        refuse(detail, f"write {what} in {' or '.join(spec.written)}", text, ("amount",))
    return float(found[1]) * float(spec.written[unit])


def _unit(text: str) -> str:
    plain = re.sub(r"\s*(?:/|\bper\b|\ba\b|\bevery\b)\s*", "/", text.strip())
    plain = re.sub(r"\s*\b(?:daily|once/day)$", "/d", plain)
    plain = re.sub(r"\s*\bweekly$", "/wk", re.sub(r"\btimes?\s*(?=/)", "", plain))
    plain = re.sub(r"/day$", "/d", re.sub(r"/weeks?$", "/wk", plain))
    return re.sub(r"/4\s*(?:wk|weeks?)$", "/4wk", plain).replace(" ", "")


__all__ = [
    "Plan",
    "Standing",
    "Treatment",
    "_parse_treatment",
    "_rests_on",
    "_treatments",
    "arms",
    "evidence_of",
    "parse_plan",
    "read_plan",
]

_LAST_DAY = 36500.0
_ARM = re.compile(r"(?P<arm>[a-z][a-z+ -]*?)(?:\s+from\s+day\s+(?P<day>\d+(?:\.\d+)?))?")


class Treatment(RecordPart):
    """One treatment at a steady dose.

    Attributes
    ----------
    what : str
        Its name, such as ``pregabalin`` or ``physical-therapy``.
    amount : float
        Dose in its unit (`unit`); for ``glucose`` the HbA1c aimed at [%].
    start_day, stop_day : float, float or None
        First and last day, counted from the first symptom [d]; None: it is not stopped.
    over_day : float or None
        For ``glucose`` only: how long mean glucose takes to get there [d].
    """

    what: str
    amount: float
    start_day: float
    stop_day: float | None = None
    over_day: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        """Take known spellings of the name, and amounts with a unit; refuse what is not a number."""
        if not isinstance(value, Mapping):
            return value
        fields = dict(value)
        fields["what"] = _treatment_named(str(value.get("what")))
        if fields["what"] is None:
            remedy = did_you_mean(str(value.get("what")), _spellings())
            refuse("is not a treatment of the model", remedy, value.get("what") or "nothing", ("what",))
        for name in ("amount", "start_day"):
            if value.get(name) is None:
                refuse("is missing, and a treatment cannot do without it", f"add {name}", "nothing", (name,))
        if isinstance(value["amount"], str):
            fields["amount"] = _amount_of(fields["what"], value["amount"])
        for name in ("amount", "start_day", "stop_day", "over_day"):
            given = fields.get(name)
            if given is not None and (isinstance(given, bool) or not isinstance(given, int | float)):
                refuse("is not a number", "write a number without quotes", given, (name,))
        return fields

    @model_validator(mode="after")
    def _possible(self) -> Treatment:
        """Refuse doses that are negative or beyond what is known, and days in the wrong order."""
        _check_amount(self.what, self.amount)
        if not 0 <= self.start_day <= _LAST_DAY:
            rule = f"is not a day of the illness (0 to {_LAST_DAY:g})"
            refuse(rule, "count from the first symptom", self.start_day, ("start_day",))
        if self.stop_day is not None and self.stop_day <= self.start_day:
            rule = f"is not after the first day, {self.start_day:g}"
            refuse(rule, "give a later day, or leave it out", self.stop_day, ("stop_day",))
        if _known(self.what).target:
            if self.over_day is None or self.over_day <= 0:
                refuse(
                    "does not say over how many days", GLUCOSE_WAY, self.over_day or "nothing", ("over_day",)
                )
            if self.stop_day is not None:
                rule = "ends glucose control, which stays where it is taken"
                refuse(rule, "leave it out", self.stop_day, ("stop_day",))
        elif self.over_day is not None:
            refuse("is for glucose only", "leave it out", self.over_day, ("over_day",))
        return self

    @property
    def unit(self) -> str:
        """Unit of `amount`."""
        return _known(self.what).unit

    @property
    def title(self) -> str:
        """Its name for a reader."""
        return _known(self.what).title

    @property
    def is_procedure(self) -> bool:
        """Whether it is done once, such as an operation."""
        return _known(self.what).kind == "procedure"

    @property
    def words(self) -> str:
        """The treatment in one plain sentence, with what its effect rests on."""
        name = f"{self.title.capitalize()} {_known(self.what).dose_words(self.amount)}".strip()
        until = f" to day {self.stop_day:g}" if self.stop_day is not None else ""
        if self.over_day is not None:
            until = f", reached over {self.over_day:g} days"
        begins = "on" if self.is_procedure else "from"
        return f"{name} {begins} day {self.start_day:g}{until}. It rests on: {_rests_on(self.what)}."


class Plan(RecordPart):
    """Treatments given together, at most one of each kind.

    Attributes
    ----------
    name : str or None
        Name of the plan, if it has one.
    treatments : tuple of Treatment
        What is given; empty: nothing.
    """

    name: str | None = None
    treatments: tuple[Treatment, ...] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> Plan:
        """Refuse two treatments of one kind."""
        seen: set[str] = set()
        for place, given in enumerate(self.treatments):
            if given.what in seen:
                rule = "is given twice in one plan"
                refuse(rule, "keep one, at one steady dose", given.what, ("treatments", place, "what"))
            seen.add(given.what)
        return self

    def words(self) -> tuple[str, ...]:
        """Return plain sentences, one per treatment, each with what its effect rests on."""
        return tuple(given.words for given in self.treatments) or ("Nothing is given.",)

    def starting(self, day: float) -> Plan:
        """Return the same plan, moved so that its first treatment begins on `day` [d]."""
        if not self.treatments:
            return self
        move = day - min(given.start_day for given in self.treatments)
        moved = [
            given.model_dump(exclude_none=True)
            | {"start_day": given.start_day + move}
            | ({"stop_day": given.stop_day + move} if given.stop_day is not None else {})
            for given in self.treatments
        ]
        return parse_plan(moved, "plan", self.name)


def read_plan(source: str | Path) -> Plan:
    """Read a plan from a file, the name of a shipped plan, or short text."""
    if isinstance(source, Path) or source.strip().lower().endswith((".yaml", ".yml", ".json")):
        where = Path(source)
        return parse_plan(load_file(where), str(where))
    plain = " ".join(source.lower().split())
    named = _ARM.fullmatch(plain)
    name = named["arm"].replace(" + ", "+").replace(" ", "-") if named else ""
    if named and name in arms():
        plan = parse_plan(list(arms()[name]), "plan", name)
        return plan.starting(float(named["day"])) if named["day"] else plan
    if named and named["day"] is None and _treatment_named(name) is None:
        raise InputError(
            "plan", source, "is neither a plan nor a treatment", did_you_mean(name, _spellings())
        )
    return parse_plan(_lines(source), "plan")


def _lines(text: str) -> list[str]:
    lines = [line for line in re.split(r"\s*(?:[;\n]|,(?!\d)|\band\b|\s\+\s)\s*", text.strip()) if line]
    if not lines:
        raise InputError("plan", text, "is empty", f"write none, or {WAYS}")
    return lines


def parse_plan(raw: object, where: str = "plan", name: str | None = None) -> Plan:
    """Check what YAML gives for a plan: a list of treatments, or a mapping with ``treatments``."""
    if isinstance(raw, str):
        raw = _lines(raw)
    fields = dict(raw) if isinstance(raw, Mapping) else {"name": name, "treatments": raw}
    listed = fields.get("treatments")
    if not isinstance(listed, list | tuple):
        raise InputError(where, listed, "is not a list of treatments", f"write one '- ...' per line; {WAYS}")
    try:
        lines = [
            _parse_treatment(item, f"{where}[{place}]") if isinstance(item, str) else item
            for place, item in enumerate(listed)
        ]
        return Plan.model_validate(fields | {"treatments": lines})
    except ValidationError as error:
        _tell(error, where)


def _parse_treatment(text: str, where: str = "treatment") -> Treatment:
    """Read one treatment in words, such as ``methylprednisolone 1 g/wk from day 20 for 12 wk``."""
    try:
        return Treatment.model_validate(_fields_of(" ".join(text.lower().split())))
    except ValidationError as error:
        _tell(error, where)
    except InputError as error:
        path = f"{where}.{error.path}" if error.path else where
        raise InputError(path, error.value, error.rule, error.remedy) from None


def _check_amount(what: str, amount: float) -> None:
    doses, declared = part("care/doses"), _known(what)
    unit = declared.unit
    if declared.target:
        low, high = doses.table(declared.target).values()
        if not low <= amount <= high:
            rule = f"is not an HbA1c that can be aimed at ({low:g} to {high:g} %)"
            refuse(rule, "check the figure; it is in %, not mmol/mol", amount, ("amount",))
        return
    if not math.isfinite(amount) or amount < 0:
        refuse("is not a dose", f"write 0 or more, in {unit}", amount, ("amount",))
    highest = doses.entry("highest", what)
    if amount > highest:
        rule = f"is far beyond what is known ({highest:g} {unit} at most)"
        refuse(rule, f"check the figure and its unit, {unit}", amount, ("amount",))


def _tell(error: ValidationError, where: str) -> NoReturn:
    problem = error.errors(include_url=False)[0]
    detail, loc = problem.get("ctx") or {}, [*problem["loc"]]
    if problem["type"] != PROBLEM:
        detail = {"rule": f"is not accepted ({problem['msg']})", "remedy": WAYS, "value": problem["input"]}
    parts = [*loc, *detail.get("at", ())]
    parts = parts[1:] if parts[:1] == ["treatments"] else parts
    path = where + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in parts)
    raise InputError(path, detail["value"], detail["rule"], detail["remedy"]) from None
