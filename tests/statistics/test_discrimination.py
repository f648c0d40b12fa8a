from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu  # noqa: TID253

from pytest_llmcost.statistics.discrimination import area_interval, area_under_curve

confidences = st.lists(st.integers(0, 10).map(lambda step: step / 10), min_size=1, max_size=40)


@given(confidences, confidences)
def test_the_area_is_mann_whitneys_statistic(right, wrong):
    u = mannwhitneyu(right, wrong, method="asymptotic").statistic if {*right, *wrong} != {right[0]} else None
    assert area_under_curve(right, wrong) == pytest.approx(
        0.5 if u is None else u / (len(right) * len(wrong)), abs=1e-12
    )


@given(confidences, confidences)
def test_right_and_wrong_changed_round_give_the_mirror_image(right, wrong):
    area = area_under_curve(right, wrong)
    assert area_under_curve(wrong, right) == pytest.approx(1 - area)
    found = area_interval(area, len(right), len(wrong))
    mirrored = area_interval(1 - area, len(wrong), len(right))
    assert (found.lower, found.upper) == pytest.approx((1 - mirrored.upper, 1 - mirrored.lower), abs=1e-6)
    assert 0 <= found.lower <= area <= found.upper <= 1


def test_a_perfect_confidence_of_few_cases_is_not_certain():
    assert area_interval(1.0, 3, 3).lower < 0.75
    assert area_interval(1.0, 300, 300).lower > 0.98


@pytest.mark.parametrize(("shift", "right", "wrong"), [(0.0, 30, 30), (1.0, 80, 20), (2.0, 40, 15)])
def test_the_interval_covers_the_truth_as_often_as_it_says(shift, right, wrong):
    """1,000 seeded samples of normal confidences, whose true area is known."""
    from statistics import NormalDist

    random, truth, covered = Random(3), NormalDist().cdf(shift / 2**0.5), 0
    for _ in range(1000):
        area = area_under_curve(
            [random.gauss(shift, 1) for _ in range(right)], [random.gauss(0, 1) for _ in range(wrong)]
        )
        found = area_interval(area, right, wrong)
        covered += found.lower <= truth <= found.upper
    assert 0.87 <= covered / 1000 <= 0.96


@pytest.mark.parametrize("arguments", [(0.5, 0, 3), (0.5, 3, 0), (1.1, 3, 3), (float("nan"), 3, 3)])
def test_an_impossible_area_is_refused(arguments):
    with pytest.raises(ValueError, match="an area of"):
        area_interval(*arguments)
