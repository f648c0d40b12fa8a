"""The tokens that a reply says it took: validated, and estimated where the count is missing or cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_llmcost.calls.providers.chat.choices import Unreadable
from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.usage import Usage

BYTES_PER_TOKEN = 3
"""Of UTF-8. English has about four, other languages fewer: an estimate shall err upwards."""

_KEPT_AN_HOUR = "ephemeral_1h_input_tokens"


def usage_of(counted: Any, text: str, request: Request) -> tuple[Usage, tuple[str, ...]]:
    """Return a reply's usage, and what a reader must know of it.

    A count of nothing is a missing one: no request has no input, and no text comes of no
    output.

    Args:
        counted: The reply's `usage`; cached tokens are part of the input.
        text: What was answered.
        request: What was asked.

    Raises:
        Unreadable: If a count is no whole number.
    """
    try:
        usage = read_usage(_object(counted, "usage"))
    except InvalidUsage as fault:
        what = str(fault).partition(": ")[0]
        return _estimate(text, request), (f"usage impossible: {what}, estimated",)
    if not usage.input_tokens or (text and not usage.output_tokens):
        return _estimate(text, request), ("usage estimated",)
    return usage, ()


def read_usage(counted: Mapping[str, Any]) -> Usage:
    """Return what is counted by OpenAI's names, and by those that DeepSeek's and Anthropic's servers use beside them.

    Raises:
        InvalidUsage: If the counts cannot be.
        Unreadable: If a count is no whole number.
    """
    into, out = (_object(counted.get(name), name) for name in ("prompt_tokens_details", "completion_tokens_details"))
    return Usage(
        input_tokens=_first(counted, "prompt_tokens"),
        cached_input_tokens=_first(counted, "cache_read_input_tokens", "prompt_cache_hit_tokens")
        or _first(into, "cached_tokens"),
        cache_write_1h_tokens=_first(_object(into.get("cache_creation_token_details"), "cache writes"), _KEPT_AN_HOUR),
        cache_write_tokens=_first(counted, "cache_creation_input_tokens")
        or _first(into, "cache_write_tokens", "cache_creation_tokens"),
        output_tokens=_first(counted, "completion_tokens"),
        reasoning_tokens=_first(out, "reasoning_tokens") or _first(counted, "reasoning_tokens"),
    )


def _first(holder: Mapping[str, Any], *names: str) -> int:
    """Return the first count that is stated, 0 where none is; whether it can be is for `Usage` to say."""
    for name in names:
        count = holder.get(name)
        if count is None:
            continue
        if isinstance(count, float) and count.is_integer():
            return int(count)
        if isinstance(count, bool) or not isinstance(count, int):
            raise Unreadable(f"its usage has {name} = {count!r}")
        return count
    return 0


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Unreadable(f"its {name} is {value!r:.80}")
    return value


def _estimate(text: str, request: Request) -> Usage:
    params = {name: value for name, value in request.params.items() if name != "stream"}
    asked = canonical_json([[dict(message) for message in request.messages], params])
    return Usage(input_tokens=_tokens(asked), output_tokens=_tokens(text), is_estimated=True)


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)
