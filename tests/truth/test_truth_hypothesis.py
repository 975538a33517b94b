"""Properties of any damage and any care, looked for in random patients; and steps fine enough."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import ANATOMY, N, average_chance, drawn_chance, mirrored, person, with_block
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from garland.evidence import part, replaced
from garland.model.axons import degeneration
from garland.model.axons.muscle import Muscle, cohorts_of, muscle_state
from garland.model.axons.state import AxonState, axon_state
from garland.model.clinical_signs import examination
from garland.model.clinical_signs.pain import region_pain
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.latents import Latents, draw
from garland.model.outcomes import Outcomes, outcomes
from garland.model.patient import Person, complete, unknown_person
from garland.model.simulate import COMPILER, PatientState, state_on_day
from garland.model.treatment.schedule import FOREVER_DAY, Dose, GlucoseTarget, Treatments, no_care
from garland.model.vessels.glycaemia import NODES, worn_years
from tests.compiling import FEW_CALLS

LAST_DAY = 4000.0
SIDED = (
    "movement_grade",
    "nerve_axons",
    "knee_jerk",
    "fibrillating_quadriceps",
    "thigh_bulk_lost",
    "twitching",
)
SCALES = {
    "pain_nrs": 10.0,
    "movement_grade": 5.41,
    "nis": 244.0,
    "mrs": 5.0,
    "knee_jerk": 4.0,
    "allodynia": 1.0,
    "walks_alone": 1.0,
    "walks_with_aid": 1.0,
    "wheelchair": 1.0,
    "chair_rise": 1.0,
    "autonomic": 1.0,
    "alive": 1.0,
    "nerve_axons": 1.0,
    "fibrillating_quadriceps": 1.0,
    "thigh_bulk_lost": 1.0,
    "attack": 1.0,
    "vessels_shut": 1.0,
}
"""Upper ends of the scales of what is lived; all begin at 0."""
Chance, Care = Latents, Treatments
"""Examples are derandomised by the text of a test: the one below keeps its words, and with them its
examples.
"""
FEW = settings(max_examples=12, deadline=None, derandomize=True, phases=tuple(set(Phase) - {Phase.explain}))

# Random patients


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


def _dose(amount: float, start: float, lasting: float) -> Dose:
    return Dose(jnp.float32(amount), jnp.float32(start), jnp.float32(start + lasting))


def _target(hba1c: float, start: float, over: float) -> GlucoseTarget:
    return GlucoseTarget(jnp.float32(hba1c), jnp.float32(start), jnp.float32(over))


def cares(most: float = 1.0, earliest: float = 0.0, goal: bool = True) -> st.SearchStrategy[Treatments]:
    """Draw care with doses up to a share of the highest that a plan may hold."""
    highest = {**part("care/doses").table("highest"), "placebo": 1.0}
    lasting = st.one_of(st.just(FOREVER_DAY), floats(1.0, 1000.0))
    begin = floats(earliest, earliest + 1500.0)
    doses: dict[str, Any] = {
        name: st.builds(_dose, floats(0.0, most * highest[name.replace("_", "-")]), begin, lasting)
        for name in Treatments._fields
        if name != "glucose"
    }
    aims = st.one_of(st.just(float("nan")), floats(5.0, 12.0)) if goal else st.just(float("nan"))
    return st.builds(Treatments, **doses, glucose=st.builds(_target, aims, begin, floats(1.0, 1000.0)))


def chances() -> st.SearchStrategy[Latents]:
    return st.integers(0, 2**31 - 1).map(lambda seed: draw(jax.random.key(seed), N))


def _insults(
    seed: int, affected: float, heaviest: float, span: float, latest: float, again: float
) -> LesionProcess:
    draws = np.random.default_rng(seed)

    def some(*shape: int, most: float = 1.0) -> jax.Array:
        return jnp.asarray(most * draws.random((N, *shape)), jnp.float32)

    def sites(most: float = heaviest) -> jax.Array:
        hit = draws.random((N, 2, len(ANATOMY.sites))) < affected
        return jnp.where(hit, some(2, len(ANATOMY.sites), most=most), 0.0)

    return _no_damage(N)._replace(
        axon_loss=sites(),
        block=sites(),
        slowing=sites(),
        start_day=some(2, len(ANATOMY.sites), most=latest) - 30.0,
        span_day=some(most=span) + 0.1,
        gradual=some(),
        block_recovery_day=some(most=200.0) + 1.0,
        distal_loss=some(2, most=heaviest),
        distal_slowing=some(2, most=heaviest),
        distal_block=some(2, most=heaviest),
        distal_power=some(most=6.0),
        sensory_ratio=some(most=4.0),
        small_fibre=some(most=heaviest),
        muscle_loss=some(2, len(ANATOMY.muscles)),
        muscle_irritation=some(2, len(ANATOMY.muscles)),
        regrowth_success=some(),
        pain_drive=some(2, most=2.0),
        effort_loss=some(2),
        pain_start_day=some(2, most=latest),
        pain_span_day=some(most=500.0) + 0.5,
        pain_fade_day=some(most=500.0) + 0.5,
        again_day=some(most=3000.0) + 1.0,
        again_ratio=some(most=again),
        illness=some(),
        vessels_shut=sites(1.0),
    )


def lesion_process() -> st.SearchStrategy[LesionProcess]:
    """Draw damage at random sites of N patients: hazards, spans, starts, relapse, regrowth of all kinds."""
    return st.builds(
        _insults,
        seed=st.integers(0, 2**32 - 1),
        affected=floats(0.0, 1.0),
        heaviest=floats(0.0, 12.0),
        span=floats(0.0, 1000.0),
        latest=floats(0.0, 1500.0),
        again=floats(0.0, 1.2),
    )


CAUSE = st.sampled_from([cause.name for cause in DISEASES])
DAYS = st.builds(np.linspace, floats(0.0, 300.0), floats(300.0, LAST_DAY), st.just(N))


class Fate(NamedTuple):
    """What given damage comes to on a day."""

    fibres: AxonState
    muscle: Muscle
    outcomes: Outcomes
    force: jax.Array
    region_pain: jax.Array


def _fate(
    known: Person, damage: LesionProcess, latents: Latents, day: jax.Array, treatment: Treatments
) -> Fate:
    whole = complete(known, latents, float("nan"))
    fibres = axon_state(whole, latents, damage, day, treatment)
    muscle = muscle_state(latents, damage, fibres, day)
    followed = outcomes(PatientState(whole, damage, fibres, muscle, latents, day, jnp.asarray(0), treatment))
    return Fate(
        fibres, muscle, followed, examination.force(muscle, damage), region_pain(latents, damage, fibres, day)
    )


fate = jax.jit(_fate, compiler_options=FEW_CALLS)


@partial(jax.jit, compiler_options=FEW_CALLS)
def fate_without_sprouts(
    known: Person, damage: LesionProcess, latents: Latents, day: jax.Array, treatment: Treatments
) -> Fate:
    """Return the same where no sprout reaches an orphaned fibre."""
    with replaced({"fibres/sprouting.overlap": 0.0}):
        return _fate(known, damage, latents, day, treatment)


@partial(jax.jit, compiler_options=FEW_CALLS)
def _lived(
    known: Person, cause: jax.Array, latents: Latents, day: jax.Array, treatment: Treatments | None
) -> Outcomes:
    return outcomes(state_on_day(known, cause, latents, day, treatment))


def lives(
    cause: str, latents: Latents, day: Any, treatment: Treatments | None = None, known: Person | None = None
) -> Outcomes:
    """Return one day, shape (N,), in the lives of N patients with a cause."""
    whom = unknown_person() if known is None else known
    return _lived(whom, jnp.asarray(index_of(cause)), latents, jnp.asarray(day, jnp.float32), treatment)


def assert_same(one: Outcomes, other: Outcomes, tolerance: float = 1e-4) -> None:
    for name, here, there in zip(Outcomes._fields, one, other, strict=True):
        # The score counts points up to 244: rounding there is larger.
        least = 1e-3 if name == "nis" else tolerance
        np.testing.assert_allclose(here, there, atol=least, rtol=tolerance, err_msg=name)


# Conservation


def assert_share(share: jax.Array, name: str) -> None:
    assert not np.isnan(share).any(), name
    assert float(share.min()) >= -1e-5, (name, float(share.min()))
    assert float(share.max()) <= 1.0 + 1e-4, (name, float(share.max()))


@FEW
@given(damage=lesion_process(), latents=chances(), day=DAYS, treatment=cares())
def test_nothing_is_lost_twice_and_nothing_comes_from_nothing(
    damage: LesionProcess, latents: Latents, day: NDArray[np.float64], treatment: Treatments
):
    fibres, muscle, *_ = fate(unknown_person(), damage, latents, jnp.asarray(day, jnp.float32), treatment)
    for left in (fibres.motor_surviving, fibres.sensory_surviving):
        np.testing.assert_allclose(cohorts_of(left).sum(axis=2) + left[:, :, 0], 1.0, atol=1e-4)
    np.testing.assert_allclose(muscle.axons + muscle.adopted + muscle.denervated, 1.0, atol=2e-3)
    for name in (
        "motor_surviving",
        "sensory_surviving",
        "sensory_regrown",
        "motor_conducting",
        "sensory_conducting",
        "sensory_conducting_small",
        "reflex_afferent",
        "reflex_afferent_cut",
    ):
        assert_share(getattr(fibres, name), name)
    assert_share(fibres.sensory_surviving[:, :, 0] + fibres.sensory_regrown, "skin, left and back")
    assert_share(fibres.reflex_afferent + fibres.reflex_afferent_cut, "arc, whole and cut")
    for name, share in muscle._asdict().items():
        assert_share(share, name)


@FEW
@given(damage=lesion_process(), latents=chances(), day=DAYS, treatment=cares())
def test_what_is_lived_stays_on_its_scale(
    damage: LesionProcess, latents: Latents, day: NDArray[np.float64], treatment: Treatments
):
    followed = fate(unknown_person(), damage, latents, jnp.asarray(day, jnp.float32), treatment).outcomes
    for field, most in SCALES.items():
        assert_share(getattr(followed, field) / most, field)
    np.testing.assert_allclose(
        followed.walks_alone + followed.walks_with_aid + followed.wheelchair, 1.0, atol=1e-5
    )


@FEW
@given(damage=lesion_process(), latents=chances(), last=floats(100.0, LAST_DAY))
def test_without_regrowth_and_sprouts_no_strength_returns(
    damage: LesionProcess, latents: Latents, last: float
):
    one = jax.tree.map(lambda field: jnp.broadcast_to(field[:1], field.shape), (damage, latents))
    nothing = {"block": jnp.zeros_like(damage.block), "distal_block": jnp.zeros_like(damage.distal_block)}
    barren = one[0]._replace(regrowth_success=jnp.zeros((N,)), **nothing)
    days = jnp.linspace(0.0, last, N)
    seen = fate_without_sprouts(unknown_person(), barren, one[1], days, no_care())
    assert float(jnp.diff(seen.force, axis=0).max()) <= 1e-5
    assert float(seen.muscle.adopted.max()) <= 1e-6


# Pain


@FEW
@given(
    latents=chances(),
    age=floats(18.0, 48.0),
    male=st.booleans(),
    day=floats(0.0, LAST_DAY),
    treatment=cares(),
)
def test_nothing_hurts_without_injury_or_drive(
    latents: Latents, age: float, male: bool, day: float, treatment: Treatments
):
    known = person(age_years=age, male=float(male), diabetes=0.0)
    seen = fate(known, _no_damage(N), latents, jnp.full((N,), day, jnp.float32), treatment)
    np.testing.assert_allclose(seen.outcomes.pain_nrs, 0.0, atol=1e-3)
    np.testing.assert_allclose(seen.outcomes.allodynia, 0.0, atol=1e-3)
    p = part("bedside/pain")
    painless = p.value("base") + p.value("personal_sd") * latents["pain"]
    np.testing.assert_allclose(seen.region_pain - painless[:, None, None], 0.0, atol=5e-3)


# Care


@FEW
@given(cause=CAUSE, chance=chances(), day=DAYS, care=cares(most=0.0, goal=False))
def test_care_without_effect_is_no_care(cause: str, chance: Chance, day: NDArray[np.float64], care: Care):
    alone = lives(cause, chance, day)
    assert_same(alone, lives(cause, chance, day, no_care()))
    assert_same(alone, lives(cause, chance, day, care))


@FEW
@given(cause=CAUSE, latents=chances(), day=DAYS, start=floats(0.0, 1500.0), over=floats(1.0, 1000.0))
def test_aiming_at_the_hba1c_one_has_changes_nothing(
    cause: str, latents: Latents, day: NDArray[np.float64], start: float, over: float
):
    known = person(hba1c_percent=8.0)
    treatment = no_care()._replace(glucose=_target(8.0, start, over))
    assert_same(lives(cause, latents, day, known=known), lives(cause, latents, day, treatment, known))


@FEW
@given(cause=CAUSE, latents=chances(), treatment=cares(earliest=5.0))
def test_nothing_changes_before_care_begins(cause: str, latents: Latents, treatment: Treatments):
    first = min(float(treatment.start_day) for treatment in treatment)
    day = np.linspace(0.0, first, N, endpoint=False)
    assert_same(lives(cause, latents, day), lives(cause, latents, day, treatment))


# Left and right


@FEW
@given(cause=CAUSE, latents=chances(), day=DAYS, treatment=st.one_of(st.none(), cares()))
def test_the_mirrored_patient_lives_a_mirrored_life(
    cause: str, latents: Latents, day: NDArray[np.float64], treatment: Treatments | None
):
    here, there = lives(cause, latents, day, treatment), lives(cause, mirrored(latents), day, treatment)
    swapped = {name: getattr(there, name)[:, ::-1] for name in SIDED}
    assert_same(here, there._replace(**swapped), 2e-3)


# One illness, one peak

FEWER_DAYS = np.concatenate([np.arange(0.0, 240.0, 8.0), np.arange(240.0, 1100.0, 30.0)]).astype(np.float32)
ATTACK = (
    ("vessels/inflammation", "span_day"),
    ("causes/dlrpn", "severity"),
    ("vessels/inflammation", "spread_day_per_root"),
)


@partial(jax.jit, compiler_options=COMPILER)
def nis_on(scale: jax.Array, latents: Latents, day: jax.Array) -> jax.Array:
    """Return NIS on a day of each patient, shape (N,); `scale` (3,) multiplies the numbers of `ATTACK`."""
    typical = person(age_years=66.0, male=1.0, diabetes=1.0, diabetes_years=8.0, hba1c_percent=7.5)
    central = {f"{home}.{name}": part(home).value(name) for home, name in ATTACK}
    with replaced({name: value * scale[i] for i, (name, value) in enumerate(central.items())}):
        return outcomes(state_on_day(typical, index_of("dlrpn"), latents, day)).nis


def second_rise(course: NDArray[np.float32]) -> float:
    """Return how far a course (D,) dips before its peak or rises again after it, whichever is more."""
    peak = int(course.argmax())
    before, after = course[: peak + 1], course[peak:]
    dip = np.maximum.accumulate(before) - before
    return float(max(dip.max(), (after - np.minimum.accumulate(after)).max()))


def scales() -> st.SearchStrategy[jax.Array]:
    return st.lists(floats(0.7, 1.3), min_size=len(ATTACK), max_size=len(ATTACK)).map(jnp.asarray)


@FEW
@given(scale=scales(), both=st.booleans())
def test_the_typical_attack_has_one_peak(scale: jax.Array, both: bool):
    latents = with_block(average_chance(), "bilateral", 2.0 if both else -2.0)
    course = np.asarray(nis_on(scale, latents, jnp.linspace(0.0, 1000.0, N)))
    assert course.max() > course[0] + 5.0
    assert second_rise(course) <= 1.0


@settings(FEW, max_examples=4)
@given(scale=scales())
def test_the_mean_of_many_attacks_has_one_peak(scale: jax.Array):
    # The mean, not the median: on a plateau the median of a few hundred wobbles by whole points of the score.
    latents = with_block(drawn_chance(), "relapse", 0.0)
    course = np.array([np.mean(nis_on(scale, latents, np.full(N, day))) for day in FEWER_DAYS])
    assert course.max() > course[0] + 5.0
    assert second_rise(course) <= 1.0


# Steps fine enough

STEP_DAYS = (30.0, 60.0, 120.0, 200.0, 365.0, 730.0)


def _with_cohorts(late: int) -> Callable[[jax.Array], Outcomes]:
    """Return a freshly traced model in which the time of cutting is divided into so many cohorts."""

    latents = drawn_chance()

    def one(day: jax.Array) -> Outcomes:
        return outcomes(state_on_day(unknown_person(), index_of("dlrpn"), latents, jnp.full((N,), day)))

    def every(days: jax.Array) -> Outcomes:
        before, degeneration.LATE_COHORTS = degeneration.LATE_COHORTS, late
        try:
            return jax.lax.map(one, days)
        finally:
            degeneration.LATE_COHORTS = before

    return jax.jit(every, compiler_options=FEW_CALLS)


@pytest.fixture(scope="module")
def coarse_and_fine() -> tuple[Outcomes, Outcomes]:
    """Return the same patients over days (D, N), with the model's cohorts and with twice as many."""
    coarse, fine = (
        _with_cohorts(many * degeneration.LATE_COHORTS)(jnp.asarray(STEP_DAYS)) for many in (1, 2)
    )
    return coarse, fine


