"""Whether two groups of users that were assigned by chance are apart, and how many users would show it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmcost.statistics.checks import check_between, check_counts, check_values
from pytest_llmcost.statistics.intervals import Estimate, Interval, critical_z, wilson
from pytest_llmcost.statistics.student import critical_t

FEWEST_EXPECTED = 5
"""Below so many expected in a cell of the table, the normal approximation gives way to Fisher's exact test."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A rate less another.

    Attributes:
        value: First less second.
        interval: Newcombe's hybrid score interval of it.
        p: Two-sided, of no difference at all.
        is_exact: Whether *p* is Fisher's.
    """

    value: float
    interval: Interval
    p: float
    is_exact: bool


def difference_of_rates(x1: int, n1: int, x2: int, n2: int, level: float = 0.90) -> Difference:
    """Return how far the rates x1/n1 and x2/n2 are apart.

    The test is the pooled z test, or Fisher's exact one where a count of fewer than 5 is expected.
    Source: Newcombe 1998, method 10; statistics.md section 8.

    Args:
        x1: How many of the first group had the event.
        n1: How many there are, at least 1.
        x2: Likewise of the second group.
        n2: How many there are, at least 1.
        level: Two-sided confidence of the interval, above 0 and below 1.

    Raises:
        ValueError: If counts do not fit, or *level* is out of range.
    """
    first, second = wilson(x1, n1, level), wilson(x2, n2, level)
    p1, p2 = x1 / n1, x2 / n2
    interval = Interval(
        p1 - p2 - math.hypot(p1 - first.lower, second.upper - p2),
        p1 - p2 + math.hypot(first.upper - p1, p2 - second.lower),
        level,
    )
    pooled = (x1 + x2) / (n1 + n2)
    is_exact = min(n1, n2) * min(pooled, 1 - pooled) < FEWEST_EXPECTED
    p = _fisher(x1, n1, x2, n2) if is_exact else math.erfc(abs(pooled_z(x1, n1, x2, n2)) / math.sqrt(2))
    return Difference(p1 - p2, interval, p, is_exact)


def pooled_z(x1: int, n1: int, x2: int, n2: int) -> float:
    """Return the z statistic of no difference, the variance estimated from both groups together.

    Raises:
        ValueError: If all had the event or none, so that there is no variance.
    """
    pooled = (x1 + x2) / (n1 + n2)
    if not 0 < pooled < 1:
        raise ValueError(f"{x1} of {n1} and {x2} of {n2} do not vary")
    return (x1 / n1 - x2 / n2) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))


def difference_of_means(first: Sequence[float], second: Sequence[float], level: float = 0.90) -> Estimate:
    """Return the mean of *first* less that of *second*, with Welch's t interval.

    Args:
        first: One value a unit, at least 2.
        second: Likewise.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If a group is too small, or a value is NaN or infinite.
    """
    (mean1, part1), (mean2, part2) = (
        _mean_and_squared_error(name, one) for name, one in (("first", first), ("second", second))
    )
    error = math.sqrt(part1 + part2)
    if not error:
        return Estimate(mean1 - mean2, 0.0, Interval(mean1 - mean2, mean1 - mean2, level))
    freedom = (part1 + part2) ** 2 / (part1**2 / (len(first) - 1) + part2**2 / (len(second) - 1))
    half = critical_t(level, freedom) * error
    return Estimate(mean1 - mean2, error, Interval(mean1 - mean2 - half, mean1 - mean2 + half, level))


def users_to_detect(
    p1: float, p2: float, *, alpha: float = 0.05, power: float = 0.80, ratio: float = 1.0
) -> tuple[int, int]:
    """Return how many users of either group show that their rates *p1* and *p2* differ.

    n1 = [z_(1-alpha/2) sqrt((1 + 1/k) p q) + z_power sqrt(p1 q1 + p2 q2/k)]^2/(p1 - p2)^2, p = (p1 + k p2)/(1 + k),
    n2 = k n1. Source: Fleiss, Levin and Paik 2003, 4.14 and 4.19, two-sided; statistics.md section 8.

    Args:
        p1: The rate of the first group, above 0 and below 1.
        p2: That of the second, which differs.
        alpha: Accepted chance to see a difference where there is none.
        power: Wanted chance to see this one.
        ratio: Users of the second group for each of the first, k.

    Raises:
        ValueError: If an argument is out of range.
    """
    for name, value in (("p1", p1), ("p2", p2), ("alpha", alpha), ("power", power)):
        check_between(name, value, 0, 1)
    check_between("ratio", ratio, 0, math.inf)
    if p1 == p2:
        raise ValueError(f"p1 and p2 are both {p1}: no number of users tells them apart")
    pooled = (p1 + ratio * p2) / (1 + ratio)
    at_none = critical_z(alpha / 2) * math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
    at_this = critical_z(1 - power) * math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    n1 = (at_none + at_this) ** 2 / (p1 - p2) ** 2
    return math.ceil(n1), math.ceil(ratio * n1)


def users_to_clear(
    rate: float, margin: float, *, alpha: float = 0.05, power: float = 0.80, ratio: float = 1.0
) -> tuple[int, int]:
    """Return how many users of either group clear a margin, if their rates are the same.

    n1 = (z_(1-alpha) + z_power)^2 p q (1 + 1/k)/M^2, n2 = k n1: one-sided, for a difference below *margin*.

    Args:
        rate: Of both groups, above 0 and below 1.
        margin: Largest accepted difference, above 0 and below 1.
        alpha: Accepted chance to clear the margin wrongly, one-sided.
        power: Wanted chance to clear it.
        ratio: Users of the second group for each of the first, k.

    Raises:
        ValueError: If an argument is out of range.
    """
    for name, value in (("rate", rate), ("margin", margin), ("alpha", alpha), ("power", power)):
        check_between(name, value, 0, 1)
    check_between("ratio", ratio, 0, math.inf)
    n1 = (critical_z(alpha) + critical_z(1 - power)) ** 2 * rate * (1 - rate) * (1 + 1 / ratio) / margin**2
    return math.ceil(n1), math.ceil(ratio * n1)


def sample_ratio_p(n1: int, n2: int, share1: float) -> float:
    """Return the chance of a split as far from *share1* as n1 : n2, by Pearson's chi-square with one degree of freedom.

    A split that hardly can be chance says that users were lost or assigned wrongly: nothing can be concluded then.

    Raises:
        ValueError: If there is nobody, or *share1* is not above 0 and below 1.
    """
    check_counts(n1=n1, n2=n2)
    check_between("share1", share1, 0, 1)
    if not n1 + n2:
        raise ValueError("n1 and n2 are 0, at least 1 user is needed")
    expected = (n1 + n2) * share1
    chi2 = (n1 - expected) ** 2 / expected + (n1 - expected) ** 2 / (n1 + n2 - expected)
    return math.erfc(math.sqrt(chi2 / 2))


def always_valid(first: Sequence[float], second: Sequence[float], *, level: float = 0.90, planned: int) -> Interval:
    """Return an interval of the difference of means that may be looked at after every user, and holds at all times.

    The asymptotic confidence sequence of Robbins' normal mixture: with variance V of the difference from t users in
    all, half-width sqrt(2 (t r^2 + 1)/(t r^2) x log(sqrt(t r^2 + 1)/alpha) x V), tightest near t = *planned*.
    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, theorem 2.2 and appendix B.2 (choice of r).

    Args:
        first: One value a unit, at least 2.
        second: Likewise.
        level: Two-sided, above 0 and below 1: the chance that no look ever misses the truth.
        planned: About how many users there will be when it matters, 1 or more.

    Raises:
        ValueError: If a group is too small, a value is NaN or infinite, or another argument is out of range.
    """
    check_between("level", level, 0, 1)
    check_between("planned", planned, 0, math.inf)
    (mean1, part1), (mean2, part2) = (
        _mean_and_squared_error(name, one) for name, one in (("first", first), ("second", second))
    )
    alpha = 1 - level
    scale2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / planned
    seen = (len(first) + len(second)) * scale2
    half = math.sqrt(2 * (seen + 1) / seen * math.log(math.sqrt(seen + 1) / alpha) * (part1 + part2))
    return Interval(mean1 - mean2 - half, mean1 - mean2 + half, level)


def _mean_and_squared_error(name: str, values: Sequence[float]) -> tuple[float, float]:
    check_values(name, values, at_least=2)
    n = len(values)
    mean = math.fsum(values) / n
    return mean, math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n


def _fisher(x1: int, n1: int, x2: int, n2: int) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact([[x1, n1 - x1], [x2, n2 - x2]])[1])
