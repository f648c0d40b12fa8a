"""Names of models: which mean the same, and in which tier."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.model_name import is_same_model


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("openai/gpt-4o-mini", "gpt-4o-mini"),
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("openai/gpt-4", "gpt-4-0613"),
        ("gpt-4o", "openai/gpt-4o"),
        ("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("anthropic/claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"),
        ("mistral/mistral-small-latest", "mistral-small-latest"),
        ("vertex_ai/claude-sonnet-4", "claude-sonnet-4@20250514"),
        ("gemini/gemini-1.5-flash", "gemini-1.5-flash-002"),
        ("openai/meta-llama/Llama-3.1-8B", "meta-llama/llama-3.1-8b"),
    ],
)
def test_the_same_model_by_a_longer_or_shorter_name(asked: str, replied: str) -> None:
    assert is_same_model(asked, replied)


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("openai/gpt-4o", "gpt-4o-mini"),
        ("openai/gpt-4o-mini", "gpt-4o"),
        ("openai/gpt-4", "gpt-4-32k"),
        ("anthropic/claude-sonnet-4", "claude-sonnet-4-5-20250929"),
        ("openai/meta-llama/Llama-3.1-8B", "someone/Llama-3.1-8B"),
        ("openai/gpt-4o", "stub"),
    ],
)
def test_another_model(asked: str, replied: str) -> None:
    assert not is_same_model(asked, replied)
