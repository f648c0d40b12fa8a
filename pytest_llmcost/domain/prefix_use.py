"""What a provider's own cache of prompts did for a strategy: tokens read from it, and what they spared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PrefixUse:
    """Counts over all calls of a strategy, calibration included, replayed ones as they were recorded.

    Attributes:
        hit_rate: Cached tokens as a share of all input tokens.
        input_tokens: All of the input, cached or not.
        cached_tokens, written_tokens: Parts of it, read from the provider's cache and written to it.
        saved_usd: What the same tokens would cost more at the full input price; what writing cost more is taken off.
        writes_usd: What writing cost more than plain input.
    """

    hit_rate: float
    input_tokens: int
    cached_tokens: int
    written_tokens: int
    saved_usd: Decimal
    writes_usd: Decimal
