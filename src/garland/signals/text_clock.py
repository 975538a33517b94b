"""A column of time, checked block by block against an even grid: step, gaps, and where it starts again."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from garland._types import Float64s
from garland.errors import InputError
from garland.evidence import part

_MIDNIGHT_S, _HALF_DAY_S = 86400.0, 43200.0
_EPOCHS = ((1e17, 1e-6), (1e14, 1e-3), (1e11, 1.0), (1e8, 1e3))
"""From which number on a time is one since 1970, and its unit [ms]."""
_DAYS, _DAY_MS = (2e4, 8e4), 8.64e7
_SHORTEST_RUN = 16
"""Rows that must follow where time starts again, for it to be a sweep and no fault [-]."""
_AGREE = 0.01
"""How far a rate that is said may lie from that of the times [share]."""


class _Gap(NamedTuple):
    """A break before a row: the time of the row, and how long is lost (below 0: time starts again)."""

    row: int
    time: float
    lost: float
    before: float


class _Clock:
    """Times in the unit of the file, fed in blocks; the first of a date or clock is zero."""

    def __init__(self, path: str, unit_ms: float) -> None:
        self.path, self.unit_ms = path, unit_ms
        self.count = 0
        self.gaps: list[_Gap] = []
        self.first = self.last = 0.0
        self._step = self._coarse = 0.0
        self._uneven: tuple[float, float, int] | None = None
        self._filled = 0
        self._span, self._steps = 0.0, 0

    def feed(self, times: Float64s) -> None:
        """Take the next times."""
        times = self._mended(np.array(times, float))
        if not len(times):
            return
        joined = times if not self.count else np.concatenate([[self.last], times])
        if not self.count:
            self.first = float(times[0])
        steps = np.diff(joined)
        if len(steps) and not self._step:
            rising = steps[steps > 0.0]
            repeated = int((steps == 0.0).sum())
            self._coarse = float(rising.min()) if repeated and len(rising) else 0.0
            normal = float(np.median(rising)) if len(rising) else 0.0
            self._step = normal * len(rising) / max(len(steps), 1) if repeated else normal
        limit = max(1.6 * self._step, self._step + 1.5 * self._coarse)
        wrong = np.flatnonzero((steps < 0.0) | (steps > limit))
        base = self.count - (1 if self.count else 0)
        for k in wrong[:100_000]:
            lost = float(steps[k]) - self._step
            self.gaps.append(_Gap(base + int(k) + 1, float(joined[k + 1]), lost, float(joined[k])))
        bounds = [0, *(wrong + 1), len(joined)]
        for a, b in pairwise(bounds):
            self._check_even(joined[a:b], base + int(a))
        self.last = float(times[-1])
        self.count += len(times)

    def _mended(self, times: Float64s) -> Float64s:
        """Return times with lost ones filled in between their neighbours, and midnights passed."""
        held = np.isfinite(times)
        if not held.all():
            self._filled += int((~held).sum())
            if held.sum() < 2:
                known = times[held] if held.any() else np.array([self.last])
                return np.asarray(np.full(len(times), known[0]), float)
            places = np.arange(len(times))
            slope = float(np.median(np.diff(times[held]) / np.diff(places[held])))
            inner = np.interp(places, places[held], times[held])
            first, last = places[held][0], places[held][-1]
            inner[:first] = times[first] + slope * (places[:first] - first)
            inner[last + 1 :] = times[last] + slope * (places[last + 1 :] - last)
            times = inner
        if self.unit_ms == 1e3 and len(times):
            before = self.last if self.count else times[0]
            drops = np.diff(np.concatenate([[before % _MIDNIGHT_S], times])) < -_HALF_DAY_S
            days = np.floor(before / _MIDNIGHT_S) if before > _MIDNIGHT_S and drops.any() else 0.0
            times = times + _MIDNIGHT_S * (np.cumsum(drops) + days) if drops.any() else times
        return times

    def _check_even(self, times: Float64s, row: int) -> None:
        """Note the worst departure from an even grid of a stretch."""
        n = len(times) - 1
        if n < 1:
            return
        self._span += float(times[-1] - times[0])
        self._steps += n
        step = float(times[-1] - times[0]) / n
        allowed = part("signals/markers").group("checks").value("uneven_share") * step + 1.01 * self._coarse
        away = np.abs(times - times[0] - step * np.arange(n + 1))
        worst = int(np.argmax(away))
        if away[worst] > allowed and self._uneven is None and n > 1:
            self._uneven = (float(times[worst]), step, row + worst)

    def step(self) -> float:
        """Return the mean step, in the unit of the file (InputError if there is none)."""
        if self.count < 2:
            raise InputError(self.path, self.count, "times make no step", "give a file with more rows")
        step = self._span / self._steps if self._steps else 0.0
        if not step > 0.0:
            raise self.refusal(self.unit_ms or 1.0) or InputError(
                self.path, f"{self.first:.6g}", "is all the times say", "say --rate, and leave the column out"
            )
        return step

    def epoch_ms(self) -> float | None:
        """Return the unit of a time that counts from a date [ms]; None if it does not."""
        size = abs(self.first)
        for least, unit in _EPOCHS:
            if size >= least:
                return unit
        return _DAY_MS if _DAYS[0] < size < _DAYS[1] and self.step() < 1e-6 else None

    def at(self, row: int) -> float:
        """Return the time of a row, in the unit of the file, from the last break before it."""
        zero = (
            self.first if abs(self.first) >= _DAYS[0] or (self.unit_ms == 1e3 and self.first > 3600) else 0.0
        )
        begin, time = 0, self.first
        for gap in self.gaps:
            if gap.row > row:
                break
            begin, time = gap.row, gap.time
        return time - zero + (row - begin) * self.step()

    def rate_hz(self, unit: float, said_hz: float | None, by_user: bool) -> tuple[float, list[str]]:
        """Return samples per second, and doubts; what the user says goes before the times."""
        step = self.step() * unit
        own = 1e3 / step
        doubts = []
        if self._uneven is not None:
            time, even, row = self._uneven
            raise InputError(
                self.path,
                f"{time * unit:.6g} ms",
                f"is off an even grid of {even * unit:.6g} ms (sample {row + 1})",
                "export evenly sampled, or resample first",
            )
        if self._filled:
            doubts.append(f"{self.path}: {self._filled} times are lost; taken to go on evenly.")
        ends = [*(gap.row for gap in self.gaps[1:]), self.count]
        for gap, end in zip(self.gaps, ends, strict=False):
            if gap.lost <= 0.0 and end - gap.row < _SHORTEST_RUN:
                raise self._refusal_of(gap, unit)
        lost = [gap for gap in self.gaps if gap.lost > 0.0]
        again = [gap for gap in self.gaps if gap.lost <= 0.0]
        if lost:
            listed = "; ".join(
                f"{gap.lost * unit:.4g} ms before {(gap.time - self.first) * unit:.6g} ms "
                f"(sample {gap.row + 1})"
                for gap in lost[:3]
            )
            doubts.append(f"{self.path} has {len(lost)} gaps: {listed}. The pieces are kept apart.")
        if again:
            doubts.append(f"{self.path} starts again {len(again)} times: each run is a sweep of its own.")
        if said_hz is not None and abs(said_hz / own - 1.0) > _AGREE:
            source = "--rate" if by_user else "its header"
            used = said_hz if by_user else own
            doubts.append(
                f"{self.path} makes {own:.6g} Hz where {source} says {said_hz:.6g} Hz: {used:.6g} Hz is used."
            )
            return used, doubts
        if self._coarse:
            if said_hz is None:
                doubts.append(
                    f"{self.path} is rounded to {self._coarse * unit:.4g} ms: {own:.6g} Hz is estimated; "
                    "else say --rate."
                )
            return said_hz or own, doubts
        return (said_hz if by_user and said_hz else own), doubts

    def refusal(self, unit: float) -> InputError | None:
        """Return why no piece of these times can be used; None if they are even."""
        return self._refusal_of(self.gaps[0], unit) if self.gaps else None

    def _refusal_of(self, gap: _Gap, unit: float) -> InputError:
        if gap.lost <= 0.0:
            rule = f"do not rise (samples {gap.row} and {gap.row + 1})"
            shown = f"{gap.before * unit:.6g} then {gap.time * unit:.6g} ms"
            return InputError(self.path, shown, rule, "put the rows in order of time")
        rule = f"is off an even grid of {self._step * unit:.6g} ms (sample {gap.row + 1})"
        return InputError(
            self.path, f"{gap.time * unit:.6g} ms", rule, "export evenly sampled, or resample first"
        )
