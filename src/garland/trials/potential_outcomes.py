"""Patients of a trial under every arm with the same latents, kept for all its replicates.

Patients are drawn by the laws that virtual patients of a clinic follow: cause, age, sex and diabetes
together, all else from chance, the day of coming with it. Whoever is not eligible is left out, until there
are enough.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import jax.numpy as jnp
import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part
from garland.forecasts.simulate import later, life
from garland.inference.likelihood import UNKNOWN, day_of
from garland.io import whole_file
from garland.model.clinical_signs.systemic import death_day
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.course import with_course
from garland.model.diseases.lesion_process import _no_damage
from garland.model.diseases.prior import prior
from garland.model.latents import Latents, normals, place_of
from garland.model.patient import Person, complete, unknown_person
from garland.model.treatment.schedule import Dose, Treatments, doses_of_kind, from_plan, saturating
from garland.population.referral import Referred, referred
from garland.progress import tell
from garland.trials.spec import IMMUNOTHERAPY, TrialSpec, Truth

MEASURES = ("nis", "pain_nrs", "walks_alone")
"""What is followed: NIS [points], worst pain [NRS], and the probability of walking alone [0..1]."""
PEOPLE = ("age_years", "male", "diabetes", "hba1c_percent", "onset_day", "death_day")
"""What is known of each patient; onset and death in days before and after randomisation [d]."""


@dataclass(frozen=True, eq=False)
class _Bank:
    """N eligible patients, each under every arm and truth.

    Attributes
    ----------
    truths, arms : tuple of str
        Their names, T and A of them.
    days : (D,)
        Days after randomisation, the first 0 [d].
    people : mapping of str to (N,)
        `PEOPLE` by name.
    lives : mapping of str to (T, A, D, N)
        `MEASURES` by name, without any error of measurement.
    screened : int
        Patients drawn until N were eligible [-].
    refused : mapping of str to int
        Patients not eligible, by the first reason [-].
    """

    truths: tuple[str, ...]
    arms: tuple[str, ...]
    days: Float64s
    people: Mapping[str, Float64s]
    lives: Mapping[str, Float64s]
    screened: int
    refused: Mapping[str, int]

    @property
    def size(self) -> int:
        """Patients [-]."""
        return len(self.people["age_years"])

    def life(self, measure: str, truth: str, arm: str) -> Float64s:
        """Return one measure of every patient under a truth and an arm, (D, N)."""
        return np.asarray(self.lives[measure][self.truths.index(truth), self.arms.index(arm)], np.float64)

    def day_index(self, day: float) -> int:
        """Return the place of a day among `days`."""
        found = np.flatnonzero(np.isclose(self.days, day))
        if not len(found):
            raise ValueError(f"day {day:g} is not among the days of the bank")
        return int(found[0])

    def save(self, path: Path) -> None:
        """Write the bank to a file, whole or not at all."""
        about = {
            "truths": self.truths,
            "arms": self.arms,
            "screened": self.screened,
            "refused": dict(self.refused),
        }
        arrays: dict[str, Any] = {f"life_{name}": field for name, field in self.lives.items()}
        arrays |= {f"person_{name}": field for name, field in self.people.items()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as file:
                np.savez(file, days=self.days, about=np.array(json.dumps(about)), **arrays)
        except OSError as problem:
            rule = f"cannot be written ({problem.strerror})"
            raise InputError("--out", str(path), rule, "name a folder you may write") from problem


def _load(path: Path) -> _Bank:
    """Return a bank that was saved."""
    try:
        with np.load(path) as held:
            about = json.loads(str(held["about"]))
            names = [name for name in held.files if "_" in name]
            fields = {name: held[name] for name in names}
            days = held["days"]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as problem:
        raise InputError(
            str(path), "file", "is not a bank of patients", "delete it and run again"
        ) from problem
    return _Bank(
        truths=tuple(about["truths"]),
        arms=tuple(about["arms"]),
        days=days,
        people={name: fields[f"person_{name}"] for name in PEOPLE},
        lives={name: fields[f"life_{name}"] for name in MEASURES},
        screened=about["screened"],
        refused=about["refused"],
    )


def _joined(blocks: Sequence[_Bank], size: int) -> _Bank:
    """Return one bank of the first patients of several that share truths, arms and days."""
    refused = sum((Counter(block.refused) for block in blocks), Counter())
    return replace(
        blocks[0],
        people={name: np.concatenate([block.people[name] for block in blocks])[:size] for name in PEOPLE},
        lives={
            name: np.concatenate([block.lives[name] for block in blocks], axis=-1)[..., :size]
            for name in MEASURES
        },
        screened=sum(block.screened for block in blocks),
        refused=dict(refused),
    )


CHUNK, SMALL_CHUNK, FEW = 512, 64, 200
"""Patients who come at a time; the second in a bank of at most `FEW` [-]."""
MOST_REFUSED = 200
"""Patients screened for each who enters before eligibility is called too narrow [-]."""


class _Candidates(NamedTuple):
    """Patients who come: index of their cause, themselves (N,), latents (N, N_LATENTS), and day (N,) [d]."""

    cause: int
    person: Person
    vectors: np.ndarray
    day: np.ndarray


def _make_bank(spec: TrialSpec, folder: Path | None = None) -> _Bank:
    """Draw patients until enough are eligible, and follow each under every arm and truth."""
    blocks: list[_Bank] = []
    mix, found = _mix(spec), 0
    tell(f"patients: 0 of {spec.bank:,} eligible")
    while found < spec.bank:
        blocks.append(_kept_block(spec, mix, len(blocks), folder))
        found, screened = found + blocks[-1].size, _chunk(spec) * len(blocks)
        if found * MOST_REFUSED < screened - 20 * _chunk(spec):
            rule = f"admits {found} of {screened} patients"
            raise InputError("eligibility", spec.name, rule, "widen it: age, day, least NIS, pain or walking")
        enough = min(found, spec.bank)
        tell(f"patients: {enough:,} of {spec.bank:,} eligible, {screened:,} screened", enough / spec.bank)
    return _joined(blocks, spec.bank)


def _block_path(folder: Path, block: int) -> Path:
    """Return the file in which a block of patients is kept."""
    return folder / f"patients-{block:05d}.npz"


def _kept_block(spec: TrialSpec, mix: Float64s, block: int, folder: Path | None) -> _Bank:
    """Return a block of patients, from its file if there is one."""
    path = None if folder is None else _block_path(folder, block)
    if path is not None and path.exists():
        return _load(path)
    made = _block(spec, mix, block)
    if path is not None:
        made.save(path)
    return made


def _block(spec: TrialSpec, mix: Float64s, block: int) -> _Bank:
    """Return those of a block of patients who are eligible."""
    refused: Counter[str] = Counter()
    rows = [_followed(spec, group, refused) for group in _drawn(spec, mix, block)]
    every = {name: np.concatenate([row[name] for row in rows], axis=-1) for name in rows[0]}
    return _Bank(
        truths=spec.truth_names,
        arms=tuple(spec.arms),
        days=np.array([0.0, *spec.visits]),
        people={name: every[name].astype(np.float64) for name in PEOPLE},
        lives={name: every[name] for name in MEASURES},
        screened=_chunk(spec),
        refused=dict(refused),
    )


def _chunk(spec: TrialSpec) -> int:
    """Return how many patients come at a time [-]."""
    return SMALL_CHUNK if spec.bank <= FEW else CHUNK


def _mix(spec: TrialSpec) -> Float64s:
    """Return how common each cause is among those who may be enrolled, (C,)."""
    wanted = [index_of(name) for name in spec.eligibility.causes]
    mix = np.zeros(len(DISEASES))
    mix[wanted] = prior(unknown_person())[wanted]
    return mix


def _drawn(spec: TrialSpec, mix: Float64s, block: int) -> list[_Candidates]:
    """Return a block of patients as they come, by cause."""
    people = referred(mix, np.random.default_rng([spec.seed, 41, block]).random((_chunk(spec), 4)))
    vectors = normals(np.random.default_rng([spec.seed, 42, block]), _chunk(spec))
    delay = _delay(spec)
    groups = []
    for cause in np.unique(people.cause):
        at = people.cause == cause
        latents = Latents(jnp.asarray(vectors[at]))
        person = complete(Referred(*[field[at] for field in people]).known, latents, float("nan"))
        day = delay * np.asarray(day_of(UNKNOWN, jnp.int32(cause), latents))
        groups.append(_Candidates(int(cause), person, vectors[at], day))
    return groups


def _delay(spec: TrialSpec) -> float:
    late = spec.eligibility.recruited == "referral"
    return part("validation/ascertainment").value("referral_delay") if late else 1.0


def _followed(spec: TrialSpec, group: _Candidates, refused: Counter[str]) -> dict[str, np.ndarray]:
    """Return what the bank holds of those of a group who are eligible, patients on the last axis."""
    first = _people(group)
    control = _lives(spec, group, Truth(kind="none"), spec.control_arm)
    reasons = _reasons(spec, first, {name: control[name][0] for name in MEASURES})
    kept = np.ones(len(group.day), bool)
    for reason, out in reasons.items():
        refused[reason] += int((kept & out).sum())
        kept &= ~out
    lives = [
        [_lives_or(control, spec, group, spec.truth(truth), arm) for arm in spec.arms]
        for truth in spec.truth_names
    ]
    made = {
        name: np.stack([[arm[name][:, kept] for arm in arms] for arms in lives]).astype(np.float32)
        for name in MEASURES
    }
    return made | {name: field[kept] for name, field in first.items()}


def _lives_or(
    control: Mapping[str, np.ndarray], spec: TrialSpec, group: _Candidates, truth: Truth, arm: str
) -> Mapping[str, np.ndarray]:
    """Return lives under an arm; those of the control without immunotherapy are the same in every truth."""
    own = {treatment.what for treatment in spec.plan(spec.control_arm).treatments} & set(IMMUNOTHERAPY)
    as_control = spec.arms[arm] == spec.arms[spec.control_arm] and not own
    return control if as_control or truth.kind == "none" else _lives(spec, group, truth, arm)


def _people(group: _Candidates) -> dict[str, np.ndarray]:
    """Return `PEOPLE` of a group, each (N,)."""
    person = group.person
    latents = Latents(jnp.asarray(group.vectors))
    dying = with_course(_no_damage(len(group.day)), latents, group.cause)
    dies = np.asarray(death_day(person, dying, latents)) - group.day
    fields = {name: np.asarray(getattr(person, name)) for name in PEOPLE if name in Person._fields}
    return fields | {"onset_day": group.day, "death_day": dies}


def _reasons(
    spec: TrialSpec, people: Mapping[str, np.ndarray], entry: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Return who is refused for what, by reason in the order of asking, (N,) each."""
    rule = spec.eligibility
    outside = {
        "age": (people["age_years"], *rule.age_years),
        "time since the first symptom": (people["onset_day"], *rule.day_since_onset),
    }
    reasons = {name: (value < low) | (value > high) for name, (value, low, high) in outside.items()}
    reasons["died before"] = people["death_day"] <= 0.0
    diabetic = people["diabetes"] > 0.5
    reasons["diabetes"] = np.zeros_like(diabetic) if rule.diabetes is None else diabetic != rule.diabetes
    reasons["too little impairment"] = entry["nis"] < rule.least_nis
    reasons["too little pain"] = entry["pain_nrs"] < rule.least_pain_nrs
    alone = entry["walks_alone"] > 0.5
    wrong = {"any": np.zeros_like(alone), "alone": ~alone, "needs-help": alone}
    return reasons | {"walking": wrong[rule.walking]}


