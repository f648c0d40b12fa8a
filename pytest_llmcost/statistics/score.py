"""A graded score is good enough when a drop of the margin, put on total losses, is disproved."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_llmcost.statistics.checks import check_margin, check_values
from pytest_llmcost.statistics.intervals import critical_z


def graded_score_z(diffs: Sequence[float], margin: float) -> float:
    """Return the score statistic against a mean drop of just *margin*; 1.6449 or more disproves it at 5 %.

    z = (m + M)/sqrt(v/n), m the mean difference, M the margin. The variance v is not the observed one but that
    under the null: whatever is missing to a drop of M is taken to be total losses not seen yet,
    v = mean(d^2) - M^2 + max(0, m + M) x max(1, (1 - mean(d^2))/(1 + m)).
    Source: Tango's idea for graded scores, statistics.md section 3. Its v lacks the last factor; we keep the larger
    of that v and the exact variance of such a mixture. They differ only where mean(d^2) < -m, as when every case
    drops by a little; there the short form can turn negative, and passes far too easily at large margins.

    Args:
        diffs: Candidate minus baseline, one a case (or one a group), each within [-1, 1].
        margin: Largest accepted mean drop, at least 0 and below 1.

    Raises:
        ValueError: If *diffs* is empty or holds a value that is NaN or beyond [-1, 1], or *margin* is out of range.
    """
    _check(diffs)
    check_margin(margin)
    return _score(*_moments(diffs), len(diffs), margin)


def largest_possible_drop(diffs: Sequence[float], alpha: float = 0.05) -> float:
    """Return the largest mean drop, at most 1, that `graded_score_z` does not disprove; found to 1e-9 by bisection.

    Raises:
        ValueError: If *diffs* is empty or holds a value that is NaN or beyond [-1, 1], or *alpha* is not above 0 and
            below 1.
    """
    _check(diffs)
    critical, n = critical_z(alpha), len(diffs)
    mean, square = _moments(diffs)
    low, high = max(0.0, -mean), 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if _score(mean, square, n, middle) >= critical else (middle, high)
    return high


def _check(diffs: Sequence[float]) -> None:
    check_values("diffs", diffs)
    if max(map(abs, diffs)) > 1 + 1e-9:
        raise ValueError(f"diffs reach {max(diffs, key=abs)}, must be within -1 and 1")


def _moments(diffs: Sequence[float]) -> tuple[float, float]:
    """Return the mean of *diffs*, and of their squares."""
    return math.fsum(diffs) / len(diffs), math.fsum(diff * diff for diff in diffs) / len(diffs)


def _score(mean: float, square: float, n: int, margin: float) -> float:
    missing = max(0.0, mean + margin)
    variance = square - margin**2 + (missing * max(1.0, (1 - square) / (1 + mean)) if missing else 0.0)
    return (mean + margin) / math.sqrt(variance / n) if variance > 0 else 0.0
