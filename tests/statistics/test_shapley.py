"""A change of cost is shared out exactly: against golden values, and against every order in which it can come about."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.statistics.shapley import shapley

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text())["cost_decomposition"]
Factor = Mapping[str, Fraction]

amounts = st.builds(Fraction, st.integers(0, 5), st.integers(1, 3))
whole_factors = st.lists(st.fixed_dictionaries({"a": amounts, "b": amounts}), min_size=4, max_size=4)


def of_golden(side: Sequence[Any]) -> list[dict[tuple[str, str], Fraction]]:
    """A side as statistics.md writes it: N, shares of models, tokens a call, prices."""
    calls, shares, tokens, prices = side
    cells = [(model, kind) for model in tokens for kind in tokens[model]]
    return [
        {cell: Fraction(calls) for cell in cells},
        {(model, kind): Fraction(shares[model]) for model, kind in cells},
        {(model, kind): Fraction(tokens[model][kind]) for model, kind in cells},
        {(model, kind): Fraction(prices[model][kind]) for model, kind in cells},
    ]


def total(side: Sequence[Mapping[Any, Fraction]]) -> Fraction:
    return sum((math.prod((f[cell] for f in side), start=Fraction(1)) for cell in side[0]), Fraction(0))


def by_all_orders(base: Sequence[Factor], cand: Sequence[Factor]) -> list[Fraction]:
    """The definition: let the factors change one after another, in every order, and take the mean of what each did."""
    orders = list(permutations(range(len(base))))
    shares = [Fraction(0)] * len(base)
    for order in orders:
        state = list(base)
        for place in order:
            before = total(state)
            state[place] = cand[place]
            shares[place] += (total(state) - before) / len(orders)
    return shares


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['base'][0]} to {row['cand'][0]} calls")
def test_it_agrees_with_independent_values(row: Mapping[str, Any]) -> None:
    base, cand = of_golden(row["base"]), of_golden(row["cand"])
    shares = shapley(base, cand)
    assert [float(share) for share in shares] == pytest.approx(row["shapley_volume_mix_tokens_price"], rel=1e-6)
    assert sum(shares) == total(cand) - total(base)
    assert float(total(cand)) == pytest.approx(row["cost_cand"])


@settings(max_examples=30)
@given(whole_factors, whole_factors)
def test_it_is_the_mean_over_every_order_of_change(base: list[Factor], cand: list[Factor]) -> None:
    assert list(shapley(base, cand)) == by_all_orders(base, cand)


@settings(max_examples=30)
@given(whole_factors, whole_factors)
def test_the_shares_sum_to_the_whole_and_swapping_the_sides_turns_their_signs(
    base: list[Factor], cand: list[Factor]
) -> None:
    shares = shapley(base, cand)
    assert sum(shares) == total(cand) - total(base)
    assert shapley(cand, base) == tuple(-share for share in shares)


@settings(max_examples=30)
@given(whole_factors, whole_factors)
def test_a_factor_that_is_the_same_on_both_sides_has_no_share(base: list[Factor], cand: list[Factor]) -> None:
    assert shapley([*base, {"a": Fraction(2), "b": Fraction(0)}], [*cand, {"a": Fraction(2)}])[-1] == 0


def test_what_one_side_does_not_know_is_as_on_the_other() -> None:
    """A model that was not asked before: all of its cost is the mix's, none that of its tokens or price."""
    base = [{"old": Fraction(1), "new": Fraction(0)}, {"old": Fraction(5)}, {"old": Fraction(2)}]
    cand = [{"old": Fraction(0), "new": Fraction(1)}, {"new": Fraction(3)}, {"new": Fraction(4)}]
    assert shapley(base, cand) == (3 * 4 - 5 * 2, 0, 0)


def test_what_neither_side_knows_and_unequal_factors_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="neither side knows a factor of 'b'"):
        shapley([{"a": Fraction(1)}, {"b": Fraction(1)}], [{"a": Fraction(1)}, {}])
    with pytest.raises(ValueError, match="base has 1 factors, cand 0"):
        shapley([{}], [])
