"""The simulated cohorts of the validation, and one day of their patients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from garland._types import Float64s
from garland.anatomy.tree import load
from garland.errors import InputError, did_you_mean
from garland.evidence import Part, part, replaced
from garland.forecasts.simulate import broadcast
from garland.inference.likelihood import UNKNOWN, day_of
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.prior import prior
from garland.model.findings import SIDED, UNSIDED, Address, column
from garland.model.latents import Latents, draw
from garland.model.outcomes import Outcomes, outcomes
from garland.model.patient import Person, unknown_person
from garland.model.simulate import COMPILER, PatientState, expected_findings, state_on_day
from garland.model.treatment.schedule import Dose, Treatments, no_care
from garland.population.demographics import Population, chosen, sample_adults, weight_kg
from garland.population.risk import hazard_per_year
from garland.programs import Compiled

BATCH = 512
"""Patients of one call of the compiled model [-]."""


class _Scene(NamedTuple):
    """One day of N patients.

    Attributes
    ----------
    outcomes : Outcomes
        What the patients live through on that day; see there for the fields.
    person : Person
        Who they are, nothing unknown.
    findings : (N, F)
        What every test would show on average, in the order of `model.findings`; see `_field`.
    struck_hazard : (N, 2)
        Hazard of axon loss at the worst site of each side, when all is done [-].
    struck_day, done_day : (N, 2)
        Day on which damage begins and is complete at the worst site of each side [d].
    again_day, again_ratio : (N,)
        Day of a relapse and its damage relative to the first [d, -].
    """

    outcomes: Outcomes
    person: Person
    findings: Any
    affected_hazard: Any
    affected_day: Any
    done_day: Any
    again_day: Any
    again_ratio: Any


def _scene(
    numbers: Mapping[str, Any],
    person: Person,
    cause: jax.Array,
    latents: Latents,
    day: jax.Array,
    treatment: Treatments,
) -> _Scene:
    """Return one day of N patients who share a cause; pure, for compiling."""
    with replaced(numbers):
        course = state_on_day(person, cause, latents, day, treatment)
        return _Scene(outcomes(course), course.person, expected_findings(course), *_story(course))


def _field(findings: np.ndarray, name: str) -> np.ndarray:
    """Return one field of the findings of N patients: (N, 2, items), or (N, items) where there is no side."""
    items = SIDED.get(name) or UNSIDED[name]
    sides = (2,) if name in SIDED else ()
    start = column(Address(name, 0 if name in SIDED else None, items[0]))
    width = len(items) * (2 if name in SIDED else 1)
    return findings[:, start : start + width].reshape(len(findings), *sides, len(items))


def _story(course: PatientState) -> tuple[jax.Array, ...]:
    """Return when and how hard each side is struck, and the relapse."""
    lesion_process = course.lesion_process
    worst = lesion_process.axon_loss.argmax(axis=2)[..., None]
    start = jnp.take_along_axis(lesion_process.start_day, worst, axis=2)[..., 0]
    done = start + lesion_process.span_day[:, None]
    return (
        lesion_process.axon_loss.max(axis=2),
        start,
        done,
        lesion_process.again_day,
        lesion_process.again_ratio,
    )


@cache
def _compiled() -> Compiled:
    return Compiled(_scene, name="scene", compiler_options=COMPILER)


def _scene_of(
    numbers: Mapping[str, Any],
    person: Person,
    cause: int,
    latents: Latents,
    day: np.ndarray,
    treatment: Treatments,
) -> _Scene:
    """Return one day of any number of patients, in batches of one size so that one compilation serves all."""
    n = len(day)
    whole = (*broadcast((person, treatment), n), latents, jnp.asarray(day, jnp.float32))
    padded = _whole_batches(n)
    # In NumPy: on the device every new number of patients would be compiled for.
    wide = jax.tree.map(lambda field: np.take(np.asarray(field), np.arange(padded) % n, axis=0), whole)
    parts = []
    for start in range(0, padded, BATCH):
        person_row, care_of, luck, when = jax.tree.map(lambda field: field[start : start + BATCH], wide)  # noqa: B023
        made = _compiled()(dict(numbers), person_row, jnp.int32(cause), luck, when, care_of)
        parts.append(jax.tree.map(np.asarray, made))
    return _joined(parts, n)


def _whole_batches(n: int) -> int:
    """Return how many patients fill the batches that n patients need."""
    return -(-n // BATCH) * BATCH


def _joined(scenes: list[_Scene], n: int | None = None) -> _Scene:
    """Return several groups of patients as one, cut to the first `n` if given."""
    return jax.tree.map(lambda *fields: np.concatenate(fields)[:n], *scenes)  # type: ignore[no-any-return]


def _limit(name: str) -> float:
    """Return a line drawn by `validation/ascertainment`, in its unit."""
    return part("validation/ascertainment").value(name)


Moment = tuple[str, float]
"""A moment and days added: ``seen`` (diagnosis or evaluation), ``later`` (last follow-up), ``onset``."""
COUNTY = 200_000
"""Adults of the county from whom cases are drawn by hazard [-]."""
_PROXIMAL = slice(0, 5)
_FOOT = load().movement("ankle-dorsiflexion")
_LEG = slice(0, 12)


class _Members(NamedTuple):
    """Patients of a cohort who share a cause: the cause, what is known, chance, days of both visits, care."""

    cause: int
    person: Person
    latents: Latents
    seen_day: Any
    later_day: Any
    treatment: Treatments


@dataclass(frozen=True)
class _Recipe:
    """How to make a cohort.

    Attributes
    ----------
    title : str
        In words.
    shares : mapping of str to float, or callable
        Share of the patients by cause [-], or what works it out.
    delayed : bool
        Whether patients are seen late, as at a referral centre.
    day : tuple of float, optional
        First and last day on which they are seen, evenly in between [d]; else when such patients come.
    age, male, diabetes : optional
        Youngest and oldest, evenly in between [a]; share of men; 1 with or 0 without diabetes. Else as in
        the evidence of the cause.
    select : callable, optional
        Weight of every patient, from the cohort to (N,) [0..1].
    treatment : callable, optional
        Care from the day on which patients are seen, (N,) [d].
    """

    title: str
    shares: Mapping[str, float] | Callable[[], Mapping[str, float]]
    delayed: bool = False
    select: Callable[[_Cohort], Float64s] | None = None
    treatment: Callable[[jax.Array], Treatments] | None = None
    day: tuple[float, float] | None = None
    age: tuple[float, float] | None = None
    male: float | None = None
    diabetes: float | None = None


@dataclass(eq=False)
class _Cohort:
    """Simulated patients of a series; each day is computed once.

    Attributes
    ----------
    recipe : Recipe
        How it was made.
    members : tuple of Members
        Patients by cause.
    numbers : mapping
        Numbers that replace those of the evidence.
    seed : int
        Same seed, same noise of what is recorded.
    records : dict
        What examiners wrote down, kept once drawn; see `validation.recorded`.
    """

    recipe: _Recipe
    members: tuple[_Members, ...]
    numbers: Mapping[str, Any]
    seed: int = 0
    records: dict[Any, Any] = field(default_factory=dict)
    _scenes: dict[Moment, _Scene] = field(default_factory=dict)
    _weight: list[Float64s] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Number of patients [-]."""
        return sum(len(group.seen_day) for group in self.members)

    def day(self, moment: Moment) -> Float64s:
        """Return the day of a moment for every patient, (N,) [d]."""
        name, added = moment
        days = [
            {"seen": g.seen_day, "later": g.later_day, "onset": 0.0 * g.seen_day}[name] for g in self.members
        ]
        return np.maximum(np.concatenate(days).astype(np.float64) + added, 0.0)

    def scene(self, name: str = "seen", added: float = 0.0) -> _Scene:
        """Return all patients on a day; see `Moment`."""
        moment = (name, added)
        if moment not in self._scenes:
            days = np.split(self.day(moment), np.cumsum([len(g.seen_day) for g in self.members])[:-1])
            groups = zip(self.members, days, strict=True)
            made = [_scene_of(self.numbers, g.person, g.cause, g.latents, d, g.treatment) for g, d in groups]
            self._scenes[moment] = _joined(made)
        return self._scenes[moment]

    @property
    def weight(self) -> Float64s:
        """How surely each patient is in the series, (N,) [0..1]."""
        if not self._weight:
            select = self.recipe.select
            self._weight.append(np.ones(self.n) if select is None else select(self))
        return self._weight[0]

    def controls(self) -> _Cohort:
        """Return people of the same age and sex without the disease, diabetes as common as at that age."""
        plain = [
            group._replace(
                cause=index_of("none"),
                person=unknown_person()._replace(age_years=group.person.age_years, male=group.person.male),
                treatment=no_care(),
            )
            for group in self.members
        ]
        return _Cohort(_Recipe("controls", {"none": 1.0}), tuple(plain), self.numbers)


