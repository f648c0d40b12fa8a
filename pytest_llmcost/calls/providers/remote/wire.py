"""What happened on the wire: litellm invents a status for every fault, so each attempt is watched itself."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 16 * 2**20
"""A reply that announces more is refused unread."""


@dataclass
class Wire:
    """One attempt as litellm's transport saw it, filled in while it runs.

    Attributes:
        started: When the request began, by the monotonic clock.
        is_sent: Whether the request may have gone out, so that the provider may charge for it.
        is_unreachable: Whether no connection came about; neither is set where litellm sent nothing
            through this transport.
        status: The server's own status, where it answered.
        headers: Of the reply; names in lower case.
    """

    started: float = field(default_factory=time.monotonic)
    is_sent: bool = False
    is_unreachable: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_redirect(self) -> bool:
        """Whether the server sent the request elsewhere."""
        return self.status is not None and 300 <= self.status < 400 and "location" in self.headers

    @property
    def is_huge(self) -> bool:
        """Whether the reply announces more bytes than are read."""
        length = self.headers.get("content-length", "")
        return length.isdecimal() and int(length) > MOST_BYTES


class ReplyRefused(Exception):
    """Ends a request inside the client; the wire knows why."""


_CURRENT: ContextVar[Wire | None] = ContextVar("llmcost_wire", default=None)


@contextmanager
def watched() -> Iterator[Wire]:
    """Watch the requests that this task makes through litellm."""
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
    import aiohttp

    wire.started = time.monotonic()
    try:
        response = await sending
    except Exception as fault:
        unreached = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
        wire.is_unreachable = isinstance(fault.__cause__, unreached)
        wire.is_sent = not wire.is_unreachable
        raise
    wire.is_sent, wire.status = True, response.status_code
    wire.headers = {name.lower(): value for name, value in response.headers.items()}
    if wire.is_redirect or wire.is_huge:
        await response.aclose()
        raise ReplyRefused
    return response
