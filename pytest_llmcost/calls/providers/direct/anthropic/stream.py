"""A message in events, put together again: the whole of it, or an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.calls.providers.chat.choices import Unreadable, as_object, error_words
from pytest_llmcost.calls.providers.direct.anthropic.messages import message_as_chat

_DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
"""What deltas carry that an answer is made of; others (signatures, citations) are let go."""


class MessageEvents:
    """Satisfies `Joining`: events from `message_start` to `message_stop`; unknown ones may come at any time."""

    def __init__(self) -> None:
        self.is_whole = False
        self.has_begun = False
        self._message: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}
        self._parts: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, list[str]] = {}

    def add(self, data: str) -> None:
        """Take in one event."""
        event = as_object(json.loads(data), "an event")
        kind = event.get("type")
        if kind == "error" or event.get("error"):
            raise Unreadable(f"its stream breaks off: {_words(event.get('error'))}")
        if kind == "message_start":
            self._message = dict(as_object(event.get("message"), "its message"))
            self._add_usage(self._message.get("usage"))
        elif kind == "content_block_start":
            self._start_part(event)
        elif kind == "content_block_delta":
            self._add_delta(event)
        elif kind == "message_delta":
            self._message |= as_object(event.get("delta"), "its message's delta")
            self._add_usage(event.get("usage"))
        elif kind == "message_stop":
            self.is_whole = True

    def reply(self) -> Any:
        """Return the message in OpenAI's form."""
        if self._message.get("stop_reason") is None:
            raise Unreadable("its stream ends without a stop reason")
        content = [self._part(index) for index in sorted(self._parts)]
        return message_as_chat({**self._message, "content": content, "usage": self._usage})

    def _add_usage(self, counted: Any) -> None:
        # Counts are totals so far: the last one is right.
        usage = as_object(counted or {}, "its usage")
        self._usage |= {name: count for name, count in usage.items() if count is not None}

    def _start_part(self, event: Mapping[str, Any]) -> None:
        index, part = _index(event), as_object(event.get("content_block"), "a part of its content")
        if index in self._parts:
            raise Unreadable(f"two parts of its content have the index {index}")
        self._parts[index] = dict(part)
        self._texts[index] = []
        self.has_begun = self.has_begun or part.get("type") == "tool_use" or bool(part.get("text"))

    def _add_delta(self, event: Mapping[str, Any]) -> None:
        index, delta = _index(event), as_object(event.get("delta"), "a delta")
        name = _DELTAS.get(str(delta.get("type")))
        if index not in self._parts:
            raise Unreadable(f"it adds to a part that never began, {index}")
        if name is None:
            return
        text = delta.get(name)
        if not isinstance(text, str):
            raise Unreadable(f"a delta's {name} is {text!r:.80}")
        self._texts[index].append(text)
        self.has_begun = self.has_begun or (name == "text" and bool(text))

    def _part(self, index: int) -> dict[str, Any]:
        part, text = self._parts[index], "".join(self._texts[index])
        if part.get("type") == "tool_use":
            return {**part, "input": _input(text)} if text else part
        kind = str(part.get("type"))
        return {**part, kind: str(part.get(kind) or "") + text} if kind in ("text", "thinking") else part


def _index(event: Mapping[str, Any]) -> int:
    index = event.get("index")
    if type(index) is not int:
        raise Unreadable(f"a part of its content has the index {index!r:.80}")
    return index


def _input(written: str) -> Any:
    """Return a tool's input, as text where it is no JSON: an answer that was cut off may end in the middle of it."""
    try:
        return json.loads(written)
    except json.JSONDecodeError:
        return written


def _words(error: Any) -> str:
    kind = error.get("type") if isinstance(error, Mapping) else None
    words = error_words(error) or "an error without words"
    return f"{kind}: {words}" if kind else words
