"""What calls cost before they are made: the few figures that people ask for in Python."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pytest_llmcost.costs.prices import PriceTable
from pytest_llmcost.costs.traffic import Share, Size, in_cascade, request_cost
from pytest_llmcost.domain.errors import PriceError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage

AVERAGE_PROMPT = 500
AVERAGE_COMPLETION = 200


class CostCalculator:
    """Costs in US dollars, from prices per million tokens.

    Args:
        prices: By model, as in `[tool.llmcost.prices."..."]`: `{"input": 2.5, "output": 10}`. For models that are
            not in it, and without it for all, litellm's price map holds.

    Raises:
        SettingsError: If a price is wrong.
    """

    def __init__(self, prices: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._prices = PriceTable(prices or {})

    def estimate_per_request(self, prompt_tokens: int, completion_tokens: int, model: str) -> float:
        """Return what one request costs, in US dollars.

        Raises:
            InvalidUsage: If a number of tokens is negative or no whole number.
            PriceError: If the model's price is not known, or is one of compute time.
        """
        return float(self._usd(prompt_tokens, completion_tokens, [(model, Decimal(1))]))

    def monthly_cost(
        self,
        requests_per_month: int,
        model: str,
        avg_prompt: int = AVERAGE_PROMPT,
        avg_completion: int = AVERAGE_COMPLETION,
    ) -> float:
        """Return what a month of requests costs, in US dollars; raises as `estimate_per_request`."""
        _check_requests(requests_per_month)
        return float(requests_per_month * self._usd(avg_prompt, avg_completion, [(model, Decimal(1))]))

    def cascade_cost(
        self,
        requests: int,
        cheap_model: str,
        expensive_model: str,
        cheap_success_rate: float = 0.8,
        avg_prompt: int = AVERAGE_PROMPT,
        avg_completion: int = AVERAGE_COMPLETION,
    ) -> float:
        """Return what requests cost, in US dollars, that go to the expensive model where the cheap one fails.

        All of them pay for the cheap model, the escalated for both. Raises as `estimate_per_request`.
        """
        _check_requests(requests)
        if not 0 <= cheap_success_rate <= 1:
            raise ValueError(f"cheap_success_rate is {cheap_success_rate}: a share from 0 to 1 is needed")
        calls = in_cascade([Decimal(str(cheap_success_rate))])
        models = zip((cheap_model, expensive_model), calls, strict=True)
        return float(requests * self._usd(avg_prompt, avg_completion, list(models)))

    def _usd(self, prompt_tokens: int, completion_tokens: int, calls: list[tuple[str, Decimal]]) -> Decimal:
        size = Size(Usage(input_tokens=prompt_tokens, output_tokens=completion_tokens))
        return request_cost([Share(model, self._price(model), share) for model, share in calls], [size])

    def _price(self, model: str) -> Price:
        price = self._prices.price_of(model)
        if price.usd_per_hour:
            raise PriceError(
                f"{model} is priced by the hour ({price.usd_per_hour} USD), and tokens alone tell no time.\n"
                f"State input and output of it, or use `llmcost estimate {model} --seconds ...`.",
                model=model,
            )
        return price


def estimate_cost(prompt_tokens: int, completion_tokens: int, model: str) -> float:
    """Return what one request costs by litellm's price map, in US dollars; raises as `CostCalculator`."""
    return _by_the_map().estimate_per_request(prompt_tokens, completion_tokens, model)


@functools.cache
def _by_the_map() -> CostCalculator:
    return CostCalculator()  # kept, since reading the map takes a while


def _check_requests(requests: int) -> None:
    if isinstance(requests, bool) or not isinstance(requests, int) or requests < 0:
        raise ValueError(f"{requests!r} requests: a whole number from 0 is needed")
