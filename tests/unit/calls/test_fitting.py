"""What cannot fit into a model's window is not sent; what might is."""

from __future__ import annotations

import asyncio

import pytest
from fakes.complete import ScriptedComplete, request

from pytest_llmcost.calls.fitting import Fitting
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint

OPENAIS, ANOTHERS = "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5"
"""A model whose own tokenizer is at hand, and one whose tokens are estimated."""


def sent(words: int, window: int | None, model: str = OPENAIS) -> int:
    """Return how many requests went out with a prompt of so many words, each one token."""
    inner = ScriptedComplete()
    one = request("a" + " a" * (words - 1), endpoint=Endpoint(model))
    asyncio.run(Fitting(inner, lambda _: window)(one))
    return len(inner.requests)


@pytest.mark.parametrize(
    ("words", "window", "model"),
    [
        (1000, 1000, OPENAIS),
        (1000, None, OPENAIS),
        (1000, 501, ANOTHERS),
    ],
    ids=["it just fits", "no window is known", "an estimate is not twice the window"],
)
def test_what_might_fit_is_sent(words: int, window: int | None, model: str) -> None:
    assert sent(words, window, model) == 1


@pytest.mark.parametrize(
    ("words", "window", "model", "told"),
    [
        (1001, 1000, OPENAIS, "the prompt has 1,001 tokens, the model's window holds 1,000: nothing was sent."),
        (1003, 500, ANOTHERS, "the prompt has about 1,003 tokens, the model's window holds 500: nothing was sent."),
    ],
)
def test_what_cannot_fit_is_refused_with_its_tokens_and_the_window(
    words: int, window: int, model: str, told: str
) -> None:
    with pytest.raises(CallError) as caught:
        sent(words, window, model)

    error = caught.value
    assert told in str(error)
    assert (error.kind, error.is_retryable, error.may_be_billed) == ("context too long", False, False)


def test_what_is_no_text_counts_for_nothing() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9000}}
    one = request(messages=({"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]},))
    inner = ScriptedComplete()

    asyncio.run(Fitting(inner, lambda _: 1000)(one))

    assert len(inner.requests) == 1
