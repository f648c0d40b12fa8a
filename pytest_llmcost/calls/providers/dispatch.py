"""Who asks a model: decided by who serves it, and by what is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from typing import Protocol

from pytest_llmcost.calls.providers.direct.requests import can_ask
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import Provider
from pytest_llmcost.domain.request import Request

LOCAL, DIRECT, LITELLM = "local", "direct", "litellm"


class Directory(Protocol):
    """What is known of models beside their prices."""

    def provider_of(self, model: str) -> str:
        """Return who serves *model*, or nothing where that is not known."""
        ...

    def mode_of(self, model: str) -> str:
        """Return what *model* is for, such as `chat`, or nothing where that is not known."""
        ...


class Dispatch:
    """Sends each request to its provider; is itself a `Provider`, and owns the others.

    Args:
        makers: Make the providers, each at the first request for it.
        choose: Names the maker for a request.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Provider]], choose: Callable[[Request], str]) -> None:
        self._makers = makers
        self._choose = choose
        self._made: dict[str, Provider] = {}

    async def __call__(self, request: Request) -> Completion:
        """Return the reply of the request's provider."""
        name = self._choose(request)
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return await self._made[name](request)

    async def aclose(self) -> None:
        """Close every provider that there is, also where closing one fails."""
        async with AsyncExitStack() as closing:
            for provider in self._made.values():
                closing.push_async_callback(provider.aclose)


def choose_provider(request: Request, directory: Directory, others: Collection[str] = ()) -> str:
    """Return who asks: the local engine, litellm, or nobody in between where that comes to the same and is faster.

    Args:
        request: What is asked.
        directory: What is known of models.
        others: Prefixes that other packages answer for.
    """
    model = request.endpoint.model
    if "/" in model and request.endpoint.provider in others:
        return request.endpoint.provider
    provider = directory.provider_of(model)
    if provider == "local":
        return LOCAL
    return DIRECT if provider == "openai" and can_ask(request, directory.mode_of(model)) else LITELLM
