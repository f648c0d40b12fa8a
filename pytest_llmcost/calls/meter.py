"""What is under way in this process, and how long it takes: counted at the model's door, past cache and places."""

from __future__ import annotations

import asyncio
from collections import Counter

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request

REMEMBERED = 50
"""Calls that the means lean on: conditions change within a run, as when a provider begins to limit it."""


class Meter:
    """Counts attempts; written on the loop's thread, read on any.

    Attributes:
        started: Attempts that went out.
        in_flight: Those of them without a reply yet.
        replies: Those that were answered; the means are over these, the latest weighing most.
        mean_seconds: What an answered attempt took, our own waiting excluded.
        mean_in_flight: How many were in flight, itself included, when it was answered.
        failed: Those that failed, by kind; `cut off` by their time limit or by the end of the run.
    """

    def __init__(self) -> None:
        self.started = 0
        self.in_flight = 0
        self.replies = 0
        self.mean_seconds = 0.0
        self.mean_in_flight = 0.0
        self.failed: Counter[str] = Counter()

    def start(self) -> None:
        """Count an attempt that goes out."""
        self.started += 1
        self.in_flight += 1

    def end(self) -> None:
        """Count an attempt as over, however it ended."""
        self.in_flight -= 1

    def reply(self, seconds: float) -> None:
        """Take an answered attempt into the means; before its `end`."""
        self.replies += 1
        weight = 1 / min(self.replies, REMEMBERED)
        self.mean_seconds += weight * (seconds - self.mean_seconds)
        self.mean_in_flight += weight * (self.in_flight - self.mean_in_flight)


class Metered:
    """Counts every attempt in a meter and changes nothing."""

    def __init__(self, inner: Complete, meter: Meter) -> None:
        self._inner = inner
        self._meter = meter

    async def __call__(self, request: Request) -> Completion:
        """Ask, and count what comes of it."""
        self._meter.start()
        try:
            completion = await self._inner(request)
            self._meter.reply(completion.seconds)
            return completion
        except CallError as error:
            self._meter.failed[error.kind] += 1
            raise
        except asyncio.CancelledError:
            self._meter.failed["cut off"] += 1
            raise
        finally:
            self._meter.end()
