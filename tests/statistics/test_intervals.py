import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.intervals import cluster_jackknife, critical_z, mean_score, mean_t, wilson

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())

differences = st.integers(-20, 20).map(lambda twentieths: twentieths / 20)


def ends(interval):
    return [interval.lower, interval.upper]


@pytest.mark.parametrize(("alpha", "z"), [(0.05, 1.6448536), (0.025, 1.9599640), (0.5, 0)])
def test_critical_z_is_what_chance_exceeds_with_alpha(alpha, z):
    assert critical_z(alpha) == pytest.approx(z, abs=1e-7)


@pytest.mark.parametrize("row", GOLDEN["wilson"])
def test_wilson_agrees_with_statsmodels(row):
    assert ends(wilson(row["x"], row["n"], row["level"])) == pytest.approx(row["ci"], rel=1e-6)


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0.5, 0.999))
def test_wilson_contains_the_proportion_and_stays_within_0_and_1(n, share, level):
    x = round(share * n)
    interval = wilson(x, n, level)
    assert 0 <= interval.lower <= x / n <= interval.upper <= 1


@pytest.mark.parametrize("row", GOLDEN["mean_diff_cluster"])
def test_a_mean_as_if_cases_were_independent(row):
    found = mean_t(row["diffs"], 0.90)
    assert (found.value, found.standard_error) == pytest.approx((row["mean"], row["iid_se"]), rel=1e-6)
    assert ends(found.interval) == pytest.approx(row["iid_ci90"], rel=1e-6)


@pytest.mark.parametrize("row", GOLDEN["mean_diff_cluster"])
def test_a_mean_of_cases_in_groups(row):
    found = cluster_jackknife(row["diffs"], row["groups"], 0.90)
    assert (found.value, found.standard_error) == pytest.approx((row["mean"], row["jackknife_se"]), rel=1e-6)
    assert ends(found.interval) == pytest.approx(row["jackknife_ci90"], rel=1e-6)


def test_groups_of_one_are_independent_cases():
    diffs = [0.1, -0.2, 0.0, 0.4, -0.5, 0.1]
    alone, named = cluster_jackknife(diffs, [None] * 6), cluster_jackknife(diffs, list("abcdef"))
    assert alone == named
    assert ends(alone.interval) == pytest.approx(ends(mean_t(diffs).interval))


def test_equal_differences_leave_no_doubt():
    found = mean_t([-0.25, -0.25, -0.25])
    assert (found.standard_error, ends(found.interval)) == (0, [-0.25, -0.25])


@given(st.lists(st.tuples(differences, st.integers(0, 4)), min_size=2, max_size=30), st.integers(2, 5))
def test_asking_every_case_again_does_not_narrow_the_clustered_interval(rows, times):
    diffs, groups = zip(*rows, strict=True)
    if len(set(groups)) < 2:
        return
    once, again = cluster_jackknife(diffs, groups), cluster_jackknife(diffs * times, groups * times)
    assert ends(again.interval) == pytest.approx(ends(once.interval), abs=1e-9)


def test_nine_of_ten_intervals_hold_the_truth_when_groups_share_their_fate():
    """2,000 seeded runs of 15 groups of 1 to 6 cases; the naive interval holds it in under 80 %."""
    random = Random(5)
    clustered = naive = 0
    for _ in range(2_000):
        groups = [group for group in range(15) for _ in range(1 + group % 6)]
        fates = [random.gauss(0, 0.1) for _ in range(15)]
        diffs = [fates[group] + random.gauss(0, 0.1) for group in groups]
        by_group, by_case = cluster_jackknife(diffs, groups).interval, mean_t(diffs).interval
        clustered += by_group.lower <= 0 <= by_group.upper
        naive += by_case.lower <= 0 <= by_case.upper
    assert 0.88 <= clustered / 2_000 <= 0.93
    assert naive / 2_000 < 0.80


def test_the_mean_of_right_and_wrong_answers_is_a_proportion():
    assert mean_score([1, 1, 0, 1], [None] * 4) == mean_score([1, 1, 0, 1], list("abcd")) == wilson(3, 4)


def test_the_mean_of_graded_scores_has_students_interval_within_0_and_1():
    scores = [0.2, 0.4, 0.9, 0.5, 0.6]
    assert ends(mean_score(scores, [None] * 5)) == pytest.approx(ends(mean_t(scores).interval))
    assert ends(mean_score([0.5, 1.0], [None] * 2)) == [0, 1]


def test_the_mean_of_cases_in_groups_has_the_clustered_interval():
    scores, groups = [1, 1, 0, 1, 0, 0, 1, 0, 1, 0], list("aabbccddee")
    assert ends(mean_score(scores, groups)) == pytest.approx(ends(cluster_jackknife(scores, groups).interval))


def test_groups_that_are_all_right_are_as_sure_as_so_many_answers_and_one_group_says_nothing():
    assert mean_score([1.0] * 20, [place // 2 for place in range(20)]) == wilson(10, 10)
    assert ends(mean_score([0.2, 0.9], ["a", "a"])) == [0, 1]
    assert ends(mean_score([0.4], [None])) == [0, 1]
