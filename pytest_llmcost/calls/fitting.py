"""A prompt that cannot fit into its model's window is refused before it is sent, and paid for by nobody.

What might fit is sent: a count by the model's own tokenizer decides, as the prompt has at
least the tokens of its text; an estimate has to be over twice the window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from pytest_llmcost.calls.input_bound import ATTACHMENTS, bound_input_tokens
from pytest_llmcost.calls.tokens import TokenCount, count_tokens
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request

SURELY = 2
"""How many times the window an estimate has to be: other languages than English are not measured."""


class Fitting:
    """Refuses what cannot fit; the text is counted only where its bytes alone do not say that it does.

    Args:
        inner: What asks.
        window_of: How many tokens of input a model takes; None where nobody says.
    """

    def __init__(self, inner: Complete, window_of: Callable[[str], int | None]) -> None:
        self._inner = inner
        self._window_of = window_of

    async def __call__(self, request: Request) -> Completion:
        """Return the reply.

        Raises:
            CallError: Of kind `context too long`, if the prompt cannot fit; nothing was sent.
        """
        window = self._window_of(request.endpoint.model)
        if window is not None and bound_input_tokens(request) > window:
            text = "\n".join(text for message in request.messages for text in _texts(message.get("content")))
            count = await asyncio.to_thread(count_tokens, text, request.endpoint.model)
            if count.tokens > window * (1 if count.exact else SURELY):
                raise _too_long(request, count, window)
        return await self._inner(request)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list | tuple):
        for part in content:
            if isinstance(part, dict) and str(part.get("type")) not in ATTACHMENTS:
                yield str(part.get("text", ""))


def _too_long(request: Request, count: TokenCount, window: int) -> CallError:
    model = request.endpoint.label
    tokens = f"{count.tokens:,}" if count.exact else f"about {count.tokens:,}"
    text = (
        f"{model}: the prompt has {tokens} tokens, the model's window holds {window:,}: nothing was sent.\n"
        "Shorten the prompt, or show fewer examples."
    )
    return CallError(text, model=model, kind="context too long")
