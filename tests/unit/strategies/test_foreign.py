"""Another package's strategy: what it asks is counted, and what it does wrong is the case's error."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import failure
from fakes.strategies import CASE, Scripted, said

from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.plan import Foreign
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.agreement import STRIDE
from pytest_llmcost.strategies.foreign import Delegate, Delegating


def answered(function: Delegate, *, trial: int = 1, options: Any = {}, **parts: Any) -> Answer:  # noqa: B006 (read)
    return asyncio.run(Delegating(Foreign("theirs", parts, options), function).answer(CASE, trial))


def test_an_answer_that_it_got_is_the_answer_and_all_that_was_asked_is_paid() -> None:
    async def better(ask: Any, case: Any, *, words: int) -> Any:
        first, second = await ask("a"), await ask("b", text=case["text"][:words])
        return first if first.confidence > second.confidence else second

    answer = answered(
        better,
        options={"words": 3},
        a=Scripted(said("shop", 0.9, usd="0.01")),
        b=Scripted(said("other", 0.4, usd="0.02")),
    )

    assert (answer.value, answer.confidence) == ("shop", 0.9)
    assert sum(call.usd for call in answer.calls) == Decimal("0.03")
    assert [step.name for step in answer.steps] == ["a", "b"]


def test_a_value_of_its_own_making_is_an_answer_too() -> None:
    async def both(ask: Any, case: Any) -> Any:
        return {"first": (await ask("a")).value, "case": case["id"]}

    answer = answered(both, a=Scripted(said("shop")))

    assert (answer.value, answer.text) == ({"first": "shop", "case": "late"}, '{"case":"late","first":"shop"}')
    assert len(answer.calls) == 1


def test_asking_the_same_once_more_is_another_sample() -> None:
    part = Scripted(said("shop"))

    async def thrice(ask: Any, case: Any) -> Any:
        await ask("a")
        await ask("a")
        return await ask("a", text="Something else")

    answered(thrice, trial=2, a=part)

    assert part.trials == [2, 2 + STRIDE, 2]


@pytest.mark.parametrize("unknown", [False, True])
def test_its_own_faults_are_the_cases_error_with_what_was_paid(unknown: bool) -> None:
    async def faulty(ask: Any, case: Any) -> Any:
        await ask("a")
        return await ask("b") if unknown else case["expected"]

    with pytest.raises(CallError, match=r"'theirs' raised (LookupError: there is no 'b' to ask|KeyError)") as caught:
        answered(faulty, a=Scripted(said("shop", usd="0.01")))

    assert (caught.value.kind, caught.value.paid_usd) == ("strategy's fault", Decimal("0.01"))


def test_a_model_that_gives_no_answer_may_be_done_without() -> None:
    async def careful(ask: Any, case: Any) -> Any:
        try:
            return await ask("a")
        except CallError:
            return await ask("b")

    def broken(usd: str) -> Scripted:
        return Scripted(failure(paid_usd=Decimal(usd), seconds=2.0))

    answer = answered(careful, a=broken("0.03"), b=Scripted(said("shop")))
    with pytest.raises(CallError, match="server error") as caught:
        answered(careful, a=broken("0.03"), b=broken("0.04"))

    assert (answer.value, answer.lost_usd, answer.steps[0].seconds) == ("shop", Decimal("0.03"), 2.0)
    assert caught.value.paid_usd == Decimal("0.07")
