"""The prices that runs and baselines were stored with, read back from their headers."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.costs.overrides import RATES
from pytest_llmcost.costs.rates import rate
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.trial import StrategyRecord

_FIELDS = (*RATES, "usd_per_hour")


def kept_prices(record: StrategyRecord) -> dict[str, Price]:
    """Return the prices by model that a strategy was stored with, as far as they can be read."""
    found = {model: _price(fields) for model, fields in record.prices.items()}
    return {model: price for model, price in found.items() if price is not None}


def _price(fields: Any) -> Price | None:
    """Return what `price_fields` made JSON of; None where somebody made something else of it."""
    try:
        above = sorted((int(tokens), _price(tier)) for tokens, tier in fields.get("above", {}).items())
        rates: dict[str, Any] = {name: rate(value) for name, value in fields.items() if name in _FIELDS}
    except (AttributeError, TypeError, ValueError):
        return None
    tiers = tuple((tokens, tier) for tokens, tier in above if tier is not None)
    return Price(**rates, above=tiers, source="stored") if len(tiers) == len(above) else None
