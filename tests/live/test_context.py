"""Retrieval on the example suite: how often the right page is found, as docs/context.md says."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.weights import needs_minilm

from pytest_llmcost.domain.context import BM25, EMBEDDING, Context
from pytest_llmcost.strategies.complexity import text_of
from pytest_llmcost.strategies.context.answering import found
from pytest_llmcost.suites.read import read_suite

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs/context.md").read_text("utf-8").split())


def counts(retriever: str) -> tuple[int, int]:
    """Return for how many questions the right page comes first, and of how many the answer is left by compression."""
    suite = read_suite(ROOT / "example_suites/handbook/bench_handbook.yaml", root=ROOT)
    documents = next(spec.context.documents for spec in suite.strategies if spec.context is not None)
    context = Context(documents, top_k=2, chunk_tokens=256, compress_to=24, retriever=retriever)
    first = left = 0
    for case in suite.cases:
        passages = found(context, case)
        assert set(case.sources) <= {one.source for one in passages}, f"not found for {text_of(case.fields)}"
        first += passages[0].source in case.sources
        text = " ".join(one.text for one in passages if one.source in case.sources)
        left += any(answer in text for answer in case.expected)
    return first, left


def test_by_words() -> None:
    assert counts(BM25) == (26, 29)
    assert "26 of 30 questions by `bm25`" in PAGE
    assert "29 of 30 by `bm25`" in PAGE


@pytest.mark.live
@needs_minilm
def test_by_meaning() -> None:
    assert counts(EMBEDDING) == (30, 27)
    assert "in all 30 by `embedding`" in PAGE
    assert "in 27 by `embedding`" in PAGE
