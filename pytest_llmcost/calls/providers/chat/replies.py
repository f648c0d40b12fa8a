"""From a reply to a `Completion`: what a client takes for success is refused or flagged where it is none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pytest_llmcost.calls.providers.chat.choices import Choice, Unreadable, choice_of, whole
from pytest_llmcost.calls.providers.chat.kinds import call_failure
from pytest_llmcost.calls.providers.chat.tokens import usage_of
from pytest_llmcost.calls.providers.chat.wire import Wire
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.model_name import is_same_model
from pytest_llmcost.domain.request import Request

MOST_TEXT_BYTES = 1_000_000
MOST_NAME = 200


def completion_of(reply: Any, request: Request, wire: Wire) -> Completion:
    """Return what *reply* answers.

    Args:
        reply: A chat completion in OpenAI's form, as it was parsed from JSON.
        request: What was asked.
        wire: What the wire saw of the attempt: its times, and its status for errors.

    Raises:
        CallError: If there is no answer in it, a filter took it, or it is beyond reason.
    """
    try:
        choice = choice_of(reply)
        if not choice.is_filtered:
            return _completion(reply, choice, request, wire)
        kind, words, may_differ = "content filter", "the answer is withheld", False
    except Unreadable as fault:
        kind, words, may_differ = "broken reply", str(fault), fault.may_differ
    raise call_failure(request, kind, words, status=wire.status or 200, is_retryable=may_differ)


def _completion(reply: Mapping[str, Any], choice: Choice, request: Request, wire: Wire) -> Completion:
    text = _bounded(choice.text)
    usage, usage_flags = usage_of(reply.get("usage"), text, request)
    model = whole(str(reply.get("model") or request.endpoint.model))[:MOST_NAME]
    other = () if is_same_model(request.endpoint.model, model) else (f"answered by {model}",)
    return Completion(
        text=text,
        usage=usage,
        finish_reason=choice.finish_reason,
        seconds=wire.seconds,
        model=model,
        created=time.time(),
        logprobs=choice.logprobs,
        flags=(*choice.flags, *usage_flags, *other),
        ttft_seconds=wire.ttft_seconds,
        service_tier=_service_tier(reply),
    )


def _service_tier(reply: Mapping[str, Any]) -> str:
    """Return the tier that served it by the reply's own word: OpenAI says it beside the usage, Anthropic in it."""
    usage = reply.get("usage")
    said = reply.get("service_tier") or (usage.get("service_tier") if isinstance(usage, Mapping) else None)
    return whole(said)[:MOST_NAME] if isinstance(said, str) else ""


def _bounded(text: str) -> str:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_TEXT_BYTES:
        raise Unreadable(f"its text has {size} bytes, more than {MOST_TEXT_BYTES}", may_differ=False)
    return whole(text)
