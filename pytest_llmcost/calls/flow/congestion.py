"""How many calls at once a provider bears, as networks find it out: half when it refuses, one more when it answers.

Additive increase, multiplicative decrease (Chiu and Jain 1989). Calls that were under
way together are refused together: that is one refusal, and not as many as there were calls.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_llmcost.calls.backoff import backoff_seconds

STEPS_TO_THE_TOP = 16
"""Windows of answers from one call at once to all of them: one more a window would take a run of thousands."""


@dataclass(slots=True)
class Congestion:
    """One provider's state; moments are seconds of a clock that never jumps.

    Attributes:
        ceiling: Calls at once when all is well.
        jitter: A number in 0..1, for the pauses.
        limit: Calls at once now.
        round: Counts the refusals; calls that began in an earlier round tell nothing new.
        paused_until: No call is sent before.
        refused_since: When refusals began, with no answer after them; None where answers come.
    """

    ceiling: int
    jitter: Callable[[], float] = random.random
    limit: int = field(init=False)
    round: int = 0
    paused_until: float = 0.0
    refused_since: float | None = None
    _refusals: int = 0
    _answers: int = 0

    def __post_init__(self) -> None:
        self.limit = self.ceiling

    def answered(self) -> None:
        """Note an answer; as many of them as calls are allowed at once allow a step more."""
        self.refused_since, self._refusals = None, 0
        self._answers += 1
        if self._answers >= self.limit:
            self._answers = 0
            self.limit = min(self.ceiling, self.limit + max(1, self.ceiling // STEPS_TO_THE_TOP))

    def refused(self, began_in: int, now: float, asked_seconds: float) -> None:
        """Note a refusal: halve once a round, and pause.

        Args:
            began_in: The round in which the refused call was sent.
            now: The moment.
            asked_seconds: The wait that the provider asks for; 0 leaves it to us.
        """
        if self.refused_since is None:
            self.refused_since = now
        if began_in == self.round:
            self.round += 1
            self._refusals += 1
            self._answers = 0
            self.limit = max(1, self.limit // 2)
            self._pause(now + backoff_seconds(self._refusals, self.jitter()))
        self._pause(now + asked_seconds)

    def raise_ceiling(self, ceiling: int) -> None:
        """Allow more calls at once than before; fewer are not meant."""
        if ceiling > self.ceiling:
            self.limit = ceiling if self.limit == self.ceiling else self.limit
            self.ceiling = ceiling

    def _pause(self, until: float) -> None:
        self.paused_until = max(self.paused_until, until)
