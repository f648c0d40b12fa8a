"""A/B: against independent values, exact tables, and seeded trials of the promises."""

import json
import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.two_samples import (
    always_valid,
    difference_of_means,
    difference_of_rates,
    pooled_z,
    sample_ratio_p,
    users_to_clear,
    users_to_detect,
)

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())


@pytest.mark.parametrize("row", GOLDEN["ab_sample_size"])
def test_users_to_detect_agree_with_independent_values(row):
    found = users_to_detect(row["p1"], row["p2"], alpha=row["alpha"], power=row["power"], ratio=row["ratio"])
    assert found == (row["n1"], row["n2"])


@pytest.mark.parametrize("row", GOLDEN["two_prop"])
def test_differences_agree_with_independent_values(row):
    counts = (row["x1"], row["n1"], row["x2"], row["n2"])
    found = difference_of_rates(*counts, level=0.95)
    assert (found.interval.lower, found.interval.upper) == pytest.approx(row["newcombe95"], abs=1e-9)
    assert pooled_z(*counts) == pytest.approx(row["z"], rel=1e-9)
    if not found.is_exact:
        assert found.p == pytest.approx(row["p_two_sided"], rel=1e-9)


def test_small_expected_counts_take_fishers_exact_test():
    """3 of 10 against 0 of 10: of the 20 choose 3 ways to place three events, 240 are as far apart, of 1,140."""
    found = difference_of_rates(3, 10, 0, 10)
    assert found.is_exact
    assert found.p == pytest.approx(240 / 1140)


@pytest.mark.parametrize("row", GOLDEN["srm"])
def test_sample_ratios_agree_with_independent_values(row):
    assert sample_ratio_p(row["n1"], row["n2"], row["expected_share1"]) == pytest.approx(row["p"], rel=1e-6)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_swapping_the_groups_mirrors_the_difference(n1, n2, data):
    x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
    here, there = difference_of_rates(x1, n1, x2, n2), difference_of_rates(x2, n2, x1, n1)
    assert here.value == -there.value
    assert here.p == pytest.approx(there.p)
    assert here.interval.lower == pytest.approx(-there.interval.upper)
    assert here.interval.lower <= here.value <= here.interval.upper


def test_nobody_differs_where_all_have_the_event():
    found = difference_of_rates(40, 40, 30, 30)
    assert (found.value, found.p) == (0, 1)


def test_welchs_interval_by_hand():
    """Means 2 and 5, variances 1 and 4 of three each: error sqrt(5/3), 2.94 degrees of freedom, t(0.95) = 2.3740."""
    found = difference_of_means([1, 2, 3], [3, 5, 7])
    assert found.value == -3
    assert found.standard_error == pytest.approx(math.sqrt(5 / 3))
    assert found.interval.upper - found.value == pytest.approx(2.3740 * math.sqrt(5 / 3), rel=1e-3)
    assert difference_of_means([1, 1], [0, 0]).interval.lower == 1


def test_users_to_clear_a_margin_do_so_in_four_of_five_experiments():
    """2,000 seeded experiments of two equal rates of 2 %, and a margin of 1 point."""
    n1, n2 = users_to_clear(0.02, 0.01, ratio=2)
    assert n2 == pytest.approx(2 * n1, abs=1)
    random, cleared = Random(7), 0
    for _ in range(2_000):
        x1, x2 = (
            random.binomialvariate(n, 0.02) if hasattr(random, "binomialvariate") else _count(random, n)
            for n in (n1, n2)
        )
        cleared += difference_of_rates(x1, n1, x2, n2).interval.upper < 0.01
    assert 0.75 <= cleared / 2_000 <= 0.86


def _count(random, n, p=0.02):
    """Events among *n*, by the gaps between them."""
    place, count = -1, 0
    while (place := place + 1 + int(math.log(1 - random.random()) / math.log(1 - p))) < n:
        count += 1
    return count


def test_who_looks_after_every_fifty_users_is_misled_once_in_ten_at_most():
    """400 seeded experiments without a difference, 20 looks each; a plain interval misleads far more often."""
    random = Random(11)
    misled = naive = 0
    for _ in range(400):
        first, second = ([float(random.random() < 0.1) for _ in range(1_000)] for _ in range(2))
        looks = [(first[:n], second[:n]) for n in range(50, 1_001, 50)]
        misled += any(not _holds(always_valid(*look, planned=1_000)) for look in looks)
        naive += any(not _holds(difference_of_means(*look).interval) for look in looks)
    assert misled / 400 <= 0.10
    assert naive / 400 > 0.25


def _holds(interval):
    return interval.lower <= 0 <= interval.upper


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: users_to_detect(0.1, 0.1), "no number of users tells them apart"),
        (lambda: users_to_detect(0, 0.1), "p1 is 0, must be above 0"),
        (lambda: users_to_clear(0.1, 0), "margin is 0, must be above 0"),
        (lambda: difference_of_rates(2, 1, 0, 1), "x is 2 of n = 1"),
        (lambda: difference_of_rates(0, 0, 0, 1), "x is 0 of n = 0"),
        (lambda: sample_ratio_p(0, 0, 0.5), "at least 1 user is needed"),
        (lambda: difference_of_means([1], [1, 2]), "first: 1 given, at least 2 needed"),
        (lambda: always_valid([1, math.nan], [1, 2], planned=9), r"first\[1\] is nan"),
    ],
)
def test_what_has_no_honest_answer_is_refused_by_name(call, said):
    with pytest.raises(ValueError, match=said):
        call()
