"""What a provider's rate-limit headers tell of what is left, and when there will be more."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

REQUESTS, TOKENS = "requests", "tokens"

LONGEST_TOLD_SECONDS = 60.0
"""Headers are hints: a longer wait is left to the provider's own refusal, and to its Retry-After."""

_OPENAI, _ANTHROPIC = "x-ratelimit-{part}-{kind}", "anthropic-ratelimit-{kind}-{part}"
_STEP = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|$)")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Quota:
    """What was left at a moment of the monotonic clock.

    Attributes:
        limit: What is left when the quota is full; infinite where that is not told.
        reset_seconds: How long it takes to fill, steadily (a token bucket, as OpenAI and Anthropic have).
    """

    moment: float
    remaining: float
    limit: float
    reset_seconds: float

    def wait_seconds(self, amount: float, now: float) -> float:
        """Return how long it is until *amount* is left; 0 where the headers cannot tell."""
        missing = min(amount, self.limit) - self.remaining
        if missing <= 0:
            return 0.0
        share = missing / (self.limit - self.remaining) if math.isfinite(self.limit) else 1.0
        wait = self.moment + share * self.reset_seconds - now
        return max(wait, 0.0) if wait <= LONGEST_TOLD_SECONDS else 0.0


def read_quotas(headers: Mapping[str, str], now: float, wall_clock: datetime | None = None) -> dict[str, Quota]:
    """Return what headers tell of requests and of tokens; nothing where they are missing or make no sense.

    Args:
        headers: Of a reply of OpenAI's or Anthropic's kind; names in lower case.
        now: By the monotonic clock.
        wall_clock: The time of day, for resets that are told as one.
    """
    told = {kind: _quota(headers, kind, now, wall_clock or datetime.now(UTC)) for kind in (REQUESTS, TOKENS)}
    return {kind: quota for kind, quota in told.items() if quota is not None}


def _quota(headers: Mapping[str, str], kind: str, now: float, wall_clock: datetime) -> Quota | None:
    for style in (_OPENAI, _ANTHROPIC):
        remaining, limit, reset = (
            headers.get(style.format(kind=kind, part=part), "") for part in ("remaining", "limit", "reset")
        )
        seconds = _reset_seconds(reset, wall_clock)
        if remaining.isdecimal() and seconds is not None:
            most = float(limit) if limit.isdecimal() else math.inf
            return Quota(now, float(remaining), max(most, float(remaining)), seconds)
    return None


def _reset_seconds(text: str, wall_clock: datetime) -> float | None:
    """Return the seconds that a reset is away: `6m0s`, `17ms`, `12`, or a time of day."""
    steps = _STEP.findall(text)
    if steps and "".join(map("".join, steps)) == text:
        return sum(float(number) * _SECONDS[unit] for number, unit in steps)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max((moment - wall_clock).total_seconds(), 0.0) if moment.tzinfo else None
