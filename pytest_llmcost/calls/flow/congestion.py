"""How many calls at once a provider bears, as networks find it out: half when it refuses, one more when it answers.

Additive increase, multiplicative decrease (Chiu and Jain 1989), with TCP's threshold
(RFC 5681): up to half of what was too much it grows with every answer, and from there on
with every windowful. Calls that were under way together are refused together: that is one
refusal. Where one call at once is too much already, the time between two is learned.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_llmcost.calls.backoff import LONGEST_BACKOFF_SECONDS, backoff_seconds

FIRST_GAP_SECONDS = 0.25
LEAST_GAP_SECONDS = 0.02
GAP_KEPT = 0.9
"""What is left of the time between two calls after an answer."""


@dataclass(slots=True)
class Congestion:
    """One server's state; moments are seconds of a clock that never jumps.

    Attributes:
        ceiling: Calls at once when all is well.
        jitter: A number in 0..1, for the pauses.
        limit: Calls at once now.
        gap_seconds: From sending a call to sending the next.
        round: Counts the refusals; calls that were sent in an earlier round tell nothing new.
        paused_until: No call is sent before.
        refused_since: When refusals began, with no answer after them; None where answers come.
    """

    ceiling: int
    jitter: Callable[[], float] = random.random
    limit: int = field(init=False)
    gap_seconds: float = 0.0
    round: int = 0
    paused_until: float = 0.0
    refused_since: float | None = None
    _threshold: int = field(init=False)
    _refusals: int = 0
    _answers: int = 0

    def __post_init__(self) -> None:
        self.limit = self._threshold = self.ceiling

    def sent(self, now: float) -> None:
        """Note that a call was sent."""
        self._pause(now + self.gap_seconds)

    def answered(self) -> None:
        """Note an answer, and allow a little more."""
        self.refused_since, self._refusals = None, 0
        if self.gap_seconds:
            shorter = self.gap_seconds * GAP_KEPT
            self.gap_seconds = shorter if shorter > LEAST_GAP_SECONDS else 0.0
            return
        self._answers += 1
        if self._answers >= (1 if self.limit < self._threshold else self.limit):
            self._answers = 0
            self.limit = min(self.ceiling, self.limit + 1)

    def refused(self, sent_in: int, now: float, asked_seconds: float) -> None:
        """Note a refusal: allow half once a round, and pause.

        Args:
            sent_in: The round in which the refused call was sent.
            now: The moment.
            asked_seconds: The wait that the provider asks for; 0 leaves it to us.
        """
        self.refused_since = now if self.refused_since is None else self.refused_since
        if sent_in == self.round:
            self.round += 1
            self._refusals += 1
            if self._refusals == 1:  # in a storm, where nothing is answered, the later ones tell nothing of how much
                self._learn()
            self.limit = max(1, self.limit // 2)
            self._answers = 0
            self._pause(now + backoff_seconds(self._refusals, self.jitter()))
        self._pause(now + asked_seconds)

    def raise_ceiling(self, ceiling: int) -> None:
        """Allow more calls at once than before; fewer are not meant."""
        if ceiling > self.ceiling:
            is_untroubled = self.limit == self.ceiling
            self.ceiling = ceiling
            if is_untroubled:
                self.limit = self._threshold = ceiling

    def _learn(self) -> None:
        self._threshold = max(1, self.limit // 2)
        if self.limit <= 2:
            self.gap_seconds = min(max(2 * self.gap_seconds, FIRST_GAP_SECONDS), LONGEST_BACKOFF_SECONDS)

    def _pause(self, until: float) -> None:
        self.paused_until = max(self.paused_until, until)
