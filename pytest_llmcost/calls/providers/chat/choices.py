"""The answer in a reply: text, why it ended, log-probabilities; of plain JSON, none of which is taken on trust."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.domain.completion import TokenLogprob
from pytest_llmcost.domain.digest import canonical_json

LEAST_LOGPROB = -9999.0
"""What OpenAI writes for "not at all likely"; stands for the infinities that JSON cannot hold."""
_MOST_SHOWN = 80
_ENDS = {
    "length": ("length", "max_tokens", "model_length", "MAX_TOKENS", "model_context_window_exceeded", "pause_turn"),
    "tool_calls": ("tool_calls", "tool_use"),
    "function_call": ("function_call",),
    "content_filter": ("content_filter", "content_filtered", "refusal", "sensitive", "SAFETY"),
    "error": ("error", "ERROR", "network_error", "abort"),
}
"""What servers that follow OpenAI's form call it; whatever else they say means that the model came to an end."""
_END_NAMES = {said: name for name, all_said in _ENDS.items() for said in all_said}
_THOUGHT = re.compile(r"<(think|thinking)>.*?</\1>", re.DOTALL)


class Unreadable(Exception):
    """A reply that holds no answer; its text says what is wrong with it.

    Args:
        words: For the user.
        may_differ: Whether another try may bring something better.
    """

    def __init__(self, words: str, *, may_differ: bool = True) -> None:
        super().__init__(words)
        self.may_differ = may_differ


@dataclass(frozen=True, slots=True)
class Choice:
    """The one answer that is looked at.

    Attributes:
        is_filtered: Whether the provider withheld it; there is no more to it then.
        flags: What a reader must know: `length`, `refusal`.
    """

    text: str = ""
    finish_reason: str = "content_filter"
    logprobs: tuple[TokenLogprob, ...] = ()
    flags: tuple[str, ...] = ()
    is_filtered: bool = False


def choice_of(reply: Any) -> Choice:
    """Return the first choice of *reply*.

    Raises:
        Unreadable: If there is none, or no answer in it.
    """
    if not isinstance(reply, Mapping):
        raise Unreadable(f"it is {_shown(reply)}, no object")
    if words := error_words(reply.get("error")):
        raise Unreadable(words)
    choices = as_list(reply.get("choices"), "its choices")
    if not choices:
        raise Unreadable("it has no choices")
    choice = as_object(choices[0], "its first choice")
    message = as_object(choice.get("message"), "its message")
    finish_reason = _finish_reason(choice, message)
    if finish_reason == "content_filter":
        return Choice(is_filtered=True)
    text, flags = _text(message, is_cut=finish_reason == "length")
    return Choice(text, finish_reason, tuple(_logprobs(choice.get("logprobs"))), flags)


def whole(text: str) -> str:
    """Return *text* with half surrogates replaced, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def as_object(value: Any, name: str) -> Mapping[str, Any]:
    """Return *value*, a part of a reply by the name of *name*, if it is a JSON object; else raise `Unreadable`."""
    if not isinstance(value, Mapping):
        raise Unreadable(f"{name} is {_shown(value)}, no object")
    return value


def as_list(value: Any, name: str) -> Sequence[Any]:
    """Return *value* if it is a JSON list, and an empty one where nothing is there; else raise `Unreadable`."""
    if not isinstance(value, list | None):
        raise Unreadable(f"{name} are {_shown(value)}, no list")
    return value or ()


def error_words(error: Any) -> str:
    """Return what a reply that came as a success says of its failure; some routers fail so, and every stream."""
    if not isinstance(error, Mapping):
        return str(error or "")
    return str(error.get("message") or "") or (f"error {error['code']}" if error.get("code") is not None else "")


def _finish_reason(choice: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    said, by_provider = choice.get("finish_reason"), _kept_by_litellm(choice, "native_finish_reason")
    if "error" in (_END_NAMES.get(str(word)) for word in (said, by_provider)):
        raise Unreadable("the server broke off in the middle of it")
    name = _END_NAMES.get(str(said), "stop")
    return "tool_calls" if name == "stop" and message.get("tool_calls") else name


def _text(message: Mapping[str, Any], *, is_cut: bool) -> tuple[str, tuple[str, ...]]:
    """Return the answer: the content, the tool calls as JSON, or the refusal; flagged where it is not whole."""
    text, flags = message.get("content"), ("length",) if is_cut else ()
    if not text and message.get("tool_calls"):
        return canonical_json([_tool_call(call) for call in as_list(message["tool_calls"], "its tool calls")]), flags
    if text is None and (refusal := message.get("refusal") or _kept_by_litellm(message, "refusal")):
        return str(refusal), (*flags, "refusal")
    if text is None and is_cut:
        return "", flags  # all of max_tokens went into reasoning
    if not isinstance(text, str):
        raise Unreadable(f"its content is {_shown(text)}")
    return _without_thought(text, message), flags


def _without_thought(text: str, message: Mapping[str, Any]) -> str:
    """Return the answer alone, where a server leaves the model's reasoning in front of it."""
    found = None if {"reasoning", "reasoning_content"} & message.keys() else _THOUGHT.match(text)
    return text[found.end() :] if found else text


def _tool_call(call: Any) -> dict[str, Any]:
    function = as_object(as_object(call, "a tool call").get("function"), "a tool call's function")
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(name, str):
        raise Unreadable(f"a tool call's function is {_shown(name)}, no name")
    if not isinstance(arguments, str):  # some servers send an object, or nothing, where the protocol has text
        arguments = "" if arguments is None else json.dumps(arguments)
    return {"name": name, "arguments": arguments}


def _kept_by_litellm(holder: Mapping[str, Any], name: str) -> Any:
    """Return what litellm found beside the fields that it knows."""
    fields = holder.get("provider_specific_fields")
    return fields.get(name) if isinstance(fields, Mapping) else None


def _logprobs(listed: Any) -> Iterator[TokenLogprob]:
    tokens = None if listed is None else as_object(listed, "its logprobs").get("content")
    for token in as_list(tokens, "its logprobs"):
        rivals = as_list(as_object(token, "a token").get("top_logprobs"), "a token's rivals")
        yield TokenLogprob(*_token(token), tuple(map(_token, rivals)))


def _token(token: Any) -> tuple[str, float]:
    fields = as_object(token, "a token")
    name, logprob = fields.get("token"), fields.get("logprob")
    if not isinstance(name, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
        raise Unreadable(f"its logprobs have {_shown(token)}")
    return whole(name), float(logprob) if LEAST_LOGPROB < logprob < -LEAST_LOGPROB else LEAST_LOGPROB


def _shown(value: Any) -> str:
    return repr(value)[:_MOST_SHOWN]
