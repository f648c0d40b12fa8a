"""From a fault to a `CallError`: what happened, whether to try again, and whether it may be on the bill."""

from __future__ import annotations

import email.utils
import json
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from pytest_llmcost.calls.providers.chat.kinds import call_failure
from pytest_llmcost.calls.providers.chat.wire import Wire
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


class ErrorReply(Exception):
    """A reply whose status is that of an error; its text is the body."""


def call_error(
    fault: Exception, wire: Wire, request: Request, why_unsent: Callable[[Exception, str], tuple[str, str]]
) -> CallError:
    """Return what *fault*, raised by a client, means for the caller.

    What the wire saw counts, not the client's account of it. The fault itself is not
    kept: its frames hold the key.

    Args:
        fault: What the client raised.
        wire: What the wire saw of the attempt.
        request: The request that failed.
        why_unsent: Tells from the fault and all its words why the client sent nothing: the
            kind, and words for the user, or none where the fault's own will do.
    """
    chain = tuple(chain_of(fault))
    said = "\n".join([*map(str, chain), wire.said])
    kind, words = _kind(chain, said, wire), ""
    if not kind:
        kind, words = why_unsent(fault, said)
    wait = _retry_after_seconds(wire.headers.get("retry-after", ""))
    words = words or _words(kind, chain, wire, request)
    return call_failure(request, kind, words, status=wire.status, request_id=wire.request_id, retry_after_seconds=wait)


def kind_of_status(status: int, said: str) -> str:
    """Return the kind of an error by its status, and by what is said where one status means several things."""
    if status == 429 and "insufficient_quota" in said:
        return "no credit"
    if status == 400 and re.search(r"credit balance is too low|reached your specified API usage limits", said):
        return "no credit"  # so Anthropic says it
    if status == 400 and re.search(r"context.?(length|window)|maximum context|prompt is too long", said, re.I):
        return "context too long"
    if status == 400 and re.search(r"content.?(filter|policy|management)", said, re.I):
        return "content filter"
    return _BY_STATUS.get(status, "server error" if status >= 500 else "bad request")


def chain_of(fault: BaseException | None) -> Iterator[BaseException]:
    """Yield *fault*, its cause, and so on."""
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__


def _kind(chain: tuple[BaseException, ...], said: str, wire: Wire) -> str:
    if wire.is_redirect:
        return "redirect"
    if wire.status is not None and wire.status >= 400:
        return kind_of_status(wire.status, said)
    if wire.is_unsendable:
        return "cannot send"
    if wire.is_unreachable:
        return "no secure connection" if any(isinstance(e, ssl.SSLError) for e in chain) else "cannot reach"
    if any(isinstance(e, TimeoutError) or "Timeout" in type(e).__name__ for e in chain):
        return "time-out"
    if wire.status is not None:
        return "broken reply"
    return "connection reset" if wire.is_sent else ""


def _words(kind: str, chain: tuple[BaseException, ...], wire: Wire, request: Request) -> str:
    if kind == "redirect":
        target = urlsplit(wire.headers["location"])
        return f"the server sends the request on to {target.scheme}://{target.netloc}"
    if kind in ("cannot reach", "no secure connection"):
        root = getattr(chain[-1], "strerror", None) or chain[-1]
        return f"{request.endpoint.api_base or request.endpoint.provider}: {root}"
    if kind == "time-out" and (wire.status or 0) < 400:
        return f"no whole reply after {time.monotonic() - wire.started:.0f} s"
    is_hidden = kind in ("broken reply", "connection reset", "cannot send")
    return _words_of_cause(chain, wire) if is_hidden else _words_of_error(chain[0])


def _words_of_cause(chain: tuple[BaseException, ...], wire: Wire) -> str:
    """Tell what is wrong by the first cause: litellm's own words hide it."""
    if wire.is_huge:
        return f"it announces {wire.headers['content-length']} bytes"
    for fault in chain:
        if isinstance(fault, json.JSONDecodeError):
            return f"it is no JSON and begins with {fault.doc[:80]!r}" if fault.doc else "it is empty"
    return _LABELS.sub("", str(chain[-1])) or _words_of_error(chain[0])


def _words_of_error(fault: BaseException) -> str:
    lines = _LABELS.sub("", str(fault)).strip().splitlines()
    said = " ".join(lines) if isinstance(fault, ErrorReply) else "".join(lines[:1])
    message = re.search(r'"message"\s*:\s*"((?:[^"\\]|\\.)+)"', said)
    return message[1] if message else said or type(fault).__name__


def _retry_after_seconds(said: str) -> float | None:
    """Return the wait that `Retry-After` asks for: seconds, or an HTTP date."""
    try:
        seconds = float(said)
    except ValueError:
        moment = email.utils.parsedate_tz(said)
        seconds = email.utils.mktime_tz(moment) - time.time() if moment else math.nan
    return max(seconds, 0.0) if math.isfinite(seconds) else None
