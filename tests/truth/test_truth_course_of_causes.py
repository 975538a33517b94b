"""What becomes of a lesion: it heals, stands or grows as its cause says, and care never does it harm."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from forward_model import N, average_chance, drawn_chance, healthy_person, patients, with_block
from scipy.integrate import quad

from garland.evidence import part
from garland.model.axons.injury import _Clock, _share_done
from garland.model.clinical_signs.systemic import alive, death_day
from garland.model.diseases import DISEASES, index_of
from garland.model.diseases.course import on_day, with_course
from garland.model.diseases.lesion_process import HEALING, _no_damage
from garland.model.simulate import lesions_of
from garland.model.treatment.curative import procedure, share_held, with_cure
from garland.model.treatment.schedule import FOREVER_DAY, Dose, no_care

CAUSES = [cause.name for cause in DISEASES]
YEAR = 365.25


def process_of(name: str, chance=None):
    chance = drawn_chance() if chance is None else chance
    return lesions_of(healthy_person(), index_of(name), chance)[1]


def operation(day: float):
    return no_care(surgery=Dose(jnp.float32(1.0), jnp.float32(day), jnp.float32(1e6)))


@pytest.mark.parametrize("name", CAUSES)
def test_healing_and_care_only_take_away(name: str):
    process, day = process_of(name), jnp.full((N,), 400.0)
    natural = on_day(process, day)
    assert bool((natural.muscle_loss <= process.muscle_loss + 1e-6).all())
    for treatment in (
        operation(100.0),
        no_care(immunoglobulin=Dose(jnp.float32(2.0), jnp.float32(50.0), jnp.float32(300.0))),
    ):
        cured = with_cure(natural, day, treatment)
        for field in ("block", "slowing", "distal_block", "distal_slowing", "muscle_loss", "pain_drive"):
            assert bool((getattr(cured, field) <= getattr(natural, field) + 1e-6).all()), field
        assert bool((share_held(treatment, process) >= 0.0).all())


@pytest.mark.parametrize("name", ["radiculopathy-l5", "plexopathy-haematoma", "cidp", "myopathy"])
def test_nothing_changes_before_care_begins(name: str):
    process, day = process_of(name), jnp.full((N,), 60.0)
    for before, after in zip(
        *map(jax.tree.leaves, (process, with_cure(process, day, operation(60.0)))), strict=True
    ):
        np.testing.assert_allclose(before, after, atol=1e-6)


def test_an_operation_does_nothing_where_nothing_compresses():
    for name in ("dlrpn", "gbs", "motor-neuron-disease", "distal-polyneuropathy", "none"):
        process, day = process_of(name), jnp.full((N,), 300.0)
        for before, after in zip(
            *map(jax.tree.leaves, (process, with_cure(process, day, operation(30.0)))), strict=True
        ):
            np.testing.assert_allclose(before, after, atol=1e-6)
        begun, pace = procedure(operation(30.0), process)
        assert float(begun.min()) == FOREVER_DAY
        assert float(pace.min()) == 1.0


def test_block_that_care_clears_falls_by_the_rates_of_the_cause():
    process = process_of("plexopathy-haematoma", average_chance())
    rate = part("causes/plexopathy_haematoma").entry("care_heals", "surgery")
    cured = with_cure(process, jnp.full((N,), 70.0), operation(20.0))
    affected = np.asarray(process.block) > 0.0
    ratio = np.asarray(cured.block)[affected] / np.asarray(process.block)[affected]
    np.testing.assert_allclose(ratio, np.exp(-50.0 * rate), rtol=1e-4)


def test_damage_that_goes_on_is_linear_in_time_and_slower_after_a_procedure():
    time = _Clock(jnp.float32(20.0), jnp.float32(0.0), jnp.float32(1e6), None, jnp.float32(0.5 / YEAR))
    days = jnp.asarray([0.0, 20.0, 20.0 + YEAR, 20.0 + 3.0 * YEAR])
    np.testing.assert_allclose(_share_done(days, jnp.float32(0.0), time), [0.0, 1.0, 1.5, 2.5], rtol=1e-5)
    slowed = time._replace(procedure=(jnp.float32(20.0 + YEAR), jnp.float32(0.25)))
    np.testing.assert_allclose(_share_done(days, jnp.float32(0.0), slowed), [0.0, 1.0, 1.5, 1.75], rtol=1e-5)
    stopped = time._replace(procedure=(jnp.float32(10.0), jnp.float32(0.0)))
    np.testing.assert_allclose(_share_done(days, jnp.float32(0.0), stopped)[1:], 0.75, rtol=1e-5)


def test_who_heals_slowly_does_so_in_everything():
    slow, quick = (
        with_course(_no_damage(N), with_block(average_chance(), "healing", z), index_of("radiculopathy-l5"))
        for z in (-1.0, 1.0)
    )
    for field in ("block_recovery_day", "pain_span_day", "pain_fade_day"):
        assert float(getattr(slow, field)[0]) > float(getattr(quick, field)[0])
    surgery = HEALING.index("surgery")
    assert float(slow.care_eases[0, surgery]) < float(quick.care_eases[0, surgery])


@pytest.mark.parametrize("name", ["plexopathy-neoplastic", "motor-neuron-disease", "plexopathy-radiation"])
def test_relentless_diseases_go_on(name: str):
    early, late = (patients(name, day, healthy_person()) for day in (400.0, 1500.0))
    lost = [1.0 - np.asarray(seen.course.muscle.axons)[:, :, :].mean(axis=(1, 2)) for seen in (early, late)]
    assert (lost[1] > lost[0] - 1e-4).mean() > 0.95
    assert np.median(lost[1]) > np.median(lost[0])


def test_motor_neuron_disease_begins_in_one_region_and_walks_along_the_cord():
    process = process_of("motor-neuron-disease")
    affected = np.asarray(process.axon_loss) > 1e-3
    start = np.where(affected, np.asarray(process.start_day), np.nan)
    first = np.nanmin(start, axis=(1, 2))
    assert np.nanmedian(np.nanmax(start, axis=(1, 2)) - first) > 180.0
    worst = np.take_along_axis(
        start.reshape(N, -1), np.asarray(process.axon_loss).reshape(N, -1).argmax(axis=1)[:, None], axis=1
    )[:, 0]
    assert np.median(worst - first) < 40.0


@pytest.mark.parametrize("name", ["motor-neuron-disease", "gbs", "none"])
def test_survival_is_that_of_age_times_that_of_the_disease(name: str):
    process, person = with_course(_no_damage(N), average_chance(), index_of(name)), healthy_person()
    share, half = float(process.dying_share[0]), float(process.dying_day[0])
    power = part("bedside/survival").value("dying_power")

    def density(day: float) -> float:
        scale = half / np.log(2.0) ** (1.0 / power)
        return power / scale * (day / scale) ** (power - 1.0) * np.exp(-((day / scale) ** power))

    for day in (30.0, 800.0, 4000.0):
        died = share * quad(density, 0.0, day, limit=200)[0]
        at = jnp.full((N,), day)
        by_age = alive(person, _no_damage(N), at)
        np.testing.assert_allclose(alive(person, process, at)[0], by_age[0] * (1.0 - died), rtol=2e-3)


def test_the_day_of_death_of_motor_neuron_disease_follows_its_survival():
    chance = drawn_chance()
    process = with_course(_no_damage(N), chance, index_of("motor-neuron-disease"))
    person = jax.tree.map(lambda field: jnp.broadcast_to(field, (N,)), healthy_person())
    day = death_day(person, process, chance)
    spared = jax.scipy.stats.norm.cdf(-chance["survival"])
    np.testing.assert_allclose(alive(person, process, day), spared, atol=2e-3)
