"""Reading and writing of cases, the shipped ones among them, and of the specs of cohorts and trials.

Files are YAML or JSON; whatever is wrong with one becomes one `InputError`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import ValidationError

from garland.errors import InputError, InputErrors, did_you_mean
from garland.io import write_whole
from garland.records.case import FORMAT_VERSION, Case
from garland.records.fields import PROBLEM, RecordPart

MAX_BYTES = 1_000_000
_SHOWN = 80
_START_HERE = "start from the template of a case"


class _StrictLoader(yaml.SafeLoader):
    """YAML without aliases (which can blow a small file up) and without repeated keys."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="holds an alias (*name)", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"gives the key {key.value} twice", problem_mark=key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return super().construct_mapping(node, deep)


def read_case(path: str | Path) -> Case:
    """Read a case from a YAML or JSON file.

    Parameters
    ----------
    path : str or Path
        ``*.json`` is read as JSON, anything else as YAML.

    Returns
    -------
    Case
        The record, checked.

    Raises
    ------
    InputError
        If the file cannot be read or is no valid case; `InputErrors`, which tells all of them, where there is
        more than one fault.
    """
    where = Path(path)
    loaded = load_file(where)
    if loaded is None:
        raise InputError(str(where), "nothing", "holds no case", _START_HERE)
    return parse_case(loaded, str(where))


def parse_case(mapping: object, where: str = "") -> Case:
    """Check a mapping, as YAML or JSON gives it, and return the case.

    Parameters
    ----------
    mapping : object
        What should be a mapping with the keys of `Case`.
    where : str
        Where it comes from (a file's name), put before the path in errors.

    Returns
    -------
    Case
        The record, checked.

    Raises
    ------
    InputError
        If it is no valid case.
    """
    if not isinstance(mapping, Mapping):
        remedy = f"begin with 'garland_case: {FORMAT_VERSION}' and 'key: value' lines; {_START_HERE}"
        raise InputError(where or "case", _short(mapping), "is not a mapping", remedy)
    try:
        return Case.model_validate(mapping)
    except ValidationError as error:
        _refuse_all(error, where)
    except RecursionError:
        raise InputError(where or "case", "...", "is nested too deeply", _START_HERE) from None


def _case_mapping(case: Case) -> dict[str, Any]:
    """Plain mapping of what the case says, without what it leaves open; `parse_case` takes it back."""
    kept = case.model_dump(mode="json", exclude_defaults=True)
    return {key: value for key, value in kept.items() if value is not None}


def write_case(case: Case, path: str | Path) -> None:
    """Write a case to a file: JSON where the name ends in ``.json``, YAML otherwise."""
    plain = _case_mapping(case)
    if Path(path).suffix.lower() == ".json":
        text = json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    try:
        write_whole(Path(path), text)
    except OSError as error:
        raise InputError(
            str(path), "file", f"cannot be written ({error.strerror})", "choose another place"
        ) from None


def case_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a case in the project's own spelling; the reader takes others too."""
    schema = Case.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Garland case"}


def template() -> str:
    """Commented YAML template of a case, which is itself a case that can be read."""
    return (Path(__file__).parent / "template.yaml").read_text(encoding="utf-8")


def load_file(where: Path) -> object:
    """Return what a YAML or JSON file holds, as plain lists, mappings and values; None if it is empty."""
    text = _text(where)
    return _load_json(text, where) if where.suffix.lower() == ".json" else _load_yaml(text, where)


def _text(where: Path) -> str:
    if where.is_dir():
        raise InputError(str(where), "directory", "is not a file", "name the file of one case")
    try:
        size = where.stat().st_size
        if size > MAX_BYTES:
            rule = f"is larger than a case can be ({MAX_BYTES} bytes)"
            raise InputError(str(where), f"{size} bytes", rule, "name the file of one case")
        raw = where.read_bytes()
    except FileNotFoundError:
        raise InputError(str(where), "no file", "does not exist", "check the name") from None
    except (OSError, ValueError) as error:
        raise InputError(
            str(where), "file", f"cannot be read ({error})", "check the name and permissions"
        ) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        value = f"byte {raw[error.start]:#04x} at {error.start}"
        raise InputError(str(where), value, "is not UTF-8 text", "save the file as UTF-8") from None


def _load_yaml(text: str, where: Path) -> object:
    try:
        return yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{where} line {mark.line + 1}" if mark is not None else str(where)
        lines = text.splitlines()
        value = lines[mark.line].strip() if mark is not None and mark.line < len(lines) else "..."
        rule = f"is not valid YAML: {error.problem}"
        raise InputError(
            place, _short(value), rule, "correct the line, its indentation and its quotes"
        ) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        detail = " ".join(str(error).split()) or type(error).__name__
        rule = f"is not valid YAML: {_short(detail)}"
        raise InputError(str(where), "text", rule, "write plain 'key: value' lines") from None


def _load_json(text: str, where: Path) -> object:
    def no_constant(name: str) -> NoReturn:
        raise InputError(
            str(where), name, "is not a number JSON knows", "leave the key out where nothing is known"
        )

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        plain = dict(pairs)
        if len(plain) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InputError(str(where), twice, "is a key given twice", "keep one of the two")
        return plain

    try:
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=once) if text.strip() else None
    except json.JSONDecodeError as error:
        lines = text.splitlines()
        value = lines[error.lineno - 1].strip() if error.lineno <= len(lines) else "..."
        rule = f"is not valid JSON: {error.msg}"
        raise InputError(f"{where} line {error.lineno}", _short(value), rule, "correct the line") from None
    except (ValueError, RecursionError) as error:
        rule = f"is not valid JSON: {_short(str(error))}"
        raise InputError(str(where), "text", rule, "write one plain object") from None


