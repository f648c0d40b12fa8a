"""A provider has a prefix to read from once the first reply has come: one request goes ahead, the others wait for it.

Sent at once, all of them would find nothing kept, and each would pay for keeping it.
"""

from __future__ import annotations

import asyncio

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request


class PrefixFirst:
    """Lets the first request with a prefix go ahead; whatever comes of it, the others follow together."""

    def __init__(self, inner: Complete) -> None:
        self._inner = inner
        self._leaders: dict[str, asyncio.Event] = {}

    async def __call__(self, request: Request) -> Completion:
        """Return the reply."""
        if not request.prefix_cache:
            return await self._inner(request)
        prefix = _prefix_of(request)
        if (ended := self._leaders.get(prefix)) is not None:
            await ended.wait()
            return await self._inner(request)
        ended = self._leaders[prefix] = asyncio.Event()
        try:
            return await self._inner(request)
        finally:
            ended.set()


def _prefix_of(request: Request) -> str:
    parts = request.parts()
    kept = {name: parts[name] for name in ("model", "api_base", "headers", "extra")}
    return digest(
        {**kept, "messages": parts["messages"][: request.prefix_messages], "tools": parts["params"].get("tools")}
    )
