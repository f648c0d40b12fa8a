"""Caches in layers: read in order, filled upwards, each entry checked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from fakes.complete import completion
from fakes.store import MemoryStore, layers_over

from pytest_llmcost.calls.cache.codec import encode
from pytest_llmcost.calls.cache.layers import AtHand, Layer, Layers
from pytest_llmcost.domain.avoided import LOCAL, RECORDINGS, SHARED

KEY = "a" * 64
OLD = replace(completion("old"), created=1000.0)
NEW = replace(completion("new"), created=2000.0)


class Away:
    """A shared cache that takes nothing and has nothing."""

    async def get(self, key):
        return None

    async def set(self, key, text):
        return False

    async def close(self):
        pass


class Three:
    """Recordings, a local cache and a shared one, each a store in memory."""

    def __init__(self, not_before=0.0):
        self.said = []
        self.recorded, self.local, self.shared = MemoryStore(), MemoryStore(), MemoryStore()
        self.layers = Layers(
            [
                Layer("fixtures", RECORDINGS, AtHand(self.recorded), is_recorded=True),
                Layer("folder", LOCAL, AtHand(self.local)),
                Layer("redis", SHARED, AtHand(self.shared)),
            ],
            self.said.append,
            not_before,
        )

    def answer(self):
        return asyncio.run(self.layers.answer(KEY))


def test_the_first_layer_that_has_an_answer_gives_it_and_says_where_it_is_from():
    three = Three()
    three.local.rows[KEY] = encode(OLD)
    three.shared.rows[KEY] = encode(NEW)
    found = three.answer()
    assert (found.text, found.cached, found.origin) == ("old", True, LOCAL)
    three.recorded.rows[KEY] = encode(NEW)
    assert three.answer().origin == RECORDINGS


def test_a_hit_in_a_later_layer_fills_the_writable_ones_before_it():
    three = Three()
    three.shared.rows[KEY] = encode(OLD)
    assert three.answer().origin == SHARED
    assert three.local.rows == three.shared.rows
    assert three.recorded.rows == {}
    assert three.answer().origin == LOCAL


def test_what_is_new_goes_to_every_writable_layer():
    three = Three()
    asyncio.run(three.layers.keep(KEY, OLD))
    assert three.local.rows == three.shared.rows == {KEY: encode(OLD)}
    assert three.recorded.rows == {}
    assert three.said == []


@pytest.mark.parametrize("foreign", ["torn", '{"v":99}', "[]", '{"v":1,"text":7}', "null"])
def test_a_foreign_entry_is_refused_by_name_and_the_next_layer_is_asked(foreign):
    three = Three()
    three.recorded.rows[KEY] = three.local.rows[KEY] = foreign
    three.shared.rows[KEY] = encode(OLD)
    assert three.answer().text == "old"
    assert three.local.rows[KEY] == encode(OLD)  # mended on the way
    for name, said in zip(["fixtures", "folder"], three.said, strict=True):
        assert said.startswith(f"cached answer {KEY[:20]} in {name} cannot be read")
    three.answer()
    assert len(three.said) == 2


def test_an_answer_older_than_allowed_counts_as_absent_but_for_a_recording():
    three = Three(not_before=1500.0)
    three.local.rows[KEY] = encode(OLD)
    assert three.answer() is None
    three.shared.rows[KEY] = encode(NEW)
    assert three.answer().text == "new"
    three.recorded.rows[KEY] = encode(OLD)
    assert three.answer().text == "old"


def test_a_recording_that_stays_behind_a_new_answer_is_named_with_what_to_do():
    three = Three()
    three.recorded.rows[KEY] = encode(OLD)
    for _ in range(2):
        asyncio.run(three.layers.keep(KEY, NEW))
    (said,) = three.said
    assert said.startswith("fixtures holds other answers than this run's")
    assert "llmcost cache export --to" in said


@pytest.mark.parametrize(("shelf", "kept"), [(AtHand(MemoryStore()), {}), (Away(), {KEY: encode(NEW)})])
def test_the_spare_takes_only_what_no_other_layer_could(shelf, kept):
    spare = MemoryStore()
    layers = Layers([Layer("redis", SHARED, shelf), Layer("spare", LOCAL, AtHand(spare), is_spare=True)], pytest.fail)
    asyncio.run(layers.keep(KEY, NEW))
    assert spare.rows == kept


def test_a_spare_answer_is_brought_to_the_shared_cache_once_it_is_back():
    shared, spare = MemoryStore(), MemoryStore()
    spare.rows[KEY] = encode(OLD)
    layers = Layers(
        [Layer("redis", SHARED, AtHand(shared)), Layer("spare", LOCAL, AtHand(spare), is_spare=True)], pytest.fail
    )
    assert asyncio.run(layers.answer(KEY)).origin == LOCAL
    assert shared.rows == {KEY: encode(OLD)}


def test_all_layers_are_closed():
    stores = [MemoryStore(), MemoryStore()]
    asyncio.run(layers_over(*stores).close())
    assert all(store.is_closed for store in stores)
