"""One patient's record while it is being written: answers that follow every change, soon and then well.

A change is answered at once by weighing the patients of the last answer anew, marked as provisional; the
answer proper is then made in rounds that can be stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, RLock
from typing import Any, TypeVar

import numpy as np

from garland._types import Float32s, Float64s
from garland.errors import InputError
from garland.evidence.provenance import note_numbers, numbers_read
from garland.inference.consult import (
    Asked,
    Sampled,
    _causes,
    _outside_of,
    _problem_of,
    _rounded,
    consult_in_full,
    remember_compiled_programs,
)
from garland.inference.encode_case import EncodedCase, _encode_case
from garland.inference.kept_patients import _kept, _KeptAnswer, _Reweighed
from garland.inference.likelihood import _Hypothesis, _Problem, prepare_programs
from garland.inference.outside import _Outside
from garland.inference.posterior import Posterior, _inferring
from garland.inference.result import NOTICE, CauseProbability, Consult
from garland.model.diseases.prior import prior
from garland.records import Case, find_case
from garland.records.edits import with_added, with_values, without

T = TypeVar("T")
TRUSTED_SHARE, TRUSTED_ERROR = 0.3, 0.01
"""Effective share from which, and Monte Carlo error up to which, a provisional answer is trusted [-]."""
_AHEAD = 8
"""Causes that a refinement looks at ahead of the others: the likely ones by the provisional answer [-]."""
_WORDS = {
    "provisional": "Provisional: the patients of the last answer weighed anew",
    "refining": "Provisional: patients are still being drawn",
    "settled": "Settled",
}


@dataclass(frozen=True)
class SessionAnswer:
    """Causes of a record that is being written, settled or not.

    Attributes
    ----------
    settled : bool
        Whether this is the very answer that `garland.consult` gives of the same record and seed. Everything
        else is provisional and says so in `summary`.
    stage : str
        ``provisional`` (the patients of the last answer weighed anew), ``refining`` (some causes drawn
        afresh) or ``settled``.
    causes : tuple of CauseProbability
        Every cause, the most probable first; empty where no cause could have produced the findings, or where
        a settled answer failed its checks.
    effective_share : float
        Least effective share of reweighed patients among the causes that matter and have not been drawn
        afresh [0..1]; 1 where nothing is reweighed. See `trusted`.
    changed : float
        Findings left out, turned or added since the last settled answer; infinite where the person or the
        days of the visits changed, so that the model was asked again [-].
    seconds : float
        Time that this answer took so far [s].
    summary, notice : str
        One line in words, and what the answer is not for.
    answer : Consult or None
        The whole answer once it is settled.
    """

    settled: bool
    stage: str
    causes: tuple[CauseProbability, ...]
    effective_share: float
    changed: float
    seconds: float
    summary: str
    notice: str = NOTICE
    answer: Consult | None = None

    @property
    def trusted(self) -> bool:
        """Whether the probabilities can be expected near the settled ones: the effective share is at least
        0.3 and no Monte Carlo error beyond 0.01. Settled answers of contested records have larger ones.
        """
        error = max((cause.monte_carlo_error for cause in self.causes), default=1.0)
        return self.effective_share >= TRUSTED_SHARE and error <= TRUSTED_ERROR


class _CancelledError(Exception):
    """A refinement that nobody waits for any more."""


@dataclass
class _StoppableProblem(_Problem):
    """A problem that ends the work on it, between two calls of the model, once it is told to stop."""

    stop: Event = field(default_factory=Event)

    def log_likelihood(self, cause: _Hypothesis, vectors: Float32s) -> tuple[Float64s, Float64s]:
        """Return what `_Problem.log_likelihood` does, unless it was told to stop."""
        _go_on(self.stop)
        return super().log_likelihood(cause, vectors)


def _go_on(stop: Event) -> None:
    if stop.is_set():
        raise _CancelledError


class Session:
    """A record that is being written, with an answer that follows its changes.

    Values are named by the paths that error messages use: ``visits[0].examination.reflexes.left.knee``. Every
    change is checked as a file would be; one that makes the record invalid raises `InputError` and leaves the
    session as it was.

    Parameters
    ----------
    case : Case, str or Path
        A record, its file, or the id or number of a published case.
    asked : Asked, optional
        Setting, seed and all else that may be asked of a consult.
    **named
        The same one by one, such as ``setting="spine-clinic"`` or ``seed=3``.

    Raises
    ------
    InputError
        If there is no such case, or the setting or a named cause is unknown.

    Notes
    -----
    After each settled answer up to 512 virtual patients of every cause that matters and 128 of every other
    are kept with all they are expected to show, in less than 150 MB. A provisional answer multiplies the
    evidence of a cause [nat] by the weighted mean of the likelihood ratio of its patients; it is to be
    believed where it is `trusted`. It is always made from the last settled answer, so
    that changes taken back leave no trace. A changed person or day shows the kept patients to the model once
    more, which takes some tenths of a second.

    A session may be used from several threads: any change, and `cancel`, ends a refinement that is running.

    Examples
    --------
    >>> session = Session("04")                                              # doctest: +SKIP
    >>> session.settle().causes[0].name                                      # doctest: +SKIP
    'dlrpn'
    >>> session.set("visits[0].examination.reflexes.right.knee", "absent")   # doctest: +SKIP
    >>> session.provisional().summary                                        # doctest: +SKIP
    """

    def __init__(self, case: Case | str | Path, asked: Asked | None = None, **named: Any) -> None:
        self._asked = replace(asked or Asked(), **named)
        self._lock = RLock()
        self._stop = Event()
        self._answer: SessionAnswer | None = None
        self._answered: Case | None = None
        self._last: _KeptAnswer | None = None
        self._take(case if isinstance(case, Case) else find_case(str(case)))

    @property
    def case(self) -> Case:
        """The record as it stands."""
        return self._case

    @property
    def answer(self) -> Consult | None:
        """The last settled answer, which may be of an earlier state of the record; None before the first."""
        return self._answer.answer if self._answer else None

    @property
    def settled(self) -> bool:
        """Whether the last settled answer is of the record as it stands."""
        return self._answer is not None and self._answered == self._case

    def set(self, path: str | Mapping[str, object], value: object = None) -> None:
        """Set a value of the record, or several at once.

        Parameters
        ----------
        path : str or mapping
            Where, or a mapping from paths to values. Mappings on the way are made; list items must be there.
        value : object
            The value, as a file would give it.

        Raises
        ------
        InputError
            If the record would not be valid; nothing is changed then.
        """
        values = path if isinstance(path, Mapping) else {path: value}
        self._change(lambda case: with_values(case, values))

    def remove(self, path: str) -> None:
        """Take a value or a list item out of the record, as if it had never been written.

        Parameters
        ----------
        path : str
            Where it stands.

        Raises
        ------
        InputError
            If nothing stands there, or the record would not be valid without it.
        """
        self._change(lambda case: without(case, path))

    def add(self, path: str, item: object) -> None:
        """Put an item at the end of a list of the record.

        Parameters
        ----------
        path : str
            The list, such as ``visits[0].needle.results``; it is made where there is none.
        item : object
            The item, as a file would give it.

        Raises
        ------
        InputError
            If that is no list, or the record would not be valid.
        """
        self._change(lambda case: with_added(case, path, item))

    def cancel(self) -> None:
        """End a refinement that is running, from any thread; it yields nothing more."""
        self._stop.set()

    def provisional(self) -> SessionAnswer:
        """Answer at once from the patients of the last settled answer.

        Returns
        -------
        SessionAnswer
            Marked as provisional, unless the last answer is of this very record.

        Raises
        ------
        InputError
            If nothing was settled yet, so that there are no patients to weigh anew.
        """
        began = time.perf_counter()
        with self._lock:
            settled, last, reading, before = self.settled, self._last, self._reading, self._prior
            answer = self._answer
        if settled and answer is not None:
            return answer
        if last is None:
            remedy = "call settle() once, or go through refine() to its end"
            raise InputError("session", "no answer", "has no patients to weigh anew", remedy)
        outside = _outside_of(_problem_of(reading)[0], self._asked)
        return _provisional(last.reweighed(reading, before), outside, began)

    def settle(self) -> Consult | None:
        """Refine to the end and return the whole answer; None if another thread cancelled it."""
        *_, last = (None, *self.refine())
        return last.answer if last else None

    def refine(self) -> Iterator[SessionAnswer]:
        """Yield better and better answers of the record as it stands; the last one is settled.

        Yields
        ------
        SessionAnswer
            First the provisional one, if something was settled before; then one after every round of
            sampling; then the settled one. Whoever stops iterating, calls `cancel` or changes the record ends
            it; nothing of it is kept then.
        """
        with self._lock:
            self._stop.set()
            stop = self._stop = Event()
            known = self._answer if self.settled else None
            task = _Task(self._case, self._asked, self._reading, self._prior, self._last, stop)
        if known is not None:
            yield known
            return
        try:
            for found in task.steps():
                with self._lock:
                    _go_on(stop)
                    if found.settled:
                        self._answer, self._answered, self._last = found, task.case, task.kept
                yield found
        except _CancelledError:
            return

    def _change(self, changed: Callable[[Case], Case]) -> None:
        with self._lock:
            self._take(changed(self._case))

    def _take(self, case: Case) -> None:
        """Make a case the record, if it can be read; end what was being refined."""
        reading = _encode_case(case, notes=False)
        self._prior = prior(reading.person, self._asked.setting, self._asked.frequencies)
        self._case, self._reading = case, reading
        self._stop.set()


@dataclass
class _Task:
    """One refinement: the record it is of, the last answer it starts from, and what it keeps at its end."""

    case: Case
    asked: Asked
    reading: EncodedCase
    prior: Float64s
    last: _KeptAnswer | None
    stop: Event
    kept: _KeptAnswer | None = None
    read: set[str] = field(default_factory=set)

    def steps(self) -> Iterator[SessionAnswer]:
        """Yield one answer after another, the last one settled."""
        began = time.perf_counter()
        rough = self.last.reweighed(self.reading, self.prior) if self.last else None
        if rough is not None:
            outside = _outside_of(_problem_of(self.reading)[0], self.asked)
            yield _provisional(rough, outside, began)
        remember_compiled_programs()
        prepare_programs()
        reading = self._noted(lambda: _encode_case(self.case))
        posed, used = self._noted(lambda: _problem_of(reading))
        before = self._noted(lambda: prior(reading.person, self.asked.setting, self.asked.frequencies))
        problem = _StoppableProblem(
            posed.person, posed.timings, posed.seen, posed.came, posed.arrival, posed.real, stop=self.stop
        )
        likely = rough.posterior.order[:_AHEAD] if rough else ()
        rounds = _inferring(problem, before, self.asked.seed, _rounded(self.asked.particles), likely)
        posterior, outside = None, self._noted(lambda: _outside_of(problem, self.asked))
        while (found := self._noted(lambda: next(rounds, None))) is not None:
            posterior = found
            yield _refining(posterior, outside, rough, began)
        assert posterior is not None
        yield self._settled((reading, problem, used, posterior), rough, began)

    def _settled(self, sampled: Sampled, rough: _Reweighed | None, began: float) -> SessionAnswer:
        """Return the whole answer, and keep the patients behind it."""
        ended = time.perf_counter()

        def sample(case: Case, asked: Asked) -> Sampled:
            note_numbers(*self.read)
            return sampled

        full = consult_in_full(self.case, self.asked, sample)
        answer = full.answer
        _go_on(self.stop)
        self.kept = _kept(sampled[0], full.posterior)
        seconds = time.perf_counter() - began
        parts = {**answer.diagnostics.parts, "sampling": ended - began}
        answer = replace(answer, diagnostics=replace(answer.diagnostics, seconds=seconds, parts=parts))
        changed = rough.changed if rough else 0.0
        summary = f"{_WORDS['settled']}: {answer.summary}"
        return SessionAnswer(True, "settled", answer.causes, 1.0, changed, seconds, summary, answer=answer)

    def _noted(self, work: Callable[[], T]) -> T:
        """Do some of the work, and note the numbers of the evidence that it read."""
        _go_on(self.stop)
        with numbers_read() as found:
            done = work()
        self.read |= found
        return done


def _provisional(found: _Reweighed, outside: _Outside, began: float) -> SessionAnswer:
    share, changed = found.least_share, found.changed
    return _unsettled("provisional", found.posterior, outside, share, changed, began)


def _refining(found: Posterior, outside: _Outside, rough: _Reweighed | None, began: float) -> SessionAnswer:
    """Return a round of sampling; causes not yet looked at stand as the reweighed patients have them."""
    share, changed = 1.0, 0.0
    if rough is not None:
        changed = rough.changed
        pairs = found.evidence
        others = [c for c in range(len(pairs)) if c not in found.clouds]
        pairs[others, 0] = rough.posterior.log_evidence[others]
        pairs[others, 1] = rough.posterior.evidence_error[others]
        share = rough.least_share if len(others) > (found.prior == 0.0).sum() else 1.0
        found = found.where(pairs)
    return _unsettled("refining", found, outside, share, changed, began)


def _unsettled(
    stage: str, found: Posterior, outside: _Outside, share: float, changed: float, began: float
) -> SessionAnswer:
    causes = _causes(found, outside) if np.isfinite(found.probability).all() else ()
    leader = f"{causes[0].title} ({100.0 * causes[0].probability:.0f} %)" if causes else "no cause fits"
    rough = SessionAnswer(False, stage, causes, share, changed, time.perf_counter() - began, "")
    doubt = "" if rough.trusted else " Too rough to be trusted yet."
    return replace(rough, summary=f"{_WORDS[stage]}: {leader}.{doubt}")
