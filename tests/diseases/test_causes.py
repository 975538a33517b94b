"""The list of causes, how often each is met, and what each does to history, laboratory and imaging."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

import garland
from garland.anatomy.tree import load
from garland.errors import EvidenceError, InputError
from garland.evidence import part, replaced
from garland.model import diseases
from garland.model.diseases import DISEASES, _disease, femoral, index_of
from garland.model.diseases.lesion_process import LesionProcess, _no_damage
from garland.model.diseases.prior import SETTINGS, prior
from garland.model.diseases.tables import (
    COMPRESSED_ROOTS,
    HISTORY,
    IMAGING,
    LABORATORY,
    _probability,
    cause_tables,
)
from garland.model.latents import Latents, draw
from garland.model.patient import Person, complete, diabetes_prevalence, unknown_person
from garland.model.patterns import first_side, multifocal, muscles, sides, sites, spread_over_roots, symmetric

N = 300
CHANCE = draw(jax.random.key(8), N)
NAMES = [cause.name for cause in DISEASES]
HOME = Path(diseases.__file__).parent
EVIDENCE = Path(garland.__file__).parent / "evidence" / "parameters" / "causes"


def known(**fields: float) -> Person:
    return unknown_person()._replace(**{name: jnp.asarray(value) for name, value in fields.items()})


@pytest.fixture(scope="module")
def weights() -> dict[str, dict[str, float]]:
    return {s: dict(zip(NAMES, prior(unknown_person(), s), strict=True)) for s in SETTINGS}


def test_every_cause_has_its_own_name_and_its_own_evidence():
    assert len(set(NAMES)) == len(NAMES) == 32
    assert [index_of(name) for name in NAMES] == list(range(32))
    for cause in DISEASES:
        assert "severity" in " ".join(part(f"causes/{cause.evidence}").names) or cause.name == "none"


def test_every_module_with_a_lesion_and_every_frequency_belongs_to_a_listed_disease():
    modules = {path.stem for path in HOME.glob("*.py") if "\ndef lesion_process(" in path.read_text("utf-8")}
    numbers = {path.stem for path in EVIDENCE.glob("*.yaml") if "\nfrequency" in path.read_text("utf-8")}
    listed = {cause.evidence for cause in DISEASES}
    assert modules - listed == set(), "write a line for each in DISEASES"
    assert numbers == listed, (
        "write a line for each in DISEASES, or its numbers in evidence/parameters/causes"
    )


def test_a_disease_without_its_title_or_family_is_refused_by_its_name():
    with pytest.raises(EvidenceError, match="disease femoral: has no title"):
        _disease(femoral, family="mononeuropathy")
    with pytest.raises(EvidenceError, match="disease femoral: has no family"):
        _disease(femoral, "femoral neuropathy")


def test_a_setting_without_a_frequency_is_refused_by_name():
    message = r"causes/femoral\.frequency: has no 'emg-laboratory'"
    without = replaced({"causes/femoral.frequency": {"spine-clinic": 2.0}})
    with without, pytest.raises(EvidenceError, match=message):
        prior(unknown_person())


def test_an_unknown_cause_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="is not a modelled cause"):
        index_of("dlrpm")


@pytest.mark.parametrize("cause", DISEASES, ids=NAMES)
def test_every_insult_has_the_shape_of_no_damage(cause):
    person = complete(unknown_person(), CHANCE, jnp.nan if cause.diabetes is None else cause.diabetes)
    damage = jax.eval_shape(cause.lesion_process, person, CHANCE)
    assert damage.beside is None
    fields = LesionProcess._fields[:-1]
    for name, found, usual in zip(fields, damage[:-1], _no_damage(N)[:-1], strict=True):
        assert found.shape == usual.shape, name
        assert found.dtype == usual.dtype, name


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_prior_is_a_distribution(setting: str):
    weight = prior(unknown_person(), setting)
    assert weight.shape == (32,)
    assert weight.min() > 0.0
    assert weight.sum() == pytest.approx(1.0)


def test_an_unknown_setting_is_refused():
    with pytest.raises(InputError, match="is not a known setting"):
        prior(unknown_person(), "emg-lab")


def test_an_unknown_cause_in_a_prior_is_refused():
    with pytest.raises(InputError, match="is not a modelled cause"):
        prior(unknown_person(), custom={"amyotrophy": 1.0})


def test_a_custom_frequency_replaces_that_of_the_setting():
    usual = prior(unknown_person())
    more = prior(unknown_person(), custom={"femoral": 1e6})
    assert more[index_of("femoral")] > 0.9 > usual[index_of("femoral")]


def test_roots_are_commoner_than_radiculoplexus_neuropathy_everywhere(weights):
    for setting in SETTINGS:
        assert weights[setting]["radiculopathy-l5"] > weights[setting]["dlrpn"]


def test_the_fifth_and_first_sacral_roots_are_struck_most(weights):
    roots = {n: weight for n, weight in weights["spine-clinic"].items() if n.startswith("radiculopathy")}
    assert set(sorted(roots, key=roots.__getitem__)[-2:]) == {"radiculopathy-l5", "radiculopathy-s1"}


def test_the_diabetic_form_needs_diabetes_and_its_twin_excludes_it():
    with_it, without = prior(known(diabetes=1.0)), prior(known(diabetes=0.0))
    assert with_it[index_of("lrpn")] == 0.0
    assert without[index_of("dlrpn")] == 0.0
    assert with_it[index_of("dlrpn")] > 0.0


def test_radiculoplexus_neuropathy_is_a_disease_of_later_life():
    young, old = (prior(known(age_years=age))[index_of("dlrpn")] for age in (25.0, 68.0))
    assert old > 5.0 * young


def test_motor_neuron_disease_is_commoner_in_men():
    man, woman = (prior(known(male=sex))[index_of("motor-neuron-disease")] for sex in (1.0, 0.0))
    assert man > woman


def test_tables_have_a_row_for_every_cause():
    tables = cause_tables()
    assert tables.history.shape == (32, len(HISTORY))
    assert tables.imaging.shape == (32, len(IMAGING))
    assert tables.laboratory.shape == (32, len(LABORATORY))
    assert tables.compression.shape == (32, len(COMPRESSED_ROOTS))
    assert all(np.isfinite(table).all() for table in tables)


def test_measured_history_goes_before_the_assumed_one():
    row = cause_tables().history[index_of("dlrpn")]
    measured = part("causes/dlrpn").value("history_weight_loss")
    assert norm.cdf(row[HISTORY.index("weight_loss")]) == pytest.approx(measured, abs=1e-4)


def test_a_myopathy_raises_creatine_kinase_and_a_radiculopathy_does_not():
    table = cause_tables().laboratory[:, LABORATORY.index("ck")]
    assert table[index_of("myopathy")] > table[index_of("radiculopathy-l5")] + 1.5


def test_an_item_that_the_baseline_lacks_is_refused():
    with pytest.raises(EvidenceError, match="not in the baseline"):
        _probability(DISEASES[0], "history", ("pain",))


@pytest.mark.parametrize("root", COMPRESSED_ROOTS)
def test_imaging_of_a_radiculopathy_shows_its_own_root(root: str):
    if f"radiculopathy-{root}" in NAMES:
        row = cause_tables().compression[index_of(f"radiculopathy-{root}")]
        assert int(np.argmax(row)) == COMPRESSED_ROOTS.index(root)


def test_an_unknown_site_or_muscle_in_a_pattern_is_refused():
    with pytest.raises(InputError, match="is not a known site"):
        sites({"femoral": 1.0})
    with pytest.raises(InputError, match="is not a known muscle"):
        muscles({"quadriceps": 1.0})


def test_the_first_side_is_struck_in_full_and_the_other_in_the_share_of_patients_said():
    p = part("causes/dlrpn")
    affected = np.asarray(sides(CHANCE, p))
    first = np.asarray(first_side(CHANCE)) > 0.5
    np.testing.assert_allclose(affected[first], 1.0)
    assert (affected[~first] > 0).mean() == pytest.approx(p.value("bilateral_share"), abs=0.1)


def test_patchiness_moves_damage_about_and_leaves_its_mean():
    assert float(multifocal(CHANCE, 0.4).mean()) == pytest.approx(1.0, abs=0.02)


def test_a_symmetric_process_hardly_leans():
    lean = np.asarray(symmetric(CHANCE, 0.1))
    assert np.abs(np.log(lean[:, 0] / lean[:, 1])).max() < 0.9


def test_weights_of_roots_land_on_the_sites_of_those_roots():
    only_l4 = jnp.zeros((1, 8)).at[0, 3].set(1.0)
    placed = np.asarray(spread_over_roots(only_l4, {"ventral-root": 1.0, "ganglion": 0.5}))[0]
    assert placed[load().site("ventral-root-l4")] == 1.0
    assert placed[load().site("ganglion-l4")] == 0.5
    assert placed.sum() == 1.5


def test_what_is_unknown_of_a_person_is_drawn_and_what_is_known_is_kept():
    person = complete(known(age_years=70.0, height_cm=150.0), CHANCE, jnp.nan)
    assert not any(np.isnan(field).any() for field in person)
    assert np.unique(person.height_cm).tolist() == [150.0]
    assert np.unique(person.weight_kg).size > N // 2
    assert person.diabetes.mean() == pytest.approx(float(diabetes_prevalence(70.0)), abs=0.07)


def test_people_without_diabetes_have_had_it_for_no_year():
    person = complete(unknown_person(), Latents(CHANCE.vector), 0.0)
    assert float(person.diabetes_years.max()) == 0.0
    assert float(person.hba1c_percent.max()) < 6.5


def test_diabetes_is_commoner_in_the_old():
    share = [float(diabetes_prevalence(age)) for age in (20.0, 50.0, 80.0)]
    assert share[0] < share[1] < share[2] < 0.5
