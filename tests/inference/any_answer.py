"""What holds of the answer to any valid case, however odd: one check for the tests and the benchmark."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from rich.console import Console

from garland.inference.consult import consult
from garland.inference.result import Consult
from garland.records import Case
from garland.report.consult.html import render_consult
from garland.report.consult.text import print_consult

PARTICLES = 512
_NO_NUMBER = re.compile(r"\b(nan|inf|infinity)\b", re.IGNORECASE)
_ROUNDING = 1e-6


def answered(case: Case, *, closely: bool = False) -> Consult:
    """Return the answer to a case after checking it; `closely` asks twice and renders text and page.

    Raises
    ------
    AssertionError
        Something holds that must not.
    """
    answer = consult(case, seed=1, particles=PARTICLES)
    check(answer)
    if closely:
        again = consult(case, seed=1, particles=PARTICLES)
        assert _without_times(again) == _without_times(answer), "the same seed gave another answer"
        with Console(file=None, record=True, quiet=True) as console:
            print_consult(answer, console)
        assert render_consult(answer).rstrip().endswith("</html>")
    return answer


def check(answer: Consult) -> None:
    """Check one answer.

    Raises
    ------
    AssertionError
        Something holds that must not.
    """
    json.dumps(answer.as_dict(), allow_nan=False)
    if not answer.diagnostics.passed:
        _withheld(answer)
        return
    _causes(answer)
    for loss in answer.lesions:
        assert 0.0 <= loss.low <= loss.high <= 1.0, loss
        assert 0.0 <= loss.mean <= 1.0 + _ROUNDING, loss
        assert 0.0 <= loss.involved <= 1.0 + _ROUNDING, loss
    for finding in answer.findings:
        assert 0.0 <= finding.tail <= 1.0, finding
        assert math.isfinite(finding.bits), finding
        assert not _NO_NUMBER.search(finding.expected), finding
    for test in answer.next_tests:
        assert test.bits >= -1e-9, test
    assert 0.0 <= answer.fit.p_value <= 1.0, answer.fit
    for words in (answer.summary, answer.fit.message, *(test.says for test in answer.next_tests)):
        assert not _NO_NUMBER.search(words), words


def _causes(answer: Consult) -> None:
    """Check that the probabilities are a distribution."""
    probabilities = [cause.probability for cause in answer.causes]
    assert all(0.0 <= p <= 1.0 for p in probabilities), probabilities
    assert math.isclose(sum(probabilities), 1.0, abs_tol=_ROUNDING), sum(probabilities)
    assert probabilities == sorted(probabilities, reverse=True), "causes are not in order"
    assert math.isclose(sum(cause.prior for cause in answer.causes), 1.0, abs_tol=_ROUNDING)
    assert all(cause.monte_carlo_error >= 0.0 for cause in answer.causes)


def _withheld(answer: Consult) -> None:
    """Check that nothing is told which rests on a posterior that failed its diagnostics."""
    assert all(answer.diagnostics.failures), "the diagnostics failed without a reason"
    assert "%" not in answer.summary, answer.summary
    assert (answer.causes, answer.lesions, answer.findings, answer.next_tests) == ((), (), (), ())


def _without_times(answer: Consult) -> dict[str, Any]:
    plain = answer.as_dict()
    return {**plain, "diagnostics": {**plain["diagnostics"], "seconds": 0.0, "parts": {}}}
