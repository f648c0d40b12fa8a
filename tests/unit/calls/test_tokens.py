"""Counting tokens: exact where the model's own tokenizer is at hand, and said to be an estimate where it is not."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.calls import encodings
from pytest_llmcost.calls.tokens import count_tokens, counter_of
from pytest_llmcost.domain.errors import WeightsError

GPT_4, GPT_4O = "openai/gpt-4", "openai/gpt-4o-mini"

# The counts that OpenAI publishes in its cookbook, "How to count tokens with tiktoken".
PUBLISHED = [
    ("antidisestablishmentarianism", 6, 6),
    ("2 + 2 = 4", 7, 7),
    ("お誕生日おめでとう", 9, 8),
]


@pytest.mark.parametrize(("text", "cl100k", "o200k"), PUBLISHED)
def test_counts_are_those_that_the_provider_publishes(text, cl100k, o200k):
    assert count_tokens(text, GPT_4).tokens == cl100k
    assert count_tokens(text, GPT_4O).tokens == o200k


@pytest.mark.parametrize(
    ("model", "by"),
    [
        ("gpt-4", "cl100k_base"),
        ("openai/gpt-4-turbo-2024-04-09", "cl100k_base"),
        ("gpt-4o", "o200k_base"),
        ("azure/GPT-4o-mini", "o200k_base"),
        ("openrouter/openai/gpt-5-mini", "o200k_base"),
        ("groq/openai/gpt-oss-120b", "o200k_base"),
    ],
)
def test_a_model_of_openai_is_counted_with_its_own_vocabulary_whoever_serves_it(model, by):
    count = count_tokens("Where is my order?", model)
    assert (count.exact, count.by) == (True, by)


def test_a_model_without_a_tokenizer_at_hand_is_estimated_and_says_so():
    count = count_tokens("Where is my order?", "anthropic/claude-3-5-haiku-20241022")
    assert (count.tokens, count.exact) == (5, False)
    assert count.by == "an estimate by o200k_base: no tokenizer of anthropic/claude-3-5-haiku-20241022 is at hand"


def test_a_local_model_whose_weights_are_missing_is_estimated_and_says_why():
    def find_nothing(name):
        raise WeightsError(f"the weights of {name} are missing.\nGet them.", name=name)

    count = count_tokens("Where is my order?", "local/small", find_nothing)
    assert (count.tokens, count.exact) == (5, False)
    assert count.by.endswith(": the weights of small are missing.")


def test_marks_of_special_tokens_are_plain_text_to_a_provider():
    assert count_tokens("<|endoftext|>", GPT_4O).tokens > 1


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(0, 30))
def test_the_first_tokens_are_a_beginning_of_the_text_and_no_more_than_asked_for(text, most):
    counter = counter_of(GPT_4O)
    first = counter.first(text, most)
    assert text.startswith(first)
    assert (first == text) if counter.count(text) <= most else len(first) < len(text)
    assert len(counter.tokenizer.pieces(text)) == 0 or b"".join(counter.tokenizer.pieces(text)).decode() == text


def test_half_a_surrogate_pair_is_no_crash():
    assert count_tokens("\ud83d", GPT_4O).tokens > 0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of vocabularies that is not litellm's."""
    monkeypatch.setattr(encodings, "_folder", lambda: tmp_path)
    encodings.byte_pairs.cache_clear()
    yield tmp_path
    encodings.byte_pairs.cache_clear()


@pytest.mark.parametrize("content", [None, b"something else"])
def test_a_vocabulary_that_is_missing_or_another_is_neither_fetched_nor_deleted(folder: Path, content):
    files = [folder / file for file, _ in encodings._FILES.values()]
    for file in files if content else ():
        file.write_bytes(content)
    count = count_tokens("Where is my order?", GPT_4O)
    assert (count.tokens, count.exact) == (5, False)  # 18 bytes, four a token
    assert count.by.startswith("an estimate by four bytes a token")
    assert all(file.exists() == bool(content) for file in files)


def test_the_environment_is_as_it_was(monkeypatch):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "mine")
    encodings.byte_pairs.cache_clear()
    assert counter_of(GPT_4).exact
    assert os.environ["TIKTOKEN_CACHE_DIR"] == "mine"
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR")
    encodings.byte_pairs.cache_clear()
    assert counter_of(GPT_4).exact
    assert "TIKTOKEN_CACHE_DIR" not in os.environ


def test_the_files_are_named_as_tiktoken_names_them():
    addresses = (
        f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"  # asked nobody for: it is hashed
        for name in encodings._FILES
    )
    assert [hashlib.sha1(address.encode()).hexdigest() for address in addresses] == [
        file for file, _ in encodings._FILES.values()
    ]
