"""Strategies that answer by script, so that what is made of several can be seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer, Call
from pytest_llmcost.domain.usage import Usage

CASE = Case("late", {"text": "My order is late"}, ("shop",), "9f2c41")


def call(model: str = "stub/small", usd: str = "0.01", **changes: Any) -> Call:
    fields: dict[str, Any] = {
        "usage": Usage(input_tokens=10, output_tokens=2),
        "seconds": 0.25,
        "usd": Decimal(usd),
        "paid_usd": Decimal(usd),
        "attempts": 1,
        "cached": False,
        "key": f"{model} {usd}",
    }
    return Call(model, **(fields | changes))


def said(value: Any = "shop", confidence: float | None = None, usd: str = "0.01", **changes: Any) -> Answer:
    """An answer that took one call."""
    text = value if isinstance(value, str) else "?"
    fields: dict[str, Any] = {"text": text, "calls": (call(usd=usd),), "confidence": confidence}
    return Answer(value, **(fields | changes))


class Scripted:
    """Satisfies `Strategy`: the n-th case gets the n-th outcome; the last one repeats.

    Attributes:
        trials: The trials that were asked for, in order.
    """

    def __init__(self, *outcomes: Answer | Exception) -> None:
        self._outcomes = outcomes
        self.trials: list[int] = []

    async def answer(self, case: Case, trial: int) -> Answer:
        outcome = self._outcomes[min(len(self.trials), len(self._outcomes) - 1)]
        self.trials.append(trial)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
