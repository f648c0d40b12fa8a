"""Does a confidence tell right answers from wrong ones? The area under the ROC curve, and how sure we are of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

from pytest_llmcost.statistics.checks import check_between, check_counts, check_values
from pytest_llmcost.statistics.intervals import Interval, critical_z


def area_under_curve(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the chance that a right answer has more confidence than a wrong one; ties count half.

    Source: Mann and Whitney 1947: U/(m n).

    Args:
        right: Confidences of right answers, at least 1.
        wrong: Of wrong ones, at least 1.

    Raises:
        ValueError: If either is empty, or holds a value that is NaN or infinite.
    """
    check_values("right", right)
    check_values("wrong", wrong)
    below = won = 0.0
    both = sorted([(value, True) for value in right] + [(value, False) for value in wrong])
    for _, tied in groupby(both, key=lambda pair: pair[0]):
        are_right = [is_right for _, is_right in tied]
        rights, wrongs = sum(are_right), len(are_right) - sum(are_right)
        won += rights * (below + wrongs / 2)
        below += wrongs
    return won / (len(right) * len(wrong))


def area_interval(area: float, right: int, wrong: int, level: float = 0.90) -> Interval:
    """Return the interval of an area under the curve, within [0, 1]: it is not empty even where the area is 0 or 1.

    Each end is the area whose own standard error explains the distance to the observed one, found to 1e-9 by
    bisection; the error is Hanley and McNeil's, with both numbers replaced by their mean where they correct it.
    Source: Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic",
    part 2, method 5.

    Args:
        area: As `area_under_curve` returns it.
        right: Right answers, at least 1.
        wrong: Wrong ones, at least 1.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If a count is below 1, *area* beyond 0..1, or *level* out of range.
    """
    check_counts(right=right, wrong=wrong)
    check_between("level", level, 0, 1)
    if not right or not wrong or not 0 <= area <= 1:
        raise ValueError(f"an area of {area} among {right} right and {wrong} wrong: 1 of each is needed, and 0..1")
    critical = critical_z((1 - level) / 2)
    upper = _upper_end(area, right, wrong, critical)
    return Interval(1 - _upper_end(1 - area, right, wrong, critical), upper, level)


def _upper_end(area: float, right: int, wrong: int, critical: float) -> float:
    low, high = area, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        explained = middle - area <= critical * _standard_error(middle, right, wrong)
        low, high = (middle, high) if explained else (low, middle)
    return high


def _standard_error(area: float, right: int, wrong: int) -> float:
    others = (right + wrong) / 2 - 1
    spread = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return math.sqrt(area * (1 - area) * spread / (right * wrong))
