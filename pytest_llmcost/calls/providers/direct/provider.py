"""OpenAI and its like, one attempt a call: no retry, no redirect, no answer taken on trust."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.providers.chat.faults import ErrorReply, call_error
from pytest_llmcost.calls.providers.chat.messages import no_key
from pytest_llmcost.calls.providers.chat.replies import completion_of
from pytest_llmcost.calls.providers.chat.wire import MOST_BYTES, ReplyRefused, Wire
from pytest_llmcost.calls.providers.direct.connections import Connections
from pytest_llmcost.calls.providers.direct.requests import body_of, headers_of, key_of, url_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint, Request

if TYPE_CHECKING:
    import aiohttp

_MOST_SAID_BYTES = 64 * 1024


class DirectProvider:
    """Asks models of the provider `openai`; satisfies `domain.protocols.Provider`.

    Which requests it may be given, `requests.can_ask` says. One provider belongs to one
    loop; close it there.

    Args:
        observe: Told the headers of each reply, their names in lower case.
    """

    def __init__(self, observe: Callable[[Endpoint, Mapping[str, str]], None] = lambda *_: None) -> None:
        self._connections = Connections()
        self._observe = observe

    async def __call__(self, request: Request) -> Completion:
        """Send one attempt and return its completion.

        Raises:
            CallError: Of the kinds in `chat.kinds`; `is_retryable` and `may_be_billed` are set.
        """
        if key_of(request.endpoint) is None:
            raise no_key(request)
        wire = Wire()
        outcome = await self._outcome(request, wire)
        seconds = time.monotonic() - wire.started
        self._observe(request.endpoint, wire.headers)
        if isinstance(outcome, Exception):
            raise call_error(outcome, wire, request, _why_unsent)
        return completion_of(outcome, request, seconds, wire.status)

    async def aclose(self) -> None:
        """Close the connections; the provider may be asked again afterwards."""
        await self._connections.aclose()

    async def _outcome(self, request: Request, wire: Wire) -> Any:
        """Return the reply as plain JSON, or what was raised: from here, a traceback would show the key."""
        try:
            return json.loads(await self._reply(request, wire))
        except Exception as fault:
            return fault

    async def _reply(self, request: Request, wire: Wire) -> bytes:
        endpoint = request.endpoint
        body = json.dumps(body_of(request)).encode()
        wire.started = time.monotonic()
        try:
            response = await self._connections.post(
                url_of(endpoint), body, headers_of(endpoint), request.timeout_seconds
            )
        except Exception as fault:
            wire.failed(fault)
            raise
        async with response:
            wire.answered(response.status, response.headers)
            reply = await _read(response)
        if response.status >= 400:
            raise ErrorReply(reply[:_MOST_SAID_BYTES].decode("utf-8", "replace"))
        return reply


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, which may be longer than announced, or not announced at all."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > MOST_BYTES:
            raise ReplyRefused(f"it has more than {MOST_BYTES} bytes")
    return bytes(body)


def _why_unsent(fault: Exception, said: str) -> tuple[str, str]:
    return "bad request", f"it cannot be sent: {fault}"
