import json
import math
from math import comb
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest  # noqa: TID253

from pytest_llmcost.statistics.calibration import clopper_pearson, clopper_pearson_upper, harm_p, net_loss_p, passing
from pytest_llmcost.statistics.intervals import critical_z
from pytest_llmcost.statistics.paired import fewest_provable_cases, tango_z

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())["clopper_pearson_upper"]


def zeros_and_ones(harm, n):
    return [1.0] * harm + [0.0] * (n - harm)


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['harm']} of {row['n']}")
def test_the_upper_end_and_the_p_value_agree_with_independent_values(row):
    assert clopper_pearson_upper(row["harm"], row["n"], row["delta"]) == pytest.approx(row["cp_upper"], rel=1e-6)
    p = harm_p(zeros_and_ones(row["harm"], row["n"]), 0.02)
    assert p == pytest.approx(row["p_value_eps_0_02"], rel=1e-6)


@given(st.integers(1, 400), st.data(), st.sampled_from([0.01, 0.05, 0.1]))
def test_a_bound_is_disproved_just_when_it_is_above_the_upper_end(n, data, delta):
    harm = data.draw(st.integers(0, n))
    upper = clopper_pearson_upper(harm, n, delta)
    exact = binomtest(harm, n).proportion_ci(1 - 2 * delta, method="exact").high
    assert upper == pytest.approx(exact, abs=1e-9)
    if harm < n:
        assert harm_p(zeros_and_ones(harm, n), min(upper + 1e-6, 1 - 1e-9)) <= delta
        assert harm_p(zeros_and_ones(harm, n), upper - 1e-6) > delta


@given(st.integers(1, 300), st.data())
def test_right_and_wrong_give_the_binomial_tail(n, data):
    harm = data.draw(st.integers(0, n))
    assert harm_p(zeros_and_ones(harm, n), 0.05) == pytest.approx(binom.cdf(harm, n, 0.05), rel=1e-9)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.sampled_from([0.02, 0.1, 0.5]))
def test_graded_harm_is_a_probability_and_more_harm_never_looks_safer(harms, bound):
    p = harm_p(harms, bound)
    assert 0 <= p <= 1
    assert harm_p([min(1.0, harm + 0.05) for harm in harms], bound) >= p - 1e-12 or set(harms) <= {0.0, 1.0}


def test_without_any_harm_graded_and_exact_agree():
    assert harm_p([0.0] * 113 + [1e-300], 0.02) == pytest.approx(0.98**114)
    assert harm_p([0.0] * 114, 0.02) == pytest.approx(0.98**114)


@pytest.mark.parametrize("high", [0.3, 1.0])
def test_graded_harm_of_just_the_bound_is_passed_at_most_as_often_as_stated(high):
    """Exact, by counting: each case harms by *high* or by a tenth of it, so that the mean is just the bound."""
    bound, n, delta = 0.08, 120, 0.1
    share = (bound - high / 10) / (0.9 * high)
    passes = sum(
        comb(n, k) * share**k * (1 - share) ** (n - k)
        for k in range(n + 1)
        if harm_p([high] * k + [high / 10] * (n - k), bound) <= delta
    )
    assert passes <= delta


@given(st.integers(1, 300), st.data(), st.sampled_from([0.02, 0.05]))
def test_net_loss_is_the_score_rule_and_needs_the_cases_that_no_loss_at_all_needs(n, data, bound):
    losses = data.draw(st.integers(0, n))
    p = net_loss_p([-1.0] * losses + [0.0] * (n - losses), bound)
    assert p >= (1 - bound) ** n
    if not losses:
        assert (p <= 0.1) == (n >= fewest_provable_cases(bound, 0.1))
        assert (tango_z(0, 0, n, bound) >= critical_z(0.1)) or p > 0.1


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=80), st.floats(1, 5))
def test_cases_that_weigh_more_never_make_a_loss_look_smaller(diffs, heaviest):
    """The same differences, where a case that was not seen might have weighed *heaviest*."""
    assert net_loss_p(diffs, 0.05, heaviest) >= net_loss_p(diffs, 0.05) - 1e-9 or sum(diffs) / len(diffs) < -0.05


def test_the_walk_ends_at_the_first_failure_and_what_lies_behind_it_counts_for_nothing():
    assert passing([0.01, 0.1, 0.11, 0.0], 0.1) == 2
    assert passing([0.2, 0.0], 0.1) == 0
    assert passing([], 0.1) == 0
    assert passing([math.nan], 0.1) == 0


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (lambda: clopper_pearson_upper(3, 2, 0.1), "harm is 3"),
        (lambda: clopper_pearson_upper(0, 0, 0.1), "n = 0"),
        (lambda: harm_p([0.5, 1.5], 0.1), r"harms\[1\]"),
        (lambda: harm_p([], 0.1), "harms"),
        (lambda: harm_p([0.0], 0), "bound"),
        (lambda: net_loss_p([0.0], 1), "bound"),
        (lambda: passing([], 0), "delta"),
    ],
)
def test_impossible_input_is_refused_by_name(wrong, named):
    with pytest.raises(ValueError, match=named):
        wrong()


def test_a_threshold_chosen_by_the_walk_breaks_its_bound_no_more_often_than_stated():
    """400 seeded calibrations; harm is known, and grows as the threshold falls."""
    random, bound, delta, n, broken = Random(7), 0.05, 0.1, 200, 0
    thresholds = [step / 50 for step in range(50, -1, -1)]
    for _ in range(400):
        cases = [random.random() for _ in range(n)]  # a confidence; an accepted answer harms with chance 0.3 (1 - c)
        harmed = [random.random() < 0.3 * (1 - confidence) for confidence in cases]
        tails = [
            harm_p([float(h and c >= threshold) for c, h in zip(cases, harmed, strict=True)], bound)
            for threshold in thresholds
        ]
        kept = passing(tails, delta)
        chosen = thresholds[kept - 1] if kept else 1.0
        broken += 0.3 * (1 - chosen) ** 2 / 2 > bound
    assert broken / 400 <= delta + 0.03


@given(st.integers(1, 400), st.data(), st.sampled_from([0.8, 0.9, 0.95]))
def test_a_share_has_its_exact_interval(n, data, level):
    x = data.draw(st.integers(0, n))
    exact = binomtest(x, n).proportion_ci(level, method="exact")
    found = clopper_pearson(x, n, level)
    assert (found.lower, found.upper, found.level) == pytest.approx((exact.low, exact.high, level), abs=1e-9)
