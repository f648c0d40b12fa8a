"""What is to be learned from litellm alone: why it sent nothing, and what it met on a transport that nobody watched."""

from __future__ import annotations

import re

from pytest_llmcost.calls.providers.chat.faults import chain_of, kind_of_status
from pytest_llmcost.calls.providers.chat.wire import Wire

_NO_KEY = re.compile(r"\b(missing|unable to locate|no|could not find)\W+(\w+\W+)?(api.?key|credentials)", re.I)


def believe(fault: Exception, wire: Wire) -> None:
    """Fill in what the wire did not see: some providers' clients use another transport, and none shows the body."""
    wire.headers = wire.headers or dict(getattr(fault, "litellm_response_headers", None) or {})
    wire.status = wire.status or next(
        (int(e.response.status_code) for e in chain_of(fault) if type(e).__name__ == "HTTPStatusError"),  # type: ignore[attr-defined]
        None,
    )
    # OpenAI's client puts the body into its words, or (from 3.57 on) the message in it alone: without the code.
    bodies = (getattr(e, "body", None) for e in chain_of(fault))
    wire.said = next((str(body) for body in bodies if body), "")


def why_unsent(fault: Exception, said: str) -> tuple[str, str]:
    """Return the kind of what litellm refuses by itself, and better words for it where there are any.

    The status that litellm gives to it is invented, so its words decide.
    """
    chain = tuple(chain_of(fault))
    if any(isinstance(e, OSError) for e in chain):
        return "connection reset", ""  # on a transport that was not watched: the dearer guess
    if any(isinstance(e, ImportError) for e in chain):
        return "missing package", ""
    if "LLM Provider NOT provided" in said:
        return "unknown model", "litellm knows no such provider"
    if _NO_KEY.search(said):
        return "no key", ""
    status = getattr(fault, "status_code", None)
    return (kind_of_status(status, said) if isinstance(status, int) and 400 <= status < 500 else "error"), ""
