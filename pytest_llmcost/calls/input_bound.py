"""No tokenizer makes more tokens than its text has bytes: a bound of the input that needs no tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_llmcost.domain.request import Request

TOKENS_A_MESSAGE = 16
"""What a chat template puts around a message, at most."""

TOKENS_AN_ATTACHMENT = 50_000
"""An image is billed by its size, whatever the length of its address; the dearest known one costs 48,000."""

ATTACHMENTS = frozenset({"image", "image_url", "input_image", "input_audio", "video_url", "file", "document"})
"""Types of content parts that are not text."""


def bound_input_tokens(request: Request) -> int:
    """Return a number of input tokens that *request* cannot exceed.

    One token a UTF-8 byte of all text in the messages and the params (tools and the
    response format among them), and a fixed number for each message and attachment.
    """
    messages = sum(TOKENS_A_MESSAGE + _bound(list(message.values())) for message in request.messages)
    return messages + _bound(list(request.params.values()))


def _bound(value: Any) -> int:
    if isinstance(value, Mapping):
        attachment = TOKENS_AN_ATTACHMENT if str(value.get("type")) in ATTACHMENTS else 0
        return attachment + sum(_bound(key) + _bound(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(map(_bound, value))
    return len(str(value).encode("utf-8", "surrogatepass"))
