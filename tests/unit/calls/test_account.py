"""The run's money in one file."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from decimal import Decimal

import pytest
from fakes.process import start_python

from pytest_llmcost.calls.account import RUN, Account, AccountError
from pytest_llmcost.domain.errors import BudgetReached

CENT = Decimal("0.01")


@pytest.fixture
def open_account(tmp_path):
    """Opens the same file once more, as another process would."""
    opened = []

    def open_one(**caps):
        opened.append(account := Account(tmp_path / "account.sqlite"))
        for name, cap in caps.items():
            account.add_budget(name, Decimal(cap))
        return account

    yield open_one
    for account in opened:
        account.close()


def test_what_is_reserved_is_neither_spent_nor_free(open_account):
    account = open_account(run="0.05")
    account.reserve([RUN], 3 * CENT, 60)
    assert (account.budget(RUN).reserved, account.spent(RUN)) == (3 * CENT, 0)
    assert account.reserve([RUN], 3 * CENT, 60) is None


def test_settling_charges_the_cost_and_gives_the_rest_back(open_account):
    account = open_account(run="0.05")
    reservation = account.reserve([RUN], 3 * CENT, 60)
    account.settle(reservation, CENT)
    assert (account.budget(RUN).reserved, account.spent(RUN)) == (0, CENT)
    assert not account.has_open()


def test_releasing_gives_all_back(open_account):
    account = open_account(run="0.05")
    account.release(account.reserve([RUN], 3 * CENT, 60))
    assert (account.budget(RUN).reserved, account.spent(RUN)) == (0, 0)


def test_the_last_cent_may_be_spent_and_no_more(open_account):
    account = open_account(run="0.02")
    for _ in range(2):
        account.settle(account.reserve([RUN], CENT, 60), CENT)
    with pytest.raises(BudgetReached) as caught:
        account.reserve([RUN], Decimal("1e-12"), 60)
    assert (caught.value.budget, caught.value.spent) == (2 * CENT, 2 * CENT)


def test_what_cannot_fit_any_more_still_waits_until_nothing_is_open(open_account):
    account = open_account(run="0.05")
    account.settle(account.reserve([RUN], 3 * CENT, 60), 3 * CENT)
    last = account.reserve([RUN], CENT, 60)
    assert account.reserve([RUN], 3 * CENT, 60) is None
    account.release(last)
    with pytest.raises(BudgetReached):
        account.reserve([RUN], 3 * CENT, 60)


def test_the_refusal_shows_cap_next_call_and_what_is_spent(open_account):
    account = open_account(run="0.50")
    account.settle(account.reserve([RUN], Decimal("0.499"), 60), Decimal("0.499"))
    with pytest.raises(BudgetReached) as caught:
        account.reserve([RUN], Decimal("0.0123"), 60)
    first, second = str(caught.value).splitlines()
    assert first == "budget reached ($0.50): the next call may cost $0.0123, $0.4990 is spent."
    assert "--llm-budget=USD" in second


def test_a_reservation_is_held_in_all_its_budgets_or_in_none(open_account):
    account = open_account(run="1", suite="0.01")
    account.reserve([RUN, "suite"], CENT, 60)
    assert account.reserve([RUN, "suite"], CENT, 60) is None
    assert account.budget(RUN).reserved == CENT


def test_a_suites_cap_is_named_with_what_raises_it(open_account):
    account = open_account(**{"run": "1", "bench_a.yaml": "0.05"})
    with pytest.raises(BudgetReached, match=r"\(\$0\.05, bench_a\.yaml\).*\nRaise budget_usd in bench_a\.yaml"):
        account.reserve([RUN, "bench_a.yaml"], 6 * CENT, 60)


def test_waiting_for_another_suites_reservations_is_no_use(open_account):
    account = open_account(run="1", a="0.05", b="0.05")
    account.reserve([RUN, "a"], CENT, 60)
    with pytest.raises(BudgetReached):
        account.reserve([RUN, "b"], 6 * CENT, 60)


def test_a_budget_that_was_never_opened_is_no_free_one(open_account):
    with pytest.raises(KeyError, match="nowhere"):
        open_account(run="1").reserve([RUN, "nowhere"], CENT, 60)


def test_b04_a_budget_of_nothing_allows_no_paid_call(open_account):
    with pytest.raises(BudgetReached):
        open_account(run="0").reserve([RUN], Decimal("1e-20"), 60)


def test_b10_a_cap_can_be_lowered_by_a_second_opinion_and_not_raised(open_account):
    account = open_account(run="0.05")
    open_account(run="1")
    assert account.budget(RUN).cap == Decimal("0.05")
    open_account(run="0.01")
    assert account.budget(RUN).cap == Decimal("0.01")


def test_b02_a_cost_above_its_reservation_is_charged_in_full_and_the_next_is_refused(open_account):
    account = open_account(run="0.05")
    account.settle(account.reserve([RUN], CENT, 60), 7 * CENT)
    assert account.spent(RUN) == 7 * CENT
    with pytest.raises(BudgetReached):
        account.reserve([RUN], Decimal("1e-12"), 60)


def sent(account, amount, lease_seconds=3600):
    """Reserve for an attempt that goes out at once."""
    return account.reserve([RUN], amount, lease_seconds, is_sent=True)


def marked_sent(account, amount, lease_seconds=3600):
    """Reserve for an attempt that goes out later, and is still in time."""
    reservation = account.reserve([RUN], amount, lease_seconds)
    assert account.mark_sent(reservation)
    return reservation


@pytest.mark.parametrize("send", [sent, marked_sent])
def test_b05_after_its_lease_what_was_sent_counts_as_spent_and_uncertain(open_account, send):
    account = open_account(run="0.05")
    send(account, 3 * CENT, lease_seconds=-1)
    with pytest.raises(BudgetReached):
        account.reserve([RUN], 3 * CENT, 60)
    assert (account.spent(RUN), account.budget(RUN).uncertain) == (3 * CENT, 3 * CENT)


def test_b05_one_that_settles_after_its_lease_is_put_right(open_account):
    account = open_account(run="0.05")
    late = sent(account, 3 * CENT, lease_seconds=-1)
    with pytest.raises(BudgetReached):
        account.reserve([RUN], 3 * CENT, 60)
    account.settle(late, CENT)
    assert (account.spent(RUN), account.budget(RUN).uncertain, account.budget(RUN).reserved) == (CENT, 0, 0)


def test_b05_after_its_lease_what_was_not_sent_is_given_back_and_may_not_go_out_any_more(open_account):
    account = open_account(run="0.05")
    late = account.reserve([RUN], 3 * CENT, lease_seconds=-1)
    assert account.reserve([RUN], 3 * CENT, 60) is None, "it looks once more when it asks again"
    assert account.reserve([RUN], 3 * CENT, 60) is not None
    assert not account.mark_sent(late)
    account.release(late)
    assert (account.spent(RUN), account.budget(RUN).reserved) == (0, 3 * CENT)


def test_b05_what_a_dead_process_held_is_charged_without_waiting(open_account, tmp_path):
    account = open_account(run="0.05")
    code = """
