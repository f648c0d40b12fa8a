"""Somebody's function scores beside the loop: one at a time, bounded, and with its own exceptions."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.apart import Apart

CASE = Case("late", {}, (), "9f2c41")
ANSWER = Answer("spam", "spam", ())


def scored(*scorers: Scorer, seconds: float = 30.0) -> list[float | BaseException]:
    async def all_of_them() -> list[float | BaseException]:
        apart = Apart(seconds)
        return await asyncio.gather(*(apart.score(s, ANSWER, CASE) for s in scorers), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_scores_come_back_and_an_exception_is_the_scorers_own() -> None:
    def raising(answer: Answer, case: Case) -> float:
        raise KeyError("label")

    one, fault = scored(lambda answer, case: 0.5, raising)

    assert one == 0.5
    assert isinstance(fault, KeyError)


def test_the_loop_goes_on_while_a_function_scores() -> None:
    """The scorer ends only when something else on the loop lets it."""
    released = threading.Event()

    async def both() -> float:
        score = asyncio.create_task(Apart().score(lambda answer, case: float(released.wait(20)), ANSWER, CASE))
        await asyncio.sleep(0)
        released.set()
        return await score

    assert asyncio.run(both()) == 1.0


def test_functions_run_one_at_a_time() -> None:
    running, most = [], []

    def busy(answer: Answer, case: Case) -> float:
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.01)
        running.pop()
        return 1.0

    assert scored(*[busy] * 5) == [1.0] * 5
    assert max(most) == 1


def test_one_that_takes_for_ever_is_given_up_and_the_next_is_scored() -> None:
    released = threading.Event()
    try:
        endless, good = scored(lambda a, c: float(released.wait(60)), lambda a, c: 1.0, seconds=0.2)
    finally:
        released.set()

    assert isinstance(endless, ScorerError)
    assert str(endless) == "the scorer takes over 0.2 s on this answer"
    assert good == 1.0


def test_a_time_out_of_the_scorers_own_is_told_as_it_is() -> None:
    def raising(answer: Answer, case: Case) -> float:
        raise TimeoutError("their server")

    (fault,) = scored(raising)

    assert isinstance(fault, TimeoutError)
    assert str(fault) == "their server"


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt, pytest.skip.Exception])
def test_what_would_end_the_process_or_the_test_ends_the_scorer_alone(ending: type[BaseException]) -> None:
    def raising(answer: Answer, case: Case) -> float:
        raise ending("enough")

    (fault,) = scored(raising)

    assert isinstance(fault, ScorerError)
