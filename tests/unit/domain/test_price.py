"""What usage costs, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pytest_llmcost.domain.price import Price, compute_cost, cost_of, worst_case_cost
from pytest_llmcost.domain.usage import Usage

FULL = Price(
    input=Decimal("2.50"),
    output=Decimal(10),
    cached_input=Decimal("1.25"),
    cache_write=Decimal("3.125"),
    reasoning=Decimal(12),
    per_request=Decimal("0.001"),
    usd_per_hour=Decimal(36),
)
TIERED = Price(
    input=Decimal(1),
    output=Decimal(10),
    above=((1000, Price(input=Decimal(2), output=Decimal(15))), (5000, Price(input=Decimal(3), output=Decimal(20)))),
)


def test_each_kind_of_token_has_its_own_rate_and_is_charged_once() -> None:
    usage = Usage(
        input_tokens=1000, cached_input_tokens=600, cache_write_tokens=100, output_tokens=50, reasoning_tokens=20
    )

    # 300 x 2.50 + 600 x 1.25 + 100 x 3.125 + 30 x 10 + 20 x 12 a million; the request; two seconds at a cent each
    assert cost_of(usage, FULL, seconds=2.0) == Decimal("0.0023525") + Decimal("0.001") + Decimal("0.02")


def test_b07_what_is_written_for_an_hour_has_its_own_rate_or_that_of_any_writing() -> None:
    usage = Usage(input_tokens=100, cache_write_tokens=100, cache_write_1h_tokens=40)
    short = Price(input=Decimal(3), cache_write=Decimal("3.75"))
    long = Price(input=Decimal(3), cache_write=Decimal("3.75"), cache_write_1h=Decimal(6))

    assert cost_of(usage, long) == Decimal("0.000465")  # 60 x 3.75 + 40 x 6 a million
    assert cost_of(usage, short) == Decimal("0.000375")
    assert worst_case_cost(long, 100, 0, 0.0) == Decimal("0.0006")


def test_a_kind_without_a_rate_is_charged_as_what_it_is_part_of() -> None:
    plain = Price(input=Decimal(1), output=Decimal(10))

    assert cost_of(Usage(100, 60, 20, 10, 4), plain) == cost_of(Usage(input_tokens=100, output_tokens=10), plain)


def test_a_rate_of_nought_is_free_and_not_missing() -> None:
    free_reads = Price(input=Decimal(1), cached_input=Decimal(0))

    assert cost_of(Usage(input_tokens=100, cached_input_tokens=60), free_reads) == Decimal("0.00004")


@pytest.mark.parametrize(
    ("input_tokens", "usd"),
    [(1000, "0.00105"), (1001, "0.002077"), (5000, "0.010075"), (5001, "0.015103")],
)
def test_b07_above_a_context_tier_the_whole_request_has_its_price(input_tokens: int, usd: str) -> None:
    assert cost_of(Usage(input_tokens=input_tokens, output_tokens=5), TIERED) == Decimal(usd)


def test_several_calls_added_up_are_tiered_by_their_mean() -> None:
    three = Usage(input_tokens=3000, output_tokens=15)

    assert cost_of(three, TIERED, requests=3) == 3 * cost_of(Usage(input_tokens=1000, output_tokens=5), TIERED)


def test_compute_time_counts_to_the_microsecond() -> None:
    assert compute_cost(Price(usd_per_hour=Decimal(36)), 0.0000014) == Decimal("1e-8")
    assert compute_cost(Price(), 3600.0) == 0


def test_the_worst_case_takes_the_dearest_rates_within_reach() -> None:
    assert worst_case_cost(FULL, 1000, 100, 60.0) == Decimal("0.003125") + Decimal("0.0012") + Decimal(
        "0.001"
    ) + Decimal("0.6")
    assert worst_case_cost(TIERED, 1000, 100, 0.0) == Decimal("0.002")
    assert worst_case_cost(TIERED, 1001, 100, 0.0) == Decimal("0.003502")


def test_a_cheaper_tier_above_does_not_lower_the_worst_case() -> None:
    """A bound of 2,000 tokens may turn out to be 900, at the dearer price below the tier."""
    cheaper_above = Price(input=Decimal(10), above=((1000, Price(input=Decimal(1))),))

    assert worst_case_cost(cheaper_above, 2000, 0, 0.0) >= cost_of(Usage(input_tokens=900), cheaper_above)


def test_free_is_what_no_usage_could_make_cost_anything() -> None:
    assert Price().is_free
    assert Price(cached_input=Decimal(0)).is_free
    for price in (
        Price(input=Decimal(1)),
        Price(reasoning=Decimal(1)),
        Price(per_request=Decimal(1)),
        Price(usd_per_hour=Decimal(1)),
        Price(above=((10, Price(output=Decimal(1))),)),
    ):
        assert not price.is_free
