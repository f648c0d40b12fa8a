"""Replies as Anthropic's Messages API sends them, for the stub server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fakes.stub_server import Asked, Reply, Script, as_json

MODEL = "claude-sonnet-4-5-20250929"


def message(
    text: str | None = "in-scope",
    *,
    stop_reason: str | None = "end_turn",
    usage: Mapping[str, Any] | str | None = "counted",
    content: Sequence[Any] | None = None,
    model: str = MODEL,
    **more: Any,
) -> Script:
    """Answer every request with *text*.

    Args:
        text: The answer.
        stop_reason: As the protocol has it.
        usage: `counted` (a token a word), or the object to send; None leaves it out.
        content: The parts, in place of one of *text*.
        model: Who says to answer.
        more: Further fields of the message.
    """
    parts = [{"type": "text", "text": text}] if content is None else list(content)

    def reply(asked: Asked) -> Reply:
        counted = {"input_tokens": len(asked.prompt.split()), "output_tokens": len((text or "").split())}
        counts = counted if usage == "counted" else usage
        fields = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": parts,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            **({} if counts is None else {"usage": counts}),
        }
        return as_json({**fields, **more})

    return reply


def failed(status: int, kind: str, words: str = "scripted fault", **headers: str) -> Reply:
    """Return an error in Anthropic's shape; underscores in header names become hyphens."""
    reply = as_json({"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_1"}, status=status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(reply.body, status, {**reply.headers, "request-id": "req_1", **named})
