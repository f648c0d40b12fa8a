"""Bets against a claim: the golden values, and the laws by which they may be looked at any time."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.statistics.sequential import (
    BETS,
    Wealth,
    changes_needed,
    log_mean_exp,
    log_wealth,
    sequence_interval,
    still_needed,
)

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())["e_gate"]

changes = st.lists(st.floats(-1, 1).map(lambda value: round(value, 6)), min_size=1, max_size=30)
margins = st.floats(0.001, 0.9)


def wealth_of(values: Sequence[float], bound: float, lowest: float = -1.0) -> float:
    wealth = Wealth(bound, lowest)
    for value in values:
        wealth.add(value)
    return wealth.log


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{len(row['x'])} cases")
@pytest.mark.parametrize("log_of", [wealth_of, log_wealth], ids=["one by one", "at once"])
def test_the_golden_values_are_met(row: dict[str, list[float]], log_of: Callable[..., float]) -> None:
    assert math.exp(log_of([-x for x in row["x"]], 0.0)) == pytest.approx(row["e_fail"], rel=1e-6)
    assert math.exp(log_of(row["x"], -row["margin"])) == pytest.approx(row["e_pass"], rel=1e-6)


def test_the_bets_are_24_from_002_to_098_each_larger_by_the_same_factor() -> None:
    assert len(BETS) == 24
    assert (BETS[0], BETS[-1]) == pytest.approx((0.02, 0.98))
    assert {round(b / a, 9) for a, b in itertools.pairwise(BETS)} == {round((0.98 / 0.02) ** (1 / 23), 9)}


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5), st.integers(1, 4), st.floats(-0.9, 0.9))
def test_where_the_claim_is_true_no_bet_is_expected_to_win(raw: list[float], n: int, bound: float) -> None:
    """Exact, over every course of n cases: the mean wealth is at most 1, which is what Ville's inequality needs."""
    values = [2 * value - 1 for value in raw]
    shift = max(0.0, sum(values) / len(values) - bound)
    claimed = [max(-1.0, value - shift) for value in values]
    if sum(claimed) / len(claimed) > bound:  # (cut off at -1: no longer as claimed)
        return
    courses = list(itertools.product(claimed, repeat=n))
    mean = math.fsum(math.exp(log_wealth(course, bound)) for course in courses) / len(courses)
    assert mean <= 1 + 1e-9


@given(changes, margins, st.randoms())
def test_the_order_of_the_cases_does_not_matter(values: list[float], margin: float, random: Random) -> None:
    mixed = list(values)
    random.shuffle(mixed)
    assert wealth_of(mixed, -margin) == pytest.approx(log_wealth(values, -margin), abs=1e-9)


@given(changes, margins)
def test_a_gain_more_never_speaks_for_a_drop_and_a_loss_more_never_against_it(
    values: list[float], margin: float
) -> None:
    assert log_wealth([*values, 1.0], -margin) >= log_wealth(values, -margin)
    assert log_wealth([*values, -1.0], -margin) <= log_wealth(values, -margin)


@given(changes, margins, margins)
def test_a_larger_drop_is_disproved_sooner(values: list[float], one: float, other: float) -> None:
    assert log_wealth(values, -max(one, other)) >= log_wealth(values, -min(one, other)) - 1e-9


@given(changes)
def test_swapping_the_runs_mirrors_the_interval(values: list[float]) -> None:
    one, other = sequence_interval(values), sequence_interval([-value for value in values])
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower), abs=2e-6)
    assert -1 <= one.lower <= sum(values) / len(values) + 1e-6
    assert one.upper <= 1


@given(changes, margins)
def test_the_interval_ends_where_the_bets_have_just_won(values: list[float], margin: float) -> None:
    lower = sequence_interval(values).lower
    if lower > -margin + 1e-5:
        assert log_wealth(values, -margin) >= math.log(20)
    elif lower < -margin - 1e-5:
        assert log_wealth(values, -margin) < math.log(20)


def test_the_interval_is_wider_than_one_that_holds_at_one_look_and_narrows() -> None:
    widths = []
    for n in (50, 200, 800):
        ends = sequence_interval([-1.0] * (n // 25) + [1.0] * (n // 25) + [0.0] * (n - 2 * (n // 25)))
        widths.append(ends.upper - ends.lower)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("changed", [0.0, 0.05, 0.15, 0.3])
def test_of_unchanged_systems_with_so_many_cases_as_it_says_four_in_five_pass(changed: float) -> None:
    random, margin = Random(5), 0.05
    draws = [random.random() for _ in range(400)]
    seen = [(-1.0, 1.0)[place % 2] if place < 400 * changed else 0.0 for place in range(len(draws))]
    n = changes_needed(seen, margin)
    passed = 0
    for _ in range(200):
        wealth = Wealth(-margin)
        for _ in range(n):
            draw = random.random()
            wealth.add(-1.0 if draw < changed / 2 else 1.0 if draw < changed else 0.0)
        passed += wealth.log >= math.log(20)
    assert 0.70 <= passed / 200 <= (1.0 if changed == 0 else 0.97)


def test_more_is_needed_for_a_smaller_margin_and_a_smaller_error() -> None:
    seen = [1.0, -1.0, *[0.0] * 18]
    assert changes_needed(seen, 0.02) > changes_needed(seen, 0.05) > changes_needed(seen, 0.2)
    assert changes_needed(seen, 0.05, alpha=0.01) > changes_needed(seen, 0.05)


def test_what_is_still_needed_follows_what_was_won_so_far() -> None:
    assert still_needed(1.0, 4.0, 10) == 30
    assert still_needed(5.0, 4.0, 10) == 0
    assert still_needed(0.0, 4.0, 10) == math.inf
    assert still_needed(-1.0, 4.0, 10) == math.inf


def test_a_mean_of_exponentials_neither_overflows_nor_vanishes() -> None:
    assert log_mean_exp([2000.0, 0.0]) == pytest.approx(2000 - math.log(2))
    assert log_mean_exp([-2000.0, -2000.0]) == pytest.approx(-2000)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.5])
def test_what_is_no_change_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="value"):
        Wealth(0.0).add(bad)
    with pytest.raises(ValueError, match="values"):
        log_wealth([0.0, bad], 0.0)
    with pytest.raises(ValueError, match="changes"):
        sequence_interval([0.0, bad])


def test_no_case_and_no_bound_are_refused() -> None:
    with pytest.raises(ValueError, match="values: 0 given"):
        log_wealth([], 0.0)
    with pytest.raises(ValueError, match="bound"):
        Wealth(-1.0)
    with pytest.raises(ValueError, match="bound"):
        log_wealth([0.0], math.nan)
