"""How the model did on published patients: one row each, the board of all, and how groups of them did.

Patients whose cause is none of the list count by whether the model said that nothing fits; all other figures
are of those whose cause is in the list.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from garland.inference.outside import NAME as OUTSIDE_NAME
from garland.scores import Bin, Floor, calibration_gap, perfect_gap, reliability_bins
from garland.statistics import binomial_interval

_LEAST = 1e-6
"""What a probability of nought counts as in a log score [-]."""
_BINS = 5
SURE = (0.8, 0.9)
"""Leading probabilities from which an answer is called sure [-]."""
_LEAST_OF_CAUSE = 5
"""Cases from which a cause is a group of its own; the others of its family are taken together."""
_BANDS = (("up to 7 findings", 0), ("8 to 15 findings", 8), ("more than 15 findings", 16))
"""Numbers of findings taken together: in words, and the least of each [-]."""
_TESTS = ("nerve conduction", "needle")
BY_CAUSE = "By cause: the first of those accepted"
BY_INFORMATION = "By amount of information"
_REPEATS = 4000
"""Bootstrap samples behind an interval of a mean [-]."""


@dataclass(frozen=True)
class CaseScore:
    """One published case and what the model made of it.

    Attributes
    ----------
    case_id, title, published : str
        Identifier, the case in words, and the diagnosis its authors gave.
    accepted : tuple of str
        Names of the causes that count as the published diagnosis; none where it is not in the list.
    rank : int or None
        Rank of the best accepted cause, from 1; None where the case was not answered or has none.
    probability : float
        Summed probability of the accepted causes [-].
    leading : str
        Title of the cause the model puts first.
    leading_probability : float
        Its probability [-].
    seconds : float
        Wall time [s].
    note : str
        What a reader should know: what was missing, or why there is no answer.
    prior : float
        Summed prior of the accepted causes [-].
    flagged : bool
        Whether the answer says that nothing modelled fits.
    answered : bool
        Whether there is an answer.
    leading_name : str
        Name of the cause the model puts first.
    cause, family : str
        Title and family of the first accepted cause.
    findings : int
        How many findings the answer rests on [-].
    kinds : tuple of str
        Their modalities, such as ``needle``, each once.
    """

    case_id: str
    title: str
    published: str
    accepted: tuple[str, ...]
    rank: int | None
    probability: float
    leading: str
    leading_probability: float
    seconds: float
    note: str = ""
    prior: float = 0.0
    flagged: bool = False
    answered: bool = True
    leading_name: str = ""
    cause: str = ""
    family: str = ""
    findings: int = 0
    kinds: tuple[str, ...] = ()

    @property
    def outside(self) -> bool:
        """Whether the published diagnosis is none of the list."""
        return not self.accepted

    @property
    def said_outside(self) -> bool:
        """Whether the answer is that the cause is none of the list: nothing fits, or that leads."""
        return self.flagged or self.leading_name == OUTSIDE_NAME

    @property
    def right(self) -> bool:
        """Whether the answer is right: the published cause first, or none of the list where it is none."""
        return self.answered and (self.said_outside if self.outside else self.rank == 1)

    @property
    def gain(self) -> float:
        """Log score less that of the prior [nat]; positive: the findings spoke for the published cause."""
        return _log(self.probability) - _log(self.prior)


@dataclass(frozen=True)
class _Share:
    """Some of a number, with the 95 % interval of the share (Wilson) [0..1]."""

    count: int
    of: int
    low: float
    high: float


@dataclass(frozen=True)
class _Mean:
    """A mean with its 95 % interval, from drawing the cases anew."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Group:
    """How the model did on some of the cases whose cause is in the list.

    Attributes
    ----------
    name : str
        What they have in common, in words.
    first, first_three : Share
        Those whose cause came first, or among the first three.
    mean_probability, log_score, gain : float
        Mean probability of the accepted causes, mean of its log, and that less the prior's [-, nat].
    """

    name: str
    first: _Share
    first_three: _Share
    mean_probability: float
    log_score: float
    gain: float