def _sigmoid(x: Float64s) -> Float64s:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0))), np.float64)


def _severe(cohort: _Cohort) -> Float64s:
    """Return how surely each patient reaches a referral centre, by NIS when seen, (N,) [0..1]."""
    nis = np.asarray(cohort.scene().outcomes.nis, np.float64)
    return _sigmoid((nis - _limit("referral_nis")) / _limit("referral_nis_width"))


def _severe_bilateral(cohort: _Cohort) -> Float64s:
    """Return the referral weight of patients with both sides affected when seen, (N,) [0..1]."""
    return _severe(cohort) * _involved(cohort.scene()).all(axis=1)


def _worsening(cohort: _Cohort) -> Float64s:
    """Return the referral weight of patients whose NIS rose in the month before, (N,) [0..1]."""
    rise = np.asarray(cohort.scene().outcomes.nis - cohort.scene("seen", -30.0).outcomes.nis, np.float64)
    return _severe(cohort) * _sigmoid((rise - 2.0) / _limit("worsening_nis_width"))


def _painful(cohort: _Cohort) -> Float64s:
    """Return the referral weight of patients with pain above 4 when seen, (N,) [0..1]."""
    return _severe(cohort) * (np.asarray(cohort.scene().outcomes.pain_nrs) > 4.0)


