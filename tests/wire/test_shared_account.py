"""One budget for several machines, in a real Redis."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.complete import ScriptedComplete, completion, failure, request
from fakes.prices import FLAT, FixedPrices
from fakes.process import start_python
from fakes.redis_server import needs_redis, running_redis

from pytest_llmcost.calls.account import RUN, Account, AccountError
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.calls.shared_account import SharedAccount
from pytest_llmcost.domain.errors import BudgetReached, CallError, SettingsError

pytestmark = needs_redis

CENT = Decimal("0.01")
CAPS = {RUN: 5 * CENT}


@pytest.fixture
def redis(tmp_path):
    with running_redis(tmp_path) as server:
        yield server


def on(redis, do, run="build-1"):
    """Run *do* with a machine's own connection to the shared account."""

    async def connected():
        account = SharedAccount(redis.url, run)
        try:
            return await do(account)
        finally:
            await account.close()

    return asyncio.run(connected())


def test_what_one_machine_holds_another_cannot_have(redis):
    async def first(account):
        return await account.reserve(CAPS, 3 * CENT, 60)

    held = on(redis, first)

    async def second(account):
        assert await account.reserve(CAPS, 3 * CENT, 60) is None
        await account.settle(held, CENT)
        assert await account.reserve(CAPS, 3 * CENT, 60) is not None
        return await account.budget(RUN)

    state = on(redis, second)
    assert (state.spent, state.reserved, state.uncertain) == (CENT, 3 * CENT, 0)


def test_another_run_has_money_of_its_own(redis):
    async def hold(account):
        return await account.reserve(CAPS, 5 * CENT, 60)

    assert on(redis, hold, "build-1")
    assert on(redis, hold, "build-2")


def test_the_lowest_of_several_caps_holds_and_all_named_budgets_have_to_fit(redis):
    async def hold(account):
        await account.settle(await account.reserve({RUN: 5 * CENT, "a.yaml": CENT}, CENT, 60), CENT)
        with pytest.raises(BudgetReached, match=r"budget reached \(\$0.01, a.yaml\)"):
            await account.reserve({RUN: 9 * CENT, "a.yaml": 2 * CENT}, CENT, 60)
        await account.settle(await account.reserve({RUN: 9 * CENT}, 4 * CENT, 60), 4 * CENT)
        with pytest.raises(BudgetReached, match=r"budget reached \(\$0.05\)"):
            await account.reserve({RUN: 9 * CENT}, CENT, 60)

    on(redis, hold)


def test_b05_after_its_lease_a_dead_machine_s_attempt_counts_at_its_worst_case(redis):
    async def hold(account):
        late = await account.reserve(CAPS, 3 * CENT, -2)
        with pytest.raises(BudgetReached):
            await account.reserve(CAPS, 3 * CENT, 60)
        lapsed = await account.budget(RUN)
        await account.settle(late, CENT)
        return lapsed, await account.budget(RUN)

    lapsed, settled = on(redis, hold)
    assert (lapsed.spent, lapsed.uncertain, lapsed.reserved) == (3 * CENT, 3 * CENT, 0)
    assert (settled.spent, settled.uncertain, settled.reserved) == (CENT, 0, 0)


def test_amounts_are_exact_to_the_last_of_twelve_digits(redis):
    caps = {RUN: Decimal("9000.123456789012")}

    async def spend(account):
        held = await account.reserve(caps, Decimal("4321.000000000001"), 60)
        await account.settle(held, Decimal("4321.000000000001"))
        await account.settle(await account.reserve(caps, Decimal("4679.123456789011"), 60), Decimal("4679.12345678901"))
        return await account.budget(RUN)

    state = on(redis, spend)
    assert (state.cap, state.spent) == (caps[RUN], Decimal("9000.123456789011"))


def test_settling_twice_charges_once(redis):
    async def settle(account):
        held = await account.reserve(CAPS, 3 * CENT, 60)
        for _ in range(2):
            await account.settle(held, CENT)
        return (await account.budget(RUN)).spent

    assert on(redis, settle) == CENT


def test_f10_a_redis_that_is_away_stops_the_spending_and_is_named(redis):
    redis.stop()

    async def hold(account):
        await account.reserve(CAPS, CENT, 60)

    with pytest.raises(AccountError, match=f"the shared budget at 127.0.0.1:{redis.port}.*nothing more is spent"):
        on(redis, hold)


