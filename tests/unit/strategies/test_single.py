"""One model, asked once: what is sent, what is read, and what it costs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from fakes.complete import MODEL, ScriptedComplete, completion, failure, request
from fakes.prices import FixedPrices

from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.request import Endpoint
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.domain.usage import Usage
from pytest_llmcost.strategies.parse import parser_of
from pytest_llmcost.strategies.single import Single

PRICE = Price(input=Decimal(1), output=Decimal(10), usd_per_hour=Decimal(36))


def case(name: str = "late", text: str = "Where is my order?") -> Case:
    return Case(name, {"text": text}, ("spam",), "9f2c41")


def question(fields: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [{"role": "user", "content": f"Spam? {fields['text']}"}]


def single(
    ask: ScriptedComplete, parse: str = "text", *, calibrate: bool = False, priced: str = MODEL, **template: Any
) -> Single:
    return Single(
        ask=ask,
        template=request(messages=(), about="bench_mail.yaml::cheap", **template),
        render=question,
        parse=parser_of(parse, ("spam", "ham")),
        prices=FixedPrices(PRICE, priced),
        labels=("spam", "ham"),
        calibrate=calibrate,
    )


def answers(strategy: Single, *cases: Case) -> list[Answer]:
    async def ask_all() -> list[Answer]:
        return await asyncio.gather(*(strategy.answer(one, 1) for one in cases))

    return asyncio.run(ask_all())


def test_a_case_is_rendered_into_the_template_and_named() -> None:
    ask = ScriptedComplete(completion("spam"))

    asyncio.run(single(ask, params={"max_tokens": 4}).answer(case(), 2))

    (sent,) = ask.requests
    assert sent.messages == ({"role": "user", "content": "Spam? Where is my order?"},)
    assert (sent.trial, sent.about, sent.params) == (2, "bench_mail.yaml::cheap::late#2", {"max_tokens": 4})


def test_the_answer_is_parsed_and_the_call_accounted() -> None:
    """12 input and 3 output tokens are 42 microdollars, half a second of compute 5 thousandths."""
    reply = completion(
        " spam\n",
        usage=Usage(input_tokens=12, output_tokens=3),
        seconds=0.5,
        attempts=2,
        paid_usd=Decimal("0.07"),
        flags=("length",),
    )

    (answer,) = answers(single(ScriptedComplete(reply)), case())

    (call,) = answer.calls
    assert (answer.value, answer.text, answer.flags) == ("spam", " spam\n", ("length",))
    assert (call.usd, call.paid_usd, call.attempts, call.cached) == (
        Decimal("0.005042"),
        Decimal("0.07"),
        2,
        False,
    )


def test_g07_a_replayed_call_costs_what_it_cost_and_nothing_is_paid() -> None:
    fresh, replayed = (
        answers(single(ScriptedComplete(completion("spam", cached=cached, paid_usd=paid))), case())[0].calls[0]
        for cached, paid in ((False, Decimal("0.01")), (True, Decimal(0)))
    )

    assert (fresh.usd, fresh.usage, fresh.seconds, fresh.key) == (
        replayed.usd,
        replayed.usage,
        replayed.seconds,
        replayed.key,
    )
    assert (replayed.paid_usd, replayed.cached) == (0, True)


def test_a_call_is_booked_under_the_configured_models_name() -> None:
    endpoint = Endpoint("openai/llama", name="ours")

    ask = ScriptedComplete(completion(model="llama"))

    (answer,) = answers(single(ask, endpoint=endpoint, priced="ours"), case())

    assert answer.calls[0].model == "ours"


def test_flags_of_the_reply_and_of_the_parser_are_both_kept() -> None:
    (answer,) = answers(single(ScriptedComplete(completion("dunno", flags=("length",))), "label"), case())

    assert (answer.value, answer.flags) == (None, ("length", "unparsed: the text names no label"))


def test_a_call_that_fails_is_the_cases_error() -> None:
    with pytest.raises(CallError):
        asyncio.run(single(ScriptedComplete(failure())).answer(case(), 1))


def biased(spam: float) -> Completion:
    top = (("spam", math.log(spam)), ("ham", math.log(1 - spam)))
    return completion("spam", logprobs=(TokenLogprob("spam", math.log(spam), top),))


def test_calibration_is_asked_before_the_first_case_and_stands_apart_from_its_cost() -> None:
    """To nothing at all the model says spam with 0.9; to this case with 0.8 only, which speaks for ham."""
    ask = ScriptedComplete(biased(0.9), biased(0.9), biased(0.9), biased(0.8))

    (answer,) = answers(single(ask, "label", calibrate=True), case())

    assert answer.value == "ham"
    assert answer.confidence == pytest.approx(2 / (2 + 8 / 9))
    assert (len(answer.calls), len(answer.shared)) == (1, 3)
    assert [sent.messages[0]["content"] for sent in ask.requests[:3]] == ["Spam? N/A", "Spam? something", "Spam? ..."]
    assert ask.requests[0].about == "bench_mail.yaml::cheap::calibration[N/A]"


def test_calibration_is_asked_once_for_many_cases_and_reported_with_one_of_them() -> None:
    ask = ScriptedComplete(biased(0.9))
    cases = [case(f"c{n}", text=f"mail {n}") for n in range(20)]

    found = answers(single(ask, "label", calibrate=True), *cases)

    assert len(ask.requests) == 3 + 20
    assert sorted(len(answer.shared) for answer in found) == [0] * 19 + [3]


def test_without_calibrate_nothing_more_is_asked() -> None:
    ask = ScriptedComplete(biased(0.9))

    (answer,) = answers(single(ask, "label"), case())

    assert (len(ask.requests), answer.shared, answer.value) == (1, (), "spam")
