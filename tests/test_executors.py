"""Who does the work: all kinds give the same, and the loss of any is told in one line."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import CancelledError
from multiprocessing import active_children

import psutil
import pytest

from garland.errors import InputError
from garland.executors import Workers, _one_share_of_cores, completed, losses_in_words, pool


def square(number: int) -> int:
    return number * number


def die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [Workers(1), Workers(2)], ids=["here", "processes"])
def test_every_job_is_done_once(workers: Workers):
    with pool(workers) as executor:
        found = {item: done.result() for item, done in completed(executor, square, range(9), workers.count)}
    assert found == {number: number * number for number in range(9)}


def test_only_a_few_jobs_are_under_way_at_a_time():
    asked: list[int] = []

    def todo():
        for number in range(100):
            asked.append(number)
            yield number

    with pool(Workers(1)) as executor:
        next(iter(completed(executor, square, todo(), 1)))
    assert len(asked) <= 3


def test_a_killed_process_is_told_with_what_to_do():
    with pytest.raises(InputError, match="was killed; run the same command again: what is finished is kept"):
        lose_a_process()


def lose_a_process() -> None:
    with losses_in_words(), pool(Workers(2)) as executor:
        for _, done in completed(executor, die, range(2), 2):
            done.result()


def test_a_scheduler_that_is_gone_is_told():
    with pytest.raises(InputError, match="was lost with its jobs"), losses_in_words():
        raise CancelledError


def test_dask_giving_up_is_told_and_other_errors_pass():
    from distributed.comm import CommClosedError

    with pytest.raises(InputError, match="gave up \\(the line is dead\\)"), losses_in_words():
        raise CommClosedError("the line is dead")
    with pytest.raises(KeyError), losses_in_words():
        raise KeyError("mine")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere"])
def test_a_scheduler_that_does_not_answer_is_told(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("garland.executors._CONNECT_SECONDS", "1s")
    with pytest.raises(InputError, match="is not a scheduler that answers"), pool(Workers(2, address)):
        pass


def test_without_dask_a_scheduler_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(InputError, match="needs Dask, which is not installed"), pool(Workers(2, "local")):
        pass


def test_fewer_workers_than_one_are_refused():
    with pytest.raises(InputError, match="is not a number of processes"):
        Workers(0)


def test_cores_are_shared_out_and_given_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setenv("NPROC", "7")
    with _one_share_of_cores(4):
        assert os.environ["NPROC"] == "2"
    assert os.environ["NPROC"] == "7"


def interrupt(number: int) -> int:
    time.sleep(60.0 if number else 0.0)
    return number


def test_an_interrupted_program_waits_for_no_worker():
    begun, workers = time.monotonic(), list[psutil.Process]()
    with pytest.raises(KeyboardInterrupt):
        be_interrupted(workers)
    _, alive = psutil.wait_procs(workers, timeout=10.0)
    assert workers
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    assert time.monotonic() - begun < 30.0


def be_interrupted(workers: list[psutil.Process]) -> None:
    with pool(Workers(2)) as executor:
        for _ in completed(executor, interrupt, range(2), 2):
            workers += [psutil.Process(one.pid) for one in active_children()]
            raise KeyboardInterrupt
