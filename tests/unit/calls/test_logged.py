"""Each live call is named and told of once, with all its attempts; what was never sent is not."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.complete import ScriptedComplete, completion, failure, request

from pytest_llmcost.calls.cache.codec import decode, encode
from pytest_llmcost.calls.logged import Logged
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.request import Request


class Told:
    """Satisfies `CallLog`: keeps what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Completion | BaseException]] = []

    def answered(self, request: Request, completion: Completion) -> None:
        self.calls.append((completion.call_id, completion))

    def failed(self, call_id: str, request: Request, error: CallError | BudgetReached) -> None:
        self.calls.append((call_id, error))


def test_an_answer_has_the_id_under_which_it_was_told_and_a_replay_has_the_same() -> None:
    told = Told()
    reply = asyncio.run(Logged(ScriptedComplete(completion()), told, lambda: "one")(request()))
    assert told.calls == [("one", reply)]
    assert decode(encode(reply)).call_id == "one"


def test_an_answer_has_an_id_of_its_own_where_there_is_no_ledger() -> None:
    ask = Logged(ScriptedComplete(completion()), None)
    first, second = (asyncio.run(ask(request())).call_id for _ in range(2))
    assert first < second or first[:12] == second[:12]
    assert first != second


def test_an_answer_that_was_recorded_before_there_were_ids_has_none() -> None:
    assert decode(encode(completion())).call_id == ""


REFUSED = {"budget": Decimal(1), "spent": Decimal(1)}


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        (failure(), True),
        (failure(attempts=0), False),
        (BudgetReached("no", **REFUSED), False),
        (BudgetReached("no", **REFUSED, paid_usd=Decimal("0.1")), True),
    ],
    ids=["failed", "not sent", "refused", "refused after an attempt"],
)
def test_what_was_sent_is_told_and_what_was_not_is_not(error: CallError, is_told: bool) -> None:
    told = Told()
    with pytest.raises(type(error)):
        asyncio.run(Logged(ScriptedComplete(error), told, lambda: "one")(request()))
    assert told.calls == ([("one", error)] if is_told else [])
