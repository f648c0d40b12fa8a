"""A chat completion in chunks, put together again: the whole of it, or an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.calls.providers.chat.choices import Unreadable, as_list, as_object, error_words

END = "[DONE]"
_KEPT = ("model", "usage", "service_tier", "system_fingerprint")
"""What stands beside the choices; the last chunk that has it is right: usage comes at the very end."""


class ChatChunks:
    """Satisfies `Joining`: chunks of one choice."""

    def __init__(self) -> None:
        self.is_whole = False
        self.has_begun = False
        self._beside: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {}
        self._calls: dict[int, _ToolCall] = {}
        self._logprobs: list[Any] = []
        self._finish_reason: Any = None

    def add(self, data: str) -> None:
        """Take in one chunk, or the end."""
        if data == END:
            self.is_whole = True
            return
        chunk = as_object(json.loads(data), "a chunk")
        if words := error_words(chunk.get("error")):
            raise Unreadable(f"its stream breaks off: {words}")
        self._beside |= {name: chunk[name] for name in _KEPT if chunk.get(name) is not None}
        for choice in as_list(chunk.get("choices"), "a chunk's choices"):
            if as_object(choice, "a chunk's choice").get("index", 0) == 0:
                self._add_choice(choice)

    def reply(self) -> Any:
        """Return the chat completion; what never came is left out."""
        if self._finish_reason is None:
            raise Unreadable("its stream ends without a finish reason")
        message: dict[str, Any] = {name: "".join(parts) for name, parts in self._texts.items()}
        if self._calls:
            message["tool_calls"] = [self._calls[index].whole() for index in sorted(self._calls)]
        if message.get("refusal"):
            message["content"] = message.get("content") or None  # a stream opens with an empty one
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": self._finish_reason}
        if self._logprobs:
            choice["logprobs"] = {"content": self._logprobs}
        return {**self._beside, "choices": [choice]}

    def _add_choice(self, choice: Mapping[str, Any]) -> None:
        self._finish_reason = choice.get("finish_reason") or self._finish_reason
        if choice.get("logprobs") is not None:
            tokens = as_object(choice["logprobs"], "a chunk's logprobs").get("content")
            self._logprobs += as_list(tokens, "a chunk's logprobs")
        delta = as_object(choice.get("delta") or {}, "a chunk's delta")
        for name in ("content", "refusal", "reasoning_content", "reasoning"):
            if delta.get(name) is not None:
                self._add_text(name, delta[name])
        for call in as_list(delta.get("tool_calls"), "a chunk's tool calls"):
            self._add_call(as_object(call, "a chunk's tool call"))

    def _add_text(self, name: str, text: Any) -> None:
        if not isinstance(text, str):
            raise Unreadable(f"a chunk's {name} is {text!r:.80}")
        self._texts.setdefault(name, []).append(text)
        self.has_begun = self.has_begun or (bool(text) and name in ("content", "refusal"))

    def _add_call(self, part: Mapping[str, Any]) -> None:
        index, function = part.get("index"), as_object(part.get("function") or {}, "a tool call's function")
        if type(index) is not int:
            raise Unreadable(f"a chunk's tool call has the index {index!r:.80}")
        self.has_begun = True
        call = self._calls.setdefault(index, _ToolCall(part.get("id")))
        if part.get("id") not in (None, "", call.id):
            raise Unreadable("two of its tool calls have one index")
        call.name = function.get("name") or call.name
        arguments = function.get("arguments")
        if arguments is not None:
            call.arguments.append(arguments if isinstance(arguments, str) else json.dumps(arguments))


@dataclass
class _ToolCall:
    id: Any
    name: Any = None
    arguments: list[str] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        return {"function": {"name": self.name, "arguments": "".join(self.arguments)}}
