"""A text is embedded once, and what is kept is checked like any data."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes.embedder import Words

from pytest_llmcost.calls.cache.disk import DiskStore
from pytest_llmcost.calls.embedding.minilm import DIMENSION, MODEL, MiniLM
from pytest_llmcost.calls.embedding.vectors import Embedded, embed_texts, read_vector, vector_text
from pytest_llmcost.calls.weights.folder import ModelFolder
from pytest_llmcost.domain.errors import WeightsError


def vectors(texts: list[str], folder: Path, embedder: Words) -> list[list[float]]:
    found = embed_texts(texts, folder, pytest.fail, lambda: embedder)
    return [one.vector.tolist() for one in found]


def test_a_text_is_embedded_once_and_its_time_is_kept_with_it(tmp_path: Path) -> None:
    first, second = Words(), Words()
    before = embed_texts(["a b", "a c", "a b"], tmp_path / "e", pytest.fail, lambda: first)
    after = embed_texts(["a c", "a b"], tmp_path / "e", pytest.fail, lambda: pytest.fail("loaded for nothing"))

    assert [text for text in first.texts if text != "warm"] == ["a b", "a c"]
    assert not second.texts
    assert [one.vector.tolist() for one in after] == [before[1].vector.tolist(), before[0].vector.tolist()]
    assert [one.seconds for one in after] == pytest.approx([before[1].seconds, before[0].seconds], abs=1e-6)


@pytest.mark.parametrize(
    "planted",
    [
        "",
        "{}",
        "[" * 100_000,
        json.dumps([MODEL, 0.1, True, "!"]),
        json.dumps([MODEL, 0.1, True, "AAAA"]),
        json.dumps([MODEL, -1, True, "AAAA"]),
        json.dumps([MODEL, "nan", True, "AAAA"]),
    ],
)
def test_a_row_that_is_no_vector_counts_as_absent(planted: str, tmp_path: Path) -> None:
    wanted = vectors(["a b"], tmp_path / "e", Words())
    with closing(sqlite3.connect(tmp_path / "e" / "cache.db")) as con, con:
        con.execute("UPDATE Cache SET value = ?", (planted,))
    again = Words()

    assert vectors(["a b"], tmp_path / "e", again) == wanted
    assert "a b" in again.texts


def test_vectors_of_another_model_dimension_or_length_are_none() -> None:
    vector, _ = Words(dimension=8).embed_whole("a b")
    text = vector_text(Embedded(vector, 0.5, True), "words:1")

    found = read_vector(text, "words:1", 8)
    assert found is not None
    assert (found.vector.tolist(), found.seconds, found.is_whole) == (vector.tolist(), 0.5, True)
    assert read_vector(text, "words:2", 8) is None
    assert read_vector(text, "words:1", 16) is None
    assert read_vector(vector_text(Embedded(2 * vector, 0.5, True), "words:1"), "words:1", 8) is None


def test_missing_weights_are_told_with_the_command_that_gets_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="llmcost models pull minilm") as caught:
        MiniLM(ModelFolder(tmp_path))
    assert caught.value.name == "minilm"


def test_broken_weights_are_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = ModelFolder(tmp_path)
    for path in folder.files("minilm"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no model")
    monkeypatch.setattr(ModelFolder, "has", lambda *_: True)

    with pytest.raises(WeightsError, match="cannot be loaded"):
        MiniLM(folder)


def test_a_store_of_vectors_holds_no_text(tmp_path: Path) -> None:
    """Questions may be private: only their digests name the rows."""
    vectors(["my secret question"], tmp_path / "e", Words())
    store: Any = DiskStore(tmp_path / "e", pytest.fail)
    store.close()

    assert b"secret" not in b"".join(path.read_bytes() for path in (tmp_path / "e").iterdir())
    assert DIMENSION == 384