def _involved(scene: _Scene) -> np.ndarray:
    """Return which sides an examiner or an electromyographer finds affected at hip and thigh, (N, 2)."""
    weak = np.asarray(scene.outcomes.movement_grade)[:, :, _PROXIMAL].min(axis=2) < _limit("weak_below_grade")
    lost = np.asarray(scene.outcomes.nerve_axons)[:, :, :3].min(axis=2) < _limit("involved_axons")
    return np.asarray(weak | lost)


def _weak(scene: _Scene) -> np.ndarray:
    """Return who has a weak movement in either leg, (N,)."""
    grade = np.asarray(scene.outcomes.movement_grade)[:, :, _LEG]
    return np.asarray(grade.min(axis=(1, 2)) < _limit("weak_below_grade"))


def _proximal_grade(scene: _Scene) -> Float64s:
    """Return the mean MRC grade of hip and knee on each side, (N, 2) [0..5.4]."""
    return np.asarray(np.asarray(scene.outcomes.movement_grade, np.float64)[:, :, _PROXIMAL].mean(axis=2))


def _methylprednisolone(seen_day: jax.Array) -> Treatments:
    """Return weekly methylprednisolone from the day patients are seen, as in the open series."""
    stop = seen_day + _limit("methylprednisolone_day")
    amount = jnp.full_like(seen_day, _limit("methylprednisolone_g_week"))
    return no_care(methylprednisolone=Dose(amount, seen_day, stop))


def _immunoglobulin(seen_day: jax.Array) -> Treatments:
    """Return one course of immunoglobulin from the day patients are seen."""
    amount = jnp.full_like(seen_day, _limit("immunoglobulin_g_kg"))
    return no_care(immunoglobulin=Dose(amount, seen_day, seen_day + 28.0))


def _maintained_immunoglobulin(seen_day: jax.Array) -> Treatments:
    """Return immunoglobulin every few weeks from the day patients are seen, for as long as they are."""
    amount = jnp.full_like(seen_day, _limit("immunoglobulin_g_kg"))
    return no_care(immunoglobulin=Dose(amount, seen_day, seen_day + _limit("maintenance_day")))


