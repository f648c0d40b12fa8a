import json
import math
from math import inf
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp  # noqa: TID253

from pytest_llmcost.statistics.ratio import cost_ratio, mean_log_ratio, p_increase

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())

costs = st.lists(st.tuples(st.floats(1e-6, 10), st.floats(1e-6, 10)), min_size=2, max_size=20).map(
    lambda rows: tuple(zip(*rows, strict=True))
)


def ends(ratio):
    return [ratio.interval.lower, ratio.interval.upper]


@pytest.mark.parametrize("row", GOLDEN["cost_ratio_jackknife"], ids=lambda row: f"{len(row['base'])} cases")
def test_cost_ratio_agrees_with_independent_values(row):
    found = cost_ratio(row["base"], row["cand"])
    assert (found.value, found.log_standard_error) == pytest.approx((row["ratio"], row["jack_se"]), rel=1e-6)
    assert ends(found) == pytest.approx(row["ratio_ci90"], rel=1e-6)


def test_dear_cases_weigh_more_in_money_and_the_same_in_time():
    base, cand = [1.0, 100.0], [4.0, 100.0]
    assert cost_ratio(base, cand).value == pytest.approx(104 / 101)
    assert mean_log_ratio(base, cand).value == pytest.approx(2)


def test_mean_log_ratio_is_a_t_interval_on_logarithms():
    found = mean_log_ratio([1, 1, 1], [1, 2, 4])
    assert found.value == pytest.approx(2)
    assert found.log_standard_error == pytest.approx(0.6931472 / 3**0.5)
    assert ends(found) == pytest.approx([2 / 2 ** (2.919986 / 3**0.5), 2 * 2 ** (2.919986 / 3**0.5)], rel=1e-6)


@pytest.mark.parametrize("of", [cost_ratio, mean_log_ratio])
@given(sides=costs)
def test_swapping_the_two_runs_inverts_the_ratio_and_its_interval(of, sides):
    base, cand = sides
    one, other = of(base, cand), of(cand, base)
    assert one.interval.lower <= one.value <= one.interval.upper
    if one.log_standard_error < 5:
        assert [one.value, *ends(one)] == pytest.approx([1 / other.value, *(1 / end for end in reversed(ends(other)))])


def test_the_same_costs_are_a_ratio_of_one_without_doubt():
    assert ends(cost_ratio([0.1, 0.2, 0.3], [0.1, 0.2, 0.3])) == pytest.approx([1, 1])


def test_where_one_case_is_all_the_money_nothing_is_known_about_its_variation():
    found = cost_ratio([0, 0, 5], [1, 1, 1])
    assert (found.value, ends(found)) == (0.6, [0, inf])
    assert ends(cost_ratio([1e-300, 5], [1, 1])) == [0, inf]


@pytest.mark.parametrize("of", [cost_ratio, mean_log_ratio])
@pytest.mark.parametrize(
    ("base", "cand", "named"), [([0, 0], [1, 1], "base"), ([1, 1], [0, 0], "cand"), ([1, 2], [-1, 3], "cand")]
)
def test_no_ratio_is_made_up_where_there_is_none(of, base, cand, named):
    with pytest.raises(ValueError, match=named):
        of(base, cand)


def test_nine_of_ten_intervals_hold_the_true_ratio():
    """2,000 seeded runs of 30 cases whose costs double or halve by chance; the candidate costs 10 % more."""
    random = Random(21)
    held = {cost_ratio: 0, mean_log_ratio: 0}
    for _ in range(2_000):
        base = [random.lognormvariate(0, 0.5) for _ in range(30)]
        cand = [1.1 * random.lognormvariate(0, 0.5) for _ in range(30)]
        for of in held:
            lower, upper = ends(of(base, cand))
            held[of] += lower <= 1.1 <= upper
    assert all(0.87 <= count / 2_000 <= 0.92 for count in held.values())


def test_totals_beyond_a_float_s_reach_have_an_interval_that_says_nothing():
    for base, cand in (((0.0, 5e-324), (2.0, 0.0)), ((0.0, 1.0, 1.0), (5e-324, 0.0, 5e-324))):
        ratio = cost_ratio(base, cand)
        assert (ratio.interval.lower, ratio.interval.upper) == (0.0, math.inf)
        assert p_increase(ratio, len(base)) == 0.5


@pytest.mark.parametrize(("cand", "p"), [((2.0, 2.0, 2.0), 0.0), ((1.0, 1.0, 1.0), 1.0), ((0.5, 0.5, 0.5), 1.0)])
def test_an_increase_that_does_not_vary_is_certain(cand, p):
    assert p_increase(mean_log_ratio((1.0, 1.0, 1.0), cand), 3) == p


def test_the_p_value_of_an_increase_is_one_sided_student_s_t():
    """Independent: scipy's t test of the logarithms."""
    base, cand = (1.0, 2.0, 3.0, 4.0), (1.1, 2.4, 2.9, 4.9)
    logs = [math.log(c / b) for b, c in zip(base, cand, strict=True)]
    expected = ttest_1samp(logs, 0, alternative="greater").pvalue
    assert p_increase(mean_log_ratio(base, cand), 4) == pytest.approx(expected)
