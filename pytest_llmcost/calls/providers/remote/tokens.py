"""The tokens that a reply says it took: validated, and estimated where the count is missing or cannot be."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.usage import Usage

BYTES_PER_TOKEN = 3
"""Of UTF-8. English has about four, other languages fewer: an estimate shall err upwards."""


def usage_of(counted: Any, text: str, request: Request) -> tuple[Usage, tuple[str, ...]]:
    """Return a reply's usage, and what a reader must know of it.

    A count of nothing is a missing one: no request has no input, and no text comes of no
    output.

    Args:
        counted: The reply's `usage`, as litellm hands it on; cached tokens are part of the input.
        text: What was answered.
        request: What was asked.
    """
    try:
        usage = _read(counted)
    except InvalidUsage as fault:
        what = str(fault).partition(": ")[0]
        return _estimate(text, request), (f"usage impossible: {what}, estimated",)
    if not usage.input_tokens or (text and not usage.output_tokens):
        return _estimate(text, request), ("usage estimated",)
    return usage, ()


def _read(counted: Any) -> Usage:
    into, out = (getattr(counted, name, None) for name in ("prompt_tokens_details", "completion_tokens_details"))
    return Usage(
        input_tokens=_count(counted, "prompt_tokens"),
        cached_input_tokens=_count(into, "cached_tokens"),
        cache_write_tokens=_count(into, "cache_creation_tokens") or _count(counted, "cache_creation_input_tokens"),
        output_tokens=_count(counted, "completion_tokens"),
        reasoning_tokens=_count(out, "reasoning_tokens"),
    )


def _count(holder: Any, name: str) -> Any:
    """Return a count, 0 where it is absent or null; whether it is one is for `Usage` to say."""
    found = getattr(holder, name, None)
    return 0 if found is None else found


def _estimate(text: str, request: Request) -> Usage:
    asked = canonical_json([[dict(message) for message in request.messages], dict(request.params)])
    return Usage(input_tokens=_tokens(asked), output_tokens=_tokens(text), is_estimated=True)


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