@dataclass(frozen=True)
class _Board:
    """How the model did on many published cases.

    Attributes
    ----------
    cases, answered, listed, outside : int
        All; those with an answer; of these those whose cause is in the list, and those whose is not.
    first, first_three : int
        Those of the list whose cause came first, or among the first three.
    mean_probability, log_score, prior_log_score : float
        Mean probability of the accepted causes, mean of its log, and the same of the prior [-, nat].
    gain : Mean
        Log score less that of the prior [nat].
    calibration, perfect : float, Floor
        Calibration error of the leading probability, and that of a perfect forecaster [0..1].
    reliability : tuple of Bin
        Leading probabilities against what came true.
    sure : tuple
        Right among those sure at each of `SURE`.
    flagged_right, flagged_wrong, flagged_outside : Share
        How often the cause is said to be none of the list, where the leading one is right, wrong, or the
        published one is none of it.
    seconds : float
        Wall time of all [s].
    by_cause, by_findings, by_kinds : tuple of Group
        The same by the first accepted cause, by how many findings there were, and by their kinds.
    """

    cases: int
    answered: int
    listed: int
    outside: int
    first: int
    first_three: int
    mean_probability: float
    log_score: float
    prior_log_score: float
    gain: _Mean
    calibration: float
    perfect: Floor
    reliability: tuple[Bin, ...]
    sure: tuple[_Share, ...]
    flagged_right: _Share
    flagged_wrong: _Share
    flagged_outside: _Share
    seconds: float
    by_cause: tuple[_Group, ...]
    by_findings: tuple[_Group, ...]
    by_kinds: tuple[_Group, ...]


@dataclass(frozen=True)
class CasesReport:
    """What the model made of published cases: what it was asked with, rows and board by amount of the record.

    Attributes
    ----------
    setting, seed, version : str, int, str
        Where the patients were seen, the seed, and the version that answered.
    rows, boards : mapping of str
        The cases and their board by what was known, the most last.
    """

    setting: str
    seed: int
    version: str
    rows: Mapping[str, Sequence[CaseScore]]
    boards: Mapping[str, _Board]

    @property
    def fullest(self) -> str:
        """What was known at most."""
        return list(self.rows)[-1]

    def as_dict(self) -> dict[str, Any]:
        """Return board and cases as plain values, by amount where there are several."""
        given = {
            amount: {
                "board": asdict(self.boards[amount]),
                "cases": [asdict(row) | {"said_outside": row.said_outside} for row in rows],
            }
            for amount, rows in self.rows.items()
        }
        return given if len(given) > 1 else next(iter(given.values()))


def _share_of(count: int, of: int) -> _Share:
    return _Share(count, of, *binomial_interval(count, of, "wilson"))


def _share(flags: Sequence[bool]) -> _Share:
    return _share_of(sum(flags), len(flags))


def _log(probability: float) -> float:
    return math.log(max(probability, _LEAST))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _mean_interval(values: Sequence[float]) -> _Mean:
    """Return a mean with the percentile interval of its bootstrap; log scores are far from normal."""
    if not values:
        return _Mean(0.0, 0.0, 0.0)
    drawn = np.random.default_rng(0).choice(np.array(values), (_REPEATS, len(values))).mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return _Mean(_mean(values), float(low), float(high))


def _group(name: str, rows: Sequence[CaseScore]) -> _Group:
    return _Group(
        name=name,
        first=_share([row.rank == 1 for row in rows]),
        first_three=_share([row.rank is not None and row.rank <= 3 for row in rows]),
        mean_probability=_mean([row.probability for row in rows]),
        log_score=_mean([_log(row.probability) for row in rows]),
        gain=_mean([row.gain for row in rows]),
    )


