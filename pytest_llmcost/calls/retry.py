"""A failed attempt is tried again where that can help, within a bound of tries and one of time."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from pytest_llmcost.calls.backoff import backoff_seconds
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request


@dataclass(slots=True)
class _Tally:
    """What a call has used up so far, over its failed attempts and the waits between them."""

    attempts: int = 0
    seconds: float = 0.0
    paid_usd: Decimal = Decimal(0)

    def add(self, error: CallError) -> None:
        self.attempts += error.attempts  # none, where it was not sent
        self.seconds += error.seconds
        self.paid_usd += error.paid_usd


class Retry:
    """Repeats what is worth repeating; what it returns or raises covers all attempts.

    The call's time is the attempts' own (`CallError.seconds`, set where an attempt is
    bounded) and the waits between them; waiting further in, for a place or for the budget,
    is not counted.

    Args:
        inner: One attempt; it gets what is left of the time as the request's `timeout_seconds`.
        attempts: Tries at most.
        timeout_seconds: The call's whole time.
        clock: Seconds that never jump.
        sleep: Waits so many seconds.
        jitter: A number in 0..1: where between half and all of a back-off a wait falls.
    """

    def __init__(
        self,
        inner: Complete,
        attempts: int,
        timeout_seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._inner = inner
        self._attempts = attempts
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    async def __call__(self, request: Request) -> Completion:
        """Return the first reply, or raise the last error with the tally of all attempts."""
        tally = _Tally()
        while True:
            left = self._timeout_seconds - tally.seconds
            try:
                completion = await self._inner(replace(request, timeout_seconds=left))
            except BudgetReached as refusal:
                refusal.paid_usd += tally.paid_usd
                raise
            except CallError as error:
                tally.add(error)
                await self._wait_after(error, tally)
            else:
                paid = completion.paid_usd + tally.paid_usd
                return replace(completion, attempts=tally.attempts + 1, paid_usd=paid)

    async def _wait_after(self, error: CallError, tally: _Tally) -> None:
        left = self._timeout_seconds - tally.seconds
        wait = max(error.retry_after_seconds or 0.0, backoff_seconds(tally.attempts, self._jitter()))
        if not error.is_retryable or tally.attempts >= self._attempts:
            raise _over_all(error, tally)
        if not wait < left:
            raise _over_all(self._out_of_time(error, tally), tally) from error
        started = self._clock()
        await self._sleep(wait)
        tally.seconds += self._clock() - started

    def _out_of_time(self, error: CallError, tally: _Tally) -> CallError:
        whole, left = self._timeout_seconds, self._timeout_seconds - tally.seconds
        asked = error.retry_after_seconds or 0.0
        what = str(error).partition("\n")[0]
        if asked >= left > 0:
            kind = error.kind
            why = f"{what} It asks to wait {asked:,.0f} s; {left:.3g} s of the call's {whole:g} s are left."
        else:
            kind = "time-out"
            why = f"the call's {whole:g} s are used up (attempts: {tally.attempts}); the last: {what}"
        return CallError(
            f"{why}\nRaise timeout_seconds, or ask less at once (--llm-concurrency).",
            model=error.model,
            kind=kind,
            status=error.status,
            is_retryable=True,
            may_be_billed=error.may_be_billed,
            retry_after_seconds=error.retry_after_seconds,
        )


def _over_all(error: CallError, tally: _Tally) -> CallError:
    error.attempts = tally.attempts
    error.paid_usd = tally.paid_usd
    error.seconds = tally.seconds
    return error
