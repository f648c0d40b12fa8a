"""Laws of strategies that are made of strategies."""

from __future__ import annotations

import asyncio
import dataclasses
from decimal import Decimal
from typing import Any

from fakes.strategies import CASE, Scripted, call, said
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmcost.domain.plan import Branch, Cascade, CascadeStep, Route, RouteKey
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.scoring.apart import Apart
from pytest_llmcost.strategies.cascade import Cascading
from pytest_llmcost.strategies.route import Routing

confidences = st.none() | st.floats(0, 1)
answers = st.builds(
    lambda value, confidence, calls, flags: said(value, confidence, calls=tuple(calls), flags=tuple(flags)),
    st.none() | st.sampled_from(["shop", "other"]),
    confidences,
    st.lists(st.integers(1, 9).map(lambda n: call(f"m{n}", f"0.{n}")), min_size=1, max_size=3),
    st.lists(st.sampled_from(["length", "refusal"]), max_size=1),
)
several = st.lists(answers, min_size=1, max_size=5)


def cascade(steps: list[Answer], accept: float) -> Answer:
    made = [CascadeStep(str(place), Scripted(answer), accept) for place, answer in enumerate(steps)]
    return asyncio.run(Cascading(Cascade(tuple(made))).answer(CASE, 1))


def usd(answer: Answer) -> Decimal:
    return sum((call.usd for call in answer.calls), Decimal(0))


def without_steps(answer: Answer) -> Answer:
    return dataclasses.replace(answer, steps=())


@given(several)
def test_a_cascade_that_accepts_anything_is_its_first_step(steps: list[Answer]) -> None:
    assert without_steps(cascade(steps, accept=0.0)) == steps[0]


@given(several, st.floats(1, 2, exclude_min=True))
def test_a_cascade_that_accepts_nothing_is_its_last_step_and_pays_for_all(steps: list[Answer], accept: float) -> None:
    answer = cascade(steps, accept)

    last = steps[-1]
    assert (answer.value, answer.text, answer.confidence) == (last.value, last.text, last.confidence)
    assert answer.calls == tuple(call for step in steps for call in step.calls)


@given(several, st.floats(0, 1))
def test_every_call_belongs_to_one_step_and_the_cost_is_that_of_all_steps(steps: list[Answer], accept: float) -> None:
    answer = cascade(steps, accept)

    asked = steps[: len(answer.steps)]
    assert [step.calls for step in answer.steps] == [len(one.calls) for one in asked]
    assert usd(answer) == sum(map(usd, asked), Decimal(0))
    assert all((one.confidence or 0) < accept for one in asked[:-1])


@given(several, st.floats(0, 1.1), st.floats(0, 1.1))
def test_who_is_asked_to_be_surer_escalates_no_less(steps: list[Answer], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert len(cascade(steps, low).steps) <= len(cascade(steps, high).steps)


@given(st.dictionaries(st.sampled_from("abc"), answers, min_size=1), answers, st.sampled_from([*"abcd", None]))
def test_a_route_is_the_strategy_that_it_picks(to: dict[str, Answer], rest: Answer, kind: Any) -> None:
    branches = {value: Branch(value, Scripted(answer)) for value, answer in to.items()}
    route = Routing(Route(RouteKey("field", "kind"), branches, Branch("rest", Scripted(rest))), Apart())
    case = dataclasses.replace(CASE, fields={"kind": kind})

    answer = asyncio.run(route.answer(case, 1))

    assert without_steps(answer) == to.get(kind, rest)
    assert [step.name for step in answer.steps] == [f"{kind} > {kind}" if kind in to else "otherwise > rest"]
