"""Right or wrong by a number that the answer states."""

from __future__ import annotations

import re
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.text import text_of

# 1,234.5 with its separators, 1234.5, .5, 1e3; a minus sign counts where no letter or digit stands before it.
_NUMBER = re.compile(r"(?:(?<![\w.])[-\u2212])?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")


def numeric(abs: float = 0.0, rel: float = 0.0) -> Scorer:  # noqa: A002 (the suite's own words)
    """Return a scorer: is the first number of the answer one of the expected ones.

    Args:
        abs: Largest accepted difference.
        rel: Largest accepted difference, as a share of the expected number; the wider of the two holds.
    """

    def score(answer: Answer, case: Case) -> float:
        found, expected = first_number(answer.value), [_expected(text) for text in case.expected]
        if found is None:
            return 0.0
        return float(any(_distance(found, number) <= max(abs, rel * _distance(number, 0)) for number in expected))

    return score


def first_number(value: Any) -> float | None:
    """Return the first number in an answer, or None where it states none."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.search(text_of(value))
    return None if match is None else float(match[0].replace(",", "").replace("\u2212", "-"))


def _expected(text: Any) -> float:
    number = first_number(text)
    if number is None:
        raise ScorerError(f"expected {text!r} is no number", scorer="numeric")
    return number


def _distance(left: float, right: float) -> float:
    return max(left - right, right - left)
