"""No attempt is sent before its provider is believed to take it; what becomes of it is noted for those behind it."""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmcost.calls.flow.traffic import Pass, Traffic
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError, LlmCostError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request


class Paced:
    """Sends an attempt when the limits allow it.

    Args:
        inner: One attempt.
        traffic: The lanes of this process.
        bound_input: An upper bound of a request's input tokens.
    """

    def __init__(self, inner: Complete, traffic: Traffic, bound_input: Callable[[Request], int]) -> None:
        self._inner = inner
        self._traffic = traffic
        self._bound_input = bound_input

    async def __call__(self, request: Request) -> Completion:
        """Return the reply of one attempt; raises as the attempt does, or `CallError` where none may be sent."""
        leave = await self._enter(request)
        try:
            completion = await self._inner(request)
            leave.answered(completion)
            return completion
        except CallError as error:
            leave.failed(error, request)
            raise
        except LlmCostError:  # no budget, no price
            leave.unsent()
            raise
        finally:
            leave.end()

    async def _enter(self, request: Request) -> Pass:
        route = self._traffic.route(request.endpoint)
        tokens = self._bound_input(request) + request.params["max_tokens"] if route.counts_tokens else 0
        self._traffic.waiting += 1
        try:
            return await route.enter(request, tokens)
        finally:
            self._traffic.waiting -= 1
