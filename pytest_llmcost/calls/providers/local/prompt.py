"""What is asked of the engine: turns of plain text, and the few parameters it is known to keep."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llmcost.calls.providers.local.faults import bad_request
from pytest_llmcost.domain.request import Message, Request

BLANK_LINE = "\n\n"

PLAIN_SAMPLING = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0}
"""What the request leaves open is sampled from the model's whole distribution: the engine's
own defaults cut it off, and differ between its versions."""

LARGEST_SEED = 2**32 - 2  # the engine takes 2**32 - 1 for "any"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of plain text."""

    role: str
    content: str

    def as_message(self) -> dict[str, str]:
        """Return it in OpenAI's form."""
        return {"role": self.role, "content": self.content}


def turns_of(request: Request) -> tuple[Turn, ...]:
    """Return the chat as plain text.

    Raises:
        CallError: If it holds anything else: images, tool calls, names.
    """
    return tuple(_turn(request.endpoint.model, message) for message in request.messages)


def joined(turns: Sequence[Turn]) -> str:
    """Return the plain text that style `text` completes: the contents, a blank line between them."""
    return BLANK_LINE.join(turn.content for turn in turns)


def prompt_body(turns: Sequence[Turn], style: str) -> dict[str, Any]:
    """Return the prompt as the engine takes it in that style."""
    if style == "text":
        return {"prompt": joined(turns)}
    return {"messages": [turn.as_message() for turn in turns]}


def sampling_body(request: Request) -> dict[str, Any]:
    """Return the parameters as the engine takes them.

    A request without a seed gets one made of its key: the same request has the same
    answer, another trial another one. In style `text` an answer is a line, unless
    `stop` or a response format says where it ends.

    Raises:
        CallError: If a parameter is unknown to local models, or out of its bounds.
    """
    params = {name: value for name, value in request.params.items() if value is not None}
    _check(request.endpoint.model, params)
    is_text = request.style == "text"
    kept = {name: value for name, value in params.items() if name not in ("logprobs", "top_logprobs")}
    body = {**PLAIN_SAMPLING, "seed": int(request.key()[:7], 16), **kept, **_logprobs(params, is_text)}
    return _for_text(body) if is_text else body


def _for_text(body: dict[str, Any]) -> dict[str, Any]:
    # In a plain completion the engine ignores `response_format` without a word, and knows the schema by another name.
    schema = _schema(body.pop("response_format", {}))
    end = {} if schema else {"stop": ["\n"]}
    return {**end, **body, **schema}


def _turn(model: str, message: Message) -> Turn:
    content = message.get("content")
    extra = sorted(set(message) - {"role", "content"})
    if extra or not isinstance(content, str):
        what = f"{extra[0]!r} in a message" if extra else f"{type(content).__name__} as a message's content"
        raise bad_request(model, f"local models take text alone, not {what}.")
    return Turn(str(message.get("role", "user")), content)


def _logprobs(params: Mapping[str, Any], is_text: bool) -> dict[str, Any]:
    if not params.get("logprobs"):
        return {}
    listed = max(params.get("top_logprobs", 0), 1)  # asked for none, the engine gives no log-probability at all
    return {"logprobs": listed} if is_text else {"logprobs": True, "top_logprobs": listed}


def _schema(response_format: Mapping[str, Any]) -> dict[str, Any]:
    match response_format:
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            return {"json_schema": schema}
        case {"type": "json_object"}:
            return {"json_schema": {"type": "object"}}
    return {}


def _check(model: str, params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        if name not in _BOUNDS:
            raise bad_request(model, f"local models have no parameter {name!r}. They have: {', '.join(_BOUNDS)}.")
        is_good, what = _BOUNDS[name]
        if not is_good(value):
            raise bad_request(model, f"{name} is {value!r}: {what} is needed.")
    if "max_tokens" not in params:
        raise bad_request(model, "'max_tokens' is missing: without it an answer might never end.")
    if params.get("top_logprobs") and not params.get("logprobs"):
        raise bad_request(model, "'top_logprobs' needs 'logprobs: true'.")


def _is_number(value: Any, low: float, high: float) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and low <= value <= high


def _is_whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _is_stop(value: Any) -> bool:
    texts = [value] if isinstance(value, str) else value
    return isinstance(texts, list | tuple) and all(isinstance(text, str) and text for text in texts)


def _is_format(value: Any) -> bool:
    match value:
        case {"type": "text" | "json_object"} | {"type": "json_schema", "json_schema": {"schema": Mapping()}}:
            return True
    return False


_BOUNDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "temperature": (lambda v: _is_number(v, 0, 10), "a number from 0 to 10"),
    "max_tokens": (lambda v: _is_whole(v, 1, 2**20), "a whole number from 1"),
    "seed": (lambda v: _is_whole(v, 0, LARGEST_SEED), f"a whole number from 0 to {LARGEST_SEED}"),
    "top_p": (lambda v: _is_number(v, 0, 1), "a number from 0 to 1"),
    "top_k": (lambda v: _is_whole(v, 0, 2**20), "a whole number from 0 (all tokens)"),
    "stop": (_is_stop, "a text, or a list of texts, none empty,"),
    "logprobs": (lambda v: type(v) is bool, "true or false"),
    "top_logprobs": (lambda v: _is_whole(v, 0, 20), "a whole number from 0 to 20"),
    "response_format": (_is_format, "type text, json_object, or json_schema with its schema,"),
}
