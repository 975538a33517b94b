"""Who does the work (this process, a pool, a Dask cluster), and jobs that go on where they were stopped."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import active_children, resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, TypeVar

from garland.errors import InputError
from garland.io import at_a_stop
from garland.progress import tell

Item = TypeVar("Item")
Result = TypeVar("Result")
LOCAL = "local"
"""The scheduler that is started for one run, on this machine."""
_AHEAD = 2
"""Jobs handed to each worker ahead of time [-]."""
_CONNECT_SECONDS = "10s"
_TALKATIVE = ("distributed", "tornado", "asyncio")
"""Loggers that print tracebacks of a loss, which is told in one line instead."""
_UNWARNED = "ignore::UserWarning:multiprocessing.resource_tracker"
_STARTING = threading.Lock()
"""Held while a process is started, so that a stop finds every one of them."""
_START_SECONDS = 0.5
_AGAIN = "run the same command again: what is finished is kept"


@dataclass(frozen=True)
class Workers:
    """Who is to do the work.

    Attributes
    ----------
    count : int
        Workers; one without a scheduler means this process [-].
    scheduler : str or None
        Address of a Dask scheduler, such as ``tcp://127.0.0.1:8786``; `LOCAL` starts one for this run; None
        works without Dask.
    """

    count: int = 2
    scheduler: str | None = None

    def __post_init__(self) -> None:
        """Refuse fewer workers than one (InputError)."""
        if self.count < 1:
            raise InputError("workers", self.count, "is not a number of processes", "give 1 or more")


class _Here(Executor):
    """Does each job at once, in this process."""

    def submit(self, job: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(job(*args, **named))
        except Exception as problem:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(problem)
        return future


class _Worker(SpawnProcess):
    """A process that does not hear Ctrl-C: a terminal sends it to all, and the parent answers for all."""

    def start(self) -> None:
        with _STARTING, _unheard():
            super().start()

    def run(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        super().run()


class _Workers(SpawnContext):
    """Processes that are started afresh and do not hear Ctrl-C."""

    Process = _Worker


@contextmanager
def _unheard() -> Iterator[None]:
    """Let a process or thread that is started inside the block not hear Ctrl-C, from its first moment on."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    _start_tidying()  # which would make this thread hear again, were it started further down
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_tidying() -> None:
    """Start the process that tidies up after others; after a stop it has to, and need not warn of it."""
    if hasattr(signal, "pthread_sigmask"):
        sys.warnoptions.append(_UNWARNED)
        try:
            resource_tracker.ensure_running()
        finally:
            sys.warnoptions.remove(_UNWARNED)


def _end_workers() -> None:
    """End every process that was started from this one."""
    _STARTING.acquire(timeout=_START_SECONDS)  # and never let go: nothing may be started any more
    for process in active_children():
        process.terminate()


at_a_stop(_end_workers)


@contextmanager
def pool(workers: Workers) -> Iterator[Executor]:
    """Yield who does the work; when it is left, nothing new is begun."""
    if workers.scheduler is not None:
        with _dask(workers) as cluster:
            yield cluster
    elif workers.count == 1:
        yield _Here()
    else:
        with _one_share_of_cores(workers.count):
            _start_tidying()
            processes = ProcessPoolExecutor(workers.count, mp_context=_Workers())
            try:
                yield processes
            except KeyboardInterrupt:
                for process in active_children():
                    if isinstance(process, _Worker):
                        process.terminate()
                raise
            finally:
                processes.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _dask(workers: Workers) -> Iterator[Executor]:
    try:
        dask: Any = import_module("distributed")
    except ImportError:
        remedy = "install it: pip install 'garland[dask]', or leave the scheduler out"
        rule = "needs Dask, which is not installed"
        raise InputError("--scheduler", workers.scheduler, rule, remedy) from None
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    started = None
    with _one_share_of_cores(workers.count):
        try:
            if workers.scheduler == LOCAL:
                with _unheard():
                    started = dask.LocalCluster(
                        n_workers=workers.count,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        dashboard_address=None,
                    )
            client = dask.Client(started or workers.scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as problem:
            rule = f"is not a scheduler that answers ({type(problem).__name__})"
            remedy = "start one with `dask scheduler`, check its address, or leave it out"
            raise InputError("--scheduler", workers.scheduler, rule, remedy) from None
        try:
            yield client.get_executor(pure=False)
        finally:
            client.close(timeout=_CONNECT_SECONDS)
            if started is not None:
                started.close()


def completed(
    executor: Executor, job: Callable[[Item], Result], todo: Iterable[Item], count: int
) -> Iterator[tuple[Item, Future[Result]]]:
    """Yield every item with its finished job, as they end; few are under way at a time."""
    waiting, running = iter(todo), dict[Future[Result], Item]()
    while True:
        for item in waiting:
            running[executor.submit(job, item)] = item
            if len(running) >= _AHEAD * count:
                break
        if not running:
            return
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            yield running.pop(done), done


@contextmanager
def losses_in_words() -> Iterator[None]:
    """Turn the loss of a worker or a scheduler into an error that says what to do (InputError)."""
    try:
        yield
    except BrokenProcessPool:
        raise InputError("workers", "a process", "was killed", _AGAIN) from None
    except CancelledError as problem:
        raise InputError("--scheduler", type(problem).__name__, "was lost with its jobs", _AGAIN) from None
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] != "distributed":
            raise
        reason = " ".join(str(problem).split())[:120]
        raise InputError("--scheduler", type(problem).__name__, f"gave up ({reason})", _AGAIN) from None


