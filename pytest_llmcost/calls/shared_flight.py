"""Identical requests of several processes are sent once: who comes later waits for the answer in the cache."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from pytest_llmcost.calls.account import Account, AccountError
from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Request

LEASE_SECONDS = 6.0
"""How long a process that gives no sign of life is still believed to be asking."""

FIRST_POLL_SECONDS = 0.01
LAST_POLL_SECONDS = 0.2
"""How often a waiting process looks: each wait is twice the one before, up to this."""


class SharedFlight:
    """Asks where no other process of the run is asking the same; otherwise waits for what it finds.

    Processes meet in the cache, so that in mode `live`, which has none, each asks for itself.
    A flight that ends without an answer, or whose process dies, is nobody's: those that waited
    ask in its place, one after another, until one of them is answered. Nobody holds a place or
    a reservation while waiting, so that nothing that is waited for waits for the waiting.

    Args:
        cached: Asks, and stores the answer before it returns it.
        account: The run's account, in which flights are noted.
        sleep: Waits so many seconds.
    """

    def __init__(
        self, cached: Cached, account: Account, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._cached = cached
        self._account = account
        self._sleep = sleep

    async def __call__(self, request: Request) -> Completion:
        """Return the answer, `cached` and free of charge where another process got it."""
        if (found := await self._cached.known(request)) is not None:
            return found
        key = request.key()
        while not self._account.take_flight(key, LEASE_SECONDS):
            await self._wait(key)
            if self._account.is_answered(key) and (found := await self._cached.recall(request)) is not None:
                return found
        return await self._lead(key, request)

    async def _wait(self, key: str) -> None:
        seconds = FIRST_POLL_SECONDS
        while self._account.is_under_way(key):
            await self._sleep(seconds)
            seconds = min(2 * seconds, LAST_POLL_SECONDS)

    async def _lead(self, key: str, request: Request) -> Completion:
        is_answered = False
        try:
            async with self._kept(key):
                completion = await self._cached(request)  # which looks again: it may just have been answered
            is_answered = True
            return completion
        finally:
            with contextlib.suppress(AccountError):  # its lease ends it; what came of it must not be lost
                self._account.end_flight(key, is_answered=is_answered)

    @contextlib.asynccontextmanager
    async def _kept(self, key: str) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self._keep(key))
        try:
            yield
        finally:
            keeping.cancel()

    async def _keep(self, key: str) -> None:
        with contextlib.suppress(AccountError):  # as above; the next reservation says what is wrong
            while True:
                await asyncio.sleep(LEASE_SECONDS / 3)
                self._account.keep_flight(key, LEASE_SECONDS)
