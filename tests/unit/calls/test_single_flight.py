"""Identical requests in flight."""

from __future__ import annotations

import asyncio
import gc
from decimal import Decimal

import pytest
from fakes.complete import After, ScriptedComplete, completion, failure, gather, request

from pytest_llmcost.calls.single_flight import SingleFlight
from pytest_llmcost.domain.errors import BudgetReached, CallError, PriceError


def test_e13_identical_requests_are_sent_once_answered_to_all_and_paid_once():
    model = ScriptedComplete(After(0.005, completion(paid_usd=Decimal("0.01"))))
    answers = asyncio.run(gather(SingleFlight(model), [request()] * 5))
    assert len(model.requests) == 1
    assert {a.text for a in answers} == {"yes"}
    assert [a.cached for a in answers] == [False, True, True, True, True]
    assert sum(a.paid_usd for a in answers) == Decimal("0.01")


def test_e13_an_error_is_shared_and_its_charge_is_not():
    model = ScriptedComplete(After(0.005, failure(status=500, attempts=4, paid_usd=Decimal("0.04"))))
    errors = asyncio.run(gather(SingleFlight(model), [request()] * 3))
    assert len(model.requests) == 1
    assert all(isinstance(e, CallError) and (e.status, e.attempts) == (500, 4) for e in errors)
    assert sum(e.paid_usd for e in errors) == Decimal("0.04")


def test_an_error_that_nobody_shared_leaves_nothing_in_the_log(caplog):
    asyncio.run(gather(SingleFlight(ScriptedComplete(failure())), [request()]))
    gc.collect()
    assert caplog.records == []


def test_errors_that_are_not_the_calls_are_shared_as_they_are():
    model = ScriptedComplete(After(0.005, PriceError("no price", model="stub/small")))
    errors = asyncio.run(gather(SingleFlight(model), [request()] * 2))
    assert [type(e) for e in errors] == [PriceError, PriceError]


def test_different_requests_do_not_wait_for_each_other():
    model = ScriptedComplete(After(0.005, completion()))
    asyncio.run(gather(SingleFlight(model), [request("a"), request("b"), request("a", trial=2)]))
    assert len(model.requests) == 3


def test_a_request_after_the_flight_is_sent_anew():
    model = ScriptedComplete(completion("first"), completion("second"))
    single = SingleFlight(model)

    async def one_after_the_other():
        return [await single(request()), await single(request())]

    assert [a.text for a in asyncio.run(one_after_the_other())] == ["first", "second"]


def test_e14_when_the_first_is_cancelled_the_next_goes_in_its_place():
    model = ScriptedComplete(After(3600, completion("never")), After(0.001, completion("second")))
    single = SingleFlight(model)

    async def scenario():
        tasks = [asyncio.create_task(single(request())) for _ in range(3)]
        await asyncio.sleep(0.001)
        tasks[0].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, *others = asyncio.run(scenario())
    assert isinstance(first, asyncio.CancelledError)
    assert [a.text for a in others] == ["second", "second"]
    assert len(model.requests) == 2


def test_a_follower_that_is_cancelled_leaves_the_flight_alone():
    model = ScriptedComplete(After(0.005, completion()))
    single = SingleFlight(model)

    async def scenario():
        first, follower = (asyncio.create_task(single(request())) for _ in range(2))
        await asyncio.sleep(0.001)
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await follower
        return await first

    assert asyncio.run(scenario()).text == "yes"


def test_a_budget_that_refuses_the_first_need_not_be_the_others():
    async def refuse_the_small_suite(asked):
        await asyncio.sleep(0.001)
        if asked.budgets:
            raise BudgetReached("reached", budget=Decimal(0), spent=Decimal(0))
        return completion()

    asked = [request(budgets=("small.yaml",)), request()]
    refused, answered = asyncio.run(gather(SingleFlight(refuse_the_small_suite), asked))
    assert isinstance(refused, BudgetReached)
    assert answered.text == "yes"
