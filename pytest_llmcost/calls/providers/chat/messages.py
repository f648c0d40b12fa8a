"""The chat as it is sent: `style: text` has no form of its own where models are chatted with."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.calls.providers.chat.keys import key_variable
from pytest_llmcost.calls.providers.chat.kinds import call_failure
from pytest_llmcost.domain.charge import as_sent
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import MARKED, Request


def messages_of(request: Request) -> list[dict[str, Any]]:
    """Return the messages to send; plain text goes as one message of the user."""
    if request.style == "text":
        return [{"role": "user", "content": "\n\n".join(message["content"] for message in request.messages)}]
    messages = [dict(message) for message in request.messages]
    if request.prefix_cache == MARKED:
        last = messages[request.prefix_messages - 1]
        last["content"] = _marked(last["content"])
    return messages


def _marked(content: Any) -> Any:
    """Return a message's content as parts, at whose end the provider is told to keep all that came so far."""
    if isinstance(content, str) and not content.strip():  # a blank part cannot be marked
        return content
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return [*parts[:-1], {**parts[-1], "cache_control": {"type": "ephemeral"}}]


def is_plain(request: Request) -> bool:
    """Whether every message is text alone: no image, no call of a tool."""
    return all(isinstance(message.get("content"), str) for message in request.messages)


def stated(request: Request) -> dict[str, Any]:
    """Return the parameters that are sent: not what is left open, nor a stream that is not wanted, nor a batch.

    See `domain.charge.as_sent` on batches.
    """
    params = as_sent(request).params
    return {name: value for name, value in params.items() if value is not None and (name, value) != ("stream", False)}


def no_key(request: Request) -> CallError:
    """Return the error of a call whose key is not in the environment."""
    return call_failure(request, "no key", f"{key_variable(request.endpoint)} is not set")