def test_t16_a_password_in_the_url_is_not_shown():
    async def hold(account):
        await account.reserve(CAPS, CENT, 60)

    class Nowhere:
        url = "redis://user:canary@127.0.0.1:9/0"

    with pytest.raises(AccountError) as caught:
        on(Nowhere, hold)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "127.0.0.1:6379", ""])
def test_an_address_that_is_none_of_redis_is_said(url):
    with pytest.raises(SettingsError, match="redis://host:port/0 is needed"):
        SharedAccount(url, "build-1")


def test_more_money_than_can_be_counted_exactly_is_refused(redis):
    async def hold(account):
        await account.reserve({RUN: Decimal(10_000)}, CENT, 60)

    with pytest.raises(SettingsError, match=r"exactly up to \$9007"):
        on(redis, hold)


def asking(redis, tmp_path, model, do):
    """Run *do* with a machine that asks *model*: an account of its own, and the shared one."""

    async def connected(shared):
        here = Account(tmp_path / "account.sqlite")
        here.add_budget(RUN, 5 * CENT)
        try:
            ask = Budgeted(model, here, FixedPrices(FLAT), bound_input=lambda _: 1, shared=shared)
            await do(ask)
            return here.budget(RUN), await shared.budget(RUN)
        finally:
            here.close()

    return on(redis, connected)


def test_each_attempt_is_charged_here_and_there(redis, tmp_path):
    async def ask_twice(ask):
        await ask(request("a"))
        with pytest.raises(CallError):
            await ask(request("b"))

    model = ScriptedComplete(completion(), failure(may_be_billed=True))
    here, there = asking(redis, tmp_path, model, ask_twice)
    assert here.spent == there.spent == 2 * CENT
    assert here.uncertain == there.uncertain == CENT
    assert here.reserved == there.reserved == 0


def test_what_the_other_machines_left_is_all_that_may_be_spent(redis, tmp_path):
    async def others(account):
        await account.settle(await account.reserve(CAPS, 4 * CENT, 60), 4 * CENT)

    async def ask_thrice(ask):
        await ask(request("a"))
        for text in "bc":
            with pytest.raises(BudgetReached):
                await ask(request(text))

    on(redis, others)
    model = ScriptedComplete()
    here, there = asking(redis, tmp_path, model, ask_thrice)
    assert len(model.requests) == 1
    assert (here.spent, here.reserved, there.spent) == (CENT, 0, 5 * CENT)


def test_f10_an_answer_is_kept_when_redis_goes_away_under_it(redis, tmp_path):
    answers = []

    async def answer_and_stop(_):
        redis.stop()
        return completion()

    async def ask(ask):
        answers.append(await ask(request("a")))
        with pytest.raises(AccountError):
            await ask(request("b"))
        redis.start()

    here, _ = asking(redis, tmp_path, answer_and_stop, ask)
    assert answers[0].flags == ("charge not recorded",)
    assert (here.spent, here.reserved) == (CENT, 0)


MACHINE = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from fakes.complete import After, ScriptedComplete, completion, request
from fakes.prices import FLAT, FixedPrices
from pytest_llmcost.calls.account import Account
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.calls.shared_account import SharedAccount

async def main():
    here = Account(Path(sys.argv[1]))
    here.add_budget("run", Decimal("0.05"))
    shared = SharedAccount(sys.argv[2], "build-1")
    model = ScriptedComplete(After(0.005, completion()))
    ask = Budgeted(model, here, FixedPrices(FLAT), bound_input=lambda _: 1, shared=shared)
    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(ask(request(str(n))) for n in range(10)), return_exceptions=True)
    await shared.close()
    here.close()
    print(len(model.requests))

asyncio.run(main())
"""


def test_b01_machines_that_race_for_the_last_cents_never_exceed_the_budget(redis, tmp_path):
    machines = [start_python(MACHINE, tmp_path / f"{n}.sqlite", redis.url, stdin=-1) for n in range(4)]
    for machine in machines:
        assert machine.stdout.readline() == "ready\n"
    for machine in machines:
        machine.stdin.write("go\n")
        machine.stdin.flush()
    ends = [machine.communicate(timeout=60) for machine in machines]
    assert [err for _, err in ends] == [""] * 4
    assert sum(int(out) for out, _ in ends) == 5

    async def state(account):
        return await account.budget(RUN)

    left = on(redis, state)
    assert (left.spent, left.reserved, left.uncertain) == (5 * CENT, 0, 0)
