"""Calls ahead of pytest: bounded, in order, and woken for seldom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

from pytest_llmcost.plugin.answering import FEWEST_AT_ONCE, LookAhead

CASES = [f"case {number}" for number in range(100)]
WINDOW = 16


class Asker:
    """Answers at once, and writes down what was asked together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, items: Sequence[Any]) -> list[Future[Any]]:
        self.batches.append(list(items))
        futures: list[Future[Any]] = [Future() for _ in items]
        for future, item in zip(futures, items, strict=True):
            future.set_result(f"answer to {item}")
        return futures


def after(item: Any) -> Iterator[Any]:
    return iter(CASES[CASES.index(item) + 1 :])


def test_every_case_is_asked_once_in_order_and_gets_its_own_answer() -> None:
    ask = Asker()
    ahead: Any = LookAhead(ask, WINDOW, after)
    assert [ahead.take(case).result() for case in CASES] == [f"answer to {case}" for case in CASES]
    assert [case for batch in ask.batches for case in batch] == CASES


def test_no_more_are_asked_ahead_than_the_window_holds() -> None:
    ask = Asker()
    ahead: Any = LookAhead(ask, WINDOW, after)
    for taken, case in enumerate(CASES):
        ahead.take(case)
        assert sum(map(len, ask.batches)) <= taken + WINDOW


def test_cases_are_asked_many_at_once_and_never_none() -> None:
    ask = Asker()
    ahead: Any = LookAhead(ask, WINDOW, after)
    for case in CASES:
        ahead.take(case)
    assert len(ask.batches[0]) == WINDOW
    assert min(map(len, ask.batches[:-1])) >= WINDOW * FEWEST_AT_ONCE
    assert all(ask.batches)


def test_whether_a_case_is_answered_can_be_known_without_waiting() -> None:
    asked: list[Future[Any]] = []

    def later(items: Sequence[Any]) -> list[Future[Any]]:
        asked.extend(futures := [Future() for _ in items])
        return futures

    ahead: Any = LookAhead(later, WINDOW, after)
    assert not ahead.is_answered(CASES[0])
    asked[0].set_result("answer")
    assert ahead.is_answered(CASES[0])
    assert ahead.take(CASES[0]).result() == "answer"


def test_waiting_for_more_ends_though_they_are_never_answered() -> None:
    ahead: Any = LookAhead(lambda items: [Future() for _ in items], WINDOW, after)
    assert not ahead.is_answered(CASES[0])
    ahead.wait_for_more()
    assert not ahead.is_answered(CASES[0])
