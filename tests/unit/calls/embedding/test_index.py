"""The index finds what is near, and knows when it does not belong to its store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes.embedder import Words
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.embedding.index import VectorIndex
from pytest_llmcost.calls.embedding.nearest import neighbours
from pytest_llmcost.domain.errors import SettingsError

TEXTS = ("a b c", "a b d", "x y z")
KEYS = ["k1", "k2", "k3"]


def vector(text: str) -> Any:
    return Words().embed_whole(text)[0]


def filled(model: str = "words:1") -> VectorIndex:
    index = VectorIndex(model, 384)
    for number, text in enumerate(TEXTS, 1):
        index.add(number, vector(text))
    return index


def test_the_nearest_come_first_with_their_cosines() -> None:
    found = filled().nearest(vector("a b c"), 2)

    assert [number for number, _ in found] == [1, 2]
    assert [cosine for _, cosine in found] == pytest.approx([1, 2 / 3], abs=1e-3)
    assert VectorIndex("words:1", 384).nearest(vector("a"), 3) == []


def test_a_vector_takes_the_place_of_the_one_of_its_number() -> None:
    index = filled()
    index.add(1, vector("q r s"))

    assert len(index) == 3
    assert index.nearest(vector("q r s"), 1)[0][0] == 1


def test_it_is_read_again_for_the_keys_that_it_was_made_from_and_for_more(tmp_path: Path) -> None:
    path = tmp_path / "one.usearch"
    filled().save(path, KEYS)

    for keys in (KEYS, [*KEYS, "k4"]):
        again = VectorIndex("words:1", 384)
        assert again.load(path, keys) == 3
        assert again.nearest(vector("x y z"), 1)[0][0] == 3
    assert {item.name for item in tmp_path.iterdir()} == {"one.usearch", "one.usearch.json"}


@pytest.mark.parametrize("keys", [KEYS[:2], ["k1", "k3", "k2"], []])
def test_out_of_step_with_its_store_it_is_to_be_made_anew(keys: list[str], tmp_path: Path) -> None:
    filled().save(tmp_path / "one.usearch", KEYS)

    again = VectorIndex("words:1", 384)
    assert again.load(tmp_path / "one.usearch", keys) == 0
    assert len(again) == 0


def test_torn_or_missing_files_are_to_be_made_anew(tmp_path: Path) -> None:
    path, made = tmp_path / "one.usearch", tmp_path / "one.usearch.json"
    index = VectorIndex("words:1", 384)
    assert index.load(path, KEYS) == 0
    filled().save(path, KEYS)
    whole = path.read_bytes()

    for torn in (b"", whole[: len(whole) // 2], whole + b"x"):
        path.write_bytes(torn)
        assert index.load(path, KEYS) == 0
    path.write_bytes(whole)
    for text in ("", "{", "[]", json.dumps({**json.loads(made.read_text()), "count": "3"})):
        broken = tmp_path / "two.usearch"
        broken.write_bytes(whole)
        (tmp_path / "two.usearch.json").write_text(text)
        assert index.load(broken, KEYS) == 0


@pytest.mark.parametrize(("model", "dimension"), [("words:2", 384), ("words:1", 8)])
def test_an_index_of_another_model_or_dimension_is_refused_by_name(model: str, dimension: int, tmp_path: Path) -> None:
    path = tmp_path / "one.usearch"
    filled().save(path, KEYS)

    with pytest.raises(SettingsError, match=r"one\.usearch holds vectors of words:1 with 384 numbers"):
        VectorIndex(model, dimension).load(path, KEYS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("abcd ", min_size=1, max_size=9), max_size=8), st.sampled_from([0.3, 0.7, 1.0]))
def test_neighbours_are_those_before_that_are_near_enough(texts: list[str], least: float) -> None:
    vectors = [vector(text) for text in texts]
    for place, found in enumerate(neighbours(vectors, least)):
        cosines = {other: round(float(vectors[place] @ vectors[other]), 6) for other in range(place)}
        assert dict(found) == pytest.approx({other: cosine for other, cosine in cosines.items() if cosine >= least})
        assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
