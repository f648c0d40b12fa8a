import json
import math
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.statistics import permutation
from pytest_llmcost.statistics.paired import mcnemar_exact
from pytest_llmcost.statistics.permutation import sign_flip, sign_flip_groups, within_case_permutation

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())

tenths = st.integers(-10, 10)
scores = st.lists(st.integers(0, 10), min_size=1, max_size=3)


def mean(values):
    return Fraction(sum(values), len(values))


@pytest.mark.parametrize("row", GOLDEN["sign_flip"])
def test_sign_flip_agrees_with_exact_enumeration(row):
    assert sign_flip(row["diffs"]) == pytest.approx(row["p_one_sided_worse"], rel=1e-6)


@pytest.mark.parametrize("row", GOLDEN["within_case_permutation"])
def test_within_case_permutation_agrees_with_exact_enumeration(row):
    assert within_case_permutation(row["base"], row["cand"]) == pytest.approx(row["p_one_sided_worse"], rel=1e-6)


@given(st.lists(tenths, min_size=1, max_size=8))
def test_few_signs_are_all_tried(diffs):
    """Tenths do not add up exactly; a tie must still be a tie."""
    sums = [
        sum(sign * diff for sign, diff in zip(signs, diffs, strict=True))
        for signs in product((1, -1), repeat=len(diffs))
    ]
    expected = sum(total <= sum(diffs) for total in sums) / len(sums)
    assert sign_flip([diff / 10 for diff in diffs]) == expected


@given(st.lists(st.tuples(scores, scores), min_size=1, max_size=3))
def test_few_labellings_are_all_tried(cases):
    tables = []
    for base, cand in cases:
        pool = base + cand
        chosen = combinations(range(len(pool)), len(cand))
        tables.append(
            [mean([pool[i] for i in c]) - mean([pool[i] for i in range(len(pool)) if i not in c]) for c in chosen]
        )
    observed = sum(mean(cand) - mean(base) for base, cand in cases)
    sums = [sum(parts) for parts in product(*tables)]
    base, cand = ([[score / 10 for score in side] for side in sides] for sides in zip(*cases, strict=True))
    assert within_case_permutation(base, cand) == pytest.approx(sum(total <= observed for total in sums) / len(sums))


def test_cases_that_did_not_change_do_not_make_it_inexact():
    assert sign_flip([-1] * 5 + [0] * 1_000) == 2**-5


def test_with_many_changes_flips_are_drawn_and_agree_with_the_binomial():
    """25 losses and 15 gains: McNemar's test is the sign flip of right/wrong scores."""
    drawn = sign_flip([-1] * 25 + [1] * 15, seed=3)
    assert drawn == pytest.approx(mcnemar_exact(25, 15), abs=4 * (0.08 * 0.92 / 9_999) ** 0.5)


def test_with_one_trial_a_side_labellings_are_sign_flips():
    random = Random(1)
    base, cand = ([[random.random()] for _ in range(30)] for _ in range(2))
    diffs = [c[0] - b[0] for b, c in zip(base, cand, strict=True)]
    assert within_case_permutation(base, cand) == pytest.approx(sign_flip(diffs), abs=0.02)


def test_a_seed_gives_one_value_for_ever_and_a_drawn_value_is_never_zero():
    diffs = [-0.3, 0.2, -0.1, 0.05] * 10
    assert sign_flip(diffs, seed=7) == sign_flip(diffs, seed=7) == 0.1162
    assert sign_flip([-0.1] * 60) == 1 / 10_000


