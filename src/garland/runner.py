"""Runs an experiment patient by patient, so that nothing is lost when it is stopped.

One JSON line a patient is appended to a file as soon as it is finished; a second start skips what the file
holds. A last line that was torn off is dropped and done again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from garland.errors import InputError
from garland.executors import Workers, completed, duration, pool

Row = dict[str, Any]
Job = Callable[[int], Row]


def run(
    name: str,
    job: Job,
    seeds: Iterable[int],
    *,
    folder: Path,
    workers: int = 2,
    tell: Callable[[str], None] | None = None,
) -> list[Row]:
    """Return the rows of all seeds, in their order, doing what is not done yet."""
    Workers(workers)
    wanted = list(dict.fromkeys(seeds))
    path = folder / f"{name}.jsonl"
    rows = finished(path)
    todo = [seed for seed in wanted if seed not in rows]
    if todo:
        folder.mkdir(parents=True, exist_ok=True)
        _mend(path)
        _work(path, job, todo, rows, workers, _Progress(name, len(wanted), len(wanted) - len(todo), tell))
    return [rows[seed] for seed in wanted]


def finished(path: Path) -> dict[int, Row]:
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
            raise InputError(f"{path}:{number}", line[:40], "is no row of results", remedy) from problem
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


def _work(
    path: Path, job: Job, todo: list[int], rows: dict[int, Row], workers: int, progress: _Progress
) -> None:
    failed: dict[int, BaseException] = {}
    with path.open("a", encoding="utf-8") as file:
        for seed, row, problem in _results(job, todo, workers):
            if row is None:
                failed[seed] = problem or RuntimeError("no row")
                continue
            rows[seed] = {"seed": seed, **row}
            file.write(json.dumps(rows[seed]) + "\n")
            file.flush()
            progress.step()
    if failed:
        seed, first = next(iter(failed.items()))
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


class _Progress:
    """Tells how far an experiment is."""

    def __init__(self, name: str, total: int, done: int, tell: Callable[[str], None] | None) -> None:
        self.name, self.total, self.done, self.tell = name, total, done, tell
        self.began, self.new = time.monotonic(), 0

    def step(self) -> None:
        self.done, self.new = self.done + 1, self.new + 1
        if self.tell is None:
            return
        seconds = (time.monotonic() - self.began) / self.new
        left = seconds * (self.total - self.done)
        rate = f"{seconds:.1f} s each" if seconds >= 1.0 else f"{1.0 / max(seconds, 1e-9):.1f} a second"
        self.tell(f"{self.name}: {self.done} of {self.total}, {rate}, {duration(left)} left")
