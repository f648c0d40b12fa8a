"""From a reply to a `Completion`: what litellm takes for success is refused or flagged where it is none."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable
from typing import Any

from pytest_llmcost.calls.providers.remote.kinds import call_failure
from pytest_llmcost.calls.providers.remote.tokens import usage_of
from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.digest import canonical_json
from pytest_llmcost.domain.request import Request

MOST_TEXT_BYTES = 1_000_000
MOST_NAME = 200
LEAST_LOGPROB = -9999.0
"""What OpenAI writes for "not at all likely"; stands for the infinities that JSON cannot hold."""
_VERSION = re.compile(r"|[-@](latest|\d{3,}|\d{4}-\d{2}-\d{2}|v\d+(:\d+)?)")


def completion_of(reply: Any, request: Request, seconds: float) -> Completion:
    """Return what *reply* answers.

    Args:
        reply: litellm's `ModelResponse`.
        request: What was asked.
        seconds: From sending to the last byte.

    Raises:
        CallError: If there is no answer in it, a filter took it, or it is beyond reason.
    """
    choice = _first_choice(reply, request)
    finish_reason = str(choice.finish_reason or "")
    if finish_reason == "content_filter":
        raise call_failure(request, "content filter", "the answer is withheld", status=200)
    text, text_flags = _text(choice, finish_reason, request)
    usage, usage_flags = usage_of(getattr(reply, "usage", None), text, request)
    model = _whole(str(getattr(reply, "model", None) or request.endpoint.model))[:MOST_NAME]
    return Completion(
        text=text,
        usage=usage,
        finish_reason=finish_reason,
        seconds=seconds,
        model=model,
        created=time.time(),
        logprobs=tuple(_logprobs(choice)),
        flags=(
            *text_flags,
            *usage_flags,
            *([] if is_same_model(request.endpoint.model, model) else [f"answered by {model}"]),
        ),
    )


def is_same_model(asked: str, replied: str) -> bool:
    """Return whether *replied* names the model that was asked, or a dated version of it.

    Providers leave the prefix off, and answer `gpt-4o` as `gpt-4o-2024-08-06`.
    """
    asked_parts, replied_parts = asked.lower().split("/"), replied.lower().split("/")
    shared = min(len(asked_parts), len(replied_parts))
    *asked_path, asked_name = asked_parts[-shared:]
    *replied_path, replied_name = replied_parts[-shared:]
    name = asked_name.removesuffix("-latest")
    is_version = _VERSION.fullmatch(replied_name.removeprefix(name)) is not None
    return asked_path == replied_path and replied_name.startswith(name) and is_version


def _first_choice(reply: Any, request: Request) -> Any:
    choices = getattr(reply, "choices", None)
    if not choices:
        raise call_failure(request, "broken reply", "it has no choices", status=200)
    return choices[0]


def _text(choice: Any, finish_reason: str, request: Request) -> tuple[str, list[str]]:
    """Return the answer: the content, the tool calls as JSON, or the refusal; flagged where it is not whole."""
    message = choice.message
    text, flags = message.content, ["length"] if finish_reason == "length" else []
    if not text and message.tool_calls:
        text = canonical_json(
            [{"name": c.function.name, "arguments": c.function.arguments} for c in message.tool_calls]
        )
    elif text is None and (refusal := _refusal(message)):
        text, flags = refusal, [*flags, "refusal"]
    elif text is None and flags:
        text = ""  # all of max_tokens went into reasoning
    if not isinstance(text, str):
        raise call_failure(request, "broken reply", f"its content is {text!r}", status=200)
    return _bounded(text, request), flags


def _refusal(message: Any) -> Any:
    return (getattr(message, "provider_specific_fields", None) or {}).get("refusal")


def _bounded(text: str, request: Request) -> str:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_TEXT_BYTES:
        words = f"its text has {size} bytes, more than {MOST_TEXT_BYTES}"
        raise call_failure(request, "broken reply", words, status=200, is_retryable=False)
    return _whole(text)


def _logprobs(choice: Any) -> Iterable[TokenLogprob]:
    for token in getattr(getattr(choice, "logprobs", None), "content", None) or ():
        top = tuple((_whole(rival.token), _finite(rival.logprob)) for rival in token.top_logprobs or ())
        yield TokenLogprob(_whole(token.token), _finite(token.logprob), top)


def _finite(logprob: Any) -> float:
    return float(logprob) if math.isfinite(logprob) else LEAST_LOGPROB


def _whole(text: str) -> str:
    """Return *text* with half surrogates replaced, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
