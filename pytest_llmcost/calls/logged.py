"""Every live call gets a name, and is told to the ledger, whatever came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pytest_llmcost.domain.call_id import new_call_id
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.protocols import CallLog, Complete
from pytest_llmcost.domain.request import Request


class Logged:
    """Tells of each call once, its attempts added up; replays do not come here.

    One that is cut off by the end of the run is not told of: whether it was sent is not known here.

    Args:
        inner: A whole call, over all its attempts.
        log: Told of it; None where there is no ledger.
        new_id: Names the calls.
    """

    def __init__(self, inner: Complete, log: CallLog | None, new_id: Callable[[], str] = new_call_id) -> None:
        self._inner = inner
        self._log = log
        self._new_id = new_id

    async def __call__(self, request: Request) -> Completion:
        """Ask, and return the reply with its `call_id`."""
        call_id = self._new_id()
        try:
            completion = replace(await self._inner(request), call_id=call_id)
        except (CallError, BudgetReached) as error:
            if self._log is not None and _was_sent(error):
                self._log.failed(call_id, request, error)
            raise
        if self._log is not None:
            self._log.answered(request, completion)
        return completion


def _was_sent(error: CallError | BudgetReached) -> bool:
    return error.attempts > 0 if isinstance(error, CallError) else error.paid_usd > 0
