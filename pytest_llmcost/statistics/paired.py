"""Right or wrong, twice the same cases: only those that changed tell anything about the difference.

`losses` were right and are now wrong, `gains` the reverse; the other of the *n* pairs are concordant.
The difference is (gains - losses)/n, so a drop is negative.
"""

from __future__ import annotations

import math

from pytest_llmcost.statistics.checks import check_between, check_counts, check_margin, check_pairs
from pytest_llmcost.statistics.intervals import Interval, critical_z


def mcnemar_exact(losses: int, gains: int) -> float:
    """Return the one-sided p-value of "worse": P(X >= losses), X binomial(losses + gains, 1/2).

    Source: McNemar 1947, exact form. 1 where nothing changed.

    Raises:
        ValueError: If a count is negative, NaN or infinite.
    """
    check_counts(losses=losses, gains=gains)
    if losses <= gains:
        return 1.0 - _upper_tail(gains + 1, losses + gains)
    return _upper_tail(losses, losses + gains)


def mcnemar_midp(losses: int, gains: int) -> float:
    """Return the one-sided mid-p-value of "worse": the exact one less half the chance of just this outcome.

    Source: Fagerland, Lydersen and Laake 2013. 1 where nothing changed.

    Raises:
        ValueError: If a count is negative, NaN or infinite.
    """
    exact = mcnemar_exact(losses, gains)
    if losses + gains == 0:
        return exact
    return exact - _chance(losses, losses + gains) / 2


def tango_z(losses: int, gains: int, n: int, margin: float) -> float:
    """Return the score statistic against a drop of just *margin*; 1.6449 or more disproves it at 5 %.

    Source: Tango 1998, at the null difference -margin. Infinite where the null leaves no variance.

    Args:
        losses: Pairs that were right and are now wrong.
        gains: Pairs that were wrong and are now right.
        n: All pairs, at least 1.
        margin: Largest accepted drop, at least 0 and below 1.

    Raises:
        ValueError: If the counts do not fit into *n*, or *margin* is out of range.
    """
    check_pairs(losses, gains, n)
    check_margin(margin)
    return _score(losses, gains, n, -margin)


def tango_interval(losses: int, gains: int, n: int, level: float = 0.90) -> Interval:
    """Return the interval of differences, within [-1, 1], that the score statistic does not disprove.

    Source: Tango 1998; each end is found to 1e-12 by bisection of `tango_z`.

    Args:
        losses: Pairs that were right and are now wrong.
        gains: Pairs that were wrong and are now right.
        n: All pairs, at least 1.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If *n* is 0, the counts do not fit into it, or *level* is out of range.
    """
    check_pairs(losses, gains, n)
    check_between("level", level, 0, 1)
    critical = critical_z((1 - level) / 2)
    return Interval(_lower_end(losses, gains, n, critical), -_lower_end(gains, losses, n, critical), level)


def fewest_provable_cases(margin: float, alpha: float = 0.05) -> int:
    """Return how many cases, all unchanged, it takes to disprove a drop of *margin*: 59 for 0.05 at 5 %.

    Below that, a system that loses a share *margin* of all cases shows no loss with a chance above *alpha*.

    Raises:
        ValueError: If *margin* or *alpha* is not above 0 and below 1.
    """
    check_between("margin", margin, 0, 1)
    check_between("alpha", alpha, 0, 1)
    return math.ceil((math.log(alpha) + 1e-9) / math.log1p(-margin))


def passes_zero_discordance(n: int, margin: float, alpha: float = 0.05) -> bool:
    """Return whether *n* unchanged cases could disprove a drop of *margin*: (1 - margin)^n <= alpha.

    Raises:
        ValueError: If *n* is negative, *margin* not within [0, 1), or *alpha* not above 0 and below 1.
    """
    check_counts(n=n)
    check_margin(margin)
    check_between("alpha", alpha, 0, 1)
    return margin > 0 and n >= fewest_provable_cases(margin, alpha)


def smallest_provable_margin(n: int, alpha: float = 0.05) -> float:
    """Return the smallest drop that *n* cases can disprove even with no loss at all: 1 - alpha^(1/n).

    Raises:
        ValueError: If *n* is below 1, or *alpha* not above 0 and below 1.
    """
    check_pairs(0, 0, n)
    check_between("alpha", alpha, 0, 1)
    return -math.expm1(math.log(alpha) / n)


def _chance(k: int, n: int) -> float:
    """Return P(X = k), X binomial(n, 1/2), rounded once: integers neither overflow nor cancel."""
    return math.comb(n, k) / (1 << n)


def _upper_tail(k: int, n: int) -> float:
    """Return P(X >= k), X binomial(n, 1/2), for k above n/2, where the terms fall at once."""
    total = term = _chance(k, n)
    while term > total * 1e-17:
        term *= (n - k) / (k + 1)
        total += term
        k += 1
    return total


def _score(losses: int, gains: int, n: int, difference: float) -> float:
    """Return Tango's z at a null *difference*; falls as *difference* rises, 0 at the observed one."""
    b = (2 * n - gains + losses) * difference - losses - gains
    c = -losses * difference * (1 - difference)
    root = math.sqrt(max(0.0, b * b - 8 * n * c))
    chance_of_loss = (root - b) / (4 * n) if b <= 0 else -2 * c / (root + b)  # no cancellation either way
    variance = n * (2 * chance_of_loss + difference * (1 - difference))
    excess = gains - losses - n * difference
    if variance <= 0:
        return math.copysign(math.inf, excess) if excess else 0.0
    return excess / math.sqrt(variance)


def _lower_end(losses: int, gains: int, n: int, critical: float) -> float:
    """Return the smallest difference whose z does not exceed *critical*."""
    low, high = -1.0, (gains - losses) / n
    while high - low > 1e-12:
        middle = (low + high) / 2
        low, high = (middle, high) if _score(losses, gains, n, middle) > critical else (low, middle)
    return low
