"""Somebody else's way to answer: a function that asks the strategies that it is given, each call counted."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.digest import canonical_json, digest
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.plan import Foreign
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer, Step
from pytest_llmcost.strategies.agreement import STRIDE
from pytest_llmcost.strategies.seen import seen
from pytest_llmcost.strategies.steps import after, charging, steps_of

Delegate = Callable[..., Awaitable[Any]]
"""Called as `function(ask, case, **options)`."""


class Delegating:
    """Answers as a function does, with all that it asked.

    Args:
        plan: The strategies that it may ask, and its options.
        function: What answers.
    """

    def __init__(self, plan: Foreign[Strategy], function: Delegate) -> None:
        self._plan = plan
        self._function = function

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the function's answer, with the calls of all that it asked.

        Raises:
            CallError: If a model gives no answer, and the function does not do without; or if that fails itself.
            BudgetReached: If a call is not allowed.
        """
        asking = _Asking(self._plan, case, trial)
        with charging(asking.answers):
            try:
                found = await self._function(asking.ask, seen(case), **self._plan.options)
                return asking.whole(found)
            except (CallError, BudgetReached):
                raise
            except Exception as fault:  # (anybody's code; what it has asked is paid all the same)
                raise CallError(
                    f"strategy {self._plan.function!r} raised {type(fault).__name__}: {fault}",
                    model=self._plan.function,
                    kind="strategy's fault",
                ) from fault


class _Asking:
    """What a function asks about one case."""

    def __init__(self, plan: Foreign[Strategy], case: Case, trial: int) -> None:
        self._plan = plan
        self._case = case
        self._trial = trial
        self._asked: Counter[str] = Counter()
        self.answers: list[Answer] = []
        self._steps: list[Step] = []

    async def ask(self, part: str, **fields: Any) -> Answer:
        """Return a part's answer to the case, with *fields* in the place of the case's own."""
        if part not in self._plan.of:
            known = ", ".join(self._plan.of) or "none"
            raise LookupError(f"there is no {part!r} to ask: the suite names {known} under 'of'")
        sample = digest([part, fields])
        number = self._trial + self._asked[sample] * STRIDE
        self._asked[sample] += 1
        case = dataclasses.replace(self._case, fields={**self._case.fields, **fields})
        try:
            answer = await self._plan.of[part].answer(case, number)
        except CallError as error:  # (the function may do without; what it cost is paid all the same, and once)
            self.answers.append(Answer(None, "", (), lost_usd=error.paid_usd))
            self._steps.append(Step(part, 0, seconds=error.seconds))
            error.paid_usd = Decimal(0)
            raise
        self.answers.append(answer)
        self._steps += steps_of(part, answer)
        return answer

    def whole(self, found: Any) -> Answer:
        """Return what the function came to, with all that was asked for it."""
        if isinstance(found, Answer):
            others: Sequence[Answer] = [answer for answer in self.answers if answer is not found]
            taken = found
        else:
            text = found if isinstance(found, str) else canonical_json(found)
            others, taken = self.answers, Answer(found, text, ())
        return after(taken, others, steps=self._steps)
