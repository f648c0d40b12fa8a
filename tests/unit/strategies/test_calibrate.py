"""The bias towards a label: asked once a strategy, whatever happens around it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from decimal import Decimal

import pytest
from fakes.complete import completion

from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.strategies.calibrate import CONTENT_FREE, Calibration

LABELS = ("spam", "ham")


def reply(spam: float, ham: float) -> Completion:
    top = (("spam", math.log(spam)), ("ham", math.log(ham)))
    return completion("spam", logprobs=(TokenLogprob("spam", math.log(spam), top),), paid_usd=Decimal("0.01"))


class ScriptedAsk:
    """Satisfies `Ask`: answers by the text that stands in the fields."""

    def __init__(self, *replies: Completion | CallError) -> None:
        self._replies = dict(zip(CONTENT_FREE, replies, strict=True))
        self.asked: list[dict[str, str]] = []
        self.names: list[str] = []

    def mend(self, text: str, reply: Completion) -> None:
        self._replies[text] = reply

    async def __call__(self, fields: Mapping[str, str], about: str) -> tuple[Completion, Call]:
        self.asked.append(dict(fields))
        self.names.append(about)
        await asyncio.sleep(0)
        found = self._replies[next(iter(fields.values()))]
        if isinstance(found, CallError):
            raise found
        return found, Call("stub/small", found.usage, 0.1, Decimal("0.02"), found.paid_usd, 1, False, key=about)


def test_the_prior_is_the_mean_over_the_inputs_that_say_nothing() -> None:
    """0.9 : 0.1, 0.6 : 0.2 and 0.5 : 0.5 are 0.9, 0.75 and 0.5 once normalised; 2.15/3 on average."""
    calibration = Calibration(ScriptedAsk(reply(0.9, 0.1), reply(0.6, 0.2), reply(0.5, 0.5)), LABELS)

    prior = asyncio.run(calibration.prior(["text"]))

    assert prior == {"spam": pytest.approx(2.15 / 3), "ham": pytest.approx(0.85 / 3)}


def test_every_field_of_the_question_says_nothing() -> None:
    ask = ScriptedAsk(*[reply(0.5, 0.5)] * 3)

    asyncio.run(Calibration(ask, LABELS).prior(["subject", "text"]))

    assert ask.asked == [{"subject": text, "text": text} for text in ("N/A", "something", "...")]
    assert ask.names == ["calibration[N/A]", "calibration[something]", "calibration[...]"]


def test_it_is_asked_once_for_many_cases_at_once_and_reported_once() -> None:
    ask = ScriptedAsk(*[reply(0.5, 0.5)] * 3)
    calibration = Calibration(ask, LABELS)

    async def case() -> tuple[Call, ...]:
        await calibration.prior(["text"])
        return calibration.take_calls()

    async def all_cases() -> list[tuple[Call, ...]]:
        return await asyncio.gather(*(case() for _ in range(50)))

    reported = asyncio.run(all_cases())

    assert len(ask.asked) == 3
    assert [call.key for calls in reported for call in calls] == ask.names


def test_a_failed_call_is_made_again_for_the_next_case_and_what_was_paid_is_reported() -> None:
    failed = CallError("time-out", model="stub/small", kind="time-out")
    ask = ScriptedAsk(reply(0.5, 0.5), failed, reply(0.5, 0.5))
    calibration = Calibration(ask, LABELS)

    async def two_cases() -> None:
        with pytest.raises(CallError):
            await calibration.prior(["text"])
        ask.mend("something", reply(0.5, 0.5))
        await calibration.prior(["text"])

    asyncio.run(two_cases())

    assert len(ask.asked) == 5
    assert sum(call.paid_usd for call in calibration.take_calls()) == Decimal("0.04")


def test_a_model_that_lists_no_probabilities_is_asked_a_single_time_and_charged_a_single_time() -> None:
    ask = ScriptedAsk(*[completion("spam", paid_usd=Decimal("0.01"))] * 3)
    calibration = Calibration(ask, LABELS)

    async def forty_cases() -> list[CallError]:
        found = await asyncio.gather(*(calibration.prior(["text"]) for _ in range(40)), return_exceptions=True)
        return [error for error in found if isinstance(error, CallError)]

    errors = asyncio.run(forty_cases())

    assert len(errors) == 40
    assert len(ask.asked) == 1
    assert {error.kind for error in errors} == {"no logprobs"}
    assert sum(error.paid_usd for error in errors) == Decimal("0.01")
    assert str(errors[0]) == (
        "stub/small lists no token probabilities, and 'calibrate: true' needs them. "
        "Set 'calibrate: false' on this strategy, or use a model that gives top_logprobs."
    )
