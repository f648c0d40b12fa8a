"""Laws of money: for any usage, any price and any order."""

from __future__ import annotations

import dataclasses
import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.price import Price, cost_of, worst_case_cost
from pytest_llmcost.domain.usage import Usage

CENT = Decimal("0.01")

rates = st.decimals(0, 1000, places=6)
maybe_rates = st.none() | rates
counts = st.integers(0, 2_000_000)
seconds = st.floats(0, 3600)


def prices(*, timed: bool = True, tiers: int = 3) -> st.SearchStrategy[Price]:
    """Any price; each context tier is a price of its own, dearer or cheaper than what is below it."""
    flat = st.builds(
        Price,
        input=rates,
        output=rates,
        cached_input=maybe_rates,
        cache_write=maybe_rates,
        reasoning=maybe_rates,
        per_request=rates,
        usd_per_hour=rates if timed else st.just(Decimal(0)),
    )
    above = st.dictionaries(st.integers(1, 1_500_000), flat, max_size=tiers).map(
        lambda found: tuple(sorted(found.items(), key=lambda tier: tier[0]))
    )
    return st.builds(lambda base, tiers: dataclasses.replace(base, above=tiers), flat, above)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Any usage that can be: no part above its whole."""
    input_tokens, output_tokens = draw(counts), draw(counts)
    cached = draw(st.integers(0, input_tokens))
    written = draw(st.integers(0, input_tokens - cached))
    return Usage(input_tokens, cached, written, output_tokens, draw(st.integers(0, output_tokens)))


@given(usages(), prices(), seconds)
def test_no_usage_costs_less_than_nothing(usage: Usage, price: Price, seconds: float) -> None:
    assert cost_of(usage, price, seconds) >= 0


@given(usages(), usages(), prices(timed=False, tiers=0))
def test_costs_are_additive(one: Usage, other: Usage, price: Price) -> None:
    """Two calls cost what their sum costs, as two requests; where no context tier lies between them."""
    assert cost_of(one + other, price, requests=2) == cost_of(one, price) + cost_of(other, price)


@given(st.lists(usages(), min_size=1, max_size=5), prices(timed=False, tiers=0))
def test_usages_add_up_in_any_order(some: list[Usage], price: Price) -> None:
    assert sum(some, Usage()) == sum(reversed(some), Usage())
    assert cost_of(sum(some, Usage()), price) == cost_of(sum(reversed(some), Usage()), price)


@given(usages(), prices())
def test_cached_tokens_are_never_priced_twice(usage: Usage, price: Price) -> None:
    """Each token counts once: at one rate for all kinds, the parts make no difference."""
    flat = dataclasses.replace(
        price, cached_input=price.input, cache_write=price.input, reasoning=price.output, above=()
    )
    undivided = Usage(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)

    assert cost_of(usage, flat) == cost_of(undivided, flat)


@given(usages(), prices(tiers=0))
def test_reading_from_a_cheaper_cache_never_costs_more(usage: Usage, price: Price) -> None:
    cheaper = dataclasses.replace(price, cached_input=min(price.input, price.cached_input or Decimal(0)))
    uncached = dataclasses.replace(usage, cached_input_tokens=0)

    assert cost_of(usage, cheaper) <= cost_of(uncached, cheaper)


@given(usages(), prices(), seconds, st.integers(0, 1000), st.integers(0, 1000), st.floats(0, 10))
def test_b01_the_worst_case_covers_every_usage_within_its_bounds(
    usage: Usage, price: Price, seconds: float, more_input: int, more_output: int, more_seconds: float
) -> None:
    """At every context tier, also where a dearer one lies below the bound."""
    bound = worst_case_cost(
        price, usage.input_tokens + more_input, usage.output_tokens + more_output, seconds + more_seconds
    )

    assert bound >= cost_of(usage, price, seconds)


@given(usages(), prices(), st.data())
def test_the_worst_case_covers_the_edge_of_every_tier(usage: Usage, price: Price, data: st.DataObject) -> None:
    edges = [edge + step for edge, _ in price.above for step in (0, 1)]
    input_tokens = data.draw(st.sampled_from(edges)) if edges else usage.input_tokens
    smaller = Usage(input_tokens=min(input_tokens, 2_000_000), output_tokens=usage.output_tokens)

    assert worst_case_cost(price, 2_000_000, usage.output_tokens, 0.0) >= cost_of(smaller, price)


@given(usages(), prices())
def test_what_is_free_costs_nothing_whatever_is_used(usage: Usage, price: Price) -> None:
    if price.is_free:
        assert cost_of(usage, price, 3600.0) == 0
    assert (worst_case_cost(price, 10**9, 10**9, 3600.0) == 0) == price.is_free


def test_b11_a_hundred_thousand_costs_are_the_same_cent_in_any_order() -> None:
    """Also by the hour, where a cost has no end of digits."""
    drawn = random.Random(11)
    price = Price(
        input=Decimal("0.15"), output=Decimal("0.6"), cached_input=Decimal("0.075"), usd_per_hour=Decimal("0.04")
    )
    costs = [
        cost_of(
            Usage(input_tokens=drawn.randint(500, 9000), cached_input_tokens=500, output_tokens=drawn.randint(0, 500)),
            price,
            drawn.uniform(0, 60),
        )
        for _ in range(100_000)
    ]
    totals = []
    for _ in range(5):
        drawn.shuffle(costs)
        totals.append(sum(costs, Decimal(0)))

    assert len({total.quantize(CENT) for total in totals}) == 1
    assert max(totals) - min(totals) < Decimal("1e-18")
