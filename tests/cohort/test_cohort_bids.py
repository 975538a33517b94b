"""Recordings of a sub-sample: the cohort's own patients, named and described as EMG-BIDS asks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_cohorts import county_spec, made

from garland.cohorts.folder import _Opened
from garland.cohorts.recordings_folder import _patient_of, _recorded, export_bids
from garland.cohorts.spec import CohortSpec
from garland.cohorts.visits import _rows_of
from garland.edx_study.protocol import load_protocol
from garland.errors import InputError
from garland.model.diseases import DISEASES
from garland.signals.files import _read_recording

TINY = """
title: Two tests
description: one nerve, one muscle
sensory: [{sural: left}]
needle: [{vastus-lateralis: right}]
"""
NAME = re.compile(r"sub-\d{6}_task-[a-z]+_run-\d\d_(emg\.edf|emg\.json|channels\.tsv|events\.tsv)")


@pytest.fixture(scope="module")
def cohort(small: CohortSpec, tmp_path_factory: pytest.TempPathFactory) -> _Opened:
    return made(small, tmp_path_factory.mktemp("small") / "cohort")


@pytest.fixture(scope="module")
def protocol(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("protocol") / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def bids(cohort: _Opened, protocol: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "bids"
    export_bids(cohort, out, 1, protocol)
    return out


def test_patients_are_those_of_the_tables(cohort: _Opened):
    people = pd.concat([each.to_pandas() for each in cohort.tables("people")], ignore_index=True)
    for part in (0, 3):
        rows, first = _rows_of(cohort.spec, part), part * cohort.spec.part_size
        for someone in range(8):
            one, known = _patient_of(rows, someone, first), people.loc[first + someone]
            assert one.number == known.patient
            assert DISEASES[one.cause].name == known.cause
            assert one.day == pytest.approx(known.seen_day, rel=1e-5)
            for name in ("age_years", "height_cm", "weight_kg", "hba1c_percent"):
                assert float(np.asarray(getattr(one.person, name))[0]) == pytest.approx(known[name], rel=1e-5)


def test_every_file_has_the_name_and_the_neighbours_that_bids_asks_for(bids: Path):
    (subject,) = bids.glob("sub-*")
    files = [each.name for each in (subject / "emg").iterdir()]
    assert len(files) == 8
    assert all(NAME.fullmatch(name) and name.startswith(subject.name) for name in files)
    assert {name.partition("_task-")[2].partition("_")[0] for name in files} == {"sensory", "needle"}
    about = json.loads((bids / "dataset_description.json").read_text(encoding="utf-8"))
    assert {"Name", "BIDSVersion", "DatasetType"} <= set(about)
    assert "SIMULATED" in about["Name"]


def test_sidecars_hold_the_required_fields_and_agree_with_the_file(bids: Path):
    required = {"TaskName", "EMGPlacementScheme", "EMGReference", "SamplingFrequency", "PowerLineFrequency",
                "SoftwareFilters", "RecordingType"}  # fmt: skip
    for path in bids.rglob("*_emg.json"):
        stated = json.loads(path.read_text(encoding="utf-8"))
        assert required <= set(stated)
        traces = _read_recording(path.with_suffix(".edf"))
        assert stated["SamplingFrequency"] == traces[0].rate_hz
        channels = pd.read_csv(
            str(path).replace("_emg.json", "_channels.tsv"), sep="\t", keep_default_na=False
        )
        assert list(channels.columns[:3]) == ["name", "type", "units"]
        assert [trace.label for trace in traces] == list(channels.name)
        assert set(channels.type) == {"EMG" if "needle" in path.name else "MISC"}


def test_events_say_what_the_muscle_does_and_when_the_stimulus_comes(bids: Path):
    (needle,), (sensory,) = (list(bids.rglob(f"*{task}*_events.tsv")) for task in ("needle", "sensory"))
    doing = pd.read_csv(needle, sep="\t")
    assert {"rest", "weak", "full"} <= set(doing.trial_type)
    stimulus = pd.read_csv(sensory, sep="\t")
    assert list(stimulus.trial_type) == ["stimulus"]
    assert (stimulus.onset >= 0.0).all()


def test_participants_are_listed_with_a_description_of_each_column(bids: Path):
    people = pd.read_csv(bids / "participants.tsv", sep="\t")
    about = json.loads((bids / "participants.json").read_text(encoding="utf-8"))
    assert set(people.columns) == {"participant_id", *about}
    assert people.participant_id[0] == f"sub-{people.cohort_patient[0]:06d}"
    assert "SIMULATED" in (bids / "README.md").read_text(encoding="utf-8")


def test_a_patient_recorded_again_gives_the_same_traces(cohort: _Opened, protocol: str, bids: Path):
    number = int(pd.read_csv(bids / "participants.tsv", sep="\t").cohort_patient[0])
    part, someone = divmod(number, cohort.spec.part_size)
    one = _patient_of(_rows_of(cohort.spec, part), someone, part * cohort.spec.part_size)
    found = _recorded(cohort.spec, one, load_protocol(protocol))
    (trace,) = _read_recording(next(bids.rglob("*sensory*_emg.edf")))
    again = found.plates[0].traces[0].trace
    n = len(again.samples_uv)
    assert np.allclose(trace.samples_uv[:n], again.samples_uv, atol=2e-4 * np.abs(again.samples_uv).max())


def test_too_many_patients_and_cohorts_without_visits_are_refused(cohort: _Opened, tmp_path: Path):
    for patients in (0, 201):
        with pytest.raises(InputError, match="lies outside 1 to 200"):
            export_bids(cohort, tmp_path / "out", patients)
    county = made(county_spec(size=64, part_size=64), tmp_path / "county")
    with pytest.raises(InputError, match="has no visit to record at"):
        export_bids(county, tmp_path / "out", 1)
    with pytest.raises(InputError, match="is not a protocol"):
        export_bids(cohort, tmp_path / "out", 1, "nothing")
    assert not (tmp_path / "out").exists()
