"""The embedder itself: known cosines, and what it does not see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_llmcost.calls.embedding.minilm import DIMENSION, MODEL, MiniLM

pytestmark = pytest.mark.live

KNOWN = [
    ("Is it safe to mix bleach and ammonia?", "Is it not safe to mix bleach and ammonia?", 0.997),
    ("What is photosynthesis?", "Explain photosynthesis", 0.908),
    ("How do I reset my password?", "Where is my parcel?", 0.1),
]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


@pytest.mark.parametrize(("first", "second", "cosine"), KNOWN)
def test_cosines_are_those_that_are_known(minilm: MiniLM, first: str, second: str, cosine: float) -> None:
    assert float(minilm.embed(first) @ minilm.embed(second)) == pytest.approx(cosine, abs=0.1 if cosine < 0.5 else 0.01)


def test_a_vector_has_length_one_and_depends_on_its_text_alone(minilm: MiniLM) -> None:
    first, again = minilm.embed("Hello there"), minilm.embed_all(["a much longer text " * 20, "Hello there"])[1]
    assert first.shape == (DIMENSION,)
    assert float(first @ first) == pytest.approx(1, abs=1e-5)
    assert first.tolist() == again.tolist()
    assert (minilm.model, minilm.dimension) == (MODEL, 384)


def test_it_says_where_a_text_is_longer_than_its_window(minilm: MiniLM) -> None:
    fits, too_long = "word " * 254, "word " * 255
    assert (minilm.embed_whole(fits)[1], minilm.count_tokens(fits)) == (True, 256)
    assert (minilm.embed_whole(too_long)[1], minilm.count_tokens(too_long)) == (False, 257)
    assert minilm.embed("").shape == (DIMENSION,)


def test_the_example_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "semantic_cache.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    asked: list[str] = []

    def ask_the_model(question: str) -> str:
        asked.append(question)
        return "Click on Forgot password."

    for _ in range(2):
        exec(code, {"SYSTEM": "You help.", "ask_the_model": ask_the_model})
    assert capsys.readouterr().out == "Click on Forgot password.\n" * 2
    assert len(asked) == 1
