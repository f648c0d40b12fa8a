"""The Redis of a shared budget that is slow, or goes away: the run stops, says so, and counts nothing twice."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from fakes.project import Project, numbered_cases
from fakes.redis_server import RedisServer, needs_redis, running_redis
from fakes.stub_server import Asked, Reply, Script, answer

N = 40
CONCURRENCY = 4
TRIES = 4
"""Of each command that Redis does not answer."""

BILL_USD = 0.000007
GOOD = answer("shop", usage={"prompt_tokens": 5, "completion_tokens": 1})


@pytest.fixture
def sharing(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of 40 cases, 4 asked at once, by a run with a name."""
    monkeypatch.setenv("LLMCOST_RUN_NAME", "build-7")
    project.suite(numbered_cases(N))
    project.server.play(GOOD)
    return project


class Silent:
    """A server that accepts and never answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listening.getsockname()[1]
        self.accepted: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.accepted.append(self._listening.accept()[0])

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for link in (*self.accepted, self._listening):
            link.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def test_f10_a_redis_that_never_answers_stops_the_run_and_is_waited_for_once(
    sharing: Project, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_llmcost.calls.shared_account._TIMEOUT_SECONDS", 0.1)
    sharing.configure(shared_budget=f"redis://127.0.0.1:{silent.port}/0", concurrency=CONCURRENCY)
    result = sharing.run("--llm-budget")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [f"*the shared budget at 127.0.0.1:{silent.port} cannot be used*nothing more is spent*"]
    )
    assert sharing.server.requests == []
    assert 0 < len(silent.accepted) <= TRIES * CONCURRENCY, "not once a case"


@needs_redis
def test_f10_a_redis_that_goes_away_in_the_middle_stops_the_run_and_nothing_is_asked_twice(
    sharing: Project, redis: RedisServer
) -> None:
    sharing.server.play(at_the_tenth(sharing, redis.stop))
    sharing.configure(shared_budget=redis.url, concurrency=CONCURRENCY)
    result = sharing.run("--llm-budget")
    asked = len(sharing.server.requests)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*the shared budget at 127.0.0.1:{redis.port} cannot be used*"])
    assert 10 <= asked <= 10 + CONCURRENCY
    assert spent_by(result) == pytest.approx(asked * BILL_USD), "each once"

    sharing.configure(concurrency=CONCURRENCY)
    assert sharing.run("--llm-budget").ret == pytest.ExitCode.OK
    assert len(sharing.server.requests) == N, "what was paid for was kept"


@needs_redis
def test_f10_a_redis_that_forgets_leaves_each_machine_its_own_account(sharing: Project, redis: RedisServer) -> None:
    sharing.server.play(at_the_tenth(sharing, redis.forget))
    sharing.configure(shared_budget=redis.url, concurrency=CONCURRENCY)
    result = sharing.run("--llm-budget=0.0003")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*budget reached ($0.0003)*"])
    assert 10 < len(sharing.server.requests) < N
    assert spent_by(result) == pytest.approx(len(sharing.server.requests) * BILL_USD)
    assert spent_by(result) <= 0.0003


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


def at_the_tenth(project: Project, do: Callable[[], None]) -> Script:
    """Answer always; at the tenth request do something first."""

    def reply(asked: Asked) -> Reply:
        if len(project.server.requests) == 10:
            do()
        return GOOD(asked)

    return reply


def spent_by(result: pytest.RunResult) -> float:
    found = re.search(r"spent \$([\d.]+) of", result.stdout.str())
    assert found is not None
    return float(found[1])
