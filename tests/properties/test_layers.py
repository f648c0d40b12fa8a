"""Whatever layers there are, and whatever stands in them: replayed is equal to recorded."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from decimal import Decimal
from pathlib import Path

from fakes.complete import ScriptedComplete, completion, request
from fakes.store import MemoryStore
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.calls.cache.layers import AtHand, Layer, Layers
from pytest_llmcost.calls.cache.recorded import RecordedStore, write_recording
from pytest_llmcost.domain.avoided import LOCAL

QUESTIONS = "abcd"
FOREIGN = ["torn", '{"v":2}', "[]", '{"v":1}']

texts = st.text(max_size=12)
drops = st.sets(st.sampled_from(QUESTIONS))
spoils = st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(FOREIGN))


def asked(question):
    return request(question, about=question)


def layers_of(stores, recorded=None):
    layers = [Layer(f"store {n}", LOCAL, AtHand(store)) for n, store in enumerate(stores)]
    first = [Layer("recordings", "recordings", AtHand(recorded), is_recorded=True)] if recorded else []
    return Layers([*first, *layers], lambda _: None)


def ask_all(model, layers, mode):
    async def ask():
        return [await Cached(model, layers, mode)(asked(question)) for question in QUESTIONS]

    return asyncio.run(ask())


def bare(answer):
    """What an answer is, without how it was got."""
    return dataclasses.replace(answer, cached=False, paid_usd=Decimal(0), origin="")


@settings(max_examples=60)
@given(st.lists(texts, min_size=4, max_size=4), st.lists(st.tuples(drops, spoils), min_size=1, max_size=3))
def test_a_replay_over_layers_equals_what_was_recorded_whichever_of_them_lost_or_spoilt_what(answers, damages):
    stores = [MemoryStore() for _ in range(len(damages) + 1)]
    recorded = ask_all(ScriptedComplete(*map(completion, answers)), layers_of(stores), "auto")
    for store, (gone, spoilt) in zip(stores[1:], damages, strict=True):  # the first one keeps all, and is read last
        for question in gone:
            store.rows.pop(asked(question).key(), None)
        for question, text in spoilt.items():
            store.rows[asked(question).key()] = text
    again = layers_of([*stores[1:], stores[0]])
    model = ScriptedComplete()
    replayed = ask_all(model, again, "replay")
    assert list(map(bare, replayed)) == list(map(bare, recorded))
    assert all(answer.cached and answer.paid_usd == 0 for answer in replayed)
    assert model.requests == []
    # And the layer that is read first is whole again: it answers alone.
    assert list(map(bare, ask_all(model, layers_of([stores[1]]), "replay"))) == list(map(bare, recorded))


@settings(max_examples=30)
@given(st.lists(texts, min_size=4, max_size=4))
def test_a_recording_of_a_cache_replays_equally_without_the_cache(answers):
    store = MemoryStore()
    recorded = ask_all(ScriptedComplete(*map(completion, answers)), layers_of([store]), "auto")
    with tempfile.TemporaryDirectory() as folder:
        write_recording(Path(folder), store.rows.items())
        alone = layers_of([], RecordedStore(Path(folder), lambda _: None))
        replayed = ask_all(ScriptedComplete(), alone, "replay")
    assert list(map(bare, replayed)) == list(map(bare, recorded))
