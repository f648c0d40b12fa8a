"""What a composed strategy took to its answer: every step is kept, and nothing that was paid is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.trial import Answer, Step

_OF_THE_CASE = ("context too long", "content filter")
"""Failures that come of what is asked: another model may do better."""


def is_of_the_case(error: CallError) -> bool:
    """Whether a failure is this case's, or passes; a bad key, a wrong name or a missing recording is neither."""
    return error.is_retryable or error.kind in _OF_THE_CASE


def steps_of(name: str, answer: Answer) -> tuple[Step, ...]:
    """Return what a part took, as steps of the whole: its own ones behind its name."""
    if not answer.steps:
        return (Step(name, len(answer.calls), answer.confidence),)
    return tuple(dataclasses.replace(step, name=f"{name} > {step.name}") for step in answer.steps)


def after(answer: Answer, before: Sequence[Answer], flags: Sequence[str] = (), steps: Sequence[Step] = ()) -> Answer:
    """Return *answer* as it came after others that were not taken: with their calls and costs, before its own.

    Args:
        answer: The one that is taken.
        before: The ones before it.
        flags: What must be said of those.
        steps: Of all of them, the taken one's included.
    """
    return dataclasses.replace(
        answer,
        calls=tuple(call for one in (*before, answer) for call in one.calls),
        shared=tuple(call for one in (*before, answer) for call in one.shared),
        flags=(*flags, *answer.flags),
        steps=tuple(steps),
        avoided=tuple(spared for one in (*before, answer) for spared in one.avoided),
        lost_usd=sum((one.lost_usd for one in before), answer.lost_usd),
        lookups=tuple(lookup for one in (*before, answer) for lookup in one.lookups),
    )


@contextmanager
def charging(answers: Sequence[Answer]) -> Iterator[None]:
    """Add what was paid for *answers* to an error that ends what they were a part of."""
    try:
        yield
    except (CallError, BudgetReached) as error:
        error.paid_usd += sum(map(paid_for, answers), Decimal(0))
        raise


def paid_for(answer: Answer) -> Decimal:
    """Return what an answer cost now, in US dollars."""
    return sum((call.paid_usd for call in (*answer.calls, *answer.shared)), answer.lost_usd)
