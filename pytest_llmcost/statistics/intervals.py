"""An interval says how far off an estimate may be; for a proportion, a mean, and a mean of clusters."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from pytest_llmcost.statistics.checks import check_between, check_counts, check_values
from pytest_llmcost.statistics.clusters import gather


@dataclass(frozen=True, slots=True)
class Interval:
    """From *lower* to *upper*, ends included, in the unit of what it estimates.

    Attributes:
        lower: The lower end.
        upper: The upper end.
        level: Two-sided confidence, above 0 and below 1; at 0.90 each end alone is a one-sided test at 5 %.
    """

    lower: float
    upper: float
    level: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, how much it would vary between repetitions, and its interval.

    Attributes:
        value: The estimate itself.
        standard_error: Its standard error, in the same unit; 0 where the data do not vary.
        interval: The confidence interval around *value*.
    """

    value: float
    standard_error: float
    interval: Interval


def critical_z(alpha: float) -> float:
    """Return the standard normal value that is exceeded with probability *alpha*: 1.6449 for 0.05.

    Raises:
        ValueError: If *alpha* is not above 0 and below 1.
    """
    check_between("alpha", alpha, 0, 1)
    return -NormalDist().inv_cdf(alpha)


def critical_t(level: float, freedom: float) -> float:
    """Return the half-width, in standard errors, of a two-sided t interval at *level*.

    Args:
        level: Two-sided confidence, above 0 and below 1.
        freedom: Degrees of freedom, 1 or more.

    Raises:
        ValueError: If *level* is out of range.
    """
    from scipy.special import stdtrit

    check_between("level", level, 0, 1)
    return float(stdtrit(freedom, (1 + level) / 2))


def wilson(x: int, n: int, level: float = 0.90) -> Interval:
    """Return Wilson's score interval for a proportion of *x* out of *n*, within [0, 1].

    Source: Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4.

    Raises:
        ValueError: If *n* is 0, *x* is not within 0..n, or *level* not above 0 and below 1.
    """
    check_counts(x=x, n=n)
    check_between("level", level, 0, 1)
    if n == 0 or x > n:
        raise ValueError(f"x is {x} of n = {n}, must be at most n, and n at least 1")
    z2 = critical_z((1 - level) / 2) ** 2
    middle = (x + z2 / 2) / (n + z2)
    half = math.sqrt(z2 * (x * (n - x) / n + z2 / 4)) / (n + z2)
    return Interval(middle - half if x else 0.0, middle + half if x < n else 1.0, level)


def mean_t(diffs: Sequence[float], level: float = 0.90) -> Estimate:
    """Return the mean of case-mean differences with Student's t interval, n - 1 degrees of freedom.

    Args:
        diffs: Candidate minus baseline, one a case (repeats averaged before), at least 2.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If there are fewer than 2 *diffs*, one is NaN or infinite, or *level* is out of range.
    """
    check_values("diffs", diffs, at_least=2)
    n = len(diffs)
    mean = math.fsum(diffs) / n
    error = math.sqrt(math.fsum((diff - mean) ** 2 for diff in diffs) / (n - 1) / n)
    return around(mean, error, n - 1, level)


def cluster_jackknife(diffs: Sequence[float], groups: Sequence[Hashable], level: float = 0.90) -> Estimate:
    """Return the mean over all cases with the leave-one-group-out jackknife error and t(G - 1).

    The error is sqrt((G - 1)/G x sum (m_g - average of the m)^2), m_g the mean without group g: cases of a group
    rise and fall together, so G groups are G pieces of evidence, however many cases they hold.
    Source: Tukey 1958; Cameron and Miller 2015 for clusters.

    Args:
        diffs: Candidate minus baseline, one a case.
        groups: The group of each case; `None` is a group of its own.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If lengths differ, there are fewer than 2 groups, a value is NaN or infinite, or *level* is
            out of range.
    """
    clusters = gather(diffs, groups)
    if len(clusters) < 2:
        raise ValueError(f"groups: {len(clusters)} given, at least 2 needed")
    total, n = math.fsum(diffs), len(diffs)
    left_out = [(total - math.fsum(cluster)) / (n - len(cluster)) for cluster in clusters]
    return around(total / n, jackknife_error(left_out), len(clusters) - 1, level)


def mean_score(scores: Sequence[float], groups: Sequence[Hashable], level: float = 0.90) -> Interval:
    """Return the interval of the mean of scores within 0..1, ends included.

    Wilson's where each case stands alone and is right or wrong, else Student's t, by groups where there are some.
    Where all scores are 0, or all are 1, t would claim to be certain: then Wilson's, of as many groups. A single
    group tells nothing of others: the interval is all of [0, 1].

    Args:
        scores: One a case (repeats averaged before), at least 1.
        groups: The group of each case; `None` is a group of its own.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If lengths differ, there is no score, one is NaN or infinite, or *level* is out of range.
    """
    units, values = len(gather(scores, groups)), set(scores)
    if values <= {0.0, 1.0} and (units == len(scores) or len(values) == 1):
        return wilson(round(units * math.fsum(scores) / len(scores)), units, level)
    if units == 1:
        return Interval(0.0, 1.0, level)
    found = cluster_jackknife(scores, groups, level).interval
    return Interval(max(0.0, found.lower), min(1.0, found.upper), level)


def jackknife_error(left_out: Sequence[float]) -> float:
    """Return the standard error from estimates that each leave one unit out (Tukey 1958).

    Args:
        left_out: The estimate without the 1st unit, without the 2nd, ...; at least 2.
    """
    n = len(left_out)
    average = math.fsum(left_out) / n
    return math.sqrt((n - 1) / n * math.fsum((value - average) ** 2 for value in left_out))


def around(value: float, error: float, freedom: int, level: float) -> Estimate:
    """Return *value* with its t interval: *error* times the critical value of *freedom* to either side."""
    half = critical_t(level, freedom) * error
    return Estimate(value, error, Interval(value - half, value + half, level))