import os, signal, sys
from decimal import Decimal
from pathlib import Path
from pytest_llmcost.calls.account import Account
account = Account(Path(sys.argv[1]))
account.mark_sent(account.reserve(["run"], Decimal("0.03"), 3600))
account.reserve(["run"], Decimal("0.01"), 3600)
print(os.getpid(), flush=True)
sys.stdin.read()
"""
    process = start_python(code, tmp_path / "account.sqlite", stdin=-1)
    pid = int(process.stdout.readline())
    process.kill()
    process.communicate()
    account.reserve([RUN], CENT, 60)
    account.forfeit(pid)
    state = account.budget(RUN)
    assert (state.spent, state.uncertain, state.reserved) == (3 * CENT, 3 * CENT, CENT)


def test_b05_what_is_still_open_when_the_run_is_over_is_charged(open_account):
    account = open_account(run="0.05")
    for _ in range(2):
        sent(account, CENT)
    account.reserve([RUN], CENT, 3600)
    account.forfeit()
    assert (account.spent(RUN), account.has_open()) == (2 * CENT, False)


def test_b11_many_small_costs_add_up_exactly(open_account):
    account = open_account(run="1")
    for _ in range(100):
        account.settle(account.reserve([RUN], CENT, 60), Decimal("0.0000001"))
    assert account.spent(RUN) == Decimal("0.00001")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_t12_only_the_owner_may_read_the_file(open_account, tmp_path):
    open_account(run="1")
    assert stat.S_IMODE(os.stat(tmp_path / "account.sqlite").st_mode) == 0o600


def test_f02_a_file_that_cannot_be_made_is_said(tmp_path):
    with pytest.raises(AccountError, match="cannot be used"):
        Account(tmp_path / "nowhere" / "account.sqlite")


def test_f01_what_could_not_be_committed_is_not_there_and_the_next_may_begin(open_account, monkeypatch):
    failing = []

    class Connection(sqlite3.Connection):
        def commit(self):
            if failing:
                raise failing.pop()
            super().commit()

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: connect(*args, factory=Connection, **kwargs))
    account = open_account(run="0.05")
    failing.append(sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(AccountError, match="disk is full"):
        account.reserve([RUN], 3 * CENT, 60)
    assert account.reserve([RUN], 4 * CENT, 60) is not None
    assert account.budget(RUN).reserved == 4 * CENT
