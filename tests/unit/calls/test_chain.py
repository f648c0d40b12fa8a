"""The chain, joined."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.complete import After, ScriptedComplete, completion, failure, gather, request
from fakes.prices import FixedPrices
from fakes.store import MemoryStore, layers_over

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.chain import build_chain
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.domain.errors import BudgetReached, CallError, ReplayMiss

CENT = Decimal("0.01")


@pytest.fixture
def account(tmp_path):
    opened = Account(tmp_path / "account.sqlite")
    opened.add_budget(RUN, 3 * CENT)
    yield opened
    opened.close()


@pytest.fixture
def chain_of(account):
    store = layers_over(MemoryStore())

    def build(provider, mode="auto", **options):
        parts = {"store": store, "account": account, "prices": FixedPrices(), "warn": pytest.fail}
        return build_chain(provider, mode=mode, **parts, **options)

    return build


def ask_all(chain, *requests):
    return asyncio.run(gather(chain, requests))


def test_the_second_run_makes_no_call_and_pays_nothing(chain_of, account):
    model = ScriptedComplete()
    first, second = ask_all(chain_of(model), request()), ask_all(chain_of(model), request())
    assert (first[0].paid_usd, second[0].paid_usd, len(model.requests)) == (CENT, 0, 1)
    assert account.spent(RUN) == CENT


def test_e13_identical_requests_are_charged_once(chain_of, account):
    model = ScriptedComplete(After(0.005, completion()))
    answers = ask_all(chain_of(model), *[request()] * 8)
    assert sum(a.paid_usd for a in answers) == account.spent(RUN) == CENT


def test_e20_the_model_sees_the_attempts_that_are_counted_and_each_is_reserved(chain_of, account):
    model = ScriptedComplete(failure("time-out", may_be_billed=True), completion())
    (answer,) = ask_all(chain_of(model), request())
    assert (answer.attempts, len(model.requests), answer.paid_usd) == (2, 2, 2 * CENT)
    assert account.spent(RUN) == 2 * CENT
    assert account.budget(RUN).uncertain == CENT


def test_e06_a_call_that_stalls_for_ever_ends_at_its_limit_charged_once(chain_of, account):
    model = ScriptedComplete(After(3600, completion()))
    (error,) = ask_all(chain_of(model, timeout_seconds=0.02), request())
    assert isinstance(error, CallError)
    assert (error.kind, error.attempts, error.paid_usd) == ("time-out", 1, CENT)
    assert account.spent(RUN) == CENT


def test_waiting_for_a_place_uses_none_of_a_calls_time(chain_of):
    model = ScriptedComplete(After(0.2, completion()))
    answers = ask_all(chain_of(model, traffic=Traffic(in_flight=1), timeout_seconds=0.5), *map(request, "abc"))
    assert [a.text for a in answers] == ["yes"] * 3


def test_a_call_that_waits_for_a_place_or_between_attempts_holds_no_reservation(chain_of, account):
    async def watch():
        model = ScriptedComplete(After(0.05, failure()), After(0.05, completion()))
        asking = asyncio.create_task(gather(chain_of(model, traffic=Traffic(in_flight=1)), map(request, "ab")))
        await asyncio.sleep(0.02)
        while_one_is_sent = account.budget(RUN).reserved
        await asyncio.sleep(0.1)
        while_the_server_pauses = account.budget(RUN).reserved
        await asking
        return while_one_is_sent, while_the_server_pauses

    assert asyncio.run(watch()) == (CENT, 0)


def test_a_call_that_backs_off_leaves_its_place_to_others(chain_of):
    model = ScriptedComplete(After(0.01, failure(status=500)), After(0.01, completion()))
    ask_all(chain_of(model, traffic=Traffic(in_flight=1)), *map(request, "ab"))
    assert [r.messages[0]["content"] for r in model.requests] == ["a", "b", "a"]


def test_waiting_for_the_budget_uses_none_of_a_calls_time(chain_of, account):
    async def settle_later():
        reservation = account.reserve([RUN], 3 * CENT, 60)
        asking = asyncio.create_task(chain_of(ScriptedComplete(), timeout_seconds=0.3)(request()))
        await asyncio.sleep(0.4)
        account.release(reservation)
        return await asking

    assert asyncio.run(settle_later()).text == "yes"


def test_when_the_budget_is_reached_the_rest_is_refused_and_the_answers_are_kept(chain_of, account):
    model = ScriptedComplete()
    answers = ask_all(chain_of(model), *map(request, "abcde"))
    assert [type(a) is BudgetReached for a in answers] == [False] * 3 + [True] * 2
    assert [a.text for a in ask_all(chain_of(model, "replay"), *map(request, "abc"))] == ["yes"] * 3
    assert account.spent(RUN) == 3 * CENT


def test_replay_needs_no_budget_and_asks_nobody(chain_of, account):
    account.add_budget(RUN, Decimal(0))
    (miss,) = ask_all(chain_of(ScriptedComplete(), "replay"), request())
    assert isinstance(miss, ReplayMiss)


def test_live_needs_no_store(account):
    chain = build_chain(
        ScriptedComplete(), store=None, mode="live", account=account, prices=FixedPrices(), warn=pytest.fail
    )
    assert asyncio.run(chain(request())).text == "yes"


def test_no_other_mode_goes_without_one(account):
    with pytest.raises(ValueError, match="needs a store"):
        build_chain(
            ScriptedComplete(), store=None, mode="replay", account=account, prices=FixedPrices(), warn=pytest.fail
        )
