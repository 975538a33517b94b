"""A file or folder appears whole or not at all."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from garland.io import plain, whole_file, whole_folder, write_whole


@pytest.mark.parametrize("durable", [False, True])
def test_text_and_bytes_are_written_and_nothing_else_is_left(tmp_path, durable):
    for content in ("ä\n", b"\x00\n"):
        write_whole(tmp_path / "a", content, durable=durable)
        assert (tmp_path / "a").read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_older_file_stays_where_writing_fails(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(TypeError, match="bytes-like"), whole_file(tmp_path / "a") as stream:
        stream.writelines([b"new", "not bytes"])
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_takes_the_place_of_an_empty_one(tmp_path):
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as folder:
        (folder / "a").write_text("1")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "a"]


def test_a_folder_that_was_not_finished_is_not_left_behind(tmp_path):
    with pytest.raises(IsADirectoryError), whole_folder(tmp_path / "out") as folder:
        folder.write_text("1")
    assert list(tmp_path.iterdir()) == []


def test_values_become_what_json_takes():
    class Pair(NamedTuple):
        low: float
        high: float

    stated = {"a": (1, math.nan), "b": np.array([0.5, math.inf]), "c": Pair(1.0, 2.0)}
    assert plain(stated) == {"a": [1, None], "b": [0.5, None], "c": {"low": 1.0, "high": 2.0}}
    assert plain(stated, named=False)["c"] == [1.0, 2.0]
