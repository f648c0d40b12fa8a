"""Somebody's function scores on a thread of its own: a slow one holds up no answer, an endless one no run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.protocols import Scorer
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer

T = TypeVar("T")

SECONDS = 30.0
"""How long a function may take over one answer; the first may have to load a model."""


class Apart:
    """Runs scorers one at a time, as their authors expect; belongs to one loop.

    A thread cannot be ended from outside: one that takes too long is left to itself, and
    the next answer has a new one.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def score(self, scorer: Scorer, answer: Answer, case: Case) -> float:
        """Return the score; raises as `call`, and whatever else the scorer raises."""
        return await self.call(lambda: scorer(answer, case), "the scorer")

    async def call(self, function: Callable[[], T], what: str) -> T:
        """Return what *function* returns; *what* it is, for messages.

        Raises:
            ScorerError: If it takes too long, or would end the process (`sys.exit`, `pytest.skip`).
            Exception: Whatever else it raises.
        """
        async with self._turn:
            future: Future[T] = Future()
            threading.Thread(target=_settle, args=(future, function, what), daemon=True).start()
            try:
                async with asyncio.timeout(self._seconds) as limit:
                    return await asyncio.wrap_future(future)
            except TimeoutError as error:
                if not limit.expired():
                    raise  # the function's own
                raise ScorerError(f"{what} takes over {self._seconds:g} s on this answer", scorer="") from error


def _settle(future: Future[T], function: Callable[[], T], what: str) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except Exception as error:
        future.set_exception(error)
    except BaseException as error:  # it is for the thread that it was raised in, and that one ends here
        future.set_exception(ScorerError(f"{what} raised {type(error).__name__}: {error}", scorer=""))
