"""Each attempt is reserved before it is sent, and settled after."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from fakes.complete import After, ScriptedComplete, completion, failure, gather, request
from fakes.prices import BY_TOKEN, FLAT, FixedPrices
from fakes.process import start_python

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.domain.errors import BudgetReached, CallError, PriceError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.usage import Usage

CENT = Decimal("0.01")


@pytest.fixture
def account(tmp_path):
    opened = Account(tmp_path / "account.sqlite")
    opened.add_budget(RUN, Decimal("0.05"))
    yield opened
    opened.close()


def budgeted(model, account, price=FLAT):
    return Budgeted(model, account, FixedPrices(price), bound_input=lambda _: 100)


def test_the_answer_says_what_it_cost_and_the_account_agrees(account):
    answer = asyncio.run(budgeted(ScriptedComplete(), account, BY_TOKEN)(request()))
    assert answer.paid_usd == account.spent(RUN) == Decimal("0.00003")


def test_the_worst_case_is_held_while_the_call_is_under_way(account):
    held = []

    async def look(_):
        held.append(account.budget(RUN).reserved)
        return completion()

    asyncio.run(budgeted(look, account, BY_TOKEN)(request()))
    assert held == [Decimal("0.00018")]  # 100 bytes of input, 8 tokens of output


def test_a_price_an_hour_is_held_at_the_time_limit_and_charged_by_the_clock(account):
    hourly = Price(usd_per_hour=Decimal("0.36"))
    answer = asyncio.run(budgeted(ScriptedComplete(completion(seconds=2.0)), account, hourly)(request()))
    assert answer.paid_usd == Decimal("0.0002")


def test_b07_whoever_asks_for_a_cheaper_tier_may_still_be_charged_the_standard_rate(account):
    price = replace(BY_TOKEN, tiers=(("flex", Price(input=Decimal("0.5"), output=Decimal(5))),))
    asked = request(params={"max_tokens": 8, "service_tier": "flex"})
    held = []

    async def look(_):
        held.append(account.budget(RUN).reserved)
        return completion(service_tier="default" if len(held) == 1 else "flex")

    ask = budgeted(look, account, price)
    paid = [asyncio.run(ask(asked)).paid_usd for _ in range(2)]

    assert held == [Decimal("0.00018")] * 2
    assert paid == [Decimal("0.00003"), Decimal("0.000015")]


def test_e10_another_model_that_replied_is_charged_and_may_exceed_what_was_held(account):
    ask = Budgeted(ScriptedComplete(completion(model="large")), account, Both(), bound_input=lambda _: 1)
    answer = asyncio.run(ask(request()))
    assert answer.paid_usd == account.spent(RUN) == Decimal("0.03")
    assert answer.flags == ("cost above its reservation",)


class Both:
    """Two models, of which the one that is not asked costs three cents a request."""

    def price_of(self, model):
        return Price(per_request=3 * CENT) if model == "stub/large" else BY_TOKEN


def test_a_free_model_needs_no_budget(account):
    account.add_budget(RUN, Decimal(0))
    assert asyncio.run(budgeted(ScriptedComplete(), account, Price())(request())).paid_usd == 0


def test_b03_a_model_without_a_price_is_not_asked(account):
    model = ScriptedComplete()
    with pytest.raises(PriceError):
        asyncio.run(Budgeted(model, account, FixedPrices(model="another"))(request()))
    assert model.requests == []


def test_calls_are_charged_to_their_suites_too(account):
    account.add_budget("a.yaml", CENT)
    ask = budgeted(ScriptedComplete(), account)
    asyncio.run(ask(request(budgets=("a.yaml",))))
    with pytest.raises(BudgetReached):
        asyncio.run(ask(request(budgets=("a.yaml",))))
    asyncio.run(ask(request()))
    assert (account.spent("a.yaml"), account.spent(RUN)) == (CENT, 2 * CENT)


def test_a_call_that_does_not_fit_waits_for_those_under_way(account):
    cheap = Price(input=Decimal(400), output=Decimal(0))  # 4 cents at the bound, 0.4 in fact
    model = ScriptedComplete(After(0.01, completion()))
    answers = asyncio.run(gather(budgeted(model, account, cheap), map(request, "abc")))
    assert [a.paid_usd for a in answers] == [Decimal("0.004")] * 3
    assert model.most_in_flight == 1


def test_a_call_is_refused_when_none_is_under_way_and_is_not_sent(account):
    model = ScriptedComplete(After(0.01, completion()))
    answers = asyncio.run(gather(budgeted(model, account), [request(str(n)) for n in range(8)]))
    assert len(model.requests) == 5
    assert [type(a) for a in answers[5:]] == [BudgetReached] * 3
    assert account.spent(RUN) == 5 * CENT


def test_e17_an_attempt_that_may_be_billed_is_charged_at_its_worst_case(account):
    with pytest.raises(CallError) as caught:
        asyncio.run(budgeted(ScriptedComplete(failure("time-out", may_be_billed=True)), account)(request()))
    assert caught.value.paid_usd == account.budget(RUN).uncertain == account.spent(RUN) == CENT


def test_an_attempt_that_is_not_billed_costs_nothing(account):
    with pytest.raises(CallError) as caught:
        asyncio.run(budgeted(ScriptedComplete(failure("rate limit")), account)(request()))
    assert caught.value.paid_usd == account.spent(RUN) == 0
    assert not account.has_open()


def test_e14_a_call_that_is_cancelled_under_way_is_charged_at_its_worst_case(account):
    async def scenario():
        stalled = ScriptedComplete(After(3600, completion()))
        task = asyncio.create_task(budgeted(stalled, account)(request()))
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert account.spent(RUN) == account.budget(RUN).uncertain == CENT


def test_e14_a_call_that_is_cancelled_while_it_waits_costs_nothing(account):
    async def scenario():
        account.reserve([RUN], 5 * CENT, 60)
        task = asyncio.create_task(budgeted(ScriptedComplete(), account)(request()))
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert (account.spent(RUN), account.budget(RUN).reserved) == (0, 5 * CENT)


def test_a_fault_in_the_provider_itself_leaves_nothing_open(account):
    with pytest.raises(ZeroDivisionError):
        asyncio.run(budgeted(ScriptedComplete(ZeroDivisionError()), account)(request()))
    assert account.spent(RUN) == CENT
    assert not account.has_open()


def test_b02_a_cost_above_the_reservation_is_said_charged_and_stops_the_next(account):
    greedy = ScriptedComplete(completion(usage=Usage(input_tokens=10, output_tokens=9000)))
    ask = budgeted(greedy, account, BY_TOKEN)
    answer = asyncio.run(ask(request()))
    assert "cost above its reservation" in answer.flags
    assert answer.paid_usd == account.spent(RUN) == Decimal("0.09001")
    with pytest.raises(BudgetReached):
        asyncio.run(ask(request()))


def test_e09_a_reply_without_usage_is_charged_at_its_worst_case(account):
    guessed = completion(usage=Usage(input_tokens=5, output_tokens=1, is_estimated=True))
    answer = asyncio.run(budgeted(ScriptedComplete(guessed), account, BY_TOKEN)(request()))
    assert answer.paid_usd == account.budget(RUN).uncertain == Decimal("0.00018")


def test_f11_an_answer_is_not_lost_when_its_charge_cannot_be_written(account):
    async def answer_and_lose_the_account(_):
        account.close()
        return completion()

    answer = asyncio.run(budgeted(answer_and_lose_the_account, account)(request()))
    assert (answer.text, answer.flags) == ("yes", ("charge not recorded",))


def test_b01_processes_that_race_for_the_last_cents_never_exceed_the_budget(account, tmp_path):
    code = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from fakes.complete import After, ScriptedComplete, completion, gather, request
from fakes.prices import FLAT, FixedPrices
from pytest_llmcost.calls.account import Account
from pytest_llmcost.calls.budget import Budgeted
account = Account(Path(sys.argv[1]))
model = ScriptedComplete(After(0.005, completion()))
ask = Budgeted(model, account, FixedPrices(FLAT))
sys.stdin.readline()
asyncio.run(gather(ask, [request(f"{sys.argv[2]} {n}") for n in range(10)]))
account.close()
print(len(model.requests))
"""
    account.add_budget(RUN, Decimal("0.05"))
    workers = [start_python(code, tmp_path / "account.sqlite", n, stdin=-1) for n in range(4)]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    ends = [worker.communicate(timeout=60) for worker in workers]
    assert [err for _, err in ends] == [""] * 4
    assert sum(int(out) for out, _ in ends) == 5
    assert (account.spent(RUN), account.budget(RUN).reserved) == (5 * CENT, 0)
