"""Names of models: which mean the same, and in which tier."""

from __future__ import annotations

import pytest

from pytest_llmcost.domain.model_name import in_tier, is_same_model, undated, without_tier


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


@pytest.mark.parametrize("tier", ["batch", "flex", "priority"])
def test_a_tier_with_a_rate_of_its_own_is_a_name_of_its_own(tier: str) -> None:
    assert in_tier("openai/gpt-5", tier) == f"openai/gpt-5 ({tier})"
    assert without_tier(f"openai/gpt-5 ({tier})") == ("openai/gpt-5", tier)


def test_any_other_name_is_a_models() -> None:
    assert in_tier("openai/gpt-5", "default") == "openai/gpt-5"
    assert without_tier("ours (scale)") == ("ours (scale)", "")


@pytest.mark.parametrize(
    ("model", "plain"), [("gpt-4o-2024-08-06", "gpt-4o"), ("claude-3-5-haiku-latest", "claude-3-5-haiku"), ("o3", "o3")]
)
def test_a_name_without_its_version(model: str, plain: str) -> None:
    assert undated(model) == plain
