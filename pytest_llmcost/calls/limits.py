"""Only so many calls in flight; a call waits for its place before its time starts and before it reserves money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Endpoint, Request


class Limited:
    """Lets at most so many calls through at once: of a model that has a limit, else of a provider."""

    def __init__(self, inner: Complete, in_flight: Mapping[str, int], default: int) -> None:
        self._inner = inner
        self._in_flight = in_flight
        self._default = default
        self._places: dict[str, asyncio.Semaphore] = {}

    async def __call__(self, request: Request) -> Completion:
        """Wait for a place, then ask."""
        async with self._place(request.endpoint):
            return await self._inner(request)

    def _place(self, endpoint: Endpoint) -> asyncio.Semaphore:
        name = endpoint.model if endpoint.model in self._in_flight else endpoint.provider
        if name not in self._places:  # made on the loop that will wait for it
            self._places[name] = asyncio.Semaphore(self._in_flight.get(name, self._default))
        return self._places[name]
