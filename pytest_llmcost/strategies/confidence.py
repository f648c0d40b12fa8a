"""How sure an answer is: a number in 0..1, or none at all, with the reason."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.domain.errors import ScorerError
from pytest_llmcost.domain.json_text import NoJson, first_json
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer, Call
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.scoring.python import load_function
from pytest_llmcost.scoring.schema import json_schema
from pytest_llmcost.strategies.parse import value_at
from pytest_llmcost.strategies.seen import seen
from pytest_llmcost.strategies.steps import charging


@dataclass(frozen=True, slots=True)
class Sureness:
    """A confidence, and what it took to tell it.

    Attributes:
        value: 0..1; None where it cannot be told, which *flag* then says.
        calls: Made for it.
        lost_usd: Paid for calls that brought nothing.
    """

    value: float | None
    flag: str = ""
    calls: tuple[Call, ...] = ()
    lost_usd: Decimal = Decimal(0)


Measure = Callable[[Answer, Case, int], Awaitable[Sureness]]
"""Tells how sure the answer to a case is; the last argument is the trial's number."""


class Measured:
    """A strategy whose answers say how sure they are by a measure of their own."""

    def __init__(self, inner: Strategy, measure: Measure) -> None:
        self._inner = inner
        self._measure = measure

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the answer with its confidence; what that took is part of its calls."""
        answer = await self._inner.answer(case, trial)
        with charging([answer]):
            sure = await self._measure(answer, case, trial)
        return dataclasses.replace(
            answer,
            confidence=sure.value,
            calls=(*answer.calls, *sure.calls),
            flags=(*answer.flags, *([f"no confidence: {sure.flag}"] if sure.flag else [])),
            lost_usd=answer.lost_usd + sure.lost_usd,
        )


async def by_logprob(answer: Answer, case: Case, trial: int) -> Sureness:
    """Return the answered label's probability, as the parser found it."""
    if answer.confidence is None:
        return Sureness(None, "the model lists no probability of a label")
    return Sureness(answer.confidence)


def by_field(field: str) -> Measure:
    """Return a measure: what the answer's JSON says under *field*, a path with dots."""

    async def measure(answer: Answer, case: Case, trial: int) -> Sureness:
        try:
            return checked(value_at(first_json(answer.text), field), f"the answer's {field!r}")
        except NoJson:
            return Sureness(None, "the answer is no JSON")
        except LookupError:
            return Sureness(None, f"the answer has no {field!r}")

    return measure


def by_parsing(schema: Any = None) -> Measure:
    """Return a measure: 1 for an answer that parses and follows *schema*, if there is one; else 0."""
    follows = json_schema(schema) if schema is not None else None

    async def measure(answer: Answer, case: Case, trial: int) -> Sureness:
        is_parsed = not any(flag.startswith("unparsed") for flag in answer.flags)
        if not is_parsed or follows is None:
            return Sureness(float(is_parsed))
        try:
            return Sureness(follows(dataclasses.replace(answer, value=answer.text), case))
        except ScorerError as error:
            return Sureness(None, str(error))

    return measure


def by_function(name: str, apart: Apart) -> Measure:
    """Return a measure: what `module:function` says of the parsed answer and the case."""

    async def measure(answer: Answer, case: Case, trial: int) -> Sureness:
        try:
            value = await apart.call(
                lambda: load_function(name)(answer.value, seen(case)), f"{name} for the confidence"
            )
        except Exception as error:  # (anybody's code: an answer that nobody can vouch for escalates, and it is said)
            return Sureness(None, f"{name} raised {type(error).__name__}")
        return checked(value, name)

    return measure


def checked(value: Any, source: str) -> Sureness:
    """Return *value* as a confidence; one that is none, or outside 0..1, is told with its *source*."""
    number = _number(value)
    if number is None or not 0 <= number <= 1:
        return Sureness(None, f"{source} is no number in 0..1")
    return Sureness(number)


def _number(value: Any) -> float | None:
    """Return a number, also one that a model put in quotes; None where it is none."""
    try:
        number = float(value) if isinstance(value, bool | int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
