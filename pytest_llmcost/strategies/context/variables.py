"""Passages become what templates read; where a prompt reads neither variable they stand before the question.

What varies with the case comes late: system message and examples stay the same for all cases, so that a
provider's cache can keep them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_llmcost.domain.context import CONTEXT, DOCUMENTS, NOTHING_FOUND, Passage
from pytest_llmcost.domain.protocols import Render
from pytest_llmcost.domain.request import Message


def variables_of(passages: Sequence[Passage]) -> dict[str, Any]:
    """Return the variables that hold *passages*: all in one text under their sources, and one by one."""
    return {
        CONTEXT: "\n\n".join(f"[{passage.source}]\n{passage.text}" for passage in passages),
        DOCUMENTS: [{"source": passage.source, "text": passage.text} for passage in passages],
    }


def with_context(render: Render, *, is_placed: bool) -> Render:
    """Return *render* for cases with passages; where the prompt has no place for them (*is_placed*), they get one.

    For what says nothing (a calibration's questions) nothing is found.
    """

    def rendered(fields: Mapping[str, Any]) -> Sequence[Message]:
        known = fields if isinstance(fields.get(DOCUMENTS), list) else {**fields, **NOTHING_FOUND}
        messages = render(known)
        return messages if is_placed or not known[CONTEXT] else before_question(known[CONTEXT], messages)

    return rendered


def before_question(context: str, messages: Sequence[Message]) -> list[Message]:
    """Return a chat with *context* at the head of what the user says last."""
    last = max((place for place, message in enumerate(messages) if message["role"] == "user"), default=None)
    if last is None:
        return [*messages, {"role": "user", "content": context}]
    return [*messages[:last], {**messages[last], "content": _headed(context, messages[last])}, *messages[last + 1 :]]


def _headed(context: str, message: Message) -> Any:
    content = message["content"]
    if isinstance(content, list):
        return [{"type": "text", "text": context}, *content]
    return f"{context}\n\n{content}"
