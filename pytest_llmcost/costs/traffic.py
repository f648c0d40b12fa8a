"""What a month of requests costs: requests of a size, the models that each of them pays, and what caches spare."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.price import Price, cost_of
from pytest_llmcost.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Size:
    """How large a request is: its tokens, and the seconds of compute that it takes."""

    usage: Usage
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """A model's part in answering.

    Attributes:
        calls: Of a request, how many calls of this model it pays on average.
    """

    model: str
    price: Price
    calls: Decimal = Decimal(1)


def in_cascade(success_rates: Sequence[Decimal]) -> list[Decimal]:
    """Return the calls a request pays at each step: what a step does not answer goes on, and has been paid for.

    Args:
        success_rates: Of each step but the last, 0..1: the share of what reaches it that it answers.
    """
    calls = [Decimal(1)]
    for rate in success_rates:
        calls.append(calls[-1] * (1 - rate))
    return calls


def in_cascade_naively(success_rates: Sequence[Decimal]) -> list[Decimal]:
    """Return the share of requests that each step answers, which is often taken for the calls that are paid.

    It forgets what the escalated paid on their way, so that its sum is too low.
    """
    reached = in_cascade(success_rates)
    return [calls * rate for calls, rate in zip(reached, [*success_rates, Decimal(1)], strict=True)]


def with_prefix(size: Size, share: Decimal) -> Size:
    """Return *size* with that share of its input, 0..1, read from the provider's prefix cache."""
    cached = int((size.usage.input_tokens * share).to_integral_value())
    usage = dataclasses.replace(size.usage, cached_input_tokens=cached, cache_write_tokens=0, cache_write_1h_tokens=0)
    return dataclasses.replace(size, usage=usage)


def request_cost(shares: Sequence[Share], sizes: Sequence[Size]) -> Decimal:
    """Return what a request costs on average, in US dollars.

    Args:
        shares: The models that it pays.
        sizes: As requests are; each is as frequent as the others. At least one.
    """
    return sum((one.calls * _mean_cost(one.price, sizes) for one in shares), Decimal(0))


def month_cost(usd_per_request: Decimal, requests: int, *, hit_rate: Decimal, fixed_usd: Decimal) -> Decimal:
    """Return what a month costs, in US dollars.

    Args:
        usd_per_request: Of a request that is asked.
        requests: In the month.
        hit_rate: The share, 0..1, that a cache answers without asking.
        fixed_usd: What is paid whatever the traffic: servers, a vector store.
    """
    return usd_per_request * requests * (1 - hit_rate) + fixed_usd


def _mean_cost(price: Price, sizes: Sequence[Size]) -> Decimal:
    return sum((cost_of(size.usage, price, size.seconds) for size in sizes), Decimal(0)) / len(sizes)
