"""Student's t without scipy, whose import takes longer than all that a small suite needs of it."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from pytest_llmcost.statistics.checks import check_between


def upper_tail(t: float, freedom: float) -> float:
    """Return P(T > *t*) of Student's t, to 8 digits.

    Source: half the regularised incomplete beta function at freedom/(freedom + t^2) (DLMF 8.17.18).

    Args:
        t: In standard errors.
        freedom: Degrees of freedom, above 0; Welch's are no whole number.

    Raises:
        ValueError: If *freedom* is not above 0 and finite, or *t* is NaN.
    """
    if not 0 < freedom < math.inf or math.isnan(t):
        raise ValueError(f"t is {t} of {freedom} degrees of freedom, must be a number, of more than 0")
    square = t * t
    if math.isinf(square):
        return 0.0 if t > 0 else 1.0
    outside = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square)) / 2
    return outside if t > 0 else 1 - outside


@lru_cache(maxsize=256)
def critical_t(level: float, freedom: float) -> float:
    """Return the half-width, in standard errors, of a two-sided t interval at *level*.

    Newton's steps from the normal value, which is the smaller: on a convex falling tail they never go too far.

    Args:
        level: Two-sided confidence, above 0 and below 1.
        freedom: Degrees of freedom, above 0; Welch's are no whole number.

    Raises:
        ValueError: If *level* or *freedom* is out of range.
    """
    check_between("level", level, 0, 1)
    tail = (1 - level) / 2
    t = -NormalDist().inv_cdf(tail)
    while (step := (upper_tail(t, freedom) - tail) / _density(t, freedom)) > 1e-10 * t:
        t += step
    return t


def _density(t: float, freedom: float) -> float:
    scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - math.log(freedom * math.pi) / 2
    return math.exp(scale - (freedom + 1) / 2 * math.log1p(t * t / freedom))


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return I_x(a, b), *rest* being 1 - x without cancellation."""
    if not x or not rest:
        return float(not rest)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front / (a * _fraction(a, b, x))
    return 1 - front / (b * _fraction(b, a, rest))


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of DLMF 8.17.22, by Lentz's method."""
    value = c = 1.0
    d = 0.0
    m = 0
    while True:
        for term in (
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2)),
        ):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            return value
        m += 1
