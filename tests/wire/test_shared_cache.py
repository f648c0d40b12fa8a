"""Answers shared in a real Redis: another trust domain, which may also be away."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading

import pytest
from fakes.complete import completion
from fakes.redis_server import needs_redis, running_redis

from pytest_llmcost.calls.cache import shared
from pytest_llmcost.calls.cache.codec import decode, encode
from pytest_llmcost.calls.cache.shared import MOST_BYTES, PREFIX, SharedShelf
from pytest_llmcost.calls.cache.upkeep.kept import CacheError
from pytest_llmcost.calls.cache.upkeep.shared import REFUSED_PREFIX, SharedCache
from pytest_llmcost.calls.redis_client import plain_client

pytestmark = needs_redis

KEY = "a" * 64
ANSWER = completion("yes \u2028 日本")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def redis(server):
    server.forget()
    return server


@pytest.fixture
def client(redis):
    with contextlib.closing(plain_client(redis.url, "cache", timeout_seconds=5)) as opened:
        yield opened


def using(url, do, warnings=None, **options):
    """Run *do* with one machine's shelf; without a list for them, warnings fail the test."""

    async def opened():
        shelf = SharedShelf(url, pytest.fail if warnings is None else warnings.append, **options)
        try:
            return await do(shelf)
        finally:
            await shelf.close()

    return asyncio.run(opened())


def test_what_one_machine_stored_another_finds(redis, client):
    async def store(shelf):
        assert await shelf.get(KEY) is None
        return await shelf.set(KEY, encode(ANSWER))

    async def find(shelf):
        return await asyncio.gather(*[shelf.get(KEY) for _ in range(40)])

    assert using(redis.url, store) is True
    texts = using(redis.url, find)
    assert {decode(text).text for text in texts} == {ANSWER.text}
    assert client.ttl(PREFIX + KEY) == -1  # what was paid for is kept for ever, unless a time is set


def test_a_time_is_kept_a_day_longer_than_answers_are_used(redis, client):
    async def store(shelf):
        await shelf.set(KEY, encode(ANSWER))

    using(redis.url, store, ttl_days=30)
    assert 30 * 86_400 < client.ttl(PREFIX + KEY) <= 31 * 86_400


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (lambda client: client.rpush(PREFIX + KEY, "x"), "WRONGTYPE"),
        (lambda client: client.set(PREFIX + KEY, b"\x80\x04cposix\nsystem"), "it is no ASCII text"),
        (lambda client: client.setrange(PREFIX + KEY, MOST_BYTES, "x"), "it has more than 16 MB"),
    ],
)
def test_t09_a_foreign_value_is_refused_by_name_and_counts_as_absent(redis, client, plant, said):
    plant(client)
    warnings = []

    async def find(shelf):
        return [await shelf.get(KEY), await shelf.get(KEY)]

    assert using(redis.url, find, warnings) == [None, None]
    (warned,) = warnings
    assert f"refused answer {KEY[:20]} of the shared cache redis 127.0.0.1:{redis.port}" in warned
    assert said in warned
    (row,) = SharedCache(redis.url).kept()
    assert said in row.why_unreadable()


def test_f10_a_redis_that_goes_away_is_said_once_and_left_alone(tmp_path):
    warnings = []
    with running_redis(tmp_path) as server:

        async def go_on(shelf):
            assert await shelf.set(KEY, encode(ANSWER))
            server.stop()
            return [await shelf.get(KEY), await shelf.get(KEY), await shelf.set(KEY, "x")]

        assert using(server.url, go_on, warnings) == [None, None, False]
    (warned,) = warnings
    assert f"the shared cache redis 127.0.0.1:{server.port} cannot be used" in warned
    assert "answers are kept on this machine" in warned