@contextmanager
def _one_share_of_cores(workers: int) -> Iterator[None]:
    """Let each worker's numerical threads use its share of the cores alone: they would hinder each other."""
    before = os.environ.get("NPROC")
    os.environ["NPROC"] = str(max((os.cpu_count() or 1) // workers, 1))
    try:
        yield
    finally:
        if before is None:
            del os.environ["NPROC"]
        else:
            os.environ["NPROC"] = before


Row = dict[str, Any]
Job = Callable[[int], Row]


def resume_jobs(
    name: str,
    job: Job,
    seeds: Iterable[int],
    *,
    folder: Path,
    workers: int = 2,
    title: str | None = None,
) -> list[Row]:
    """Return the rows of all seeds, in their order, doing what is not done yet; `title` is told of it."""
    Workers(workers)
    wanted = list(dict.fromkeys(seeds))
    path = folder / f"{name}.jsonl"
    rows = _finished_jobs(path)
    todo = [seed for seed in wanted if seed not in rows]
    if todo:
        folder.mkdir(parents=True, exist_ok=True)
        _mend(path)
        for seed, row in _work(path, job, todo, workers):
            rows[seed] = row
            done = sum(seed in rows for seed in wanted)
            tell(f"{title or name}: {done:,} of {len(wanted):,} parts", done / len(wanted))
    return [rows[seed] for seed in wanted]


def _finished_jobs(path: Path) -> dict[int, Row]:
    """Return the rows that a file holds, by seed; a torn last line is left out."""
    if not path.exists():
        return {}
    rows: dict[int, Row] = {}
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line else None
        except json.JSONDecodeError as problem:
            if number == len(lines):
                break
            remedy = "delete the line, or the file to begin anew"
            raise InputError(f"{path}:{number}", line[:40], "is not a row of results", remedy) from problem
        if row is not None and number < len(lines):
            rows[row["seed"]] = row
    return rows


def _mend(path: Path) -> None:
    """Cut off a torn last line."""
    if path.exists():
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with path.open("r+b") as file:
                file.truncate(whole)


def _work(path: Path, job: Job, todo: list[int], workers: int) -> Iterator[tuple[int, Row]]:
    """Yield seed and row as the jobs end, once the row is kept."""
    failed: dict[int, BaseException] = {}
    with path.open("a", encoding="utf-8") as file:
        for seed, row, problem in _results(job, todo, workers):
            if row is None:
                failed[seed] = problem or RuntimeError("no row")
                continue
            kept = {"seed": seed, **row}
            file.write(json.dumps(kept) + "\n")
            file.flush()
            yield seed, kept
    if failed:
        seed, first = next(iter(failed.items()))
        if isinstance(first, BrokenProcessPool):
            raise first  # a process that was killed is not a job that failed
        raise RuntimeError(
            f"{len(failed)} of {len(todo)} jobs failed, first seed {seed}: {first!r}"
        ) from first


def _results(
    job: Job, todo: list[int], workers: int
) -> Iterator[tuple[int, Row | None, BaseException | None]]:
    """Yield seed, row and problem as the jobs end; when stopped, nothing new is begun."""
    if workers == 1:
        yield from ((seed, job(seed), None) for seed in todo)
        return
    with pool(Workers(workers)) as executor:
        for seed, done in completed(executor, job, todo, workers):
            problem = done.exception()
            yield seed, None if problem else done.result(), problem
