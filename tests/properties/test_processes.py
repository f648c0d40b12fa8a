"""Laws of the money of several processes, whatever the network does and whoever is killed when.

Requests cost a cent each. What counts is what the server, a process of its own, was asked for:
all that it did not refuse may be billed.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.nursery import Nursery
from fakes.redis_server import needs_redis, running_redis
from fakes.stub_server import Asked, Reply, StubServer, answer, error
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.shared_account import SharedAccount

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are made in no time")

CENT = Decimal("0.01")
FATES = (*["answered"] * 5, "refused", "refused", "cut", "stalled")
bounded = settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],  # time is part of each case: none can be made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass
class Weather:
    """What the server does with each request: its fate, after up to 30 ms; and what it may bill."""

    seed: int
    fates: tuple[str, ...] = FATES
    billed: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def __call__(self, asked: Asked) -> Reply:
        fate, seconds = self._random.choice(self.fates), self._random.uniform(0, 0.03)
        if fate == "refused":
            return error(500).later(seconds)
        self.billed[asked.prompt] += 1
        if fate == "stalled":
            return answer()(asked).later(30)
        if fate == "cut":
            return answer()(asked).later(seconds).cut(0.5)
        self.answered[asked.prompt] += 1
        return answer()(asked).later(seconds)


@pytest.fixture
def nursery(server: StubServer, tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path, server.base) as started:
        yield started


asked_of_all = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8), min_size=2, max_size=4)
budgets = st.integers(1, 16)
kills = st.lists(st.tuples(st.integers(0, 3), st.floats(0.01, 0.15)), max_size=3)
seeds = st.integers(0, 1000)
names = (f"run-{number}" for number in range(10**6))


def account_in(folder: Path, cap_usd: Decimal) -> Account:
    folder.mkdir()
    account = Account(folder / "account.sqlite")
    account.add_budget(RUN, cap_usd)
    return account


def kill(pids: list[int], when: list[tuple[int, float]]) -> None:
    """Kill some of the processes, each so long after the one before it."""
    for number, seconds in when:
        time.sleep(seconds)
        # The nursery reaps them in order, so that a pid may be gone, but is not yet another's.
        pid = pids[number % len(pids)]
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)


@bounded
@given(asked_of_all, budgets, kills, seeds)
def test_b01_what_a_provider_saw_never_exceeds_the_budget(
    server: StubServer,
    tmp_path: Path,
    nursery: Nursery,
    asked: list[list[str]],
    cents: int,
    when: list[tuple[int, float]],
    seed: int,
) -> None:
    name, weather = next(names), Weather(seed)
    server.play(weather)
    account = account_in(tmp_path / name, cents * CENT)
    kill(nursery.start(str(cents * CENT), asked, name), when)
    nursery.wait()
    account.forfeit()
    state = account.budget(RUN)
    account.close()
    billed = sum(weather.billed.values())
    assert billed * CENT <= state.spent <= state.cap
    assert state.reserved == 0
    if not when:  # what nobody told of may be a request that never came so far
        assert state.spent - state.uncertain <= billed * CENT


@bounded
@given(asked_of_all, seeds)
def test_e13_processes_that_need_the_same_answer_are_given_it_once(
    server: StubServer, nursery: Nursery, asked: list[list[str]], seed: int
) -> None:
    weather = Weather(seed, ("answered", "answered", "refused"))
    server.play(weather)
    nursery.start("1", asked, next(names), call_seconds=20)
    nursery.wait()
    assert set(server.prompts) == {text for texts in asked for text in texts}
    assert set(weather.answered.values()) <= {1}


@needs_redis
@bounded
@given(asked_of_all, budgets, kills, seeds)
def test_b01_nor_do_several_machines_exceed_the_budget_that_they_share(
    server: StubServer,
    nursery: Nursery,
    redis: str,
    asked: list[list[str]],
    cents: int,
    when: list[tuple[int, float]],
    seed: int,
) -> None:
    name, weather = next(names), Weather(seed)
    server.play(weather)
    kill(nursery.start(str(cents * CENT), asked, name, redis), when)
    nursery.wait()
    state = asyncio.run(SharedAccount(redis, name).look(RUN))
    billed = sum(weather.billed.values())
    assert billed * CENT <= state.spent + state.reserved <= cents * CENT
    if not when:
        assert state.spent - state.uncertain <= billed * CENT
        assert state.reserved == 0


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as started:
        yield started.url


def test_b05_after_its_lease_the_living_spend_what_a_dead_process_had_not_sent(
    server: StubServer, tmp_path: Path, nursery: Nursery
) -> None:
    """It dies in the middle of a call, and holds as much again twice that it had not sent."""
    server.play(lambda asked: answer()(asked).later(30 if asked.prompt == "stalls" else 0))
    account = account_in(tmp_path / "run", 4 * CENT)
    for _ in range(2):
        assert account.reserve([RUN], CENT, 0.5)
    (dead,) = nursery.start("0.04", [["stalls"]], "run", call_seconds=20)
    until = time.monotonic() + 20
    while not server.prompts:
        assert time.monotonic() < until, "it does not ask"
        time.sleep(0.01)
    os.kill(dead, signal.SIGKILL)
    nursery.wait()
    nursery.start("0.04", [["a", "b"], ["c"]], "run", call_seconds=20)
    nursery.wait()
    held = account.budget(RUN)
    account.forfeit(dead)
    state = account.budget(RUN)
    account.close()
    assert sorted(server.prompts) == ["a", "b", "c", "stalls"]
    assert (held.spent, held.reserved, held.uncertain) == (3 * CENT, CENT, 0)
    assert (state.spent, state.reserved, state.uncertain) == (4 * CENT, 0, CENT)
