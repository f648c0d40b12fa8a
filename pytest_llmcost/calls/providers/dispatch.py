"""Who asks a model: decided by the part of its name before the first slash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Provider
from pytest_llmcost.domain.request import Request


class Dispatch:
    """Sends each request to its provider; is itself a `Provider`, and owns the others.

    Args:
        by_provider: Providers by prefix: `local` takes `local/smollm2-135m`.
        otherwise: Makes the one that takes all the rest, at the first request for it.
    """

    def __init__(self, by_provider: Mapping[str, Provider], otherwise: Callable[[], Provider]) -> None:
        self._by_provider = by_provider
        self._make_other = otherwise
        self._other: Provider | None = None

    async def __call__(self, request: Request) -> Completion:
        """Return the reply of the request's provider."""
        provider = self._by_provider.get(request.endpoint.provider)
        if provider is None:
            provider = self._other = self._other or self._make_other()
        return await provider(request)

    async def aclose(self) -> None:
        """Close every provider that there is, also where closing one fails."""
        async with AsyncExitStack() as closing:
            for provider in (*self._by_provider.values(), self._other):
                if provider is not None:
                    closing.push_async_callback(provider.aclose)
