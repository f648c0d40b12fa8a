"""Money and seconds are compared as ratios, on the logarithmic scale, where twice and half weigh the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmcost.statistics.checks import check_between, check_same_length, check_values
from pytest_llmcost.statistics.intervals import Estimate, Interval, around, jackknife_error, mean_t
from pytest_llmcost.statistics.student import upper_tail


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times the baseline the candidate takes.

    Attributes:
        value: Candidate over baseline; 1 is unchanged, 1.10 a tenth more.
        log_standard_error: Standard error of the natural logarithm of *value*; infinite where one case is all.
        interval: Interval of the ratio, within [0, inf].
    """

    value: float
    log_standard_error: float
    interval: Interval


def cost_ratio(base: Sequence[float], cand: Sequence[float], level: float = 0.90) -> Ratio:
    """Return sum(cand)/sum(base) with the jackknife error of its logarithm and t(n - 1).

    The interval is (0, inf) where one case alone holds a side's whole total: nothing is known about its variation.
    Too narrow where a few per cent of the cases blow up tenfold; show those cases beside it.
    Source: jackknife of a ratio of totals, Tukey 1958; statistics.md section 4.

    Args:
        base: Cost (USD, tokens, ...) of each case with the baseline, 0 or more, at least 2 cases.
        cand: The same cases with the candidate, in the same order and unit.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If lengths differ, there are fewer than 2 cases, a value is negative, NaN or infinite, a side's
            total is 0, or *level* is out of range.
    """
    _check_sides(base, cand)
    check_between("level", level, 0, 1)
    for name, values in (("base", base), ("cand", cand)):
        if min(values) < 0 or not any(values):
            raise ValueError(f"{name} is negative somewhere or 0 in total, there is no ratio")
    totals = math.fsum(base), math.fsum(cand)
    value = totals[1] / totals[0]
    if max(base) == totals[0] or max(cand) == totals[1]:
        return Ratio(value, math.inf, Interval(0.0, math.inf, level))
    left_out = [(totals[1] - c) / (totals[0] - b) for b, c in zip(base, cand, strict=True)]
    if not all(0 < ratio < math.inf for ratio in (value, *left_out)):  # beyond what a float can tell from nothing
        return Ratio(value, math.inf, Interval(0.0, math.inf, level))
    logs = [math.log(ratio) for ratio in left_out]
    return _unlogged(around(math.log(value), jackknife_error(logs), len(base) - 1, level))


def mean_log_ratio(base: Sequence[float], cand: Sequence[float], level: float = 0.90) -> Ratio:
    """Return the geometric mean of cand/base, case by case, with Student's t interval on logarithms.

    For latency: one slow reply weighs as one case, not as its seconds. Source: statistics.md section 4.

    Args:
        base: Seconds of each case with the baseline, above 0, at least 2 cases.
        cand: The same cases with the candidate, in the same order.
        level: Two-sided confidence, above 0 and below 1.

    Raises:
        ValueError: If lengths differ, there are fewer than 2 cases, a value is 0, negative, NaN or infinite, or
            *level* is out of range.
    """
    _check_sides(base, cand)
    for name, values in (("base", base), ("cand", cand)):
        if min(values) <= 0:
            raise ValueError(f"{name} holds {min(values)}, must be above 0")
    return _unlogged(mean_t([math.log(c) - math.log(b) for b, c in zip(base, cand, strict=True)], level))


def p_increase(ratio: Ratio, n: int) -> float:
    """Return the one-sided p-value of "the candidate takes no more than the baseline", Student's t on the logarithm.

    Args:
        ratio: As estimated from the cases.
        n: How many cases it was estimated from, at least 2.

    Raises:
        ValueError: If *n* is below 2.
    """
    if n < 2:
        raise ValueError(f"n is {n}, must be at least 2")
    if not 0 < ratio.value < math.inf or ratio.log_standard_error == math.inf:
        return 0.5  # nothing is known of its variation
    log = math.log(ratio.value)
    if ratio.log_standard_error == 0:
        return 0.0 if log > 0 else 1.0
    return upper_tail(log / ratio.log_standard_error, n - 1)


def _check_sides(base: Sequence[float], cand: Sequence[float]) -> None:
    check_same_length(base=base, cand=cand)
    check_values("base", base, at_least=2)
    check_values("cand", cand, at_least=2)


def _unlogged(log: Estimate) -> Ratio:
    """Return the ratio whose logarithm is *log*."""
    ends = Interval(_exp(log.interval.lower), _exp(log.interval.upper), log.interval.level)
    return Ratio(_exp(log.value), log.standard_error, ends)


def _exp(log: float) -> float:
    return math.exp(log) if log < 709 else math.inf
