"""The median and the 95th percentile, before and now: shown beside the verdict on latency."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
from fakes.evidence import BLANK, measured

from pytest_llmcost.domain.gate import PercentileChange
from pytest_llmcost.gate.increase import judge_increase, typical_ratio
from pytest_llmcost.gate.latency import percentile_changes
from pytest_llmcost.statistics.percentiles import percentile_ratios


def changes(base: list[float], cand: list[float]) -> tuple[PercentileChange, ...]:
    blank, pairing = dataclasses.replace(BLANK, metric="latency"), measured(base, cand)
    return percentile_changes(
        judge_increase(blank, 0.5, lambda r: r.seconds_per_trial, pairing, typical_ratio), pairing
    )


def waits(n: int) -> list[float]:
    random = Random(1)
    return [round(random.lognormvariate(0, 0.5), 6) for _ in range(n)]


def test_median_and_95th_percentile_are_told_with_their_intervals() -> None:
    base = waits(100)
    cand = [2 * seconds if seconds > 1.5 else seconds * 1.01 for seconds in base]

    median, long = changes(base, cand)

    before = sorted(base)
    assert (median.share, median.before, median.now) == (0.5, before[49], pytest.approx(before[49] * 1.01))
    assert median.ratio == pytest.approx(0.01)
    assert (long.share, long.before, long.ratio) == (0.95, before[94], pytest.approx(1.0))
    interval = percentile_ratios(base, cand, [0.95])[0]
    assert (long.lower, long.upper) == (interval.lower - 1, interval.upper - 1)


@pytest.mark.parametrize(("n", "shares"), [(58, [0.5]), (59, [0.5, 0.95])])
def test_a_95th_percentile_is_refused_below_59_cases(n: int, shares: list[float]) -> None:
    assert [change.share for change in changes(waits(n), waits(n)[::-1])] == shares


@pytest.mark.parametrize(
    ("base", "cand"),
    [([1.0, 2.0], [1.0, 2.0]), ([1.0], [2.0]), ([0.0, 1.0], [1.0, 1.0])],
    ids=["unchanged", "one case", "a case that took no time"],
)
def test_where_latency_was_not_tested_nothing_is_told(base: list[float], cand: list[float]) -> None:
    assert changes(base, cand) == ()
