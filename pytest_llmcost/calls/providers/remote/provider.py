"""Any model that litellm knows, one attempt a call: no retry, no print, no answer taken on trust."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from pytest_llmcost.calls.providers.chat.faults import call_error
from pytest_llmcost.calls.providers.chat.kinds import call_failure
from pytest_llmcost.calls.providers.chat.replies import completion_of
from pytest_llmcost.calls.providers.remote.arguments import arguments_of, check_askable
from pytest_llmcost.calls.providers.remote.library import close_litellm, ignore_its_warnings, load_litellm
from pytest_llmcost.calls.providers.remote.refusals import believe, why_unsent
from pytest_llmcost.calls.providers.remote.wire import watched
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint, Request


class LiteLLMProvider:
    """Asks remote models; satisfies `domain.protocols.Provider`.

    litellm is imported at the first call, on a thread, so that the loop goes on. One
    provider belongs to one loop; close it there.

    Args:
        observe: Told the headers of each reply, their names in lower case.
    """

    def __init__(self, observe: Callable[[Endpoint, Mapping[str, str]], None] = lambda *_: None) -> None:
        self._observe = observe
        self._loading: asyncio.Task[Any] | None = None

    async def __call__(self, request: Request) -> Completion:
        """Send one attempt and return its completion.

        Raises:
            CallError: Of the kinds in `chat.kinds`; `is_retryable` and `may_be_billed` are set.
        """
        check_askable(request)
        litellm = await self._loaded(request)
        ignore_its_warnings()
        with watched() as wire:
            outcome = await _outcome(litellm, request)
            wire.ended = time.monotonic()
        self._observe(request.endpoint, wire.headers)
        if isinstance(outcome, Exception):
            believe(outcome, wire)
            raise call_error(outcome, wire, request, why_unsent)
        return completion_of(outcome, request, wire)

    async def aclose(self) -> None:
        """Close litellm's clients; the provider may be asked again afterwards."""
        if self._loading is not None:
            await self._loading
            await close_litellm()

    async def _loaded(self, request: Request) -> Any:
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(load_litellm))
        try:
            return await asyncio.shield(self._loading)  # one caller that gives up does not stop the others
        except ImportError as fault:
            self._loading = None
            raise call_failure(request, "missing package", f"litellm cannot be imported: {fault}") from fault


async def _outcome(litellm: Any, request: Request) -> Any:
    """Return litellm's reply as plain JSON, or what it raised: from here, a traceback would show the key."""
    try:
        reply = await litellm.acompletion(**arguments_of(request))
        return reply.model_dump(warnings=False)
    except Exception as fault:
        return fault
