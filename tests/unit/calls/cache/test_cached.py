"""The four modes of the cache, and what is kept."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.complete import ScriptedComplete, completion, failure, request
from fakes.store import MemoryStore, layers_over

from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.domain.errors import CallError, ReplayMiss
from pytest_llmcost.domain.request import Endpoint

ABOUT = "bench_a.yaml::cheap::reset#1"


class Cache:
    """A cache in one mode after another, over one store and one model."""

    def __init__(self, *steps):
        self.store = MemoryStore()
        self.model = ScriptedComplete(*steps)
        self.said = []

    def ask(self, mode="auto", asked=None):
        return asyncio.run(Cached(self.model, self.layers, mode)(asked or request(about=ABOUT)))

    @property
    def layers(self):
        return layers_over(self.store, warn=self.said.append)

    @property
    def calls(self):
        return len(self.model.requests)


def test_auto_asks_once_and_then_answers_from_the_cache():
    cache = Cache(completion(paid_usd=Decimal("0.01"), attempts=2))
    first, second = cache.ask(), cache.ask()
    assert (first.cached, first.paid_usd, second.cached, second.paid_usd) == (False, Decimal("0.01"), True, 0)
    assert (second.text, second.usage, second.seconds, second.attempts) == ("yes", first.usage, first.seconds, 2)
    assert cache.calls == 1


def test_replay_answers_what_is_recorded_and_asks_nothing():
    cache = Cache()
    cache.ask()
    assert cache.ask("replay").text == "yes"
    assert cache.calls == 1


def test_refresh_asks_anew_and_keeps_the_new_answer():
    cache = Cache(completion("old"), completion("new"))
    cache.ask()
    assert cache.ask("refresh").text == "new"
    assert cache.ask("replay").text == "new"


def test_live_neither_reads_nor_writes():
    cache = Cache(completion("old"), completion("new"))
    cache.ask()
    assert cache.ask("live").text == "new"
    assert cache.ask("replay").text == "old"


def test_an_answer_is_stored_before_it_is_returned():
    class FullStore(MemoryStore):
        def set(self, key, text):
            stored.append(text)
            raise KeyboardInterrupt

    stored = []
    cache = Cache()
    cache.store = FullStore()
    with pytest.raises(KeyboardInterrupt):
        cache.ask()
    assert '"text":"yes"' in stored[0]


def test_f14_errors_are_not_stored():
    cache = Cache(failure(), completion())
    with pytest.raises(CallError):
        cache.ask()
    assert cache.store.rows == {}
    assert cache.ask().text == "yes"


def test_f14_what_a_content_filter_cut_off_is_not_stored():
    cache = Cache(completion(finish_reason="content_filter"))
    cache.ask()
    assert cache.store.rows == {}


def test_f14_an_answer_that_ended_by_its_length_is_stored_with_that_reason():
    cache = Cache(completion(finish_reason="length", flags=("length",)))
    cache.ask()
    answer = cache.ask("replay")
    assert (answer.finish_reason, answer.flags) == ("length", ("length",))


def test_what_another_call_in_flight_got_is_stored_by_that_one():
    cache = Cache(completion(cached=True))
    cache.ask()
    assert cache.store.rows == {}


def test_a_miss_in_replay_says_that_nothing_was_ever_recorded():
    cache = Cache()
    with pytest.raises(ReplayMiss, match="nothing was ever recorded") as caught:
        cache.ask("replay")
    assert (caught.value.key, caught.value.changed) == (request().key(), ())
    assert cache.calls == 0


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"messages": ({"role": "user", "content": "Is it?"},)}, ("messages",)),
        ({"params": {"max_tokens": 9}}, ("params",)),
        ({"endpoint": Endpoint("stub/large", api_base="http://127.0.0.1:1")}, ("model", "api_base")),
        ({"style": "text", "trial": 2}, ("style", "trial")),
    ],
)
def test_a_miss_in_replay_names_what_changed(changes, changed):
    cache = Cache()
    cache.ask()
    with pytest.raises(ReplayMiss) as caught:
        cache.ask("replay", request(about=ABOUT, **changes))
    assert caught.value.changed == changed
    assert f"changed since it was recorded: {', '.join(changed)}." in str(caught.value)


def test_a_recording_that_was_removed_is_not_said_to_have_changed():
    cache = Cache()
    cache.ask()
    del cache.store.rows[request().key()]
    with pytest.raises(ReplayMiss, match="its recording is gone"):
        cache.ask("replay")


def test_rows_that_cannot_be_read_count_as_absent_and_are_said_once():
    cache = Cache()
    for text in ("a", "b"):
        cache.store.rows[request(text).key()] = '{"v":99}'
        assert cache.ask(asked=request(text)).cached is False
    assert cache.calls == 2
    once = Cached(cache.model, cache.layers, "replay")
    cache.said.clear()
    for text in ("c", "d"):
        cache.store.rows[request(text).key()] = "torn"
        with pytest.raises(ReplayMiss):
            asyncio.run(once(request(text)))
    assert len(cache.said) == 1


@pytest.mark.parametrize("note", ["torn", "[]"])
def test_a_torn_note_of_what_was_recorded_is_no_crash(note):
    cache = Cache()
    cache.ask()
    cache.store.rows = {key: note for key in cache.store.rows if key.startswith("about:")}
    with pytest.raises(ReplayMiss, match="nothing was ever recorded"):
        cache.ask("replay")
    assert len(cache.said) == 1
