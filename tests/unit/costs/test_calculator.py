"""The figures that people quote, and one that is often quoted wrongly."""

from __future__ import annotations

import pytest

from pytest_llmcost import CostCalculator, estimate_cost
from pytest_llmcost.domain.errors import InvalidUsage, PriceError, SettingsError

PRICES = {"openai/gpt-4o": {"input": 30, "output": 60}, "openai/gpt-4o-mini": {"input": 0.15, "output": 0.60}}
GPT, MINI = PRICES


@pytest.fixture
def costs() -> CostCalculator:
    return CostCalculator(PRICES)


def test_a_request(costs):
    """500 tokens at 0.03 and 200 at 0.06 a thousand are 0.0270, not the 0.0195 that is often quoted."""
    assert costs.estimate_per_request(500, 200, GPT) == 0.027
    assert costs.estimate_per_request(500, 200, MINI) == 0.000195


def test_a_million_requests_a_month(costs):
    assert costs.monthly_cost(1_000_000, GPT) == 27_000
    assert costs.monthly_cost(1_000_000, MINI) == 195
    assert costs.monthly_cost(1_000_000, MINI, avg_prompt=1000, avg_completion=0) == 150


def test_in_a_cascade_the_escalated_pay_both(costs):
    """195 for all and 27,000 for a fifth; 80 % at the one price and 20 % at the other would be 5,556."""
    assert costs.cascade_cost(1_000_000, MINI, GPT) == 5_595
    assert costs.cascade_cost(1_000_000, MINI, GPT, cheap_success_rate=1) == costs.monthly_cost(1_000_000, MINI)


def test_without_prices_the_price_map_holds():
    assert estimate_cost(1_000_000, 0, "gpt-4o-mini") == 0.15
    assert CostCalculator().estimate_per_request(0, 1_000_000, "openai/gpt-4o-mini") == 0.60


def test_an_unknown_model_is_named():
    with pytest.raises(PriceError, match=r"no price is known for 'openai/gpt-4o-minni'\. Did you mean openai"):
        estimate_cost(1, 1, "openai/gpt-4o-minni")


def test_a_price_by_the_hour_needs_more_than_tokens():
    with pytest.raises(PriceError, match=r"tokens alone tell no time"):
        estimate_cost(1, 1, "local/smollm2-135m")


@pytest.mark.parametrize("tokens", [-1, 1.5, float("nan"), True, 10**10])
def test_tokens_that_cannot_be_are_refused(costs, tokens):
    with pytest.raises(InvalidUsage):
        costs.estimate_per_request(tokens, 0, MINI)


@pytest.mark.parametrize("rate", [-0.1, 1.01, float("nan")])
def test_a_success_rate_is_a_share(costs, rate):
    with pytest.raises(ValueError, match="a share from 0 to 1 is needed"):
        costs.cascade_cost(1, MINI, GPT, rate)


@pytest.mark.parametrize("requests", [-1, 0.5, True])
def test_requests_are_a_whole_number(costs, requests):
    with pytest.raises(ValueError, match="a whole number from 0 is needed"):
        costs.monthly_cost(requests, MINI)


def test_a_wrong_price_is_refused():
    with pytest.raises(SettingsError, match="a price cannot be negative"):
        CostCalculator({"mine": {"input": -1, "output": 1}})
