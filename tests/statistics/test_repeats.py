from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.repeats import pass_all, pass_at

drawn = st.integers(1, 8).flatmap(lambda n: st.tuples(st.integers(1, n), st.integers(0, n), st.just(n)))


@given(drawn)
def test_they_are_shares_of_all_ways_to_draw_k_trials(counts):
    k, right, trials = counts
    draws = list(combinations([True] * right + [False] * (trials - right), k))
    assert pass_at(k, right, trials) == pytest.approx(float(Fraction(sum(map(any, draws)), len(draws))))
    assert pass_all(k, right, trials) == pytest.approx(float(Fraction(sum(map(all, draws)), len(draws))))


@given(drawn)
def test_one_trial_is_the_share_that_is_right_and_more_help_one_and_hurt_the_other(counts):
    k, right, trials = counts
    assert pass_at(1, right, trials) == pytest.approx(right / trials)
    assert pass_all(1, right, trials) == pytest.approx(right / trials)
    assert pass_all(k, right, trials) <= right / trials + 1e-12 <= pass_at(k, right, trials) + 2e-12


@pytest.mark.parametrize(
    ("counts", "named"),
    [((0, 1, 2), "k"), ((3, 1, 2), "k"), ((1, 3, 2), "right"), ((1, 0, 0), "k"), ((1, float("nan"), 2), "right")],
)
def test_impossible_counts_are_refused_by_name(counts, named):
    for of in (pass_at, pass_all):
        with pytest.raises(ValueError, match=f"^{named} is"):
            of(*counts)
