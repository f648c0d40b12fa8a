"""The stub server's replies, sent in events: as OpenAI sends a chat in chunks, and Anthropic a message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fakes.stub_server import EVENTS, Asked, Reply, Script


def events(*data: Any) -> Reply:
    """Return a stream of *data*: text as it is, anything else as JSON."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in data]
    return Reply("".join(f"data: {text}\n\n" for text in texts).encode(), headers={"Content-Type": EVENTS})


def in_chunks(whole: Script) -> Script:
    """Send what *whole* answers as OpenAI does, a word at a time, and at its end the usage."""
    return lambda asked: events(*chunks_of(_document(whole, asked)), "[DONE]")


def in_events(whole: Script) -> Script:
    """Send what *whole* answers as Anthropic does."""
    return lambda asked: events(*events_of(_document(whole, asked)))


def _document(whole: Script, asked: Asked) -> Any:
    return json.loads(whole(asked).body)


def chunks_of(chat: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the chunks of a chat completion."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": chat["model"]}
    head |= {"service_tier": chat["service_tier"]} if "service_tier" in chat else {}
    (choice,) = chat["choices"]
    for delta in _deltas(choice["message"]):
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None}
    end = {"index": 0, "delta": {}, "logprobs": choice.get("logprobs"), "finish_reason": choice["finish_reason"]}
    yield {**head, "choices": [end], "usage": None}
    if "usage" in chat:
        yield {**head, "choices": [], "usage": chat["usage"]}


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": None if message["content"] is None else ""}
    for name in ("reasoning_content", "content", "refusal"):
        for word in _words(message[name]) if message.get(name) else ():
            yield {name: word}
    for index, call in enumerate(message.get("tool_calls") or ()):
        yield {"tool_calls": [{**call, "index": index, "function": {**call["function"], "arguments": ""}}]}
        for word in _words(call["function"].get("arguments") or ""):
            yield {"tool_calls": [{"index": index, "function": {"arguments": word}}]}


def events_of(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of a message; its output is counted at the end."""
    usage = message.get("usage") or {}
    begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    yield {"type": "ping"}
    for index, part in enumerate(message["content"]):
        kind, whole, delta = _PARTS[part["type"]]
        empty = {**part, whole: {} if whole == "input" else ""}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        text = json.dumps(part[whole]) if whole == "input" else part[whole]
        for word in _words(text):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": kind, delta: word}}
        yield {"type": "content_block_stop", "index": index}
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    ends = {"usage": {"output_tokens": usage.get("output_tokens")}} if usage else {}
    yield {"type": "message_delta", "delta": stop, **ends}
    yield {"type": "message_stop"}


_PARTS = {
    "text": ("text_delta", "text", "text"),
    "thinking": ("thinking_delta", "thinking", "thinking"),
    "tool_use": ("input_json_delta", "input", "partial_json"),
}
"""By a part's type: its delta's type, the field that grows, and the delta's name of it."""


def _words(text: str) -> list[str]:
    return [f"{word} " for word in text.split(" ")[:-1]] + text.split(" ")[-1:]
