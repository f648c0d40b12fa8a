"""A hit costs nothing, whoever asks first; what was paid for it is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal

import pytest
from fakes.complete import failure
from fakes.embedder import Words
from fakes.strategies import said

from pytest_llmcost.calls.embedding.vectors import Embedded
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.semantic import SemanticCaching
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.semantic.answering import Remembering

CASES = tuple(
    Case(name, {"text": text}, (), name)
    for name, text in (("a", "where is my order"), ("b", "where is my order now"), ("c", "tell me a joke"))
)
SETTINGS = SemanticCaching(threshold=0.7, reads=("text",))


class Echo:
    """Answers with the case's id; cases in `failing` get no answer."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.asked: list[tuple[str, int]] = []

    async def answer(self, case: Case, trial: int) -> Answer:
        self.asked.append((case.id, trial))
        if case.id in self.failing:
            raise failure(paid_usd=Decimal("0.5"))
        return said(f"answer to {case.id}")


def embed(texts: Sequence[str]) -> list[Embedded]:
    return [Embedded(*Words().embed_whole(text)[:1], 0.004, True) for text in texts]


def answers(inner: Echo, order: str, trial: int = 1) -> dict[str, Answer]:
    async def ask() -> list[Answer]:
        strategy = Remembering(inner, SETTINGS, CASES, embed)
        by_id = {case.id: case for case in CASES}
        return [await strategy.answer(by_id[name], trial) for name in order]

    return dict(zip(order, asyncio.run(ask()), strict=True))


def test_a_hit_is_the_earlier_answer_without_a_call_and_with_the_time_of_embedding() -> None:
    found = answers(Echo(), "abc")

    assert [found[name].value for name in "abc"] == ["answer to a", "answer to a", "answer to c"]
    assert [len(found[name].calls) for name in "abc"] == [1, 0, 1]
    assert [one.seconds for name in "abc" for one in found[name].lookups] == [0.004] * 3
    assert [found[name].lookups[0].source for name in "abc"] == ["", "a", ""]


@pytest.mark.parametrize("order", ["abc", "bca", "cba", "b"])
def test_a_case_hits_the_same_in_every_order_and_where_the_earlier_one_is_not_run(order: str) -> None:
    found = answers(Echo(), order)
    assert {name: found[name].value for name in order if name == "b"} == {"b": "answer to a"}
    assert found["b"].lookups[0].source == "a"


def test_what_asking_for_the_earlier_answer_cost_now_is_paid_and_is_no_cost_of_the_hit() -> None:
    hit = answers(Echo(), "b")["b"]
    assert (hit.calls, hit.lost_usd) == ((), Decimal("0.01"))


def test_each_trial_is_a_traffic_of_its_own() -> None:
    inner = Echo()
    answers(inner, "b", trial=3)
    assert inner.asked == [("a", 3)]


def test_where_the_earlier_case_got_no_answer_the_case_is_asked_itself() -> None:
    found = answers(Echo("a"), "b")["b"]

    assert (found.value, found.lookups[0].source, found.lost_usd) == ("answer to b", "", Decimal("0.5"))
    assert "semantic cache: asked, since the earlier case got no answer" in found.flags
    with pytest.raises(CallError) as caught:
        answers(Echo("a", "b"), "b")
    assert caught.value.paid_usd == Decimal("1.0")


def test_a_question_of_no_suite_has_none_before_it() -> None:
    strategy = Remembering(Echo(), SETTINGS, (), embed)
    assert asyncio.run(strategy.answer(CASES[1], 1)).value == "answer to b"
