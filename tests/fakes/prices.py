"""A price list written in the test."""

from __future__ import annotations

from decimal import Decimal

from fakes.complete import MODEL

from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price

FLAT = Price(per_request=Decimal("0.01"))
"""One cent a request, whatever it holds."""

BY_TOKEN = Price(input=Decimal(1), output=Decimal(10))
"""A microdollar an input token, ten an output token."""


class FixedPrices:
    """Satisfies `PriceList`."""

    def __init__(self, price: Price = FLAT, model: str = MODEL) -> None:
        self._prices = {model: price}

    def price_of(self, model: str) -> Price:
        if model not in self._prices:
            raise PriceError(f"no price is known for {model}.", model=model)
        return self._prices[model]
