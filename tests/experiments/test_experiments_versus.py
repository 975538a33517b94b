"""The comparison of methods: distances, the mean of two long runs, and the table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from experiments import oracle_answer, versus, versus_methods
from experiments.oracle import Finding, given_expected
from experiments.versus import REFERENCE, SAMPLER, distances, jobs, mean_row, table
from experiments.versus_methods import CHUNK, Answer, Study
from garland.model.diseases import DISEASES
from garland.model.latents import N_LATENTS


def row(seed, probability, gone=0.0, involved=0.0, cause=0):
    """One patient's row: a share `gone` of the law of one merged site at the highest level."""
    p = np.zeros(len(DISEASES))
    p[: len(probability)] = probability
    sites = np.zeros((2, 25, 5))
    sites[..., 0] = 1.0
    sites[0, 3] = [1.0 - gone, 0.0, 0.0, 0.0, gone]
    at = np.zeros((2, 92))
    at[1, 7] = involved
    answer = Answer(p, sites, at, 2.0, 1000)
    return {"seed": seed, **versus._row(cause, answer)}


def test_an_answer_is_at_no_distance_from_itself():
    same = row(0, [0.6, 0.4], 0.5, 0.5)
    assert distances(same, same) == {"causes": [0.0], "levels": [0.0], "merged": [0.0], "sites": [0.0]}


def test_total_variation_is_half_the_summed_difference():
    found = distances(row(0, [0.6, 0.4], 0.9, 0.2), row(0, [0.9, 0.1], 0.5, 0.3))
    assert found["causes"] == pytest.approx([0.3])
    assert found["levels"] == pytest.approx([0.4])
    assert found["merged"] == pytest.approx([0.4])
    assert found["sites"] == pytest.approx([0.1])


def test_sites_that_the_reference_leaves_free_do_not_count():
    found = distances(row(0, [1.0], 0.9, 0.9), row(0, [1.0], 0.05, 0.05))
    assert found["levels"] == found["merged"] == found["sites"] == []


def test_two_long_runs_are_averaged():
    mean = mean_row([row(0, [0.6, 0.4], 0.2), row(0, [0.8, 0.2], 0.4)])
    assert mean["probability"][:2] == pytest.approx([0.7, 0.3])
    assert mean["sites"][0][3][4] == pytest.approx(0.3)


def test_the_table_has_a_line_for_each_method_that_has_rows_and_one_for_the_reference():
    runs = [
        {"seed": s, "cause": 0, "runs": [row(s, [0.7, 0.3], 0.5), row(s, [0.9, 0.1], 0.5)]} for s in range(3)
    ]
    text = table({SAMPLER: [row(s, [0.8, 0.2], 0.6) for s in range(5)], REFERENCE: runs})
    lines = text.splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "| Garland's sampler | 5 | 0.000 (0.000) |" in lines[2]
    assert "0.100 (0.100)" in lines[2]
    assert "0.200 (0.200)" in lines[3]


def test_patients_without_a_reference_count_for_the_scores_alone():
    text = table({SAMPLER: [row(s, [0.8, 0.2]) for s in range(5)]})
    assert "| 5 | – | – | – | – | 1.000 |" in text


def test_every_job_can_be_sent_to_another_process():
    import pickle

    every = jobs(Path("build"), 512, 1000)
    assert set(every) == set(versus.TITLES)
    assert all(callable(pickle.loads(pickle.dumps(job))) for job in every.values())


class Simple:
    """A problem whose likelihood is normal in the first number of chance."""

    def __init__(self):
        self.person, self.timings, self.seen, self.evaluated = None, (), (), 0

    def log_likelihood(self, cause, vectors):
        self.evaluated += len(vectors)
        return -0.5 * vectors[:, 0].astype(float) ** 2 - cause, None


def test_weighing_finds_the_evidence_and_the_law_of_a_normal_known_in_closed_form():
    problem = Simple()
    cloud, evidence = versus_methods._weighed(problem, 2, [0, 2, 3], 40)
    assert evidence == pytest.approx(-2.0 - 0.5 * np.log(2.0), abs=0.02)
    assert cloud.vectors.shape == (CHUNK, N_LATENTS)
    assert float(np.std(cloud.vectors[:, 0])) == pytest.approx(np.sqrt(0.5), abs=0.06)
    assert problem.evaluated == 40 * CHUNK


def test_a_patient_of_the_oracles_own_law_shows_what_its_states_allow(monkeypatch):
    from experiments.oracle_network import Network, Table
    from garland.inference.observations import INF, _Observation
    from garland.model.findings import Address, column

    ankle = Address("muscle_strength", 0, "tibialis-anterior")
    lesion = Table("left fibular", (), np.array([0.3, 0.7], np.float32))
    law = Table("finding", ("left fibular",), np.eye(2, dtype=np.float32))
    shown = np.array([[5.0] * 9, [0.0] * 9], np.float32)
    net = Network(
        0, {}, np.zeros(2), {"left fibular": lesion}, {}, {column(ankle): law}, {column(ankle): shown}
    )
    asked = _Observation("", "", "", (ankle,), 3.0, INF)
    offset = np.where(np.arange(len(DISEASES)) == 4, 0.0, -np.inf)
    person = SimpleNamespace(_asdict=dict)
    study = Study(0, 0, person, (asked,), None, None, offset, None, 1.0)
    drawn = [oracle_answer.own_patient([net] * len(DISEASES), study, seed) for seed in range(120)]
    assert {own.cause for own, _ in drawn} == {4}
    within = given_expected([Finding(asked)], np.array([[5.0], [0.0]], np.float32))[:, 0]
    expected = 0.3 * (1.0 - within[0]) + 0.7 * (1.0 - within[1])
    assert np.mean([found[0].outside for _, found in drawn]) == pytest.approx(expected, abs=0.12)
    measured = replace(asked, low=4.0, high=4.0)
    number = oracle_answer.own_patient([net] * len(DISEASES), study._replace(observations=(measured,)), 1)[1][
        0
    ]
    assert number.observation.measured
    assert number.observation.low != 4.0
