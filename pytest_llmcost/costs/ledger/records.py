"""One call, or one outcome, as the ledger keeps it: checked numbers, bounded names, and never a prompt."""

from __future__ import annotations

import functools
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_llmcost.domain.call_id import new_call_id
from pytest_llmcost.domain.errors import InvalidUsage
from pytest_llmcost.domain.usage import MOST_TOKENS

CALLS = "api_calls"
OUTCOMES = "outcomes"
OK = "ok"
"""The status of a call that was answered; any other is the kind of its error."""

LONGEST_NAME = 200
MOST_TAGS = 20
MICROSECONDS = 1_000_000

NAMES = ("run", "test", "suite", "strategy", "tier", "model", "status", "task", "user_hash", "experiment", "variant")
"""The columns that hold text of whoever wrote the call."""

Row = dict[str, Any]
Entry = tuple[str, Row]
"""A table's name and one of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One live call. What is not known is None or empty, and never 0.

    Attributes:
        timestamp: When it ended, seconds since 1970 UTC.
        prompt_tokens: All input, *cached_tokens* (those that the provider had in its cache) included.
        cost_usd: What was paid for it, all attempts included; None where no price is known.
        seconds: How long its successful attempt took.
        status: `ok`, or the kind of its error.
        cached: Whether it was answered by a cache in front of the model.
        step: Which step of a cascade it was, from 0: the others are escalations.
        tier, task, experiment, variant, tags: What reports go by.
        user_hash: Of the user on whose behalf it was made; never the user's own name.
    """

    model: str
    call_id: str = field(default_factory=new_call_id)
    timestamp: float = field(default_factory=time.time)
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    status: str = OK
    cached: bool = False
    attempts: int = 1
    step: int = 0
    run: str = ""
    test: str = ""
    suite: str = ""
    strategy: str = ""
    tier: str = ""
    task: str = ""
    user_hash: str = ""
    experiment: str = ""
    variant: str = ""
    tags: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in ("prompt_tokens", "cached_tokens", "completion_tokens", "attempts", "step"):
            self._check(name, is_count(getattr(self, name)), f"a whole number from 0 to {MOST_TOKENS}")
        for name in ("cost_usd", "seconds"):
            self._check(name, is_amount(getattr(self, name)), "a finite number from 0 up")
        self._check("timestamp", 0 <= self.timestamp < _LAST_INSTANT, "a number of seconds since 1970")
        if (self.cached_tokens or 0) > (self.prompt_tokens or 0):
            raise InvalidUsage(
                f"more tokens were cached ({self.cached_tokens}) than were input ({self.prompt_tokens})", usage=self
            )

    def _check(self, name: str, is_right: bool, needed: str) -> None:
        if not is_right:
            raise InvalidUsage(f"{name} is {getattr(self, name)!r}: {needed} is needed", usage=self)

    def entry(self) -> Entry:
        """Return the row of `api_calls`."""
        row: Row = {name: getattr(self, name) for name in _PLAIN}
        row |= {name: bounded(getattr(self, name)) for name in NAMES}
        row["call_id"] = bounded(self.call_id)
        row["timestamp"] = instant(self.timestamp)
        row["cached"] = int(self.cached)
        row["tags"] = json.dumps(sorted({bounded(tag) for tag in self.tags})[:MOST_TAGS], ensure_ascii=False)
        return CALLS, row


_PLAIN = ("prompt_tokens", "cached_tokens", "completion_tokens", "cost_usd", "seconds", "attempts", "step")
_LAST_INSTANT = 253_402_300_800.0  # the year 10000, beyond which no date can be written


def outcome_entry(call_id: str, ok: bool, source: str, timestamp: float) -> Entry:
    """Return the row of `outcomes` that says whether a call's answer was good, by whose word."""
    row = {"call_id": bounded(call_id), "source": bounded(source), "ok": int(ok), "timestamp": instant(timestamp)}
    return OUTCOMES, row


def instant(seconds: float) -> int:
    """Return an instant as the ledger stores it: microseconds since 1970 UTC."""
    return round(seconds * MICROSECONDS)


def bounded(name: str) -> str:
    """Return a name that every database takes: no NUL, no half of a surrogate pair, 200 characters at most."""
    return name[:LONGEST_NAME].replace("\0", "").encode("utf-8", "replace").decode()


def is_count(value: Any) -> bool:
    """Whether *value* is None or a possible number of tokens."""
    return value is None or (type(value) is int and 0 <= value <= MOST_TOKENS)


def is_amount(value: Any) -> bool:
    """Whether *value* is None or a finite number from 0 up."""
    return value is None or (type(value) in (int, float) and math.isfinite(value) and value >= 0)


def checked(table: Any, row: Any) -> Entry:
    """Return an entry that was read from a file.

    Raises:
        ValueError: If it is none that this version writes.
    """
    like = _blanks().get(str(table))
    if like is None or not isinstance(row, dict) or row.keys() != like.keys():
        raise ValueError(f"no row of {table!r:.40}")
    for name, value in row.items():
        if not _is_possible(name, value, like[name]):
            raise ValueError(f"{name} is {value!r:.40}")
    return str(table), row


@functools.cache
def _blanks() -> dict[str, Row]:
    """Return a row of each table, which tells the names and types of all others."""
    return dict([CallRecord(model="").entry(), outcome_entry("", True, "", 0.0)])


def _is_possible(name: str, value: Any, like: Any) -> bool:
    if isinstance(like, str):
        return isinstance(value, str) and (name == "tags" or bounded(value) == value)
    if name in ("cost_usd", "seconds"):
        return is_amount(value)
    if name == "timestamp":
        return type(value) is int and 0 <= value < _LAST_INSTANT * MICROSECONDS
    return is_count(value) and (value is not None or like is None)
