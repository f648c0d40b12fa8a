"""A message of Anthropic's, read as a chat completion of OpenAI's, so that both are judged by one code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.calls.providers.chat.choices import Unreadable, as_list, as_object, error_words


def message_as_chat(message: Any) -> Any:
    """Return *message* in OpenAI's form; a part of the answer that nobody asked for is no part of it.

    Raises:
        Unreadable: If it is no message, or one that tells of a failure.
    """
    fields = as_object(message, "it")
    if words := error_words(fields.get("error")):
        raise Unreadable(words)
    if "content" not in fields:
        raise Unreadable("it has no content")
    parts = [as_object(part, "a part of its content") for part in as_list(fields["content"], "its parts")]
    calls = [_tool_call(part) for part in parts if part.get("type") == "tool_use"]
    chat = {
        "content": "".join(_texts(parts, "text")) or None,
        "reasoning_content": "".join(_texts(parts, "thinking")),
        **({"tool_calls": calls} if calls else {}),
    }
    usage = as_object(fields.get("usage") or {}, "its usage")
    choice = {"index": 0, "message": chat, "finish_reason": fields.get("stop_reason")}
    return {"model": fields.get("model"), "choices": [choice], "usage": usage_as_chat(usage)}


def usage_as_chat(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return *usage* as litellm writes it: here cached tokens are counted beside the input, there as part of it."""
    read, written = usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")
    kinds = as_object(usage.get("cache_creation") or {}, "its cache_creation")
    thought = as_object(usage.get("output_tokens_details") or {}, "its output_tokens_details")
    return {
        "prompt_tokens": _sum(usage.get("input_tokens"), read, written),
        "completion_tokens": usage.get("output_tokens"),
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "prompt_tokens_details": {"cache_creation_token_details": dict(kinds)},
        "completion_tokens_details": {"reasoning_tokens": thought.get("thinking_tokens")},
        "service_tier": usage.get("service_tier"),
    }


def _sum(*counts: Any) -> Any:
    """Return the sum of what is counted, or the first count that is no number: whether it can be is judged later."""
    given = [count for count in counts if count is not None]
    odd = [count for count in given if isinstance(count, bool) or not isinstance(count, int)]
    return odd[0] if odd else sum(given)


def _texts(parts: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    texts = [part.get(kind) for part in parts if part.get("type") == kind]
    for text in texts:
        if not isinstance(text, str):
            raise Unreadable(f"a part of its content is {text!r:.80}")
    return [str(text) for text in texts]


def _tool_call(part: Mapping[str, Any]) -> dict[str, Any]:
    given = part.get("input")
    arguments = given if isinstance(given, str) else json.dumps(given or {})  # as litellm writes them
    return {"function": {"name": part.get("name"), "arguments": arguments}}