def _parted(rows: Sequence[CaseScore], key: Callable[[CaseScore], str]) -> list[tuple[str, list[CaseScore]]]:
    """Return rows by a key, the largest part first; parts of one size as they come."""
    found: dict[str, list[CaseScore]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return sorted(found.items(), key=lambda part: -len(part[1]))


def _groups_by_cause(rows: Sequence[CaseScore]) -> tuple[_Group, ...]:
    """Return each cause with cases enough, then the others of its family together; large families first."""
    made = []
    for family, kin in _parted(rows, lambda row: row.family):
        causes = _parted(kin, lambda row: row.cause)
        alone = [part for part in causes if len(part[1]) >= _LEAST_OF_CAUSE]
        rest = causes[len(alone) :]
        made += [_group(title, each) for title, each in alone]
        if rest:
            together = f"{family}, the other causes" if alone else f"{family}, all causes"
            name = rest[0][0] if len(rest) == 1 else together
            made.append(_group(name, [row for _, each in rest for row in each]))
    return tuple(made)


def _groups_by_findings(rows: Sequence[CaseScore]) -> tuple[_Group, ...]:
    band = [sum(row.findings >= least for _, least in _BANDS) - 1 for row in rows]
    made = [
        _group(name, [row for row, at in zip(rows, band, strict=True) if at == place])
        for place, (name, _) in enumerate(_BANDS)
    ]
    return tuple(one for one in made if one.first.of)


def _groups_by_kinds(rows: Sequence[CaseScore]) -> tuple[_Group, ...]:
    """Return cases by the tests among their findings; each stands in one group."""
    names = {
        (False, False): "history, examination, blood alone",
        (True, False): "conduction or needle, no imaging",
        (False, True): "imaging, no conduction or needle",
        (True, True): "imaging and conduction or needle",
    }
    tested = [(any(kind in row.kinds for kind in _TESTS), "imaging" in row.kinds) for row in rows]
    made = [
        _group(name, [row for row, has in zip(rows, tested, strict=True) if has == tests])
        for tests, name in names.items()
    ]
    return tuple(one for one in made if one.first.of)


def board_of(rows: Sequence[CaseScore]) -> _Board:
    """Return the board of some cases; no cases give zeros."""
    answered = [row for row in rows if row.answered]
    listed = [row for row in answered if not row.outside]
    stated = np.array([row.leading_probability for row in listed])
    came = np.array([float(row.rank == 1) for row in listed])
    bins = min(_BINS, max(len(listed), 1))
    return _Board(
        cases=len(rows),
        answered=len(answered),
        listed=len(listed),
        outside=len(answered) - len(listed),
        first=sum(row.rank == 1 for row in listed),
        first_three=sum(row.rank is not None and row.rank <= 3 for row in listed),
        mean_probability=_mean([row.probability for row in listed]),
        log_score=_mean([_log(row.probability) for row in listed]),
        prior_log_score=_mean([_log(row.prior) for row in listed]),
        gain=_mean_interval([row.gain for row in listed]),
        calibration=calibration_gap(stated, came, bins) if len(listed) else 0.0,
        perfect=perfect_gap(stated, bins),
        reliability=reliability_bins(stated, came, bins) if len(listed) else (),
        sure=tuple(_share([row.rank == 1 for row in listed if row.leading_probability > s]) for s in SURE),
        flagged_right=_share([row.said_outside for row in listed if row.rank == 1]),
        flagged_wrong=_share([row.said_outside for row in listed if row.rank != 1]),
        flagged_outside=_share([row.said_outside for row in answered if row.outside]),
        seconds=sum(row.seconds for row in rows),
        by_cause=_groups_by_cause(listed),
        by_findings=_groups_by_findings(listed),
        by_kinds=_groups_by_kinds(listed),
    )


def _of(share: _Share) -> str:
    """Return a count of a number with its interval."""
    if not share.of:
        return "none"
    return f"{share.count} of {share.of} ({_interval_words(share)})"


def _interval_words(share: _Share) -> str:
    return f"{100 * share.low:.0f} to {100 * share.high:.0f} %" if share.of else "–"


def _sure_shares(board: _Board) -> list[tuple[str, _Share]]:
    """Return how often those sure of their answer are right, by the probability from which they are."""
    return [(f"{sure:g}", share) for sure, share in zip(SURE, board.sure, strict=True)]


def _came_true(one: Bin) -> _Share:
    """Return how many of a bin of the reliability diagram came true."""
    return _Share(round(one.observed * one.patients), one.patients, one.low, one.high)


def _signed_score(value: float) -> str:
    """Return a score [nat] with two decimals, its sign and a true minus."""
    return f"{value:+.2f}".replace("-", "−")


def _gain_words(gain: _Mean) -> str:
    return f"{_signed_score(gain.value)} nat ({_signed_score(gain.low)} to {_signed_score(gain.high)})"


def _times_words(gain: _Mean) -> str:
    return f"the published cause {math.exp(gain.value):.2g} times as probable as before (geometric mean)"
