"""Many tests in one run: p-values are raised so that the run as a whole keeps its error rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from pytest_llmcost.statistics.checks import check_between, check_counts, check_probabilities


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values, in the order given; those <= alpha hold with at most alpha for any false one.

    Source: Holm 1979. Never below the raw value, and in the same order.

    Raises:
        ValueError: If a p-value is NaN or outside [0, 1].
    """
    check_probabilities("p_values", p_values)
    m = len(p_values)
    order = sorted(range(m), key=lambda place: p_values[place])
    raised = [min(1.0, p_values[place] * (m - rank)) for rank, place in enumerate(order)]
    return _in_given_order(order, accumulate(raised, max))


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the adjusted p-values, in the order given; of those <= alpha, a share alpha is expected to be false.

    Source: Benjamini and Hochberg 1995. Never below the raw value, never above Holm's.

    Raises:
        ValueError: If a p-value is NaN or outside [0, 1].
    """
    check_probabilities("p_values", p_values)
    m = len(p_values)
    order = sorted(range(m), key=lambda place: p_values[place], reverse=True)
    raised = [p_values[place] * (m / (m - rank)) for rank, place in enumerate(order)]
    return _in_given_order(order, accumulate(raised, min))


def false_alarm_rate(families: int, alpha: float = 0.05) -> float:
    """Return how likely at least one of so many independent families errs that each err with chance *alpha*.

    Raises:
        ValueError: If *families* is negative, or *alpha* not above 0 and below 1.
    """
    check_counts(families=families)
    check_between("alpha", alpha, 0, 1)
    return -math.expm1(families * math.log1p(-alpha))


def _in_given_order(order: Sequence[int], adjusted: accumulate[float]) -> tuple[float, ...]:
    return tuple(value for _, value in sorted(zip(order, adjusted, strict=True)))
