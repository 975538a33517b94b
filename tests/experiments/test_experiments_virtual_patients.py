"""Virtual patients follow the laws that inference assumes before any finding."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from experiments import virtual_patients as virtual
from experiments.virtual_patients import Shown
from garland.anatomy.tree import load
from garland.errors import InputError
from garland.model.diseases import DISEASES
from garland.model.diseases.prior import prior
from garland.model.findings import N_FINDINGS
from garland.model.latents import N_LATENTS
from garland.model.patient import Person


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw patients without running the model."""

    def shown(person: Person, cause: int, vectors: np.ndarray, timing: object = None) -> Shown:
        n = len(vectors)
        sites = len(load().sites)
        return Shown(
            np.full(n, 10.0 + cause, np.float32),
            np.zeros((n, N_FINDINGS), np.float32),
            np.zeros((n, 2, sites), np.float32),
        )

    monkeypatch.setattr(virtual, "shown", shown)


@pytest.mark.usefixtures("unseen")
def test_a_patient_is_the_same_alone_and_in_company() -> None:
    company, alone = virtual.draw(range(6)), virtual.draw([4])[0]
    assert company[4].cause == alone.cause
    assert company[4].person == alone.person
    assert np.array_equal(company[4].vector, alone.vector)
    assert alone.vector.shape == (N_LATENTS,)


@pytest.mark.usefixtures("unseen")
def test_patients_come_in_the_order_of_their_seeds_with_what_their_cause_shows() -> None:
    patients = virtual.draw([9, 2, 30, 5])
    assert [patient.seed for patient in patients] == [9, 2, 30, 5]
    assert all(patient.day == 10.0 + patient.cause for patient in patients)


@pytest.mark.usefixtures("unseen")
def test_the_prior_given_age_sex_and_diabetes_comes_true() -> None:
    patients = virtual.draw(range(300))
    stated = np.array([
        prior(Person(*[jnp.nan] * 8)._replace(
            age_years=p.person.age_years, male=p.person.male, diabetes=p.person.diabetes))
        for p in patients
    ])  # fmt: skip
    happened = np.eye(len(DISEASES))[[p.cause for p in patients]]
    gap = (stated - happened).sum(axis=0) / np.sqrt((stated * (1.0 - stated)).sum(axis=0) + 1.0)
    assert np.abs(gap).max() < 3.5
    by_family = {cause.family for cause in DISEASES}
    diabetic = np.array([p.person.diabetes > 0.5 for p in patients])
    for family in by_family:
        member = np.array([cause.family == family for cause in DISEASES])
        expected, seen = stated[diabetic][:, member].sum(axis=1), happened[diabetic][:, member].sum(axis=1)
        spread = np.sqrt((expected * (1.0 - expected)).sum() + 1.0)
        assert abs((expected - seen).sum()) < 3.5 * spread


@pytest.mark.usefixtures("unseen")
def test_persons_are_complete_and_rounded_as_a_record_rounds_them() -> None:
    for patient in virtual.draw(range(40)):
        person = {name: float(value) for name, value in patient.person._asdict().items()}
        assert not any(np.isnan(value) for value in person.values())
        assert 18 <= person["age_years"] <= 90
        assert person["height_cm"] == round(person["height_cm"])
        assert DISEASES[patient.cause].diabetes in (None, person["diabetes"])


@pytest.mark.usefixtures("unseen")
def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(InputError, match="is not a known setting"):
        virtual.draw([1], "ward")


@pytest.mark.slow
def test_what_a_patient_shows_does_not_depend_on_who_is_drawn_beside() -> None:
    company = virtual.draw(range(40))
    alone = virtual.draw([17])[0]
    assert alone.day == pytest.approx(company[17].day, rel=1e-5)
    assert np.allclose(alone.expected, company[17].expected, atol=1e-3)
    assert np.isfinite(alone.expected).all()
    assert alone.at_sites.max() <= 1.0
