"""A consult: from a case to ranked causes, the lesion map, what speaks for what, and the next test.

Reads    every part of inference.   Feeds  report, cli.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from garland.causes import CAUSES
from garland.causes.prior import prior
from garland.evidence import part
from garland.findings import Address
from garland.inference.lesions import lesion_map
from garland.inference.next_test import best_tests
from garland.inference.observations import Observation, arrays, padded_size
from garland.inference.posterior import Posterior, infer
from garland.inference.reading import Reading, read
from garland.inference.result import (
    NOTICE,
    Basis,
    CauseProbability,
    Consult,
    Diagnostics,
    FindingReview,
    FitCheck,
)
from garland.inference.review import View, left_out, predictive_p_value, tail, unexplained, view
from garland.inference.sampler import CHUNK, Problem
from garland.inference.wording import expected_words
from garland.records import Case

PARTICLES = 2048
_MATTERS = 0.01
_ODD = 0.03
_SHARED_PARTS = (
    "person", "vessels/glycaemia", "vessels/wall", "vessels/oxygen", "vessels/ischaemia",
    "vessels/inflammation", "vessels/immunity", "vessels/immunity_shapes",
    "fibres/degeneration", "fibres/regrowth", "fibres/sprouting", "fibres/muscle", "fibres/injury",
    "bedside/strength", "bedside/reflexes", "bedside/sensation", "bedside/pain", "bedside/walking",
    "recordings/conduction", "recordings/needle", "recordings/noise", "causes/baseline",
)  # fmt: skip
_FAMILY_PARTS = ("radiculoplexus", "plexopathy")
"""Families of causes with numbers in common, in evidence/parameters/causes."""


def remember_compiled_programs() -> None:
    """Keep compiled programs in the user's cache folder, so that only the first run of a machine compiles."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    settings: Any = jax.config
    if settings.jax_compilation_cache_dir is None:
        settings.update("jax_compilation_cache_dir", str(Path(root) / "garland" / "compiled"))
        settings.update("jax_persistent_cache_min_compile_time_secs", 0.3)


