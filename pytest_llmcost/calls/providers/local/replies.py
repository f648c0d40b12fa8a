"""From the engine's reply to a completion; a reply that lacks something is a fault, never a guess."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.calls.providers.local import faults
from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.usage import Usage


def completion_of(reply: Mapping[str, Any], request: Request, seconds: float, flags: tuple[str, ...]) -> Completion:
    """Return the completion that the engine's *reply* holds.

    Args:
        reply: A completion or a chat completion, in OpenAI's form.
        request: What was asked.
        seconds: How long this answer took.
        flags: What is known of it already; an answer cut off by `max_tokens` gets one more.

    Raises:
        CallError: If text, usage or log-probabilities are missing or impossible.
    """
    model = request.endpoint.model
    try:
        choice = reply["choices"][0]
        finish_reason = str(choice["finish_reason"])
        return Completion(
            text=_text(choice),
            usage=_usage(reply["usage"]),
            finish_reason=finish_reason,
            seconds=seconds,
            model=model,
            created=time.time(),
            logprobs=_logprobs(choice, request.params),
            flags=flags + (("length",) if finish_reason == "length" else ()),
        )
    except (LookupError, TypeError, InvalidUsage) as error:
        raise faults.engine_fault(model, f"its reply cannot be read ({error!r})") from error


def _text(choice: Mapping[str, Any]) -> str:
    text = choice["message"]["content"] if "message" in choice else choice["text"]
    if not isinstance(text, str):
        raise TypeError(f"the answer is {text!r}")
    return text


def _usage(usage: Mapping[str, Any]) -> Usage:
    return Usage(
        input_tokens=usage["prompt_tokens"],
        cached_input_tokens=usage["prompt_tokens_details"]["cached_tokens"],
        output_tokens=usage["completion_tokens"],
    )


def _logprobs(choice: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[TokenLogprob, ...]:
    if not params.get("logprobs") or (choice["logprobs"] is None and not _text(choice)):
        return ()  # not asked for, or an answer that ended before its first token
    listed = params.get("top_logprobs") or 0
    return tuple(_token(token, listed) for token in choice["logprobs"]["content"])


def _token(token: Mapping[str, Any], listed: int) -> TokenLogprob:
    top: Sequence[Mapping[str, Any]] = token["top_logprobs"][:listed]
    return TokenLogprob(token["token"], token["logprob"], tuple((t["token"], t["logprob"]) for t in top))
