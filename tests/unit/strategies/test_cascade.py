"""A cascade asks on until an answer is sure enough, and its answer has cost all that was asked."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import failure
from fakes.strategies import CASE, Scripted, said

from pytest_llmcost.domain.errors import BudgetReached, CallError, ReplayMiss
from pytest_llmcost.domain.plan import Cascade, CascadeStep
from pytest_llmcost.domain.trial import Answer, Step
from pytest_llmcost.strategies.cascade import Cascading


def cascade(*strategies: Any, accept: float = 0.9, escalates_errors: bool = True) -> Cascading:
    """Steps a, b, c, ...; each but the last one needs *accept*."""
    steps = [CascadeStep(name, one, accept, escalates_errors) for name, one in zip("abc", strategies, strict=False)]
    last = CascadeStep(steps[-1].name, steps[-1].strategy)
    return Cascading(Cascade((*steps[:-1], last)))


def asked(strategy: Cascading) -> Answer:
    return asyncio.run(strategy.answer(CASE, 1))


def test_a_sure_answer_is_taken_and_nobody_else_is_asked() -> None:
    second = Scripted(said("other"))

    answer = asked(cascade(Scripted(said("shop", 0.9)), second))

    assert (answer.value, answer.confidence, answer.steps) == ("shop", 0.9, (Step("a", 1, 0.9),))
    assert second.trials == []


def test_an_unsure_one_escalates_and_the_answer_has_paid_for_both() -> None:
    first, second = said("shop", 0.89, usd="0.01"), said("other", 0.5, usd="0.20")

    answer = asked(cascade(Scripted(first), Scripted(second)))

    assert answer.value == "other"
    assert answer.calls == (*first.calls, *second.calls)
    assert answer.steps == (Step("a", 1, 0.89), Step("b", 1, 0.5))


def test_an_answer_of_unknown_confidence_escalates_and_its_flags_are_the_steps() -> None:
    unsure = said(None, None, flags=("no confidence: the answer is no JSON",))

    answer = asked(cascade(Scripted(unsure), Scripted(said("shop"))))

    assert answer.flags == ("a: no confidence: the answer is no JSON",)


def test_what_fails_on_the_case_escalates_and_what_it_cost_and_took_is_counted() -> None:
    broken = failure("time-out", paid_usd=Decimal("0.03"), seconds=60.0)

    answer = asked(cascade(Scripted(broken), Scripted(said("shop"))))

    assert (answer.value, answer.lost_usd) == ("shop", Decimal("0.03"))
    assert answer.steps == (Step("a", 0, seconds=60.0), Step("b", 1))
    assert answer.flags == ("a failed (time-out), escalated",)


@pytest.mark.parametrize("kind", ["context too long", "content filter"])
def test_what_one_model_refuses_another_may_answer(kind: str) -> None:
    refused = failure(kind, is_retryable=False, status=400)

    assert asked(cascade(Scripted(refused), Scripted(said("shop")))).value == "shop"


@pytest.mark.parametrize(
    "fault",
    [
        failure("bad key", is_retryable=False, status=401),
        failure("unknown model", is_retryable=False, status=404),
        ReplayMiss("no recording", model="stub/small", key="k"),
    ],
)
def test_what_no_case_could_get_is_never_passed_over(fault: CallError) -> None:
    with pytest.raises(type(fault)):
        asked(cascade(Scripted(fault), Scripted(said("shop"))))


def test_a_step_whose_errors_are_to_fail_fails() -> None:
    with pytest.raises(CallError):
        asked(cascade(Scripted(failure()), Scripted(said("shop")), escalates_errors=False))


@pytest.mark.parametrize("last", [failure(paid_usd=Decimal("0.5")), failure("bad key", paid_usd=Decimal("0.5"))])
def test_an_error_of_the_last_step_has_paid_for_all_before_it(last: CallError) -> None:
    broken = failure(paid_usd=Decimal("0.04"))

    with pytest.raises(CallError) as caught:
        asked(cascade(Scripted(said("shop", 0.1, usd="0.01")), Scripted(broken), Scripted(last)))

    assert caught.value.paid_usd == Decimal("0.55")


def test_so_has_a_budget_that_ends_in_the_middle() -> None:
    reached = BudgetReached("budget", budget=Decimal(1), spent=Decimal(1))

    with pytest.raises(BudgetReached) as caught:
        asked(cascade(Scripted(said("shop", 0.1, usd="0.01")), Scripted(reached)))

    assert caught.value.paid_usd == Decimal("0.01")


def test_steps_of_a_cascade_within_a_cascade_stand_behind_its_name() -> None:
    inner = cascade(Scripted(said("shop", 0.2)), Scripted(said("shop", 0.7)))

    answer = asked(cascade(inner, Scripted(said("other"))))

    assert [step.name for step in answer.steps] == ["a > a", "a > b", "b"]
    assert len(answer.calls) == 3