def consult(
    case: Case,
    *,
    setting: str = "emg-laboratory",
    seed: int = 0,
    particles: int | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> Consult:
    """Answer one case.

    Parameters
    ----------
    case : Case
        The record.
    setting : str
        Where the patient is met: ``emg-laboratory``, ``spine-clinic`` or ``population``.
    seed : int
        Same seed, same answer.
    particles : int, optional
        Virtual patients kept per cause that matters, rounded up to a multiple of 512 [-].
    frequencies : mapping, optional
        Frequencies by cause name that replace those of the setting [-].

    Returns
    -------
    Consult
        Causes, lesion map, findings, next tests and checks.

    Raises
    ------
    InputError
        If the setting or a named cause is unknown.
    """
    return consult_in_full(
        case, setting=setting, seed=seed, particles=particles, frequencies=frequencies
    ).answer


@dataclass(frozen=True)
class FullConsult:
    """An answer with the virtual patients behind it.

    Attributes
    ----------
    answer : Consult
        What `consult` gives.
    reading : Reading
        The case as the model sees it, with the timing of every visit.
    posterior : Posterior
        Probabilities of causes and the virtual patients of each.
    """

    answer: Consult
    reading: Reading
    posterior: Posterior


def consult_in_full(
    case: Case,
    *,
    setting: str = "emg-laboratory",
    seed: int = 0,
    particles: int | None = None,
    frequencies: Mapping[str, float] | None = None,
) -> FullConsult:
    """Answer one case and keep the virtual patients behind the answer; see `consult`.

    Parameters
    ----------
    case, setting, seed, particles, frequencies
        As for `consult`.

    Raises
    ------
    InputError
        If the setting or a named cause is unknown.
    """
    remember_compiled_programs()
    started = time.perf_counter()
    reading = read(case)
    before = prior(reading.person, setting, frequencies)
    problem, used = _problem(reading)
    kept = max(-(-(particles or PARTICLES) // CHUNK), 1) * CHUNK
    posterior = infer(problem, before, reading.first_day, seed, kept)
    sampled = time.perf_counter()
    views = _views(problem, posterior) if problem.seen else {}
    reviewed = time.perf_counter()
    findings = _findings(problem, used, posterior, views)
    age = 60.0 if np.isnan(reading.person.age_years) else float(reading.person.age_years)
    tested = _tested(used)
    tests = best_tests(views, posterior.probability, tested, age) if views else ()
    lesions = lesion_map(views, posterior.probability) if views else ()
    fit = _fit(problem, posterior, views, findings, seed)
    ended = time.perf_counter()
    parts = {"sampling": sampled - started, "review": reviewed - sampled, "tests and map": ended - reviewed}
    answer = Consult(
        case_id=case.id,
        title=case.title or case.id,
        published_diagnosis=case.published.diagnosis if case.published else None,
        setting=setting,
        summary=_summary(posterior, fit),
        causes=_causes(posterior),
        lesions=lesions,
        findings=findings,
        next_tests=tests,
        fit=fit,
        not_used=reading.not_used,
        basis=_basis(posterior),
        diagnostics=Diagnostics(
            seed, problem.evaluated, posterior.temperatures, _effective(posterior), ended - started, parts
        ),
        version=_version(),
        notice=NOTICE,
    )
    return FullConsult(answer, reading, posterior)


def _tested(used: list[tuple[Observation, ...]]) -> set[Address]:
    """Return the items that were surely tested: "any of these" does not say which."""
    sure = (o for visit in used for o in visit if o.every or len(o.where) == 1)
    return {address for observation in sure for address in observation.where}


def _version() -> str:
    from garland import __version__

    return __version__


def _problem(reading: Reading) -> tuple[Problem, list[tuple[Observation, ...]]]:
    """Return the findings as arrays and the observations in the same order; empty visits are left out."""
    rows = [(when, visit) for when, visit in zip(reading.timings, reading.visits, strict=True) if visit]
    size = max((padded_size(sum(len(o.where) for o in visit)) for _, visit in rows), default=0)
    problem = Problem(
        reading.person,
        tuple(when for when, _ in rows),
        tuple(arrays(visit, size) for _, visit in rows),
    )
    return problem, [visit for _, visit in rows]


def _views(problem: Problem, posterior: Posterior) -> dict[int, View]:
    """Return the patients of the causes that matter, and of at least the two most probable ones, in full."""
    order = posterior.order
    chosen = [c for rank, c in enumerate(order[:8]) if rank < 2 or posterior.probability[c] > _MATTERS]
    return {
        c: view(problem, posterior.clouds[c], 2 * CHUNK if rank < 2 else CHUNK)
        for rank, c in enumerate(chosen)
    }


def _causes(posterior: Posterior) -> tuple[CauseProbability, ...]:
    return tuple(
        CauseProbability(
            CAUSES[i].name,
            CAUSES[i].title,
            CAUSES[i].family,
            float(posterior.prior[i]),
            float(posterior.probability[i]),
            float(posterior.error[i]),
            float(posterior.log_evidence[i]),
        )
        for i in posterior.order
    )


def _findings(
    problem: Problem, used: list[tuple[Observation, ...]], posterior: Posterior, views: dict[int, View]
) -> tuple[FindingReview, ...]:
    """Return every finding under the leading cause against the runner-up."""
    if not views:
        return ()
    first, second = (views[c] for c in posterior.order[:2])
    rows = []
    for visit, observations in enumerate(used):
        lead, other = left_out(first, visit), left_out(second, visit)
        for index, observation in enumerate(observations):
            noise = float(problem.seen[visit].sd[_entry(problem, visit, index)])
            rows.append(
                FindingReview(
                    observation.label,
                    observation.kind,
                    visit,
                    observation.text,
                    expected_words(first, observation, visit),
                    float((lead[index] - other[index]) / np.log(2.0)),
                    tail(first, visit, observation, index, noise),
                )
            )
    return tuple(rows)


def _entry(problem: Problem, visit: int, observation: int) -> int:
    """Return the first entry of an observation."""
    return int(
        np.argmax(problem.seen[visit].member[:, observation] + problem.seen[visit].every[:, observation] > 0)
    )


def _fit(
    problem: Problem,
    posterior: Posterior,
    views: dict[int, View],
    findings: tuple[FindingReview, ...],
    seed: int,
) -> FitCheck:
    if not views:
        return FitCheck(True, 1.0, "There are no findings to explain.")
    rng = np.random.default_rng(seed)
    best = max(predictive_p_value(views[c], problem, rng) for c in posterior.order[:2])
    clashes = tuple(f.label for f in sorted(findings, key=lambda f: f.tail) if f.tail < _ODD)[:6]
    leader = CAUSES[posterior.order[0]].title
    if unexplained(best):
        message = f"No modelled cause explains these findings well; {leader} comes nearest. "
        message += "Think of two diseases at once."
    elif clashes:
        message = f"The findings fit {leader} as a whole; those named here fit least."
    else:
        message = f"The findings fit {leader}."
    return FitCheck(not unexplained(best), best, message, clashes)


def _summary(posterior: Posterior, fit: FitCheck) -> str:
    order = posterior.order
    lead, other = CAUSES[order[0]], CAUSES[order[1]]
    p, q = posterior.probability[order[0]], posterior.probability[order[1]]
    how = (
        "almost certainly"
        if p > 0.95
        else "probably"
        if p > 0.7
        else "perhaps"
        if p > 0.4
        else "undecided, foremost"
    )
    text = f"{how} {lead.title} ({_percent(p)}); next {other.title} ({_percent(q)})."
    return text[0].upper() + text[1:] + ("" if fit.fits else " No modelled cause explains the findings well.")


def _percent(p: float) -> str:
    """Return a probability in per cent that never claims certainty."""
    return ">99 %" if p > 0.99 else "<1 %" if p < 0.01 else f"{100.0 * p:.0f} %"


def _effective(posterior: Posterior) -> float:
    """Return the effective number of patients behind the leading cause."""
    cloud = posterior.clouds[posterior.order[0]]
    score = (1.0 - cloud.power) * cloud.log_likelihood.astype(np.float64)
    weight = np.exp(score - score.max())
    return float(weight.sum() ** 2 / (weight**2).sum())


def _basis(posterior: Posterior) -> tuple[Basis, ...]:
    """Return the recalled and assumed numbers of the shared stations and of the three leading causes."""
    leading = [CAUSES[cause] for cause in posterior.order[:3]]
    own = [f"causes/{cause.evidence}" for cause in leading]
    of_family = [f"causes/{cause.family}" for cause in leading if cause.family in _FAMILY_PARTS]
    names = dict.fromkeys([*_SHARED_PARTS, *of_family, *own])
    numbers = [number for name in names for number in part(name).numbers]
    return tuple(
        Basis(n.path, n.description, n.unit, n.standing, n.source)
        for n in numbers
        if n.standing in ("recalled", "assumed")
    )
