"""What happened on the wire: litellm invents a status for every fault, so each attempt is watched itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pytest_llmcost.calls.providers.chat.wire import ReplyRefused, Wire

_CURRENT: ContextVar[Wire | None] = ContextVar("llmcost_wire", default=None)


@contextmanager
def watched() -> Iterator[Wire]:
    """Watch the requests that this task makes through litellm.

    Neither sent nor unreachable is an attempt for which litellm used another transport, or none.
    """
    wire = Wire()
    token = _CURRENT.set(wire)
    try:
        yield wire
    finally:
        _CURRENT.reset(token)


@functools.cache
def watch_transport() -> None:
    """Make litellm's transport report to the task's `Wire`, and follow no redirect for it.

    A redirect would take the prompt along, and every key header but `Authorization`; litellm
    has no setting for it, nor one place to hand in a client for all providers. Calls that
    nobody watches, such as the tested application's own, pass as before.
    """
    from litellm.llms.custom_httpx.aiohttp_transport import LiteLLMAiohttpTransport

    send = LiteLLMAiohttpTransport.handle_async_request

    @functools.wraps(send)
    async def reporting(transport: Any, request: Any) -> Any:
        wire = _CURRENT.get()
        return await (send(transport, request) if wire is None else _reported(wire, send(transport, request)))

    LiteLLMAiohttpTransport.handle_async_request = reporting


async def _reported(wire: Wire, sending: Any) -> Any:
    wire.started = time.monotonic()
    try:
        response = await sending
    except Exception as fault:
        wire.failed(fault.__cause__ or fault)
        raise
    try:
        wire.answered(response.status_code, response.headers)
    except ReplyRefused:
        await response.aclose()
        raise
    return response
