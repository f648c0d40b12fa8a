"""What a call used: tokens by kind. Money is derived from it, never stored alone."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.errors import InvalidUsage

MOST_TOKENS = 10**9
"""No call uses more; a larger count is a fault of whoever counted."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, or of several added up.

    Cached input and cache writes are parts of `input_tokens`, reasoning is a part
    of `output_tokens`: each token is counted, and priced, once. Of the cache writes,
    `cache_write_1h_tokens` are those that the provider keeps for an hour, not for minutes.

    Raises:
        InvalidUsage: If a count is negative, absurd or no whole number, or a part
            exceeds its whole.
    """

    input_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    is_estimated: bool = False
    cache_write_1h_tokens: int = 0

    def __post_init__(self) -> None:
        for name in (*TOKEN_KINDS, *RARE_TOKEN_KINDS):
            _check_count(name, getattr(self, name), self)
        if self.cached_input_tokens + self.cache_write_tokens > self.input_tokens:
            raise InvalidUsage(f"more tokens were cached than were input: {self}", usage=self)
        if self.cache_write_1h_tokens > self.cache_write_tokens:
            raise InvalidUsage(f"more tokens were written for an hour than were written: {self}", usage=self)
        if self.reasoning_tokens > self.output_tokens:
            raise InvalidUsage(f"more tokens were reasoned than were output: {self}", usage=self)

    @property
    def total_tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        kinds = (*TOKEN_KINDS, *RARE_TOKEN_KINDS)
        counts = {name: getattr(self, name) + getattr(other, name) for name in kinds}
        return Usage(**counts, is_estimated=self.is_estimated or other.is_estimated)


RARE_TOKEN_KINDS = ("cache_write_1h_tokens",)
"""Kinds that files hold only where there are any."""
TOKEN_KINDS = tuple(f.name for f in dataclasses.fields(Usage) if f.name not in ("is_estimated", *RARE_TOKEN_KINDS))


def _check_count(name: str, count: Any, usage: Usage) -> None:
    if type(count) is not int or not 0 <= count <= MOST_TOKENS:
        raise InvalidUsage(f"{name} is {count!r}: a whole number from 0 to {MOST_TOKENS} is needed", usage=usage)