def test_f01_a_redis_that_is_full_is_only_read(redis, client):
    client.set(PREFIX + KEY, encode(ANSWER))
    client.config_set("maxmemory", 1)
    warnings = []

    async def go_on(shelf):
        stored = [await shelf.set("b" * 64, encode(ANSWER)) for _ in range(2)]
        return [*stored, await shelf.get(KEY)]

    try:
        assert using(redis.url, go_on, warnings) == [False, False, encode(ANSWER)]
    finally:
        client.config_set("maxmemory", 0)
    (warned,) = warnings
    assert "takes nothing" in warned
    assert "only read from now on" in warned


def test_f10_a_redis_that_accepts_and_says_nothing_is_asked_once_and_no_more(monkeypatch):
    monkeypatch.setattr(shared, "TIMEOUT_SECONDS", 0.1)
    warnings = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://:secret-4711@127.0.0.1:{silent.getsockname()[1]}/0"

        async def ask(shelf):
            return [await shelf.get(KEY) for _ in range(50)]

        assert using(url, ask, warnings) == [None] * 50
        silent.setblocking(False)
        connections = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                connections += 1
    assert connections <= 2  # the first question, and its repetition
    assert len(warnings) == 1
    assert "secret" not in warnings[0]


def test_only_rows_of_ours_are_looked_at_set_aside_and_deleted(redis, client):
    client.set("theirs", "x")
    client.set(PREFIX + KEY, encode(ANSWER))
    client.set(PREFIX + "b" * 64, "torn")
    client.rpush(PREFIX.encode() + b"\xff", "x")
    cache = SharedCache(redis.url)
    faulty = [one for one in cache.kept() if one.why_unreadable()]
    assert len(faulty) == 2
    assert cache.set_aside(faulty) == REFUSED_PREFIX
    aside = {name.removeprefix(REFUSED_PREFIX.encode()) for name in client.keys(f"{REFUSED_PREFIX}*")}
    assert aside == {b"b" * 64, b"\xff"}
    assert [one.answer().text for one in cache.kept()] == [ANSWER.text]
    assert cache.remove(list(cache.kept())) == 1
    assert client.get("theirs") == b"x"
    assert cache.size_bytes > 0
    assert cache.bounds() == "maxmemory 0B, noeviction"


def test_who_looks_after_a_redis_that_is_away_is_told_which(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(CacheError, match=f"the shared cache redis 127.0.0.1:{port} cannot be used"):
        list(SharedCache(f"redis://127.0.0.1:{port}/0").kept())


def test_writers_at_once_leave_one_whole_answer(redis):
    texts = [encode(completion(f"answer {n} " * 200)) for n in range(8)]

    def write(text):
        using(redis.url, lambda shelf: shelf.set(KEY, text))

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (row,) = SharedCache(redis.url).kept()
    assert row.text in texts


def test_t09_who_knows_a_secret_takes_no_answer_that_others_planted_or_moved(redis, client):
    other = "b" * 64

    async def store(shelf):
        await shelf.set(KEY, encode(ANSWER))

    async def find(shelf):
        return [await shelf.get(key) for key in (KEY, other)]

    using(redis.url, store, secret="team")
    client.set(PREFIX + other, client.get(PREFIX + KEY))  # a sealed answer, to another question
    warnings = []
    assert using(redis.url, find, warnings, secret="team") == [encode(ANSWER), None]
    assert "its seal is of another LLMCOST_CACHE_SECRET, or of another answer" in warnings[0]
    assert using(redis.url, find, [], secret="others") == [None, None]
    assert using(redis.url, find) == [encode(ANSWER)] * 2  # who knows no secret, trusts

    client.set(PREFIX + other, encode(ANSWER))
    warnings = []
    assert using(redis.url, find, warnings, secret="team") == [encode(ANSWER), None]
    assert "it is not sealed with LLMCOST_CACHE_SECRET" in warnings[0]
    faults = {one.key: one.why_unreadable() for one in SharedCache(redis.url, "team").kept()}
    assert faults == {KEY: "", other: "it is not sealed with LLMCOST_CACHE_SECRET"}
