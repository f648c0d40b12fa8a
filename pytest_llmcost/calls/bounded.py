"""One attempt, ended from outside when its time is up: a client's own limit is per read, and a drip resets it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request


class Bounded:
    """Ends an attempt at the request's `timeout_seconds`, and says how long a failed one took.

    An attempt that was cut off may be billed all the same. Cancellation passes through.
    """

    def __init__(self, inner: Complete, clock: Callable[[], float] = time.monotonic) -> None:
        self._inner = inner
        self._clock = clock

    async def __call__(self, request: Request) -> Completion:
        """Return the reply of one attempt, or raise `CallError`."""
        started = self._clock()
        with contextlib.suppress(TimeoutError):
            try:
                async with asyncio.timeout(request.timeout_seconds):
                    return await self._inner(request)
            except CallError as error:
                error.seconds = self._clock() - started
                raise
        # Raised out here, so that it has no cause: a provider's frames hold its key, and tracebacks may show locals.
        raise _time_out(request, self._clock() - started)


def _time_out(request: Request, seconds: float) -> CallError:
    model = request.endpoint.model
    return CallError(
        f"{model} gave no whole answer within {request.timeout_seconds:.3g} s.\n"
        "Raise timeout_seconds, lower max_tokens, or ask less at once (--llm-concurrency).",
        model=model,
        kind="time-out",
        is_retryable=True,
        may_be_billed=True,
        seconds=seconds,
    )
