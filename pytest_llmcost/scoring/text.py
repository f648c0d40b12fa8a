"""Right or wrong by the text alone."""

from __future__ import annotations

from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer


def exact(answer: Answer, case: Case) -> float:
    """Return 1.0 where the answer is one of the expected texts, white space around it aside."""
    if answer.value is None:
        return 0.0
    return float(answer.value.strip() in {text.strip() for text in case.expected})


def label(answer: Answer, case: Case) -> float:
    """Return 1.0 where the answer is one of the expected labels, in whatever letter case."""
    if answer.value is None:
        return 0.0
    return float(answer.value.strip().casefold() in {text.strip().casefold() for text in case.expected})
