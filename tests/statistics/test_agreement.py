import math
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.agreement import cohen_kappa, label_shares
from pytest_llmcost.statistics.intervals import wilson
from pytest_llmcost.statistics.student import critical_t

# Tables of counts, rows one reader; kappa and its standard error by statsmodels 0.14 (inter_rater.cohens_kappa).
STATSMODELS = [
    ([[20, 5], [10, 15]], 0.4, 0.12699606293110033),
    ([[45, 5], [25, 25]], 0.4, 0.084),
    ([[10, 2, 1], [3, 12, 0], [0, 4, 8]], 0.6201329534662868, 0.10407965121751092),
    ([[9, 1, 0, 2], [0, 7, 3, 1], [1, 0, 11, 0], [0, 0, 0, 0]], 0.6702002355712603, 0.09705166820910797),
]
labels = st.sampled_from("abc")


def readings(table):
    """Return what each of the two readers gave, case by case."""
    cells = [(row, column) for row, column in product(range(len(table)), repeat=2) for _ in range(table[row][column])]
    return tuple(zip(*cells, strict=True))


def alone(one):
    return [None] * len(one)


@pytest.mark.parametrize(("table", "kappa", "error"), STATSMODELS)
def test_kappa_agrees_with_statsmodels(table, kappa, error):
    one, other = readings(table)
    n = len(one)
    found = cohen_kappa(one, other, alone(one))
    assert found.value == pytest.approx(kappa)
    assert found.standard_error == pytest.approx(error * math.sqrt(n / (n - 1)))
    half = critical_t(0.90, n - 1) * found.standard_error
    assert (found.interval.lower, found.interval.upper) == pytest.approx((kappa - half, kappa + half))


@pytest.mark.parametrize(
    ("label", "precision", "recall", "f1"),
    [
        (0, 0.76923077, 0.76923077, 0.76923077),
        (1, 0.66666667, 0.8, 0.72727273),
        (2, 0.88888889, 0.66666667, 0.76190476),
    ],
)
def test_precision_recall_and_f1_agree_with_scikit_learn(label, precision, recall, f1):
    """precision_recall_fscore_support of scikit-learn 1.9, on the third table."""
    one, other = readings(STATSMODELS[2][0])
    right = sum(a == b == label for a, b in zip(one, other, strict=True))
    found = label_shares(right, answered=other.count(label), expected=one.count(label))
    assert (found.precision, found.recall, found.f1) == pytest.approx((precision, recall, f1))


def test_what_nobody_gave_or_no_case_has_is_unknown_and_not_zero():
    assert label_shares(0, answered=0, expected=4).precision is None
    assert label_shares(0, answered=0, expected=4).f1 == 0
    assert label_shares(0, answered=4, expected=0).recall is None
    assert label_shares(0, answered=0, expected=0).f1 is None


@pytest.mark.parametrize("counts", [(3, 2, 5), (3, 5, 2), (-1, 2, 2), (float("nan"), 2, 2)])
def test_impossible_counts_are_refused_by_name(counts):
    with pytest.raises(ValueError, match="right"):
        label_shares(*counts)


@given(st.lists(st.tuples(labels, labels, st.sampled_from([None, 1, 2, 3])), min_size=1, max_size=40))
def test_it_does_not_matter_who_reads_first_and_the_interval_holds_the_value(rows):
    one, other, groups = zip(*rows, strict=True)
    found, swapped = cohen_kappa(one, other, groups), cohen_kappa(other, one, groups)
    if found is None:
        assert set(one) == set(other)
        assert len(set(one)) == 1
        return
    assert swapped.value == pytest.approx(found.value)
    assert swapped.standard_error == pytest.approx(found.standard_error, abs=1e-9)
    assert -1 <= found.interval.lower <= found.value <= found.interval.upper <= 1


@given(st.lists(st.tuples(labels, labels, st.integers(0, 4)), min_size=2, max_size=30), st.integers(2, 4))
def test_asking_every_case_again_does_not_narrow_the_interval(rows, times):
    one, other, groups = zip(*rows, strict=True)
    once, again = cohen_kappa(one, other, groups), cohen_kappa(one * times, other * times, groups * times)
    if once is not None:
        ends = (once.interval.lower, once.interval.upper)
        assert (again.interval.lower, again.interval.upper) == pytest.approx(ends, abs=1e-6)


def test_readers_who_always_agree_are_not_certain_to():
    one = ["a", "b"] * 10
    found = cohen_kappa(one, one, alone(one))
    assert (found.value, found.interval.upper) == (1, 1)
    assert found.interval.lower == pytest.approx((wilson(20, 20).lower - 0.5) / 0.5)


def test_readers_who_never_agree_are_not_certain_to_either():
    found = cohen_kappa("aaaa", "bbbb", alone("aaaa"))
    assert (found.value, found.interval.lower) == (0, 0)
    assert found.interval.upper == wilson(0, 4).upper


def test_one_label_alone_leaves_nothing_beyond_chance_and_one_group_tells_nothing():
    assert cohen_kappa("aaa", "aaa", alone("aaa")) is None
    found = cohen_kappa("aabb", "abab", [1, 1, 1, 1])
    assert (found.interval.lower, found.interval.upper) == (-1, 1)
    assert cohen_kappa("a", "b", [None]).interval.upper == 1


def test_nothing_is_refused():
    with pytest.raises(ValueError, match="one: 0 given"):
        cohen_kappa([], [], [])


def coverage(cases, trials, runs):
    """Of so many seeded runs, how many intervals hold the true kappa of readers who differ in 20 % of cases."""
    random, held = Random(4), 0
    for _ in range(runs):
        rows = []
        for case in range(cases):
            truth = random.choice("abc")
            other = random.choice([label for label in "abc" if label != truth]) if random.random() < 0.2 else truth
            rows += [(truth, other, case)] * trials
        interval = cohen_kappa(*zip(*rows, strict=True)).interval
        held += interval.lower <= 1 - 0.2 * 1.5 <= interval.upper  # chance agrees in a third of the cases
    return held / runs


@pytest.mark.parametrize("trials", [1, 3])
def test_nine_of_ten_intervals_hold_the_true_kappa(trials):
    """Trials of a case that all say the same are no further cases."""
    assert 0.86 <= coverage(60, trials, 600) <= 0.94