def _lives(spec: TrialSpec, group: _Candidates, truth: Truth, arm: str) -> dict[str, np.ndarray]:
    """Return `MEASURES` of a group under an arm on every day of the trial, (D, N) each."""
    treatment = _care(spec, spec.control_arm if truth.kind == "none" else arm)
    vectors = _answering(group.vectors, spec, truth)
    days = group.day + np.array([0.0, *spec.visits])[:, None]
    found = life(group.person, group.cause, vectors, days, later(treatment, group.day))
    return {name: getattr(found, name) for name in MEASURES}


def _care(spec: TrialSpec, arm: str) -> Treatments:
    """Return the care of an arm, days from randomisation, with the placebo response of a blinded trial."""
    treatment = from_plan(spec.plan(arm))
    analgesics = doses_of_kind(treatment, "analgesic").values()
    if spec.blinded and not any(dose.amount > 0 for dose in analgesics):
        placebo = Dose(jnp.float32(1.0), jnp.float32(0.0), treatment.placebo.stop_day)
        treatment = treatment._replace(placebo=placebo)
    return treatment


def _answering(vectors: np.ndarray, spec: TrialSpec, truth: Truth) -> np.ndarray:
    """Return chance with the answer to immunotherapy that a truth fixes for the arm compared."""
    if truth.kind != "fixed" or truth.attack is None:
        return vectors
    changed = vectors.copy()
    treatment = from_plan(spec.plan(spec.compared_arm))
    scores = [_score_of(treatment, truth.attack, "attack"), _score_of(treatment, truth.pain, "pain")]
    changed[:, place_of("immunotherapy")] = scores
    return changed


def _score_of(treatment: Treatments, effect: float, on: str) -> float:
    """Return the chance with which a person's immunotherapy has a stated full effect.

    Score on the scale of chance [standard deviations].
    """
    p = part("care/immunotherapy")
    limit = p.value("log_effect_limit")
    wanted = -np.log1p(-effect) / limit
    if not abs(wanted) < 1.0:
        rule = f"is beyond what the model allows ({-np.expm1(limit):.2f} to {-np.expm1(-limit):.2f})"
        raise InputError("truths", effect, rule, "state a smaller effect")
    doses = {
        drug: float(saturating(dose.amount, p.entry("half_dose", drug), p.entry("usual_dose", drug)))
        for drug, dose in doses_of_kind(treatment, "immunotherapy").items()
    }
    middle = sum(dose * p.entry(f"{on}_effect", drug) for drug, dose in doses.items())
    spread = sum(dose * p.entry(f"{on}_effect_sd", drug) for drug, dose in doses.items())
    return float((limit * np.arctanh(wanted) - middle) / spread)