@settings(max_examples=20)
@given(st.lists(tenths, min_size=20, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_does_not_matter(diffs, random):
    shuffled = random.sample(diffs, len(diffs))
    assert sign_flip([diff / 10 for diff in diffs]) == sign_flip([diff / 10 for diff in shuffled])


def test_the_order_of_cases_and_trials_does_not_matter_however_many_there_are():
    random = Random(2)
    cases = [([random.random() for _ in range(9)], [random.random() for _ in range(6)]) for _ in range(8)]
    shuffled = [(random.sample(b, 9), random.sample(c, 6)) for b, c in random.sample(cases, 8)]
    assert within_case_permutation(*zip(*cases, strict=True)) == within_case_permutation(*zip(*shuffled, strict=True))


@pytest.mark.parametrize("drop", [0.0, 0.003, 0.01])
def test_with_ten_thousand_changes_the_normal_law_gives_what_draws_do(drop, monkeypatch):
    """Standard error of 9,999 draws: 0.005 at most."""
    random = Random(6)
    base = [[random.choice((0.0, 0.5, 1.0)) for _ in range(2)] for _ in range(20_000)]
    cand = [[max(0.0, random.choice((0.0, 0.5, 1.0)) - drop) for _ in range(3)] for _ in range(20_000)]
    diffs = [mean_of(c) - mean_of(b) for b, c in zip(base, cand, strict=True)]
    by_law = sign_flip(diffs), within_case_permutation(base, cand)
    monkeypatch.setattr(permutation, "_SMALL", 0.0)
    assert by_law == pytest.approx((sign_flip(diffs), within_case_permutation(base, cand)), abs=0.02)


def mean_of(values):
    return math.fsum(values) / len(values)


@given(scores, scores)
def test_variance_and_extremes_over_all_labellings_are_those_of_their_list(base, cand):
    pool, size = base + cand, len(cand)
    differences = [
        mean_of([pool[i] for i in c]) - mean_of([pool[i] for i in range(len(pool)) if i not in c])
        for c in combinations(range(len(pool)), size)
    ]
    expected = mean_of([difference**2 for difference in differences])
    assert permutation._variance(tuple(base), tuple(cand)) == pytest.approx(expected)
    assert permutation._farthest(tuple(base), tuple(cand)) == pytest.approx(max(map(abs, differences)))


def test_few_large_changes_among_many_small_ones_are_not_normal_and_are_drawn():
    """Two lost of 20,000, and the others below 0 in half of the ways: 1 in 8; by the normal law 1 in 13."""
    diffs = [-1.0, -1.0] + [1e-7, -1e-7] * 10_000
    assert sign_flip(diffs) == pytest.approx(0.125, abs=0.02)


def test_fewer_than_five_groups_cannot_fail():
    assert sign_flip_groups([-1] * 40, [0, 1, 2, 3] * 10) == 2**-4
    assert sign_flip_groups([-1] * 40, [0, 1, 2, 3, 4] * 8) == 2**-5


def test_a_case_without_a_group_flips_alone():
    diffs = [-0.5, -0.2, 0.0, 0.1, -0.3]
    assert sign_flip_groups(diffs, [None] * 5) == sign_flip(diffs)


def false_alarms(p_values):
    return sum(p <= 0.05 for p in p_values) / len(p_values)


def test_an_unchanged_graded_system_is_called_worse_in_5_percent_of_runs():
    """3,000 seeded runs of 40 cases: 5 % and three standard errors."""
    random = Random(11)
    runs = [[random.choice((-1, -0.5, 0, 0, 0.5, 1)) * random.random() for _ in range(40)] for _ in range(3_000)]
    assert false_alarms([sign_flip(diffs, seed) for seed, diffs in enumerate(runs)]) <= 0.062


def test_flipping_whole_groups_keeps_the_rate_that_flipping_cases_breaks():
    """1,000 seeded runs of 12 groups of 5 cases that share a fate."""
    random = Random(12)
    groups = [group for group in range(12) for _ in range(5)]
    by_group, by_case = [], []
    for seed in range(1_000):
        fates = [random.gauss(0, 0.1) for _ in range(12)]
        diffs = [fates[group] + random.gauss(0, 0.1) for group in groups]
        by_group.append(sign_flip_groups(diffs, groups, seed))
        by_case.append(sign_flip(diffs, seed))
    assert false_alarms(by_group) <= 0.07
    assert false_alarms(by_case) > 0.12


@pytest.mark.parametrize(("trials", "cases"), [((3, 1), 20), ((12, 5), 6)])
def test_unequal_trials_of_an_unchanged_system_are_called_worse_in_5_percent_of_runs(trials, cases):
    """1,000 seeded runs; 12 and 5 trials have more labellings than are listed."""
    random = Random(13)
    p_values = []
    for seed in range(1_000):
        skill = [random.random() for _ in range(cases)]
        base, cand = ([[float(random.random() < s) for _ in range(side)] for s in skill] for side in trials)
        p_values.append(within_case_permutation(base, cand, seed))
    assert false_alarms(p_values) <= 0.07