@pytest.mark.parametrize("day", STEP_DAYS)
@pytest.mark.parametrize(("field", "scale"), [("nis", 1.0), ("movement_grade", 0.5)])
def test_twice_the_cohorts_change_less_than_a_hundredth(
    coarse_and_fine: tuple[Outcomes, Outcomes], field: str, scale: float, day: float
):
    at = STEP_DAYS.index(day)
    coarse, fine = (np.asarray(getattr(each, field))[at] for each in coarse_and_fine)
    change = np.abs(coarse - fine) / np.maximum(np.abs(fine), scale)
    assert np.median(change) < 0.01
    assert np.quantile(change, 0.95) < 0.01


@partial(jax.jit, static_argnums=3, compiler_options=FEW_CALLS)
def worn_by(latents: Latents, treatment: Treatments, day: jax.Array, nodes: int) -> jax.Array:
    """Return the wear of people with diabetes, by so many points of quadrature."""
    return worn_years(complete(person(diabetes=1.0), latents, 1.0), treatment, day, nodes)


@FEW
@given(latents=chances(), day=DAYS, treatment=cares())
def test_twice_the_points_of_quadrature_change_wear_less_than_a_hundredth(
    latents: Latents, day: NDArray[np.float64], treatment: Treatments
):
    when = jnp.asarray(day, jnp.float32)
    coarse, fine = (np.asarray(worn_by(latents, treatment, when, nodes)) for nodes in (NODES, 2 * NODES))
    np.testing.assert_allclose(coarse, fine, rtol=0.01)
