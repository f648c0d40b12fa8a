"""A provider asked straight, one attempt a call: no retry, no redirect, no answer taken on trust."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from pytest_llmcost.calls.providers.chat.faults import ErrorReply, call_error
from pytest_llmcost.calls.providers.chat.keys import OPENAI
from pytest_llmcost.calls.providers.chat.messages import no_key
from pytest_llmcost.calls.providers.chat.replies import completion_of
from pytest_llmcost.calls.providers.chat.wire import Wire
from pytest_llmcost.calls.providers.direct.bodies import read_events, read_whole
from pytest_llmcost.calls.providers.direct.connections import Connections
from pytest_llmcost.calls.providers.direct.dialect import DIALECTS, Dialect
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint, Request

_MOST_SAID_BYTES = 64 * 1024


class DirectProvider:
    """Asks models of the provider that speaks a dialect; satisfies `domain.protocols.Provider`.

    Which requests it may be given, the dialect's `can_ask` says. One provider belongs to
    one loop; close it there.

    Args:
        dialect: What is spoken.
        observe: Told the headers of each reply, their names in lower case.
    """

    def __init__(
        self,
        *,
        dialect: Dialect = DIALECTS[OPENAI],
        observe: Callable[[Endpoint, Mapping[str, str]], None] = lambda *_: None,
    ) -> None:
        self._dialect = dialect
        self._connections = Connections()
        self._observe = observe

    async def __call__(self, request: Request) -> Completion:
        """Send one attempt and return its completion.

        Raises:
            CallError: Of the kinds in `chat.kinds`; `is_retryable` and `may_be_billed` are set.
        """
        if self._dialect.lacks_key(request.endpoint):
            raise no_key(request)
        wire = Wire()
        outcome = await self._outcome(request, wire)
        self._observe(request.endpoint, wire.headers)
        if isinstance(outcome, Exception):
            raise call_error(outcome, wire, request, _why_unsent)
        return completion_of(outcome, request, wire)

    async def aclose(self) -> None:
        """Close the connections; the provider may be asked again afterwards."""
        await self._connections.aclose()

    async def _outcome(self, request: Request, wire: Wire) -> Any:
        """Return the reply in OpenAI's form, or what was raised: from here, a traceback would show the key."""
        try:
            return await self._reply(request, wire)
        except Exception as fault:
            return fault

    async def _reply(self, request: Request, wire: Wire) -> Any:
        endpoint, dialect = request.endpoint, self._dialect
        body = json.dumps(dialect.body_of(request)).encode()
        wire.started = time.monotonic()
        try:
            response = await self._connections.post(
                dialect.url_of(endpoint), body, dialect.headers_of(endpoint), request.timeout_seconds
            )
        except Exception as fault:
            wire.failed(fault)
            raise
        async with response:
            wire.answered(response.status, response.headers)
            if wire.is_stream and response.status < 400:
                return await read_events(response, dialect.join(), wire)
            reply = await read_whole(response)
        wire.ended = time.monotonic()
        if response.status >= 400:
            raise ErrorReply(reply[:_MOST_SAID_BYTES].decode("utf-8", "replace"))
        return dialect.read(json.loads(reply))


def _why_unsent(fault: Exception, said: str) -> tuple[str, str]:
    return "bad request", f"it cannot be sent: {fault}"
