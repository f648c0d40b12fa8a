"""`SemanticCache`: what is stored is found by words, by meaning, and by nobody who should not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fakes.embedder import Words

from pytest_llmcost import SemanticCache
from pytest_llmcost.domain.errors import SettingsError, WeightsError

MODEL = {"model": "openai/gpt-4o-mini"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "semantic"


@pytest.fixture
def cache(folder: Path) -> Iterator[SemanticCache]:
    with SemanticCache(folder, threshold=0.7, embedder=Words()) as opened:
        opened.store("where is my order", "on its way", **MODEL)
        yield opened


def test_the_same_prompt_hits_without_an_embedding(folder: Path) -> None:
    words = Words()
    with SemanticCache(folder, embedder=words) as cache:
        cache.store("where is my order", "on its way", **MODEL)
        before = list(words.texts)
        hit = cache.look_up("where is my order", **MODEL)

    assert hit is not None
    assert (hit.answer, hit.similarity, hit.prompt, hit.is_exact) == ("on its way", 1.0, "where is my order", True)
    assert words.texts == before


def test_a_near_prompt_hits_and_says_which_one_and_how_near(cache: SemanticCache) -> None:
    hit = cache.look_up("where is my order now", **MODEL)

    assert hit is not None
    assert (hit.answer, hit.prompt, hit.is_exact) == ("on its way", "where is my order", False)
    assert hit.similarity == pytest.approx(4 / 20**0.5, abs=1e-3)
    assert hit.created > 0
    assert cache.look_up("tell me a joke", **MODEL) is None


@pytest.mark.parametrize(
    "other",
    [
        {"model": "openai/gpt-4o"},
        {**MODEL, "system": "You are brief."},
        {**MODEL, "params": {"temperature": 1}},
        {**MODEL, "namespace": "another customer"},
    ],
)
def test_another_model_system_message_parameter_or_namespace_shares_nothing(
    cache: SemanticCache, other: dict[str, Any]
) -> None:
    assert cache.look_up("where is my order", **other) is None
    cache.store("where is my order", "other", **other)
    assert [hit and hit.answer for hit in (cache.look_up("where is my order", **kw) for kw in (other, MODEL))] == [
        "other",
        "on its way",
    ]


def test_guards_and_threshold_are_kept_and_guards_can_be_switched_off(folder: Path) -> None:
    def hits(**settings: Any) -> bool:
        with SemanticCache(folder, embedder=Words(), **settings) as cache:
            cache.store("is order 12 here", "yes", **MODEL)
            return cache.look_up("is order 13 here", **MODEL) is not None

    assert not hits(threshold=0.7)
    assert hits(threshold=0.7, guards=())
    assert not hits(threshold=0.8, guards=())


def test_a_prompt_that_the_embedder_does_not_see_whole_hits_by_the_same_words_alone(cache: SemanticCache) -> None:
    long = " ".join(f"w{place}" for place in range(60))
    cache.store(long, "long", **MODEL)

    assert cache.look_up(f"{long} not", **MODEL) is None
    hit = cache.look_up(long, **MODEL)
    assert hit is not None
    assert hit.is_exact


def test_it_is_there_again_and_its_index_is_read_rather_than_made(cache: SemanticCache, folder: Path) -> None:
    cache.store("tell me a joke", "no", **MODEL)
    cache.close()
    cache.close()
    (index,) = folder.glob("*.usearch")

    with SemanticCache(folder, threshold=0.7, embedder=Words()) as again:
        assert again.look_up("where is my order now", **MODEL)
    written = index.stat().st_mtime_ns
    index.with_name(f"{index.name}.json").unlink()
    with SemanticCache(folder, threshold=0.7, embedder=Words()) as rebuilt:
        assert rebuilt.look_up("where is my order now", **MODEL)
    assert index.stat().st_mtime_ns != written
    (folder / "cache.db").unlink()
    with SemanticCache(folder, threshold=0.7, embedder=Words()) as emptied:
        assert emptied.look_up("where is my order now", **MODEL) is None


def test_two_that_are_open_at_once_see_what_the_other_one_stores(cache: SemanticCache, folder: Path) -> None:
    with SemanticCache(folder, threshold=0.7, embedder=Words()) as other:
        assert other.look_up("where is my order now", **MODEL)
        cache.store("tell me a joke please", "no", **MODEL)
        assert other.look_up("tell me a joke", **MODEL)


def test_it_may_be_asked_from_threads_and_from_asyncio(cache: SemanticCache) -> None:
    async def ask() -> list[Any]:
        await cache.astore("tell me a joke please", "no", **MODEL)
        return await asyncio.gather(*(cache.alook_up("tell me a joke", **MODEL) for _ in range(4)))

    assert {hit.answer for hit in asyncio.run(ask())} == {"no"}
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: cache.look_up("where is my order now", **MODEL), range(8)))
    assert {hit and hit.answer for hit in found} == {"on its way"}


def test_planted_rows_count_as_absent_and_run_nothing(cache: SemanticCache, folder: Path) -> None:
    cache.close()
    _plant(folder, 4, b"cos\nabort\n(tR.")
    with SemanticCache(folder, embedder=Words()) as again:
        with pytest.warns(RuntimeWarning, match="refused row"):
            assert again.look_up("where is my order", **MODEL) is None
        assert again.look_up("where is my order now", **MODEL) is None
    for row in ([1], {"v": 1, "prompt": 1, "answer": "x", "vector": "", "created": 0}, {"v": 2}):
        _plant(folder, 1, json.dumps(row))
        with SemanticCache(folder, threshold=0.0, guards=(), embedder=Words()) as again:
            assert again.look_up("where is my order", **MODEL) is None
            assert again.look_up("where is my order now", **MODEL) is None


def _plant(folder: Path, mode: int, value: Any) -> None:
    with closing(sqlite3.connect(folder / "cache.db")) as con, con:
        con.execute("UPDATE Cache SET mode = ?, value = ? WHERE key LIKE 'semantic:%'", (mode, value))


def test_a_store_of_another_embedder_is_refused_by_name(cache: SemanticCache, folder: Path) -> None:
    cache.close()
    for other in (Words("words:2"), Words(dimension=8)):
        with pytest.raises(SettingsError, match=r"holds vectors of 'words:1 with 384 numbers'"):
            SemanticCache(folder, embedder=other)


def test_missing_weights_an_unknown_guard_and_an_impossible_threshold_are_told_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMCOST_MODELS", str(folder))
    with pytest.raises(WeightsError, match="llmcost models pull minilm"):
        SemanticCache(folder)
    with pytest.raises(SettingsError, match="there is no guard 'number'"):
        SemanticCache(folder, guards=["number"], embedder=Words())
    for threshold in (1.5, -0.1, float("nan")):
        with pytest.raises(SettingsError, match="a cosine from 0 to 1"):
            SemanticCache(folder, threshold=threshold, embedder=Words())
