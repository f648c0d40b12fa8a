"""The forecast of daily amounts: exact where days are exact, robust where they are not, and honest about its error."""

from __future__ import annotations

import math
import random
from dataclasses import astuple
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes  # noqa: TID253

from pytest_llmcost.statistics.forecast import FEWEST_DAYS, forecast
from pytest_llmcost.statistics.level import DAMPING, level_of

OFFICE = [12.0, 13.0, 13.0, 12.0, 10.0, 0.0, 0.0]


def told(values, skipped=0, days=30):
    found = forecast(values)
    assert found is not None
    return found.sum_of(skipped, days)


def noisy(seed, n, noise=0.15, drift=0.0, level=100.0):
    draw, wandered, found = random.Random(seed), 0.0, []
    for _ in range(n):
        wandered += draw.gauss(0, drift)
        found.append(level * math.exp(wandered + draw.gauss(0, noise)))
    return found


def test_days_that_are_all_the_same_go_on():
    assert told([10.0] * 40) == pytest.approx(told([10.0] * 40))
    assert astuple(told([10.0] * 40)) == pytest.approx((300.0,) * 5)


def test_a_weekday_goes_on_as_it_was_also_one_without_spend():
    found = forecast(OFFICE * 6)
    assert found is not None
    assert found.level.ahead(7) == pytest.approx(OFFICE)
    assert found.sum_of(5, 2).high95 == 0


def test_a_weekday_is_found_wherever_the_days_begin():
    assert level_of((OFFICE * 10)[3:]).ahead(7) == pytest.approx(OFFICE)


def test_growth_goes_on_and_wears_off():
    found = level_of([100 * math.exp(0.01 * day) for day in range(60)])
    assert found.growth == pytest.approx(0.01)
    assert found.ahead(2)[1] / found.usual == pytest.approx(math.exp(0.01 * (DAMPING + DAMPING**2)))


def test_the_trend_is_the_median_of_all_slopes_as_scipy_finds_it():
    values = [100 * math.exp(0.03 * day) * wobble for day, wobble in enumerate(noisy(3, 42, 0.05, level=1.0))]
    plain = [value / level_of(values).factors[day % 7] for day, value in enumerate(values)]
    slope = theilslopes([math.log(value) for value in plain]).slope
    assert 0.9 * slope < level_of(values).growth <= slope  # less what chance would show


def test_a_slope_that_chance_would_show_is_no_trend():
    assert [level_of(noisy(seed, 60)).growth for seed in range(20)].count(0.0) >= 15


@pytest.mark.parametrize("ago", [5, 8, 15, 30])
@pytest.mark.parametrize("factor", [0.4, 2.5])
def test_after_a_step_the_new_level_holds_at_once(ago, factor):
    before, after = noisy(1, 80 - ago, 0.1), noisy(2, ago, 0.1, level=100 * factor)
    found = forecast(before + after)
    assert found is not None
    assert found.level.steps[-1] == pytest.approx(80 - ago, abs=1)
    assert found.sum_of(0, 30).expected == pytest.approx(30 * mean(after), rel=0.15)
    assert found.sum_of(0, 30).high80 < 1.4 * found.sum_of(0, 30).expected  # (nor does it spoil the interval)


def test_growth_is_no_step():
    values = [value * math.exp(0.02 * day) for day, value in enumerate(noisy(4, 70, 0.1))]
    assert level_of(values).steps == ()


@pytest.mark.parametrize("place", [30, 58, 59])
def test_an_outlier_hardly_moves_the_forecast(place):
    values = noisy(5, 60, 0.1)
    spoilt = [20 * value if at == place else value for at, value in enumerate(values)]
    assert told(spoilt).expected == pytest.approx(told(values).expected, rel=0.12)


def test_errors_that_follow_on_make_the_interval_of_a_sum_wide():
    def width(drift):
        return mean(
            told(noisy(seed, 90, 0.1, drift)).high80 / told(noisy(seed, 90, 0.1, drift)).expected for seed in range(5)
        )

    assert width(0.05) - 1 > 2 * (width(0.0) - 1)


@pytest.mark.parametrize("drift", [0.0, 0.02])
def test_the_80_percent_interval_holds_about_as_often_as_it_says(drift):
    held = []
    for seed in range(40):
        values = noisy(seed, 90, 0.15, drift)
        for days in (7, 14, 30):
            one = told(values[:60], 0, days)
            held.append(one.low80 <= sum(values[60 : 60 + days]) <= one.high80)
    assert 0.72 <= mean(held) <= 0.97


def test_days_that_are_farther_off_are_less_sure():
    def width(skipped, days):
        one = told(noisy(8, 90, 0.2, 0.03), skipped, days)
        return one.high80 / one.expected

    assert width(0, 28) < width(0, 60)
    assert width(0, 14) < width(14, 14)


def test_a_level_that_few_days_tell_of_is_in_doubt():
    assert level_of(noisy(1, 75, 0.1) + noisy(2, 5, 0.1, level=250)).doubt > 0
    assert level_of(noisy(1, 80, 0.1)).doubt == 0


def test_three_weeks_are_needed():
    assert forecast([1.0] * (FEWEST_DAYS - 1)) is None
    assert forecast([1.0] * FEWEST_DAYS) is not None


def test_where_nothing_was_spent_nothing_is_expected():
    assert astuple(told([0.0] * 50)) == (0.0,) * 5


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_impossible_amounts_are_refused(wrong):
    with pytest.raises(ValueError, match="values"):
        forecast([1.0] * 30 + [wrong])


amounts = st.one_of(st.just(0.0), st.floats(0.001, 1e6))


@settings(max_examples=30, deadline=None)
@given(st.lists(amounts, min_size=21, max_size=60), st.integers(0, 40), st.integers(1, 40))
def test_no_bound_is_negative_or_crosses_another(values, skipped, days):
    one = told(values, skipped, days)
    assert 0 <= one.low95 <= one.low80 <= one.expected <= one.high80 <= one.high95 < math.inf


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.001, 1000))
def test_cents_and_dollars_have_the_same_forecast(seed, factor):
    values = noisy(seed, 40, 0.3)
    assert astuple(told([factor * value for value in values])) == pytest.approx(
        [factor * end for end in astuple(told(values))]
    )
