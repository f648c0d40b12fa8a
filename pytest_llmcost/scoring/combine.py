"""Several scorers as one, and one turned round."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer


def weighted(parts: Sequence[tuple[Scorer, float]]) -> Scorer:
    """Return the weighted mean of several scorers; one that cannot score leaves the case unscored."""
    if len(parts) == 1:
        return parts[0][0]
    total = sum(weight for _, weight in parts)

    def score(answer: Answer, case: Case) -> float:
        # The last bits of a sum must not lift a score over 1.
        return min(1.0, sum(scorer(answer, case) * weight for scorer, weight in parts) / total)

    return score


def inverted(inner: Scorer) -> Scorer:
    """Return 1 less what *inner* gives."""

    def score(answer: Answer, case: Case) -> float:
        return 1.0 - inner(answer, case)

    return score