def _prednisone(seen_day: jax.Array) -> Treatments:
    """Return prednisone from the day patients are seen."""
    amount = jnp.full_like(seen_day, _limit("prednisone_mg_day"))
    return no_care(prednisone=Dose(amount, seen_day, seen_day + _limit("maintenance_day")))


def _walking(cohort: _Cohort) -> Float64s:
    """Return how surely each patient walks alone when seen, (N,) [0..1]."""
    return np.asarray(cohort.scene().outcomes.walks_alone, np.float64)


def _dorsiflexion(cohort: _Cohort) -> Float64s:
    """Return the MRC grade of the weaker foot when seen, (N,) [0..5.4]."""
    grades = np.asarray(cohort.scene().outcomes.movement_grade, np.float64)
    return np.asarray(grades[:, :, _FOOT].min(axis=1))


def _foot_drop(cohort: _Cohort) -> Float64s:
    """Return who has a foot drop when seen, (N,) [0, 1]."""
    return np.asarray(_dorsiflexion(cohort) < _limit("foot_drop_grade"), np.float64)


def _incomplete_palsy(cohort: _Cohort) -> Float64s:
    """Return whose foot is weak and not paralysed when seen, (N,) [0, 1]."""
    grade = _dorsiflexion(cohort)
    some = (grade >= _limit("paralysed_below_grade")) & (grade < _limit("weak_below_grade"))
    return np.asarray(some, np.float64)


def _as_met(setting: str, *causes: str) -> Callable[[], Mapping[str, float]]:
    """Return what works out the shares of some causes among the patients of a setting."""

    def shares() -> Mapping[str, float]:
        every = prior(unknown_person(), setting)
        met = {cause: float(every[index_of(cause)]) for cause in causes}
        return {cause: share / sum(met.values()) for cause, share in met.items()}

    return shares


_ROOTS = ("radiculopathy-l4", "radiculopathy-l5", "radiculopathy-s1")
_LEG_PAIN = ("radiculopathy-l2", "radiculopathy-l3", *_ROOTS, "lumbar-stenosis", "none")
_NEUROLOGY = ("distal-polyneuropathy", "motor-neuron-disease", "cidp", "fibular", *_ROOTS[1:], "none")


def _healthy(title: str, age: tuple[float, float], male: float | None = None) -> _Recipe:
    return _Recipe(title, {"none": 1.0}, age=age, male=male, diabetes=0.0)


def _alone(title: str, cause: str, **more: Any) -> _Recipe:
    return _Recipe(title, {cause: 1.0}, **more)


def _of_the_county() -> dict[str, float]:
    """Return the shares of the two forms among the cases of a county, by hazard."""
    people, hazard = _county()
    diabetic = float((hazard * people.diabetes).sum() / hazard.sum())
    return {"dlrpn": diabetic, "lrpn": 1.0 - diabetic}


def _county() -> tuple[Population, Float64s]:
    people = sample_adults(COUNTY, 1)
    return people, hazard_per_year(people)


