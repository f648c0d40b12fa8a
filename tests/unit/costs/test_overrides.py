"""What a user may write as a price, and what is said of the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.costs.overrides import price_override
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.price import Price


def test_numbers_are_taken_as_they_are_written() -> None:
    price = price_override("a", {"input": 0.1, "output": "0.30", "cached_input": 1})

    assert (price.input, price.output, price.cached_input) == (Decimal("0.1"), Decimal("0.30"), Decimal(1))


def test_a_price_can_be_one_per_request_or_per_hour_alone() -> None:
    assert price_override("a", {"per_request": "0.005"}).per_request == Decimal("0.005")
    assert price_override("a", {"usd_per_hour": 1.5}).usd_per_hour == Decimal("1.5")


def test_a_service_tier_has_a_table_of_its_own() -> None:
    price = price_override("a", {"input": 4, "output": 8, "batch": {"input": 2, "output": "4.0"}})

    assert price.for_tier("batch") == Price(input=Decimal(2), output=Decimal("4.0"), source="configuration")
    assert price.for_tier("flex") is None


@pytest.mark.parametrize(
    ("stated", "key", "says"),
    [
        ({"input": 1}, ".output", "is missing"),
        ({"output": 1}, ".input", "is missing"),
        ({"imput": 1}, ".imput", "Did you mean input?"),
        ({"colour": 1}, ".colour", "Known are input, output"),
        ({"input": 1, "output": 1, "batch": {"input": 1}}, ".batch.output", "is missing"),
        ({"input": 1, "output": 1, "flex": 2}, ".flex", "a table is needed"),
        ({"input": 1, "output": 1, "flex": {"usd_per_hour": 1}}, ".flex.usd_per_hour", "Known are input, output"),
        ({"batch": {"input": 1, "output": 1}}, "", "states no price"),
        ({"input": "1e999999", "output": 1}, ".input", "a price is 0 or from"),
        ({}, "", "states no price"),
        (3, "", "a table is needed"),
    ],
)
def test_a_mistake_is_named_by_its_key(stated: Any, key: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        price_override("openai/a", stated)

    assert caught.value.key == f'prices."openai/a"{key}'
    assert says in str(caught.value)
