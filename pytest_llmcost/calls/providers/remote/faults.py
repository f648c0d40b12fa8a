"""From a fault to a `CallError`: what happened, whether to try again, and whether it may be on the bill."""

from __future__ import annotations

import email.utils
import json
import math
import re
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from pytest_llmcost.calls.providers.remote.kinds import call_failure
from pytest_llmcost.calls.providers.remote.wire import Wire
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Request

_BY_STATUS = {
    400: "bad request",
    401: "bad key",
    402: "no credit",
    403: "forbidden",
    404: "unknown model",
    408: "time-out",
    413: "bad request",
    422: "bad request",
    429: "rate limit",
    504: "time-out",
}
_LABELS = re.compile(r"^(?:(?:litellm\.)?\w*(?:Error|Exception|Timeout)\w*(?: Error)?\s*(?::|-)\s*)+")


def call_error(fault: Exception, wire: Wire, request: Request) -> CallError:
    """Return what *fault*, raised by litellm, means for the caller.

    What the wire saw counts; litellm's own account is believed only where it used another
    transport. The fault itself is not kept: its frames hold the key.
    """
    chain = tuple(_chain(fault))
    said = "\n".join(map(str, chain))
    status = wire.status or _status_in(chain)
    kind = _kind(fault, chain, said, wire, status)
    headers = wire.headers or getattr(fault, "litellm_response_headers", None) or {}
    wait = _retry_after_seconds(headers.get("retry-after", ""))
    words = _words(kind, chain, wire, request)
    return call_failure(request, kind, words, status=status, retry_after_seconds=wait)


def _kind(fault: Exception, chain: tuple[BaseException, ...], said: str, wire: Wire, status: int | None) -> str:
    if wire.is_redirect:
        return "redirect"
    if status is not None and status >= 400:
        return _kind_of_status(status, said)
    if wire.is_unreachable:
        return "no secure connection" if any(isinstance(e, ssl.SSLError) for e in chain) else "cannot reach"
    if any(isinstance(e, TimeoutError) or "Timeout" in type(e).__name__ for e in chain):
        return "time-out"
    if status is not None:
        return "broken reply"
    if wire.is_sent:
        return "connection reset"
    return _kind_unsent(fault, chain, said)


def _kind_of_status(status: int, said: str) -> str:
    if status == 429 and "insufficient_quota" in said:
        return "no credit"
    if status == 400 and re.search(r"context.?(length|window)|maximum context|prompt is too long", said, re.I):
        return "context too long"
    if status == 400 and re.search(r"content.?(filter|policy|management)", said, re.I):
        return "content filter"
    return _BY_STATUS.get(status, "server error" if status >= 500 else "bad request")


def _kind_unsent(fault: Exception, chain: tuple[BaseException, ...], said: str) -> str:
    """Tell apart what litellm refuses by itself; its status is invented, so its words decide."""
    if any(isinstance(e, OSError) for e in chain):
        return "connection reset"  # on a transport that was not watched: the dearer guess
    if any(isinstance(e, ImportError) for e in chain):
        return "missing package"
    if "LLM Provider NOT provided" in said:
        return "unknown model"
    if re.search(r"\b(missing|unable to locate|no|could not find)\W+(\w+\W+)?(api.?key|credentials)", said, re.I):
        return "no key"
    status = getattr(fault, "status_code", None)
    return _kind_of_status(status, said) if isinstance(status, int) and 400 <= status < 500 else "error"


def _words(kind: str, chain: tuple[BaseException, ...], wire: Wire, request: Request) -> str:
    if kind == "redirect":
        target = urlsplit(wire.headers["location"])
        return f"the server sends the request on to {target.scheme}://{target.netloc}"
    if kind in ("cannot reach", "no secure connection"):
        root = getattr(chain[-1], "strerror", None) or chain[-1]
        return f"{request.endpoint.api_base or request.endpoint.provider}: {root}"
    if kind == "time-out" and (wire.status or 0) < 400:
        return f"no whole reply after {time.monotonic() - wire.started:.0f} s"
    if kind == "unknown model" and wire.status is None:
        return "litellm knows no such provider"
    return _words_of_reply(chain, wire) if kind in ("broken reply", "connection reset") else _words_of_error(chain[0])


def _words_of_reply(chain: tuple[BaseException, ...], wire: Wire) -> str:
    """Tell what is broken by the first cause: litellm's own words hide it."""
    if wire.is_huge:
        return f"it announces {wire.headers['content-length']} bytes"
    for fault in chain:
        if isinstance(fault, json.JSONDecodeError):
            return f"it is no JSON and begins with {fault.doc[:80]!r}" if fault.doc else "it is empty"
    return _LABELS.sub("", str(chain[-1])) or _words_of_error(chain[0])


def _words_of_error(fault: BaseException) -> str:
    said = _LABELS.sub("", str(fault)).partition("\n")[0]
    message = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)+)"', said)
    return message[1] if message else said or type(fault).__name__


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def _status_in(chain: tuple[BaseException, ...]) -> int | None:
    for fault in chain:
        if type(fault).__name__ == "HTTPStatusError":
            return int(fault.response.status_code)  # type: ignore[attr-defined]
    return None


def _retry_after_seconds(said: str) -> float | None:
    """Return the wait that `Retry-After` asks for: seconds, or an HTTP date."""
    try:
        seconds = float(said)
    except ValueError:
        moment = email.utils.parsedate_tz(said)
        seconds = email.utils.mktime_tz(moment) - time.time() if moment else math.nan
    return max(seconds, 0.0) if math.isfinite(seconds) else None