RECIPES: dict[str, _Recipe] = {
    "olmsted": _Recipe("every case of a county", _of_the_county),
    "olmsted-diabetic": _Recipe("every diabetic case of a county", {"dlrpn": 1.0}),
    "mayo": _Recipe("referral centre", {"dlrpn": 33 / 90, "lrpn": 57 / 90}, True, _severe),
    "mayo-diabetic": _Recipe("referral centre, diabetic", {"dlrpn": 1.0}, True, _severe),
    "mayo-other": _Recipe("referral centre, without diabetes", {"lrpn": 1.0}, True, _severe),
    "bilateral": _Recipe("referral laboratory, both sides affected", {"dlrpn": 1.0}, True, _severe_bilateral),
    "methylprednisolone": _Recipe(
        "open series of methylprednisolone", {"lrpn": 1.0}, True, _worsening, _methylprednisolone
    ),
    "immunoglobulin": _Recipe(
        "open series of immunoglobulin", {"dlrpn": 1.0}, True, _painful, _immunoglobulin
    ),
    "diabetic": _Recipe("diabetic patients without the disease", {"none": 1.0}, diabetes=1.0),
    "healthy": _healthy("healthy people of 20 to 60", (20.0, 60.0)),
    "healthy-20s-men": _healthy("healthy men of 20 to 29", (20.0, 30.0), 1.0),
    "healthy-middle": _healthy("healthy people of about 53", (43.0, 63.0)),
    "healthy-60-88": _healthy("healthy people of 60 to 88", (60.0, 88.0)),
    "femoral": _alone("femoral neuropathy", "femoral"),
    "sciatic": _alone("sciatic neuropathy", "sciatic"),
    "fibular": _alone("fibular neuropathy", "fibular"),
    "fibular-incomplete": _alone("incomplete fibular palsy", "fibular", select=_incomplete_palsy),
    "hip-arthroplasty": _Recipe(
        "nerve palsy after hip arthroplasty", {"femoral": 7 / 22, "sciatic": 15 / 22}, day=(1.0, 14.0)
    ),
    "meralgia": _alone("meralgia", "lateral-femoral-cutaneous"),
    "l5": _alone("L5 radiculopathy", "radiculopathy-l5"),
    "l3-l4": _Recipe(
        "L3 or L4 radiculopathy", _as_met("spine-clinic", "radiculopathy-l3", "radiculopathy-l4")
    ),
    "radiculopathy": _Recipe("L4 to S1 radiculopathy", _as_met("spine-clinic", *_ROOTS)),
    "disc-early": _Recipe(
        "L4 to S1 radiculopathy of less than 12 weeks", _as_met("spine-clinic", *_ROOTS), day=(7.0, 84.0)
    ),
    "foot-drop": _alone(
        "foot drop from L5, within two months", "radiculopathy-l5", select=_foot_drop, day=(3.0, 60.0)
    ),
    "sciatica": _Recipe("leg pain in a spine clinic", _as_met("spine-clinic", *_ROOTS, "none")),
    "radiating-55-80": _Recipe("leg pain at 55 to 80", _as_met("spine-clinic", *_LEG_PAIN), age=(55.0, 80.0)),
    "needle-videos": _Recipe(
        "radiculopathy and normal, half and half",
        {"radiculopathy-l5": 0.25, "radiculopathy-s1": 0.25, "none": 0.5},
    ),
    "neurology": _Recipe("patients of an EMG laboratory", _as_met("emg-laboratory", *_NEUROLOGY)),
    "stenosis": _alone("lumbar stenosis", "lumbar-stenosis"),
    "cauda-equina": _alone("cauda equina syndrome", "cauda-equina"),
    "vasculitis": _alone("vasculitic neuropathy", "vasculitic"),
    "vasculitis-treated": _alone(
        "vasculitic neuropathy under prednisone", "vasculitic", treatment=_prednisone
    ),
    "cidp": _alone("CIDP", "cidp"),
    "cidp-treated": _alone("CIDP under immunoglobulin", "cidp", treatment=_maintained_immunoglobulin),
    "gbs": _alone("Guillain-Barré syndrome", "gbs"),
    "gbs-week-1": _alone("Guillain-Barré syndrome in its first week", "gbs", day=(1.0, 7.0)),
    "gbs-mild": _alone("Guillain-Barré syndrome, walking", "gbs", select=_walking),
    "gbs-mild-treated": _alone(
        "Guillain-Barré syndrome, walking, with immunoglobulin",
        "gbs",
        select=_walking,
        treatment=_immunoglobulin,
    ),
    "hereditary": _alone("hereditary demyelinating neuropathy", "hereditary-demyelinating"),
    "als": _alone("motor neuron disease", "motor-neuron-disease"),
    "myositis": _alone("inflammatory myopathy", "myopathy"),
    "ibm": _alone("inclusion body myositis", "inclusion-body-myositis"),
    "ibm-prevalent": _alone(
        "inclusion body myositis of 2 to 16 years", "inclusion-body-myositis", day=(730.0, 5840.0)
    ),
    "muscle-infarction": _alone("diabetic muscle infarction", "diabetic-muscle-infarction"),
    "neoplastic": _alone("neoplastic plexopathy", "plexopathy-neoplastic"),
    "radiation": _alone("radiation plexopathy", "plexopathy-radiation"),
}
"""Cohorts that are followed with the whole model, by name."""


