"""What came back from one call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """A token that was answered, its natural log-probability, and its likeliest rivals."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """The reply to one request.

    Attributes:
        text: The answer's text.
        usage: Tokens by kind.
        finish_reason: `stop`, `length`, `tool_calls`, ...
        seconds: From sending the successful attempt to its last byte; our own waiting excluded.
        model: The model that replied, by its own word.
        created: When it was answered, seconds since 1970 UTC.
        logprobs: Of each answered token, where asked for.
        flags: What a reader must know: `length`, `usage estimated`, `answered by ...`.
        attempts: Tries that this answer took when it was made.
        cached: Whether it came from a cache rather than from the model.
        paid_usd: What getting it cost now, over all attempts; 0 when cached.
        ttft_seconds: From sending to the answer's first token; None where it was not streamed.
        origin: Where a cached answer came from, by the names of `domain/avoided.py`; empty where it was not cached.
        service_tier: The tier that served it, by the provider's own word; empty where it says nothing.
        call_id: Names the call in the ledger; a replay has that of the call that was recorded.
    """

    text: str
    usage: Usage
    finish_reason: str
    seconds: float
    model: str
    created: float
    logprobs: tuple[TokenLogprob, ...] = ()
    flags: tuple[str, ...] = ()
    attempts: int = 1
    cached: bool = False
    paid_usd: Decimal = Decimal(0)
    ttft_seconds: float | None = None
    service_tier: str = ""
    origin: str = ""
    call_id: str = ""
