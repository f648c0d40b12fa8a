"""Identical requests of several processes: each `Process` here stands for one, over one account and one cache."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from fakes.complete import After, ScriptedComplete, completion, failure, request
from fakes.process import start_python
from fakes.store import MemoryStore, layers_over

from pytest_llmcost.calls import account as account_module
from pytest_llmcost.calls.account import Account
from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.calls.shared_flight import SharedFlight
from pytest_llmcost.domain.errors import BudgetReached, CallError

PAID = completion("first", paid_usd=Decimal("0.01"))


@dataclass
class Processes:
    """Several processes in one: each has its own pid in the account, and asks the same model."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self):
        self.store = MemoryStore()
        self.opened = []

    def start(self, pid, model, mode="auto"):
        self.opened.append(account := Account(self.folder / "account.sqlite"))
        # Only the account knows which process it is in.
        for name in ("take_flight", "keep_flight", "end_flight"):
            setattr(account, name, self._as(pid, getattr(account, name)))
        return SharedFlight(Cached(model, layers_over(self.store, warn=pytest.fail), mode), account)

    def _as(self, pid, act):
        def acting(*args, **named):
            with self.monkeypatch.context() as patch:
                patch.setattr(account_module.os, "getpid", lambda: pid)
                return act(*args, **named)

        return acting


@pytest.fixture
def processes(tmp_path, monkeypatch):
    several = Processes(tmp_path, monkeypatch)
    yield several
    for account in several.opened:
        account.close()


def ask_at_once(*flights):
    async def asking():
        return await asyncio.gather(*(flight(request()) for flight in flights), return_exceptions=True)

    return asyncio.run(asking())


@pytest.mark.parametrize("mode", ["auto", "refresh"])
def test_e13_processes_that_need_the_same_answer_send_one_request(processes, mode):
    model = ScriptedComplete(After(0.03, PAID))
    answers = ask_at_once(*(processes.start(pid, model, mode) for pid in (1, 2, 3)))
    assert len(model.requests) == 1
    assert [answer.text for answer in answers] == ["first"] * 3
    assert [answer.cached for answer in answers] == [False, True, True]
    assert sum(answer.paid_usd for answer in answers) == Decimal("0.01")


def test_refresh_asks_anew_what_was_stored_before_and_waits_for_the_new_answer(processes):
    ask_at_once(processes.start(1, ScriptedComplete(completion("old")), "refresh"))
    model = ScriptedComplete(After(0.03, completion("new")))
    answers = ask_at_once(processes.start(1, model, "refresh"), processes.start(2, model, "refresh"))
    assert [answer.text for answer in answers] == ["new", "new"]
    assert len(model.requests) == 1


def test_when_a_call_fails_those_that_waited_ask_in_turn(processes):
    model = ScriptedComplete(After(0.02, failure()), After(0.02, failure()), After(0.02, completion("third")))
    answers = ask_at_once(*(processes.start(pid, model) for pid in (1, 2, 3, 4)))
    assert [isinstance(answer, CallError) for answer in answers].count(True) == 2
    assert [answer.text for answer in answers if not isinstance(answer, CallError)] == ["third", "third"]
    assert (len(model.requests), model.most_in_flight) == (3, 1)


def test_a_budget_that_refuses_one_process_need_not_refuse_the_other(processes):
    refusal = BudgetReached("reached", budget=Decimal(0), spent=Decimal(0))
    model = ScriptedComplete(After(0.02, refusal), completion("second"))
    refused, answered = ask_at_once(*(processes.start(pid, model) for pid in (1, 2)))
    assert isinstance(refused, BudgetReached)
    assert answered.text == "second"


def test_an_answer_that_is_not_kept_is_asked_for_by_each(processes):
    model = ScriptedComplete(After(0.02, completion("cut", finish_reason="content_filter")))
    ask_at_once(*(processes.start(pid, model) for pid in (1, 2)))
    assert (len(model.requests), model.most_in_flight) == (2, 1)


def test_e14_a_process_that_is_cancelled_lets_the_other_go_in_its_place(processes):
    model = ScriptedComplete(After(3600, completion("never")), completion("second"))

    async def scenario():
        first, second = (asyncio.create_task(processes.start(pid, model)(request())) for pid in (1, 2))
        await asyncio.sleep(0.02)
        first.cancel()
        return await second

    assert asyncio.run(scenario()).text == "second"


def test_what_is_stored_needs_no_flight(processes):
    flight = processes.start(1, ScriptedComplete())
    ask_at_once(flight)
    processes.opened[0].close()
    assert ask_at_once(flight)[0].cached


def test_a_flight_outlives_its_lease_as_long_as_its_process_lives(processes, monkeypatch):
    monkeypatch.setattr("pytest_llmcost.calls.shared_flight.LEASE_SECONDS", 0.3)
    model = ScriptedComplete(After(1.2, completion("slow")))
    answers = ask_at_once(*(processes.start(pid, model) for pid in (1, 2)))
    assert [answer.text for answer in answers] == ["slow", "slow"]
    assert len(model.requests) == 1


HOLDER = """
import sys, time
from pathlib import Path
from fakes.complete import request
from pytest_llmcost.calls.account import Account
account = Account(Path(sys.argv[1]))
assert account.take_flight(request().key(), 0.5)
print("taken", flush=True)
time.sleep(60)
"""


def test_e14_a_process_that_is_killed_leaves_its_flight_to_the_others(processes):
    holder = start_python(HOLDER, processes.folder / "account.sqlite")
    assert holder.stdout.readline() == "taken\n"
    holder.kill()
    holder.communicate()
    model = ScriptedComplete(After(0.02, completion("mine")))
    answers = ask_at_once(*(processes.start(pid, model) for pid in (1, 2)))
    assert [answer.text for answer in answers] == ["mine", "mine"]
    assert len(model.requests) == 1


def test_an_answer_is_not_lost_when_the_account_is_gone_under_it(processes):
    async def answer_and_lose_the_account(_):
        processes.opened[0].close()
        return completion("paid for")

    (answer,) = ask_at_once(processes.start(1, answer_and_lose_the_account))
    assert answer.text == "paid for"
