"""The run's money in one file: an amount is held before it is spent, whichever process spends it.

A reservation is one guarded UPDATE over all the budgets that it is charged to, so that
there is no moment between the check and the taking. Beside it stands who is asking what,
so that two processes that need the same answer pay for one.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.calls.money import cap_of, charge_of, usd_of, usd_text
from pytest_llmcost.domain.errors import BudgetReached, LlmCostError
from pytest_llmcost.domain.write_ahead import write_ahead

RUN = "run"
"""The budget of the whole run; every call is charged to it."""

_BUSY_SECONDS = 60.0

_TABLES = """
CREATE TABLE IF NOT EXISTS budgets (
  name TEXT PRIMARY KEY, cap INTEGER NOT NULL,
  spent INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL DEFAULT 0, uncertain INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS reservations (
  id INTEGER PRIMARY KEY AUTOINCREMENT, names TEXT NOT NULL, amount INTEGER NOT NULL,
  pid INTEGER NOT NULL, lapses REAL NOT NULL,
  is_sent INTEGER NOT NULL DEFAULT 0, is_open INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS flights (
  key TEXT PRIMARY KEY, pid INTEGER NOT NULL, lapses REAL NOT NULL, is_answered INTEGER NOT NULL DEFAULT 0);
"""
_ADD = """
INSERT INTO budgets (name, cap) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cap = min(cap, excluded.cap)
"""
_NAMED = "name IN (SELECT value FROM json_each(:names))"
_HOLD = f"UPDATE budgets SET reserved = reserved + :amount WHERE {_NAMED} AND spent + reserved + :amount <= cap"
_RESERVE = "INSERT INTO reservations (names, amount, pid, lapses, is_sent) VALUES (?, ?, ?, ?, ?)"
_CHARGE = f"""
UPDATE budgets SET reserved = reserved - :held, spent = spent + :spent, uncertain = uncertain + :uncertain
WHERE {_NAMED}
"""
_TAKE_FLIGHT = """
INSERT INTO flights (key, pid, lapses) VALUES (:key, :pid, :now + :lease) ON CONFLICT (key)
DO UPDATE SET pid = excluded.pid, lapses = excluded.lapses, is_answered = 0 WHERE is_answered OR lapses < :now
"""


class AccountError(LlmCostError):
    """The account's file cannot be read or written, so that nothing more may be spent."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget as it stands, in US dollars.

    Attributes:
        reserved: Held for attempts that are under way.
        uncertain: The part of `spent` that was charged at its worst case, because
            nothing told what it cost.
    """

    name: str
    cap: Decimal
    spent: Decimal
    reserved: Decimal
    uncertain: Decimal


class Account:
    """Named budgets in one SQLite file, shared by the processes of a run; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._said():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._con = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            # The file lives for one run. A killed process leaves it whole, and after a power
            # cut nobody asks for it: so no commit needs to wait for the disk.
            self._con.execute("PRAGMA synchronous=OFF")
            write_ahead(self._con, _BUSY_SECONDS)
            self._con.executescript(_TABLES)

    def add_budget(self, name: str, cap_usd: Decimal) -> None:
        """Open a budget; where it is open already, the lower cap holds."""
        with self._transaction() as sql:
            sql.execute(_ADD, (name, cap_of(cap_usd)))

    def reserve(
        self, names: Iterable[str], amount_usd: Decimal, lease_seconds: float, *, is_sent: bool = False
    ) -> int | None:
        """Hold *amount_usd* in all of *names* or in none; return the reservation's id.

        *is_sent* says that the attempt goes out at once, as `mark_sent` does later. None means that
        it does not fit now, but may when other reservations settle. When its lease is over, whoever
        made it must be dead: where its attempt was sent it counts as spent, uncertain; otherwise it
        is given back.

        Raises:
            BudgetReached: If it does not fit, and no other reservation is open.
            KeyError: If there is no such budget.
        """
        wanted = sorted(set(names))
        amount = charge_of(amount_usd)
        hold = {"names": json.dumps(wanted), "amount": amount}
        with self._transaction() as sql:
            if sql.execute(_HOLD, hold).rowcount == len(wanted):
                return _insert_reservation(sql, hold, lease_seconds, is_sent)
            sql.rollback()
        self._lapse("lapses < ?", time.monotonic())
        self._refuse(wanted, amount)
        return None

    def mark_sent(self, reservation: int) -> bool:
        """Note that the attempt goes out now, and may be billed; False where its lease is over and nothing is held."""
        with self._transaction() as sql:
            return (
                sql.execute("UPDATE reservations SET is_sent = 1 WHERE id = ? AND is_open", (reservation,)).rowcount > 0
            )

    def settle(self, reservation: int, actual_usd: Decimal, *, is_uncertain: bool = False) -> None:
        """Charge what an attempt did cost, in full, and give the rest of its reservation back."""
        spent = charge_of(actual_usd)
        with self._transaction() as sql:
            found = sql.execute("SELECT names, amount, is_open FROM reservations WHERE id = ?", (reservation,))
            names, amount, is_open = found.fetchone()
            sql.execute("DELETE FROM reservations WHERE id = ?", (reservation,))
            lapsed = 0 if is_open else amount  # is spent already
            uncertain = (spent if is_uncertain else 0) - lapsed
            held = amount - lapsed
            sql.execute(_CHARGE, {"names": names, "held": held, "spent": spent - lapsed, "uncertain": uncertain})

    def release(self, reservation: int) -> None:
        """Give a whole reservation back: its attempt is known to cost nothing."""
        self.settle(reservation, Decimal(0))

    def forfeit(self, pid: int | None = None) -> None:
        """Settle what a dead process had reserved, or, when the run is over, what anybody had; as leases that lapse."""
        self._lapse("pid = coalesce(?, pid)", pid)

    def take_flight(self, key: str, lease_seconds: float) -> bool:
        """Take it upon this process to ask the request of that key; False where another is at it.

        It has to be kept (`keep_flight`) before its lease is over, and ended.
        """
        row = {"key": key, "pid": os.getpid(), "now": time.monotonic(), "lease": lease_seconds}
        with self._transaction() as sql:
            return sql.execute(_TAKE_FLIGHT, row).rowcount > 0

    def keep_flight(self, key: str, lease_seconds: float) -> None:
        """Begin the lease of a flight of this process anew; one that another has taken meanwhile stays theirs."""
        with self._transaction() as sql:
            lapses = time.monotonic() + lease_seconds
            sql.execute("UPDATE flights SET lapses = ? WHERE key = ? AND pid = ?", (lapses, key, os.getpid()))

    def end_flight(self, key: str, *, is_answered: bool) -> None:
        """End a flight of this process: its answer can be found now, or nothing came of it."""
        how = "UPDATE flights SET is_answered = 1" if is_answered else "DELETE FROM flights"
        with self._transaction() as sql:
            sql.execute(f"{how} WHERE key = ? AND pid = ?", (key, os.getpid()))

    def is_under_way(self, key: str) -> bool:
        """Whether a process that is alive, as far as its lease tells, is asking the request of that key."""
        query = "SELECT 1 FROM flights WHERE key = ? AND NOT is_answered AND lapses >= ?"
        return self._read(query, key, time.monotonic()) is not None

    def is_answered(self, key: str) -> bool:
        """Whether the last flight of that key ended with an answer."""
        return self._read("SELECT 1 FROM flights WHERE key = ? AND is_answered", key) is not None

    def budget(self, name: str) -> Budget:
        """Return a budget as it stands, or raise `KeyError`."""
        row = self._read("SELECT cap, spent, reserved, uncertain FROM budgets WHERE name = ?", name)
        if row is None:
            raise KeyError(name)
        return Budget(name, *map(usd_of, row))

    def spent(self, name: str) -> Decimal:
        """Return what is charged to a budget, in US dollars; what is still reserved is not in it."""
        return self.budget(name).spent

    def has_open(self) -> bool:
        """Whether any reservation is neither settled nor lapsed."""
        return self._read("SELECT 1 FROM reservations WHERE is_open LIMIT 1") is not None

    def close(self) -> None:
        """Free the file; it is the business of whoever made it to delete it."""
        self._con.close()

    def _lapse(self, condition: str, value: float | None) -> None:
        where = f"WHERE is_open AND {condition}"
        with self._transaction() as sql:
            rows = sql.execute(f"SELECT names, amount, amount * is_sent FROM reservations {where}", (value,)).fetchall()
            for names, held, charged in rows:
                sql.execute(_CHARGE, {"names": names, "held": held, "spent": charged, "uncertain": charged})
            sql.execute(f"UPDATE reservations SET is_open = 0, amount = amount * is_sent {where}", (value,))

    def _refuse(self, names: list[str], amount: int) -> None:
        """Raise `BudgetReached` for the first budget that the amount cannot fit into any more."""
        for budget in map(self.budget, names):
            if not budget.reserved and budget.spent + usd_of(amount) > budget.cap:
                raise budget_reached(budget, usd_of(amount))

    def _read(self, query: str, *values: str | float) -> Any:
        with self._lock, self._said():
            return self._con.execute(query, values).fetchone()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._said():
            self._con.execute("BEGIN IMMEDIATE")
            try:
                yield self._con
                self._con.commit()
            except BaseException:  # also where it cannot be committed: the next one must be able to begin
                self._con.rollback()
                raise

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise AccountError(
                f"the run's account {self._path} cannot be used ({error}), so that nothing more is spent.\n"
                "Free some disk space, or set TMPDIR to a writable local folder."
            ) from error


def _insert_reservation(
    sql: sqlite3.Connection, hold: dict[str, Any], lease_seconds: float, is_sent: bool
) -> int | None:
    lapses = time.monotonic() + lease_seconds  # the same clock in all processes of a machine
    row = (hold["names"], hold["amount"], os.getpid(), lapses, is_sent)
    return sql.execute(_RESERVE, row).lastrowid


def budget_reached(budget: Budget, next_usd: Decimal) -> BudgetReached:
    """Return the error that *next_usd* more does not fit into a budget, with the knob that raises it."""
    where, remedy = "", "Raise it (--llm-budget=USD)"
    if budget.name != RUN:
        key = "max_cost_usd" if budget.name.endswith(".toml") else "budget_usd"
        knob = "its llm_budget mark" if "::" in budget.name else f"{key} in {budget.name}"
        where, remedy = f", {budget.name}", f"Raise {knob}"
    return BudgetReached(
        f"budget reached ({usd_text(budget.cap, 2)}{where}): the next call may cost {usd_text(next_usd)}, "
        f"{usd_text(budget.spent)} is spent.\n{remedy}, or lower max_tokens, so that a call's worst case is less.",
        budget=budget.cap,
        spent=budget.spent,
    )
