"""What a call is charged as: by who replied, and in which tier."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import completion, request
from fakes.prices import FixedPrices

from pytest_llmcost.domain.charge import as_sent, asked_charge, charge_of
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price

FLEX, PRIORITY, BATCH = (Price(input=Decimal(usd), output=Decimal(10 * usd)) for usd in (1, 8, 2))
PLAIN = Price(input=Decimal(4), output=Decimal(40))
TIERED = Price(input=Decimal(4), output=Decimal(40), tiers=(("flex", FLEX), ("priority", PRIORITY), ("batch", BATCH)))
LARGE = Price(input=Decimal(100), output=Decimal(100))


class Prices:
    """Satisfies `PriceList` for several models."""

    def __init__(self, **prices: Price) -> None:
        self._lists = {f"stub/{name}": FixedPrices(price, f"stub/{name}") for name, price in prices.items()}

    def price_of(self, model: str) -> Price:
        return self._lists.get(model, FixedPrices(model="")).price_of(model)


def charged(small: Price = TIERED, asked: str | None = None, **reply: Any) -> tuple[str, Price, tuple[str, ...]]:
    params = {"max_tokens": 8, **({"service_tier": asked} if asked else {})}
    charge = charge_of(request(params=params), completion(**reply), Prices(small=small, large=LARGE))
    return charge.name, charge.price, charge.flags


@pytest.mark.parametrize("said", ["", "default", "standard", "auto"])
def test_a_call_is_charged_as_it_was_asked(said: str) -> None:
    assert charged(service_tier=said) == ("stub/small", TIERED, ())


@pytest.mark.parametrize(
    ("asked", "said", "name", "price"),
    [
        ("flex", "", "stub/small (flex)", FLEX),
        ("flex", "flex", "stub/small (flex)", FLEX),
        ("flex", "default", "stub/small", TIERED),
        ("priority", "default", "stub/small", TIERED),
        (None, "priority", "stub/small (priority)", PRIORITY),
        ("batch", "default", "stub/small (batch)", BATCH),
    ],
)
def test_b07_the_tier_that_served_it_decides_and_of_a_batch_what_was_asked(
    asked: str | None, said: str, name: str, price: Price
) -> None:
    assert charged(asked=asked, service_tier=said) == (name, price, ())


@pytest.mark.parametrize(
    ("asked", "said", "tier"), [("flex", "", "flex"), (None, "priority", "priority"), (None, "scale", "scale")]
)
def test_b07_a_tier_without_a_price_is_counted_at_the_standard_rate_and_said(
    asked: str | None, said: str, tier: str
) -> None:
    says = f"no price of the {tier} tier is known: counted at the standard rate"

    assert charged(PLAIN, asked=asked, service_tier=said) == ("stub/small", PLAIN, (says,))


def test_b07_a_tier_that_may_be_dearer_is_not_asked_for_without_its_price() -> None:
    prices = Prices(small=PLAIN)

    assert asked_charge("stub/small", {"service_tier": "flex"}, prices).price == PLAIN
    with pytest.raises(PriceError, match="no price of the priority tier is known"):
        asked_charge("stub/small", {"service_tier": "priority"}, prices)


def test_a_batch_is_sent_as_the_standard_tier() -> None:
    assert as_sent(request(params={"max_tokens": 8, "service_tier": "batch"})).params == {"max_tokens": 8}
    assert as_sent(request(params={"service_tier": "flex"})).params == {"service_tier": "flex"}


def test_e10_who_replied_is_charged() -> None:
    assert charged(model="large") == ("stub/large", LARGE, ("priced as stub/large",))
    assert charged(model="stub/large-2026-01-01") == ("stub/large", LARGE, ("priced as stub/large",))
    assert charged(model="small-2026-01-01") == ("stub/small", TIERED, ())


def test_e10_who_has_no_price_is_charged_as_asked() -> None:
    says = "priced as asked: no price is known for stub/other"

    assert charged(model="other", asked="flex") == ("stub/small (flex)", FLEX, (says,))


def test_e10_a_model_that_is_free_stays_free_whatever_its_server_calls_itself() -> None:
    assert charged(Price(), model="large", service_tier="priority") == ("stub/small", Price(), ())
