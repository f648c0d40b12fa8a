"""What usage costs: exact arithmetic on prices, in Decimal US dollars."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.usage import Usage

PER_MILLION = Decimal(1_000_000)
SECONDS_PER_HOUR = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens by kind, per request, and per hour of compute.

    A kind without a rate of its own is charged as the kind it is part of.
    `above` holds context tiers, ascending: with more input tokens than a tier's
    first number the whole request has the tier's price. `tiers` holds what the same
    model costs in other service tiers (`batch`, `flex`, `priority`), as far as it is known.
    """

    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    reasoning: Decimal | None = None
    per_request: Decimal = Decimal(0)
    usd_per_hour: Decimal = Decimal(0)
    above: tuple[tuple[int, Price], ...] = ()
    tiers: tuple[tuple[str, Price], ...] = ()
    source: str = ""

    @property
    def is_free(self) -> bool:
        """Whether no usage whatever could cost anything."""
        rates = (self.input, self.output, self.cached_input, self.cache_write, self.cache_write_1h, self.reasoning)
        flat = (self.per_request, self.usd_per_hour)
        return not any(rates) and not any(flat) and all(tier.is_free for _, tier in self.above)

    def for_input(self, input_tokens: int) -> Price:
        """Return the price of a request of that many input tokens."""
        found = self
        for more_than, tier in self.above:
            if input_tokens > more_than:
                found = tier
        return found

    def for_tier(self, name: str) -> Price | None:
        """Return what the service tier *name* costs, or None where that is not known."""
        return dict(self.tiers).get(name)


def cost_of(usage: Usage, price: Price, seconds: float = 0.0, requests: int = 1) -> Decimal:
    """Return what *usage* costs at *price*, in US dollars, exact.

    Cached input tokens are part of the input tokens and are charged once, at the
    cached rate; reasoning tokens likewise, as part of the output.

    Args:
        usage: Token counts of one call, or of several to the same model, added up.
        price: Price in force when the call was made, not today's.
        seconds: The compute time of them all, for a price per hour.
        requests: How many calls *usage* adds up; the mean input decides the context tier.
    """
    p = price.for_input(usage.input_tokens // requests)
    short_writes = usage.cache_write_tokens - usage.cache_write_1h_tokens
    plain_input = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
    plain_output = usage.output_tokens - usage.reasoning_tokens
    per_mtok = plain_input * p.input + plain_output * p.output
    if usage.cached_input_tokens or usage.cache_write_tokens or usage.reasoning_tokens:  # (most usage is plain)
        per_mtok += (
            usage.cached_input_tokens * _either(p.cached_input, p.input)
            + short_writes * _either(p.cache_write, p.input)
            + usage.cache_write_1h_tokens * _either(p.cache_write_1h, _either(p.cache_write, p.input))
            + usage.reasoning_tokens * _either(p.reasoning, p.output)
        )
    cost = per_mtok / PER_MILLION + requests * p.per_request
    return cost + compute_cost(p, seconds) if p.usd_per_hour else cost


def compute_cost(price: Price, seconds: float) -> Decimal:
    """Return what *seconds* of compute cost, to the microsecond, in US dollars."""
    return price.usd_per_hour * Decimal(f"{seconds:.6f}") / SECONDS_PER_HOUR


def worst_case_cost(price: Price, input_tokens: int, output_tokens: int, seconds: float) -> Decimal:
    """Return the most that one attempt can cost, in US dollars.

    Every input token is taken at the dearest input rate, every output token at the
    dearest output rate, of the dearest context tier within reach.

    Args:
        price: The model's price.
        input_tokens: An upper bound of the input.
        output_tokens: The `max_tokens` that is sent.
        seconds: The attempt's time limit, for a price per hour.
    """
    reachable = [price, *(tier for more_than, tier in price.above if input_tokens > more_than)]
    return max(_worst_of(p, input_tokens, output_tokens, seconds) for p in reachable)


def _worst_of(p: Price, input_tokens: int, output_tokens: int, seconds: float) -> Decimal:
    kinds = (p.cached_input, p.cache_write, p.cache_write_1h)
    dearest_input = max(p.input, *(_either(rate, p.input) for rate in kinds))
    dearest_output = max(p.output, _either(p.reasoning, p.output))
    per_mtok = input_tokens * dearest_input + output_tokens * dearest_output
    return per_mtok / PER_MILLION + p.per_request + compute_cost(p, seconds)


def _either(rate: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if rate is None else rate
