"""The calls of one server, or of one model, that share its limits: those under way, and those of the last minute."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass

from pytest_llmcost.calls.flow.learned import REQUESTS, TOKENS, Quota
from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.calls.flow.window import Entry, Window


class Lane:
    """Says how long a call has to wait, and counts those that are let in."""

    def __init__(self, limits: FlowLimits) -> None:
        self.turn = asyncio.Lock()
        self.in_flight = 0
        self.tokens_in_flight = 0
        self.quotas: dict[str, Quota] = {}
        self.requests = Window(limits.requests_per_minute or math.inf)
        self.tokens = Window(limits.tokens_per_minute or math.inf)
        self._most = limits.in_flight or math.inf

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a call takes."""
        return self.tokens.is_limited or TOKENS in self.quotas

    def wait_seconds(self, tokens: int, now: float) -> float:
        """Return how long a call must wait as things are; infinite where it waits for another one's end."""
        if self.in_flight >= self._most:
            return math.inf
        wait = max(self.requests.wait_seconds(1, now), self.tokens.wait_seconds(tokens, now))
        # A reply told what was left: calls that are under way need not be in it yet.
        for kind, amount in ((REQUESTS, self.in_flight + 1), (TOKENS, self.tokens_in_flight + tokens)):
            if quota := self.quotas.get(kind):
                wait = max(wait, quota.wait_seconds(amount, now))
        return wait

    def enter(self, tokens: int, now: float) -> Ticket:
        """Let a call in that need not wait.

        Args:
            tokens: The most that it can take, input and output; 0 where nobody counts them.
            now: By the monotonic clock.
        """
        self.in_flight += 1
        self.tokens_in_flight += tokens
        return Ticket(self, tokens, self.requests.take(1, now), self.tokens.take(tokens, now))


@dataclass(slots=True)
class Ticket:
    """A call's place in a lane, from before it is sent until it has ended."""

    lane: Lane
    tokens: int
    request_entry: Entry
    tokens_entry: Entry

    def took(self, tokens: int) -> None:
        """Count the tokens that the call took, in place of the most that it could."""
        self.lane.tokens.correct(self.tokens_entry, tokens)

    def unsent(self) -> None:
        """Count neither request nor tokens: the call was refused before it was sent."""
        self.took(0)
        self.lane.requests.correct(self.request_entry, 0)

    def give_back(self) -> None:
        """Leave the place to another call."""
        self.lane.in_flight -= 1
        self.lane.tokens_in_flight -= self.tokens
