import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.detector import NOTHING, STAKES, is_alarm, too_few, too_many


def alarm_after(step, bound, values, alpha):
    """Return how many reports it takes, or None."""
    wealth = NOTHING
    for number, value in enumerate(values, 1):
        wealth = step(wealth, value, bound)
        if is_alarm(wealth, alpha):
            return number
    return None


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=30), st.sampled_from([0.05, 0.2, 0.5]))
def test_the_wealth_is_the_sum_over_all_starts_of_the_products_since(values, bound):
    """By the definition of Shiryaev and Roberts, term by term."""
    wealth = NOTHING
    for value in values:
        wealth = too_many(wealth, value, bound)
    for owned, stake in zip(wealth, STAKES, strict=True):
        starts = [
            math.prod(1 + stake * (value - bound) / bound for value in values[start:]) for start in range(len(values))
        ]
        assert owned == pytest.approx(sum(starts))


@pytest.mark.parametrize("bound", [0.02, 0.1, 0.5, 0.9])
def test_while_the_claim_just_holds_the_wealth_rises_by_one_a_report_on_average(bound):
    before = tuple(range(len(STAKES)))
    for step in (too_many, too_few):
        failed, fine = step(before, 1.0, bound), step(before, 0.0, bound)
        expected = [bound * a + (1 - bound) * b for a, b in zip(failed, fine, strict=True)]
        assert expected == pytest.approx([owned + 1 for owned in before])


@pytest.mark.parametrize(("step", "rate"), [(too_many, 0.1), (too_many, 0.05), (too_few, 0.1), (too_few, 0.2)])
def test_false_alarms_are_no_more_frequent_than_stated(step, rate):
    """60,000 seeded reports at a rate where all is well; one alarm in 200 reports is allowed."""
    random, wealth, alarms = Random(11), NOTHING, 0
    for _ in range(60_000):
        wealth = step(wealth, float(random.random() < rate), 0.1)
        if is_alarm(wealth, 1 / 200):
            alarms, wealth = alarms + 1, NOTHING
    assert alarms <= 300 * 1.1


def test_what_was_good_for_long_does_not_hide_what_is_bad_now():
    failures = [0.0] * 5000 + [1.0] * 50
    assert alarm_after(too_many, 0.1, failures, 0.001) <= 5000 + 6
    assert alarm_after(too_many, 0.1, [1.0] * 50, 0.001) <= 6


def test_many_successes_show_that_failures_are_few():
    assert 50 < alarm_after(too_few, 0.05, [0.0] * 1000, 0.001) < 150


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda: too_many(NOTHING, 1.5, 0.1), "value"),
        (lambda: too_few(NOTHING, math.nan, 0.1), "value"),
        (lambda: too_few(NOTHING, 1.0, 1.0), "bound"),
        (lambda: is_alarm(NOTHING, 0), "alpha"),
    ],
)
def test_impossible_input_is_refused_by_name(wrong, named):
    with pytest.raises(ValueError, match=named):
        wrong()
