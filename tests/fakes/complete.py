"""A model that answers by script: what each call brings is written in the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

MODEL = "stub/small"


def request(text: str = "Is this spam?", **changes: Any) -> Request:
    fields: dict[str, Any] = {
        "endpoint": Endpoint(MODEL),
        "messages": ({"role": "user", "content": text},),
        "params": {"max_tokens": 8, "temperature": 0},
    }
    return Request(**(fields | changes))


def completion(text: str = "yes", **changes: Any) -> Completion:
    fields: dict[str, Any] = {
        "text": text,
        "usage": Usage(input_tokens=10, output_tokens=2),
        "finish_reason": "stop",
        "seconds": 0.25,
        "model": MODEL,
        "created": 1_800_000_000.0,
    }
    return Completion(**(fields | changes))


def failure(kind: str = "server error", **changes: Any) -> CallError:
    """An attempt that is worth repeating, unless *changes* say otherwise."""
    fields: dict[str, Any] = {"model": MODEL, "kind": kind, "status": 503, "is_retryable": True}
    return CallError(f"{MODEL}: {kind}.", **(fields | changes))


@dataclass(frozen=True)
class After:
    """What a call brings after so many seconds."""

    seconds: float
    outcome: Completion | BaseException


Step = Completion | BaseException | After


class ScriptedComplete:
    """Satisfies `Complete` and `Provider`: the n-th call gets the n-th step; the last step repeats.

    Attributes:
        requests: What was asked, in order.
        in_flight, most_in_flight: Calls under way now, and at the fullest moment.
    """

    def __init__(self, *steps: Step) -> None:
        self._steps = steps or (completion(),)
        self.requests: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.is_closed = False

    async def __call__(self, request: Request) -> Completion:
        step = self._steps[min(len(self.requests), len(self._steps) - 1)]
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await _outcome(step)
        finally:
            self.in_flight -= 1

    async def aclose(self) -> None:
        self.is_closed = True


class TimedComplete:
    """Satisfies `Complete`: takes *seconds* a call; what it brings depends on when it is sent, from 0 on.

    Attributes:
        moments: When each request was sent.
        most_in_flight: Calls under way at the fullest moment.
    """

    def __init__(
        self, seconds: float = 1.0, outcome_at: Callable[[float], Completion | BaseException] = lambda _: completion()
    ) -> None:
        self._seconds = seconds
        self._outcome_at = outcome_at
        self._began: float | None = None
        self._in_flight = 0
        self.moments: list[float] = []
        self.most_in_flight = 0

    async def __call__(self, request: Request) -> Completion:
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        self.moments.append(now - self._began)
        return await self._answer(self._outcome_at(self.moments[-1]))

    async def _answer(self, outcome: Completion | BaseException) -> Completion:
        self._in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            return await _outcome(After(self._seconds, outcome))
        finally:
            self._in_flight -= 1


async def _outcome(step: Step) -> Completion:
    if isinstance(step, After):
        await asyncio.sleep(step.seconds)
        step = step.outcome
    if isinstance(step, BaseException):
        raise step
    return step


async def gather(ask: Any, requests: Iterable[Request]) -> list[Any]:
    """Ask all at once; errors come back in their places."""
    return await asyncio.gather(*map(ask, requests), return_exceptions=True)
