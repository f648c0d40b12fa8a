"""The real local model's tokenizer: the counts are those that its answers are billed by."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fakes.weights import NAME, needs_weights

from pytest_llmcost.calls.providers.local import LocalProvider
from pytest_llmcost.calls.tokens import counter_of
from pytest_llmcost.calls.weights.find import find_weights
from pytest_llmcost.calls.weights.folder import ModelFolder, models_folder
from pytest_llmcost.domain.request import Endpoint, Request

pytestmark = [pytest.mark.live, needs_weights]

MODEL = f"local/{NAME}"
TEXT = "Hello wörld \N{PARTY POPPER}, where is my order?"


def weights() -> Path:
    return find_weights(NAME, ModelFolder(models_folder()), Path.cwd())


def test_it_counts_what_the_model_reports_as_its_input():
    request = Request(Endpoint(MODEL), ({"role": "user", "content": TEXT},), {"max_tokens": 1}, style="text")

    async def asked():
        provider = LocalProvider(lambda _: weights())
        try:
            return await provider(request)
        finally:
            await provider.aclose()

    counter = counter_of(MODEL)
    assert (counter.exact, counter.by) == (True, MODEL)
    assert counter.count(TEXT) == asyncio.run(asked()).usage.input_tokens


def test_its_pieces_are_the_text_and_no_character_is_cut():
    counter = counter_of(MODEL)
    assert b"".join(counter.tokenizer.pieces(TEXT)).decode() == TEXT
    assert counter.first(TEXT, 5) == "Hello wörld "
    assert counter.count("\ud83d") > 0
