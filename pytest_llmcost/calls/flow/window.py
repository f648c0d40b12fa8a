"""So much a minute and no more, in any minute: what was let through is remembered until it is a minute old."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

MINUTE_SECONDS = 60.0


@dataclass(slots=True)
class Entry:
    """What was let through at a moment: a request, or its tokens."""

    moment: float
    amount: int
    is_past: bool = False


class Window:
    """A sliding window; moments are seconds of a clock that never jumps.

    Args:
        per_minute: What may pass in any minute: less than one is one in a longer time, infinity is no limit.
    """

    def __init__(self, per_minute: float) -> None:
        self.is_limited = math.isfinite(per_minute)
        self._most = max(1, math.floor(per_minute)) if self.is_limited else 0
        self._seconds = MINUTE_SECONDS * max(1.0, 1.0 / per_minute)
        self._entries: deque[Entry] = deque()
        self._held = 0

    def wait_seconds(self, amount: int, now: float) -> float:
        """Return how long it is until *amount* fits; what never fits waits until nothing else is there."""
        if not self.is_limited:
            return 0.0
        self._forget(now)
        excess = self._held + min(amount, self._most) - self._most
        for entry in self._entries:
            if excess <= 0:
                break
            excess -= entry.amount
            if excess <= 0:
                return entry.moment + self._seconds - now
        return 0.0

    def take(self, amount: int, now: float) -> Entry:
        """Let *amount* through; return what stands for it."""
        entry = Entry(now, amount)
        if self.is_limited:
            self._entries.append(entry)
            self._held += amount
        return entry

    def correct(self, entry: Entry, amount: int) -> None:
        """Put what it came to in place of what was assumed; 0 where nothing was sent after all."""
        if not entry.is_past:
            self._held += amount - entry.amount
            entry.amount = amount

    def _forget(self, now: float) -> None:
        while self._entries and self._entries[0].moment + self._seconds <= now:
            entry = self._entries.popleft()
            entry.is_past = True
            self._held -= entry.amount
