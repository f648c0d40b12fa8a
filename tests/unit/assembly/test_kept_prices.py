"""Prices as files keep them are read back as they were."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from pytest_llmcost.assembly.kept_prices import kept_prices
from pytest_llmcost.assembly.models import price_fields
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import StrategyRecord

LONG = Price(input=Decimal("0.3"), output=Decimal(2))
FULL = Price(
    input=Decimal("0.15"),
    output=Decimal("0.6"),
    cached_input=Decimal(0),
    per_request=Decimal("0.001"),
    usd_per_hour=Decimal("0.04"),
    above=((200_000, LONG),),
    source="stored",
)


def test_what_was_stored_is_read_back_context_tiers_included() -> None:
    stored = json.loads(json.dumps({"openai/gpt-5": price_fields(FULL)}))
    (price,) = kept_prices(StrategyRecord("fp", "openai/gpt-5", stored)).values()

    assert price_fields(price) == price_fields(FULL)
    assert price.for_input(200_001).input == LONG.input


@pytest.mark.parametrize("fields", [None, [1], {"input": "much"}, {"input": -1}, {"above": {"many": {}}}, {"above": 3}])
def test_what_somebody_made_of_them_by_hand_is_not_known(fields: object) -> None:
    assert kept_prices(StrategyRecord("fp", "m", {"m": fields})) == {}