def _refuse_all(
    error: ValidationError, where: str, what: str = "case", remedy: str = _START_HERE
) -> NoReturn:
    """Turn what pydantic found into one error that tells every fault."""
    found = [
        _problem(fault, what, remedy)
        for detail in error.errors(include_url=False)
        for fault in (detail, *_others_there(detail))
    ]
    if len(found) == 1:
        path, value, rule, cure = found[0]
        raise InputError(f"{where}: {path}" if where else path, _short(value), rule, cure) from None
    problems = [InputError(path, _short(value), rule, cure) for path, value, rule, cure in found]
    raise InputErrors(where, problems) from None


def _others_there(detail: Any) -> Iterator[dict[str, Any]]:
    """Yield further faults of the place of one of pydantic's errors, as if each had its own."""
    for fault in (detail.get("ctx") or {}).get("more", ()):
        yield {**detail, "ctx": fault}


def _problem(detail: Any, what: str, remedy: str) -> tuple[str, object, str, str]:
    """Path, value, rule and remedy of one of pydantic's errors."""
    context = detail.get("ctx") or {}
    if detail["type"] == PROBLEM:
        path = _path((*detail["loc"], *context["at"]), what)
        return path, context["value"], context["rule"], context["remedy"]
    path = _path(detail["loc"], what)
    if detail["type"] == "missing":
        rule = f"is missing, and a {what} cannot do without it"
        return path, "nothing", rule, f"add {detail['loc'][-1]}: ..."
    if detail["type"] == "tuple_type":
        return path, detail["input"], "is not a list", "write [one, two] or one '- item' per line"
    return path, detail["input"], f"is not accepted ({detail['msg']})", remedy


def _path(parts: tuple[str | int, ...], what: str) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in parts)
    return text.lstrip(".") or what


def _printable(part: str) -> str:
    return part if part.isprintable() and len(part) <= _SHOWN else repr(part[: _SHOWN - 3])


def _short(value: object) -> object:
    """Shorten a value for a message; numbers, truth values and short words are left as they are."""
    if value is None:
        return "nothing"
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        return "..."
    if len(text) > _SHOWN:
        return text[: _SHOWN - 3] + "..."
    return value


_EVIDENCE = Path(__file__).resolve().parents[1] / "evidence"


def shipped_cases() -> list[tuple[str, Path]]:
    """Identifiers and files of the published cases, in order of their numbers."""
    paths = (_EVIDENCE / "cases").glob("*.yaml")
    return [(path.stem, path) for path in sorted(paths, key=lambda path: int(path.stem.partition("-")[0]))]


def find_case(name: str) -> Case:
    """Read a case file, or the shipped case of that id."""
    path = Path(name)
    if path.exists() or path.suffix.lower() in (".yaml", ".yml", ".json") or len(path.parts) > 1:
        return read_case(path)
    return shipped_case(name)


@cache
def shipped_case(identifier: str) -> Case:
    """Published case by its identifier (``04-diabetic-amyotrophy-jkna-56m``) or number (``04``).

    Raises
    ------
    InputError
        If there is no such case.
    """
    known = dict(shipped_cases())
    matches = [path for name, path in known.items() if identifier in (name, name.split("-")[0])]
    if not matches:
        raise InputError(
            "case", identifier, "is not one of the published cases", did_you_mean(identifier, known)
        )
    return read_case(matches[0])


def accepted_causes(identifier: str) -> tuple[str, ...]:
    """Causes that count as the published diagnosis of a shipped case."""
    published = shipped_case(identifier).published
    return published.accepted_causes if published is not None else ()


Spec = TypeVar("Spec", bound=RecordPart)


def _read_spec(model: type[Spec], path: str | Path, what: str) -> Spec:
    """Read a spec from a YAML or JSON file."""
    where = Path(path)
    return parse_spec(model, load_file(where), what, str(where))


def _shipped_specs(what: str) -> dict[str, Path]:
    return {file.stem: file for file in sorted((_EVIDENCE / f"{what}s").glob("*.yaml"))}


def find_spec(model: type[Spec], name: str | Path, what: str, where: str) -> Spec:
    """Read the spec of a file, or the one of this name that comes with Garland."""
    path, shipped = Path(name), _shipped_specs(what)
    if path.exists() or path.suffix.lower() in (".yaml", ".yml", ".json") or len(path.parts) > 1:
        return _read_spec(model, path, what)
    if str(name) not in shipped:
        rule = f"is neither a file nor a shipped {what}"
        raise InputError(where, str(name), rule, did_you_mean(str(name), list(shipped)))
    return _read_spec(model, shipped[str(name)], what)


def parse_spec(model: type[Spec], mapping: object, what: str, where: str = "") -> Spec:
    """Check a mapping, as YAML gives it, and return the spec."""
    start = f"begin with 'garland_{what}: 1'"
    if not isinstance(mapping, Mapping):
        found = "nothing" if mapping is None else mapping
        raise InputError(where or what, found, f"is not a {what}", f"{start} and 'key: value' lines")
    try:
        return model.model_validate(mapping)
    except ValidationError as error:
        _refuse_all(error, where, what, f"see the examples of a {what}")


def spec_hash(spec: RecordPart) -> str:
    """Return the SHA-256 of a spec: the same for the same run, however it was written (64 hex digits)."""
    plain = json.dumps(spec.model_dump(mode="json"), sort_keys=True, allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()
