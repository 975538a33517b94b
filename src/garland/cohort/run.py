"""Makes a cohort part by part, on one machine or a Dask cluster, and takes up what was left unfinished.

Workers hand back the bytes of both files of a part, and one process writes them: no worker needs to see the
disk, and no part can be written twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from garland.cohort.folder import _Folder
from garland.cohort.part import _make, _Part
from garland.cohort.spec import _CohortSpec
from garland.executors import Workers, completed, duration, losses_told, pool

Tell = Callable[[str], None]


def run(spec: _CohortSpec, path: Path, workers: Workers, tell: Tell | None = None) -> _Folder:
    """Return the folder of a cohort with every part in it; parts that are there already are kept."""
    folder = _Folder(path, spec)
    todo = folder.missing()
    if todo:
        folder.write_manifest(finished=False)
        progress = _Progress(spec, todo, tell or (lambda _: None))
        with losses_told(), pool(workers) as executor:
            for number, done in completed(executor, partial(_made, spec), todo, workers.count):
                folder.keep(number, done.result())
                progress.step(number)
    folder.write_manifest(finished=True)
    return folder


def _made(spec: _CohortSpec, part: int) -> _Part:
    return _make(spec, part)


class _Progress:
    """Tells people done, people a second and time left; the rate is that of this run alone."""

    def __init__(self, spec: _CohortSpec, todo: list[int], tell: Tell) -> None:
        self.spec, self.tell, self.began = spec, tell, time.monotonic()
        self.left = sum(map(spec.people_of, todo))
        self.new = 0

    def step(self, part: int) -> None:
        people = self.spec.people_of(part)
        self.new, self.left = self.new + people, self.left - people
        rate = self.new / max(time.monotonic() - self.began, 1e-9)
        done = self.spec.size - self.left
        self.tell(
            f"{self.spec.name}: {done:,} of {self.spec.size:,} people, {rate:,.0f} a second, "
            f"{duration(self.left / rate)} left"
        )
