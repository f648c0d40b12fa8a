"""A reply's body, read to its own end: neither more of it than is bearable, nor a part taken for the whole."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.providers.chat.choices import Unreadable
from pytest_llmcost.calls.providers.chat.wire import MOST_BYTES, ReplyRefused, Wire
from pytest_llmcost.calls.providers.direct.dialect import Joining
from pytest_llmcost.calls.providers.direct.events import EventReader

if TYPE_CHECKING:
    import aiohttp

_LINGER_SECONDS = 0.1


async def read_whole(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, which may be longer than announced, or not announced at all.

    Raises:
        ReplyRefused: If it is longer than `MOST_BYTES`.
    """
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        _check_size(len(body))
    return bytes(body)


async def read_events(response: aiohttp.ClientResponse, joining: Joining, wire: Wire) -> Any:
    """Return what a stream's events make together, in OpenAI's form; the wire learns when what was there.

    Raises:
        ReplyRefused: If it is longer than `MOST_BYTES`.
        Unreadable: If it ends, or breaks, before the protocol's own end.
        ValueError: If an event is no JSON, or no UTF-8.
    """
    reader, size = EventReader(), 0
    async for piece in response.content.iter_any():
        size += len(piece)
        _check_size(size)
        if _take(reader.feed(piece), joining, wire):
            await _let_go(response)
            return joining.reply()
    if _take(reader.end(), joining, wire):
        return joining.reply()
    raise Unreadable("its stream ends in the middle")


def _take(events: Iterator[str], joining: Joining, wire: Wire) -> bool:
    """Join *events* up to the protocol's end, and return whether it came.

    An answer without any token has its first one where it ends.
    """
    for data in events:
        joining.add(data)
        now = time.monotonic()
        if not wire.first_token and (joining.has_begun or joining.is_whole):
            wire.first_token = now
        if joining.is_whole:
            wire.ended = now
            return True
    return False


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise ReplyRefused(f"it has more than {MOST_BYTES} bytes")


async def _let_go(response: aiohttp.ClientResponse) -> None:
    """Take the end of the body as well, if it comes at once: only then can the connection serve another call."""
    import aiohttp

    with contextlib.suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(_LINGER_SECONDS):
            await response.content.readany()
