"""One attempt as the wire saw it: what was sent, and how the server began its reply."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_BYTES = 16 * 2**20
"""A reply that is longer is refused, unread where it says so beforehand."""


@dataclass
class Wire:
    """One attempt, filled in while it runs.

    Attributes:
        started: When the request began, by the monotonic clock.
        is_sent: Whether the request may have gone out, so that the provider may charge for it.
        is_unreachable: Whether no connection came about.
        is_unsendable: Whether the request itself was such that nothing was tried.
        status: The server's own status, where it answered.
        headers: Of the reply; names in lower case.
        first_token: When the answer's first token was there, by the monotonic clock; 0.0 where it was not streamed.
        ended: When the reply was whole; 0.0 until then.
        said: What the reply said of its fault, where the client's own words may leave it out.
    """

    started: float = field(default_factory=time.monotonic)
    is_sent: bool = False
    is_unreachable: bool = False
    is_unsendable: bool = False
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    first_token: float = 0.0
    ended: float = 0.0
    said: str = ""

    @property
    def is_redirect(self) -> bool:
        """Whether the server sent the request elsewhere."""
        return self.status is not None and 300 <= self.status < 400 and "location" in self.headers

    @property
    def seconds(self) -> float:
        """From the request's beginning to the reply's end, or till now."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def ttft_seconds(self) -> float | None:
        """From the request's beginning to the answer's first token; None where it was not streamed."""
        return self.first_token - self.started if self.first_token else None

    @property
    def is_stream(self) -> bool:
        """Whether the reply comes as events."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/event-stream"

    @property
    def request_id(self) -> str:
        """What the provider calls this request; whoever asks it for help is asked for that."""
        return self.headers.get("request-id") or self.headers.get("x-request-id") or ""

    @property
    def is_huge(self) -> bool:
        """Whether the reply announces more bytes than are read."""
        length = self.headers.get("content-length", "")
        return length.isdecimal() and int(length) > MOST_BYTES

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Note how the reply begins, and end it where nobody may follow.

        Raises:
            ReplyRefused: If it is a redirect, or announces too many bytes.
        """
        self.is_sent, self.status = True, status
        self.headers = {name.lower(): value for name, value in headers.items()}
        if self.is_redirect or self.is_huge:
            raise ReplyRefused

    def failed(self, fault: BaseException) -> None:
        """Note that no reply came, because of *fault* as aiohttp raised it."""
        import aiohttp

        unreached = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
        unsendable = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)
        self.is_unreachable = isinstance(fault, unreached)
        self.is_unsendable = isinstance(fault, unsendable) or not isinstance(fault, aiohttp.ClientError | OSError)
        self.is_sent = not self.is_unreachable and not self.is_unsendable


class ReplyRefused(Exception):
    """Ends a request inside the client; the wire knows why, or its text says so."""
