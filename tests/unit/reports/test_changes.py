"""Why cost and quality changed, as a reader of the terminal sees it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from fakes.rows import row, verdict

from pytest_llmcost.domain.change import CostChange, QualityChange, Slice
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.changes import change_lines, cost_in_words, slices_in_words
from pytest_llmcost.reports.details import detail_lines


def cost(before: float, **parts: float) -> CostChange:
    exact: dict[str, Any] = {name: Fraction(str(part)) for name, part in parts.items()}
    start = Fraction(str(before))
    return CostChange(start, start + sum(exact.values()), **exact)


def quality(*slices: Slice) -> QualityChange:
    return QualityChange(60, 12, 1, -11 / 60, slices)


ORDERS = Slice("tag", "orders", 20, 12, 0, -0.2, 0.00123, holds=True)
SOME = Slice("tag", "account", 20, 3, 1, -2 / 60, None)
TIMED = cost(0.010, time=0.0005)


def test_the_cost_is_told_with_its_parts_the_largest_first() -> None:
    moved = cost(0.0120, mix=-0.0085, tokens=0.0006)
    assert cost_in_words(moved) == "$0.012 -> $0.0041 a case (-65.8 %): mix -$0.0085, tokens +$0.00060"


def test_parts_that_are_next_to_nothing_are_left_out() -> None:
    assert "tokens" not in cost_in_words(cost(0.01, price=0.005, tokens=0.000001))


def test_what_our_cache_saved_stands_apart_from_the_sum() -> None:
    moved = dataclasses.replace(cost(0.010, tokens=0.002), hits=Fraction(9, 1000))
    assert cost_in_words(moved).endswith("tokens +$0.0020; cache hits saved $0.0090 of it")


def test_from_nothing_there_is_no_percentage_and_unknown_prices_are_said() -> None:
    moved = CostChange(Fraction(0), Fraction(1, 100), calls=Fraction(1, 100), is_price_known=False)
    told = "$0 -> $0.010 a case: calls +$0.010; earlier prices are not known, and taken as today's"
    assert cost_in_words(moved) == told


@pytest.mark.parametrize(
    ("moved", "outcome", "is_told"),
    [
        (cost(0.010, tokens=0.0005), Outcome.PASS, True),
        (cost(0.010, tokens=0.00005), Outcome.PASS, False),
        (cost(0.010, tokens=0.0005, mix=-0.0005), Outcome.PASS, True),
        (TIMED, Outcome.PASS, False),
        (TIMED, Outcome.FAIL, True),
        (cost(0.010), Outcome.INCONCLUSIVE, False),
    ],
)
def test_cost_is_told_where_it_moved_and_compute_time_alone_only_where_it_is_no_pass(
    moved: CostChange, outcome: Outcome, is_told: bool
) -> None:
    lines = list(change_lines(row(verdict("cost", outcome), cost_change=moved)))
    assert bool(lines) == is_told


def test_only_slices_that_surely_changed_are_named() -> None:
    assert slices_in_words(quality(ORDERS, SOME)) == "tag 'orders' 12 lost, 0 won of 20 (p = 0.0012)"
    assert slices_in_words(quality(SOME)) == ""


def test_they_stand_below_a_verdict_that_is_no_pass() -> None:
    failed = row(verdict("quality", Outcome.FAIL, reason="worse"), quality_change=quality(ORDERS))
    passed = row(verdict("quality"), quality_change=quality(ORDERS))
    assert any("  where quality changed: tag 'orders'" in line for line in detail_lines([failed], verbose=False))
    assert not list(change_lines(passed))


def test_with_v_all_slices_are_counted_by_their_kind() -> None:
    failed = row(verdict("quality", Outcome.FAIL, reason="worse"), quality_change=quality(ORDERS, SOME))
    line = "  lost and won by tag: orders 12 and 0 of 20, account 3 and 1 of 20"
    assert line in list(detail_lines([failed], verbose=True))
    assert line not in list(detail_lines([failed], verbose=False))


def test_names_of_slices_are_inert() -> None:
    evil = Slice("tag", "\x1b[31m::error::", 20, 12, 0, -0.2, 0.001, holds=True)
    assert "\x1b" not in slices_in_words(quality(evil))
