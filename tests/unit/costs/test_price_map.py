"""What of an entry of litellm's map becomes part of a price."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.costs.price_map import price_from, read_price_map
from pytest_llmcost.domain.price import Price, worst_case_cost

BOTH = {"input_cost_per_token": Decimal("1e-6"), "output_cost_per_token": Decimal("2e-6")}


def price(entry: dict[str, Any]) -> Price:
    found = price_from("a", entry, "the map")
    assert found is not None
    return found


def test_rates_a_token_become_rates_a_million_without_rounding() -> None:
    assert price({**BOTH, "input_cost_per_token": Decimal("1.23456789012345E-7")}).input == Decimal("0.123456789012345")


def test_cache_reasoning_and_request_rates_are_kept_apart() -> None:
    entry = {
        **BOTH,
        "cache_read_input_token_cost": Decimal("1e-7"),
        "cache_creation_input_token_cost": Decimal("1.25e-6"),
        "output_cost_per_reasoning_token": Decimal("3e-6"),
        "input_cost_per_request": Decimal("0.005"),
    }

    found = price(entry)

    assert (found.cached_input, found.cache_write) == (Decimal("0.1"), Decimal("1.25"))
    assert (found.reasoning, found.per_request) == (3, Decimal("0.005"))


def test_the_old_name_of_the_cached_rate_is_understood() -> None:
    assert price({**BOTH, "input_cost_per_token_cache_hit": Decimal("1e-7")}).cached_input == Decimal("0.1")


def test_b07_service_tiers_are_prices_of_their_own_and_take_over_what_they_do_not_state() -> None:
    entry = {
        **BOTH,
        "cache_read_input_token_cost": Decimal("1e-7"),
        "cache_creation_input_token_cost_above_1hr": Decimal("2e-6"),
        **{f"{name}_flex": value / 2 for name, value in BOTH.items()},
        "input_cost_per_token_above_200k_tokens_flex": Decimal("9e-7"),
        "input_cost_per_token_priority": Decimal("9e-6"),  # half a price is none
    }

    found = price(entry)

    flex = found.for_tier("flex")
    assert flex is not None
    assert (found.input, found.above, found.cache_write_1h) == (1, (), 2)
    assert (flex.input, flex.output, flex.cached_input) == (Decimal("0.5"), 1, Decimal("0.1"))
    assert [(tokens, tier.input) for tokens, tier in flex.above] == [(200_000, Decimal("0.9"))]
    assert (found.for_tier("priority"), found.for_tier("batch")) == (None, None)


def test_a_context_tier_takes_over_what_it_does_not_change() -> None:
    entry = {
        **BOTH,
        "cache_read_input_token_cost": Decimal("1e-7"),
        "input_cost_per_token_above_200k_tokens": Decimal("4e-6"),
        "output_cost_per_token_above_32k_tokens": Decimal("5e-6"),
        "input_cost_per_token_above_200k_tokens_priority": Decimal("9e-6"),
    }

    (low, first), (high, second) = price(entry).above

    assert (low, first.input, first.output, first.cached_input) == (32_000, 1, 5, Decimal("0.1"))
    assert (high, second.input, second.output, second.cached_input) == (200_000, 4, 5, Decimal("0.1"))


def test_tiers_that_are_listed_by_range_are_read_as_well() -> None:
    tiers = [
        {**BOTH, "range": [0, Decimal("256000.0")]},
        {"input_cost_per_token": Decimal("3e-6"), "range": [Decimal("256000.0"), Decimal("1000000.0")]},
    ]

    found = price({"tiered_pricing": tiers})

    assert (found.input, found.output) == (1, 2)
    assert [(more_than, tier.input, tier.output) for more_than, tier in found.above] == [(256_000, 3, 2)]


@pytest.mark.parametrize("missing", ["input_cost_per_token", "output_cost_per_token"])
def test_half_a_price_is_no_price(missing: str) -> None:
    assert price_from("a", {key: rate for key, rate in BOTH.items() if key != missing}, "the map") is None


def test_the_maps_own_documentation_is_no_model() -> None:
    assert read_price_map().find("sample_spec") is None


def test_every_rate_of_the_installed_map_can_be_used() -> None:
    prices = [price_from(name, entry, "the map") for name, entry in read_price_map().entries.items()]
    priced = [price for price in prices if price is not None]

    assert len(priced) > 3000
    assert all(worst_case_cost(price, 300_000, 1000, 1.0) >= 0 for price in priced)


def test_the_edition_is_named_by_content_and_version() -> None:
    found = read_price_map()

    assert len(found.sha256) == 64
    assert found.date.startswith("litellm 1.")


def test_reading_prices_does_not_import_litellm() -> None:
    code = (
        "import sys; from pytest_llmcost.costs.prices import PriceTable; "
        "PriceTable({}).price_of('openai/gpt-4o'); sys.exit('litellm' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-W", "error", "-c", code], check=False).returncode == 0
