"""A month's cost, against counting request by request."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.costs.traffic import (
    Share,
    Size,
    in_cascade,
    in_cascade_naively,
    month_cost,
    request_cost,
    with_prefix,
)
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage

RATES = st.lists(st.integers(0, 100).map(lambda n: Decimal(n) / 100), max_size=4)


@given(RATES)
def test_each_step_of_a_cascade_is_paid_by_all_that_reach_it(rates):
    """Counted one by one: of 100 ** steps requests, each step answers its share of what is left."""
    left, reached = Fraction(1), []
    for rate in [*rates, Decimal(1)]:
        reached.append(left)
        left -= left * Fraction(rate)
    assert [Fraction(calls) for calls in in_cascade(rates)] == reached


@given(RATES)
def test_the_naive_shares_are_those_of_the_answers_and_so_sum_to_one(rates):
    assert sum(in_cascade_naively(rates)) == 1
    assert all(naive <= paid for naive, paid in zip(in_cascade_naively(rates), in_cascade(rates), strict=True))


def test_three_tiers_of_a_million_requests_by_complexity():
    """5 % complex, 35 % medium, 60 % simple of 1K input tokens; 30 and 0.15 USD a million, the cheapest free."""
    tiers = [("0.05", "30"), ("0.35", "0.15"), ("0.60", "0")]
    shares = [Share("", Price(input=Decimal(usd)), Decimal(share)) for share, usd in tiers]
    each = request_cost(shares, [Size(Usage(input_tokens=1000))])
    assert month_cost(each, 1_000_000, hit_rate=Decimal(0), fixed_usd=Decimal(0)) == Decimal("1552.50")


def test_prices_a_request_80_to_20():
    """450 USD a million as the escalated pay both; 420 naively."""
    cheap, dear = (Price(per_request=Decimal(usd)) for usd in ("0.00015", "0.0015"))
    success = [Decimal("0.8")]

    def million(calls):
        shares = [Share("", price, share) for price, share in zip((cheap, dear), calls, strict=True)]
        return 1_000_000 * request_cost(shares, [Size(Usage())])

    assert million(in_cascade(success)) == 450
    assert million(in_cascade_naively(success)) == 420


def test_what_a_cache_answers_is_not_paid_and_what_is_fixed_is():
    assert month_cost(Decimal("0.01"), 1000, hit_rate=Decimal("0.4"), fixed_usd=Decimal(5)) == Decimal(11)


@pytest.mark.parametrize(("share", "usd"), [("0", "1000"), ("0.5", "550"), ("1", "100")])
def test_a_prefix_is_paid_at_the_rate_of_cached_input(share, usd):
    price = Price(input=Decimal(1000), cached_input=Decimal(100))
    size = with_prefix(Size(Usage(input_tokens=1_000_000)), Decimal(share))
    assert request_cost([Share("", price)], [size]) == Decimal(usd)


def test_the_context_tier_is_that_of_each_request_and_not_of_their_mean():
    price = Price(input=Decimal(1), above=((1000, Price(input=Decimal(2))),))
    sizes = [Size(Usage(input_tokens=tokens)) for tokens in (1000, 1500)]
    assert request_cost([Share("", price)], sizes) * 1_000_000 == (1000 * 1 + 1500 * 2) / Decimal(2)
