"""Each kind of request by the strategy that is meant for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pytest_llmcost.domain.errors import NoStrategy
from pytest_llmcost.domain.plan import COMPLEXITY, Branch, Route, RouteKey
from pytest_llmcost.domain.policy import kinds_of_case
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.scoring.python import load_function
from pytest_llmcost.strategies.complexity import complexity_of, text_of
from pytest_llmcost.strategies.seen import seen
from pytest_llmcost.strategies.steps import steps_of

T = TypeVar("T")

Keyed = tuple[Sequence[str], str]
"""What a case is routed by, and what must be said of how that was found."""
Key = Callable[[Case], Awaitable[Keyed]]


class Routing:
    """Picks a strategy by the case, and answers as that one does."""

    def __init__(self, plan: Route[Strategy], apart: Apart) -> None:
        self._plan = plan
        self._key = key_of(plan.by, apart)

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the answer of the strategy that is meant for *case*.

        Raises:
            NoStrategy: If there is none.
            CallError: If that one gives none.
            BudgetReached: If a call is not allowed.
        """
        values, flag = await self._key(case)
        value, branch = picked(self._plan, values)
        answer = await branch.strategy.answer(case, trial)
        steps = steps_of(value if answer.steps else f"{value} > {branch.name}", answer)
        return dataclasses.replace(answer, steps=steps, flags=(*answer.flags, *([flag] if flag else [])))


def picked(route: Route[T], values: Sequence[str]) -> tuple[str, Branch[T]]:
    """Return the branch that *values* lead to, and the value that decided.

    Raises:
        NoStrategy: If there is none.
    """
    found = route.pick(values)
    if found is None:
        what = f"{route.by.name} is {', '.join(values)}" if values else f"it has no {route.by.name}"
        raise NoStrategy(f"the route has no strategy for this request: {what}. Add one, or 'otherwise'.")
    return found


def values_by(by: RouteKey, case: Case) -> list[str]:
    """Return what a route by a field, or by what is estimated, goes by."""
    values = list(kinds_of_case(case, by.name)) if by.kind == "field" else []
    return values or ([complexity_of(text_of(case.fields))] if by.name == COMPLEXITY else [])


def key_of(by: RouteKey, apart: Apart) -> Key:
    """Return what finds the values that a route goes by."""
    if by.kind == "python":
        return _by_function(by.name, apart)

    async def key(case: Case) -> Keyed:
        return values_by(by, case), ""

    return key


def _by_function(name: str, apart: Apart) -> Key:
    async def key(case: Case) -> Keyed:
        try:
            value = await apart.call(lambda: load_function(name)(seen(case)), name)
        except Exception as error:  # (anybody's code: the request goes where all others go, and it is said)
            return [], f"routed otherwise: {name} raised {type(error).__name__}"
        return ([] if value is None else [str(value).lower() if isinstance(value, bool) else str(value)]), ""

    return key
