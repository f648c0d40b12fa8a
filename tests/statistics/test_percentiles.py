import math
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.statistics.percentiles import percentile, percentile_ratios

seconds = st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.01, 100)), min_size=2, max_size=30).map(
    lambda rows: tuple(zip(*rows, strict=True))
)


def ends(interval):
    return [interval.lower, interval.upper]


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [([3.0], 0.5, 3.0), ([1.0, 2.0], 0.5, 1.0), ([1.0, 2.0, 9.0], 0.5, 2.0), ([2.0, 1.0], 1.0, 2.0), ([5.0], 0.0, 5.0)],
)
def test_percentiles_are_nearest_ranks(values, share, value):
    assert percentile(values, share) == value


def test_the_interval_is_that_of_all_samples_there_are():
    """Five cases can be drawn in 3,125 ways: where 5 % and 95 % of them lie, so do those of the 2,000 drawn."""
    base, cand = [1.0, 2.0, 4.0, 8.0, 16.0], [1.5, 2.0, 7.0, 9.0, 48.0]
    drawn = sorted(
        percentile([cand[i] for i in cases], 0.5) / percentile([base[i] for i in cases], 0.5)
        for cases in product(range(5), repeat=5)
    )
    (found,) = percentile_ratios(base, cand, [0.5])
    near = [drawn[round(len(drawn) * share)] for share in (0.035, 0.05, 0.065, 0.935, 0.95, 0.965)]
    assert near[0] <= found.lower * (1 + 1e-12)
    assert found.lower <= near[2] * (1 + 1e-12)
    assert near[3] <= found.upper * (1 + 1e-12)
    assert found.upper <= near[5] * (1 + 1e-12)


@settings(max_examples=30)
@given(seconds)
def test_swapping_the_two_runs_inverts_the_interval(sides):
    base, cand = sides
    for one, other in zip(
        percentile_ratios(base, cand, [0.5, 0.95]), percentile_ratios(cand, base, [0.5, 0.95]), strict=True
    ):
        assert ends(one) == pytest.approx([1 / end for end in reversed(ends(other))])


@settings(max_examples=30)
@given(seconds, st.floats(0.1, 10))
def test_all_cases_slower_by_a_factor_are_slower_by_it_without_doubt(sides, factor):
    base = sides[0]
    for interval in percentile_ratios(base, [factor * value for value in base], [0.5, 0.95]):
        assert ends(interval) == pytest.approx([factor, factor])


def test_a_seed_gives_one_interval_for_ever():
    random = Random(3)
    base = [random.lognormvariate(0, 1) for _ in range(40)]
    cand = [random.lognormvariate(0, 1) for _ in range(40)]
    (found,) = percentile_ratios(base, cand, [0.5], seed=7)
    assert percentile_ratios(base, cand, [0.5], seed=7) == (found,)
    assert percentile_ratios(base, cand, [0.5], seed=8) != (found,)
    assert ends(found) == pytest.approx([0.5352927564, 1.4840319362], rel=1e-9)


@pytest.mark.parametrize(
    ("base", "cand", "shares", "named"),
    [
        ([1, 2], [1], [0.5], "base: 2, cand: 1"),
        ([1], [1], [0.5], "base"),
        ([1, 2], [1, math.nan], [0.5], r"cand\[1\]"),
        ([0, 2], [1, 1], [0.5], "base"),
        ([1, 2], [1, 1], [1.0], "share"),
    ],
)
def test_what_has_no_ratio_is_refused_by_name(base, cand, shares, named):
    with pytest.raises(ValueError, match=named):
        percentile_ratios(base, cand, shares)


@pytest.mark.parametrize("alike", [0.0, 0.9])
@pytest.mark.parametrize(("n", "share"), [(60, 0.5), (60, 0.95)])
def test_nine_of_ten_intervals_or_more_hold_the_true_ratio(n, share, alike):
    """150 seeded runs of cases that take 20 % longer, the same ones long on both sides or not."""
    random, held = Random(9), 0
    for _ in range(150):
        common = [random.gauss(0, 0.8 * alike**0.5) for _ in range(n)]
        base, cand = ([math.exp(c + random.gauss(0, 0.8 * (1 - alike) ** 0.5)) for c in common] for _ in range(2))
        (found,) = percentile_ratios(base, [1.2 * seconds for seconds in cand], [share])
        held += found.lower <= 1.2 <= found.upper
    assert held / 150 >= 0.85
