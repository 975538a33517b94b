"""A virtual patient put on the couch: from a wish and a seed to a finished study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import yaml

from garland import __version__
from garland.edx_study import protocol as protocols
from garland.edx_study.case import _case_of
from garland.edx_study.laboratory import Findings, Laboratory, perform
from garland.edx_study.records import Study
from garland.edx_study.states import Bench, seen, session
from garland.errors import InputError, did_you_mean
from garland.evidence import all_numbers
from garland.forecast.patient import Wish, checked, coming_day, person_of
from garland.forecast.words import person_lines
from garland.inference.consult import remember_compiled_programs
from garland.model.diseases import DISEASES
from garland.model.latents import draw
from garland.model.patient import Person
from garland.records import Case

LATEST_DAY = 3650.0
COLDEST_C, WARMEST_C = 24.0, 38.0
"""Skin temperatures that a study may be recorded at [Cel]."""
_STATIONS = ("recordings", "traces", "signals", "study")
_NOT_A_WISH = ("seed",)


@dataclass(frozen=True)
class Order:
    """What is asked of the laboratory.

    Attributes
    ----------
    wish : Wish
        The virtual patient.
    protocol : str
        Name of a protocol, or path of a protocol file.
    day : float or None
        Days since the first symptom [d]; None: the day on which this patient first comes to a clinic.
    seed : int
        Same seed, same patient and same session.
    temperature_c : float
        Skin temperature [Cel].
    """

    wish: Wish
    protocol: str = "lumbosacral-plexus"
    day: float | None = None
    seed: int = 0
    temperature_c: float = 34.0

    @property
    def protocol_name(self) -> str:
        """Return the name of the protocol, of a file its stem."""
        return Path(self.protocol).stem


def record(order: Order, progress: Callable[[str], None] | None = None) -> tuple[Study, Case]:
    """Record a study of a virtual patient, and the same as a case.

    Parameters
    ----------
    order : Order
        What is asked.
    progress : callable, optional
        Told what is being done, in words.

    Returns
    -------
    tuple of Study, Case
        The study with its traces, and the case that `garland consult` reads.

    Raises
    ------
    InputError
        If the wish cannot be, the day lies outside 0 to 3650, the limb is too cold or warm, or the
        protocol cannot be read.
    """
    tell = progress or (lambda words: None)
    index = checked(order.wish)
    plan = protocols.load(order.protocol)
    if order.day is not None and not 0.0 <= order.day <= LATEST_DAY:
        raise InputError("--day", order.day, f"lies outside 0 to {LATEST_DAY:g} days", "give a day inside")
    if not COLDEST_C <= order.temperature_c <= WARMEST_C:
        rule = f"lies outside {COLDEST_C:g} to {WARMEST_C:g} degrees"
        raise InputError("--temperature", order.temperature_c, rule, "warm the limb to about 34")
    remember_compiled_programs()
    tell("drawing the patient")
    cause, latents = DISEASES[index], draw(jax.random.key(order.seed), 1)
    day = coming_day(cause, latents) if order.day is None else order.day
    known = person_of(order.wish, cause, order.seed)
    rng = np.random.default_rng([order.seed, 11])
    bench = Bench(
        seen(known, index, latents, jnp.array([day], jnp.float32)), 0, session(rng), order.temperature_c
    )
    laboratory = Laboratory(bench, order.seed)
    found = perform(plan, laboratory, tell)
    title = f"SIMULATED: {plan.title}, {cause.title}, day {day:.0f}, seed {order.seed}"
    study = _study(order, plan, day, laboratory, found)
    person = {name: bench.person(name) for name in Person._fields}
    name = f"simulated-{cause.name}-{order.seed}-day-{day:.0f}"
    return study, _case_of(name, title, day, person, found.measured)


def _study(
    order: Order, plan: protocols.Protocol, day: float, laboratory: Laboratory, found: Findings
) -> Study:
    told, thought = found.words()
    person: Person = laboratory.bench.seen.person
    temperature = laboratory.bench.temperature_c
    header = (
        *person_lines(person),
        ("day since first symptom", f"{day:.0f}"),
        ("protocol", plan.title),
        ("skin temperature", f"{temperature:.1f} °C"),
    )
    return Study(
        title=plan.title,
        protocol=plan.name,
        header=header,
        seed=order.seed,
        day=day,
        version=__version__,
        motor=tuple(found.motor),
        sensory=tuple(found.sensory),
        f_waves=tuple(found.f_waves),
        h_reflexes=tuple(found.h_reflexes),
        sides=found.sides(laboratory.judge),
        needle=tuple(found.needle),
        plates=tuple(found.plates),
        sounds=tuple(found.sounds),
        summary=told,
        impression=thought,
        limitations=_limitations(),
        assumed=_assumed(),
        sources=_sources(found),
    )


def _limitations() -> tuple[str, ...]:
    return (
        "Simulated: nothing here was recorded from a person. Not a medical device.",
        "Impression drawn from the tables alone, without history, examination or imaging.",
        "Where no limit is published, the limit is the model's own 3rd or 97th centile of healthy adults.",
        "One measure in thirty lies beyond its limit in health; a study of fifty finds one or two.",
    )


def _assumed() -> tuple[str, ...]:
    lines = []
    for station in _STATIONS:
        mine = [n for n in all_numbers() if n.path.removeprefix("parameters/").startswith(f"{station}/")]
        loose = sum(number.standing in ("assumed", "recalled") for number in mine)
        if loose:
            lines.append(f"{station}: {loose} of {len(mine)} numbers assumed or recalled")
    return tuple(lines)


def _sources(found: Findings) -> tuple[str, ...]:
    cells = [cell for row in (*found.motor, *found.sensory, *found.f_waves, *found.h_reflexes, *found.needle)
             for cell in vars(row).values() if getattr(cell, "source", "")]  # fmt: skip
    return tuple(dict.fromkeys(cell.source for cell in cells))


def read_patient(path: Path) -> tuple[Wish, int | None]:
    """Read a virtual patient from a YAML file."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        why = "; ".join(str(problem).split("\n")[:1])
        raise InputError(str(path), path.name, f"cannot be read ({why})", "name a YAML file") from problem
    if not isinstance(told, dict):
        raise InputError(str(path), told, "is no mapping of fields", "write cause: dlrpn, seed: 3 ...")
    fields = dict(told)
    if "sex" in fields:
        fields["male"] = _male(path, fields.pop("sex"))
    seed = fields.pop("seed", None)
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise InputError(f"{path}: seed", seed, "is no whole number from 0 on", "write seed: 0")
    for name, value in fields.items():
        _check_field(path, name, value)
    return Wish(**fields), seed


def _check_field(path: Path, name: str, value: Any) -> None:
    kinds: Mapping[str, type | tuple[type, ...]] = {"cause": str, "male": bool, "diabetes": bool}
    known = tuple(Wish.__dataclass_fields__)
    if name not in known:
        remedy = did_you_mean(str(name), (*known, "sex", *_NOT_A_WISH))
        raise InputError(f"{path}: {name}", value, "is no field of a virtual patient", remedy)
    wanted = kinds.get(name, (int, float))
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        say = {str: "a name", bool: "true or false"}.get(wanted, "a number")  # type: ignore[arg-type]
        raise InputError(f"{path}: {name}", value, f"is not {say}", f"write {say}")


def _male(path: Path, word: Any) -> bool:
    if word not in ("man", "woman"):
        raise InputError(f"{path}: sex", word, "is neither man nor woman", "write sex: man or sex: woman")
    return bool(word == "man")