def _make_cohort(name: str, n: int, seed: int, numbers: Mapping[str, Any] | None = None) -> _Cohort:
    """Draw the patients of a cohort."""
    if name not in RECIPES:
        raise InputError("cohort", name, "is not a cohort of the validation", did_you_mean(name, RECIPES))
    recipe, changed = RECIPES[name], dict(numbers or {})
    with replaced(changed):
        sizes = _sizes(recipe.shares() if callable(recipe.shares) else recipe.shares, n)
        groups = [_members(cause, size, (seed, i), recipe) for i, (cause, size) in enumerate(sizes.items())]
    return _Cohort(recipe, tuple(groups), changed, seed)


def _sizes(shares: Mapping[str, float], n: int) -> dict[str, int]:
    """Return how many patients each cause gets; the last one gets the rest."""
    sizes = {cause: max(round(share * n), 1) for cause, share in shares.items()}
    last = list(sizes)[-1]
    sizes[last] = max(n - sum(size for cause, size in sizes.items() if cause != last), 1)
    return sizes


def _members(cause: str, n: int, seed: tuple[int, int], recipe: _Recipe) -> _Members:
    key = jax.random.fold_in(jax.random.key(seed[0]), seed[1])
    # Whole batches are drawn, so that another number of patients is not compiled for; the first are the same.
    whole = _whole_batches(n)
    latents = draw(jax.random.fold_in(key, 0), whole)
    index = index_of(cause)
    person = _people(cause, n, np.random.default_rng(seed), recipe)
    seen = day_of(UNKNOWN, jnp.int32(index), latents) * (_limit("referral_delay") if recipe.delayed else 1.0)
    if recipe.day is not None:
        first, last = recipe.day
        seen = first + (last - first) * jax.random.uniform(jax.random.fold_in(key, 3), (whole,))
    p = part("validation/ascertainment")
    z = jax.random.normal(jax.random.fold_in(key, 2), (whole,))
    later = seen + p.value("follow_up_day") * jnp.exp(p.spread("follow_up_day") * z)
    treatment = no_care() if recipe.treatment is None else recipe.treatment(seen)
    drawn = _Members(index, person, latents, seen, later, treatment)
    return jax.tree.map(lambda field: np.asarray(field)[:n] if np.ndim(field) else field, drawn)  # type: ignore[no-any-return]


def _people(cause: str, n: int, rng: np.random.Generator, recipe: _Recipe) -> Person:
    """Return who has a cause: cases of the county by hazard, else by age and sex of its evidence."""
    if cause in ("dlrpn", "lrpn"):
        return _cases(cause == "dlrpn", n, rng)
    p = part(f"causes/{DISEASES[index_of(cause)].evidence}")
    if recipe.age is not None:
        age = rng.uniform(*recipe.age, n)
    elif recipe.diabetes:
        age = np.clip(_limit("clinic_age_years") + 7.0 * rng.standard_normal(n), 40.0, 80.0)
    else:
        age = np.clip(p.value("age_years") + p.value("age_sd_years") * rng.standard_normal(n), 20.0, 95.0)
    known = {"age_years": age, "male": rng.random(n) < _share_of_men(p, recipe)}
    if recipe.diabetes is not None:
        known["diabetes"] = np.full(n, recipe.diabetes)
    return _known(**known)


def _share_of_men(p: Part, recipe: _Recipe) -> float:
    if recipe.male is not None:
        return recipe.male
    return 0.5 if recipe.diabetes is not None else p.value("male_share")


def _cases(diabetic: bool, n: int, rng: np.random.Generator) -> Person:
    people, hazard = _county()
    weight = hazard * (people.diabetes == float(diabetic))
    ill = chosen(people, rng.choice(len(weight), n, p=weight / weight.sum()))
    fields = {name: getattr(ill, name) for name in Person._fields if hasattr(ill, name)}
    return _known(weight_kg=weight_kg(ill), **fields)


def _known(**fields: Any) -> Person:
    """Return a person of whom only these fields are known."""
    return unknown_person()._replace(**{name: jnp.asarray(x, jnp.float32) for name, x in fields.items()})
