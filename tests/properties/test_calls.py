"""Laws of the calling chain, for any request, answer, price, failure and order."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from decimal import Decimal
from pathlib import Path

from fakes.complete import After, ScriptedComplete, completion, failure, gather, request
from fakes.prices import FixedPrices
from fakes.store import MemoryStore, layers_over
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.calls.cache.cached import Cached
from pytest_llmcost.calls.input_bound import bound_input_tokens
from pytest_llmcost.calls.single_flight import SingleFlight
from pytest_llmcost.domain.avoided import LOCAL
from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

texts = st.text(st.characters(), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
objects = st.dictionaries(texts, json_values, max_size=3)

endpoints = st.builds(
    Endpoint, model=texts, api_base=st.none() | texts, headers=st.dictionaries(texts, texts, max_size=2), extra=objects
)
requests = st.builds(
    Request,
    endpoint=endpoints,
    messages=st.lists(objects, max_size=3).map(tuple),
    params=objects,
    style=st.sampled_from(["chat", "text"]),
    trial=st.integers(1, 9),
)

IRRELEVANT = {"prefix_messages", "prefix_cache", "about", "budgets", "timeout_seconds", "step"}
"""Fields of a request that cannot change the answer; a marked prefix changes its usage, and is in the key for that."""


CHANGES = {
    "endpoint": [Endpoint("a"), Endpoint("b"), Endpoint("a", api_base="x"), Endpoint("a", headers={"x": "y"})],
    "messages": [(), ({"role": "user", "content": "a"},), ({"role": "user", "content": "a "},)],
    "params": [{}, {"temperature": 0}, {"temperature": 0.0}, {"temperature": False}, {"tools": [{"name": "a"}]}],
    "style": ["chat", "text"],
    "trial": [1, 2],
}


def test_f13_every_field_of_a_request_is_in_the_key_or_cannot_change_the_answer():
    assert set(CHANGES) | IRRELEVANT == {field.name for field in dataclasses.fields(Request) if field.init}
    for name, values in CHANGES.items():
        assert len({request(**{name: value}).key() for value in values}) == len(values)


@given(requests, st.sampled_from(sorted(CHANGES)), st.data())
def test_f13_a_change_of_any_one_field_changes_the_key(asked, name, data):
    changed = dataclasses.replace(asked, **{name: getattr(data.draw(requests), name)})
    assume(exactly(changed.parts()) != exactly(asked.parts()))
    assert changed.key() != asked.key()


def exactly(value):
    """*value* so that 1, 1.0 and True differ, and the order of keys does not count."""
    if isinstance(value, dict):
        return frozenset((key, exactly(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(exactly, value))
    return type(value), repr(value)


@given(requests, texts)
def test_f13_who_asks_and_who_pays_do_not_change_the_key(asked, text):
    other = dataclasses.replace(asked, about=text, budgets=(text,), prefix_messages=3, timeout_seconds=1.0)
    assert other.key() == asked.key()


@given(requests)
def test_the_input_bound_covers_every_byte_of_the_messages(asked):
    written = [str(v).encode("utf-8", "surrogatepass") for m in asked.messages for v in m.values() if type(v) is str]
    assert bound_input_tokens(asked) >= sum(map(len, written)) + 16 * len(asked.messages)


seconds = st.floats(0, 1e9, allow_nan=False)
logprobs = st.floats(max_value=0, allow_nan=False)
usages = st.tuples(*[st.integers(0, 1000)] * 5).map(lambda n: Usage(n[0] + n[1] + n[2], n[1], n[2], n[3] + n[4], n[4]))
completions = st.builds(
    Completion,
    text=st.text(st.characters()),
    usage=usages,
    finish_reason=st.sampled_from(["stop", "length", "tool_calls"]),
    seconds=seconds,
    model=texts,
    created=seconds,
    logprobs=st.lists(
        st.builds(TokenLogprob, texts, logprobs, st.lists(st.tuples(texts, logprobs), max_size=3).map(tuple)),
        max_size=3,
    ).map(tuple),
    flags=st.lists(texts, max_size=2).map(tuple),
    attempts=st.integers(1, 9),
    paid_usd=st.decimals(0, 1, places=6),
)


@given(requests, completions)
def test_a_replayed_answer_is_the_recorded_one_but_for_what_getting_it_costs(asked, answer):
    store, model = MemoryStore(), ScriptedComplete(answer)
    recorded = asyncio.run(Cached(model, layers_over(store), "auto")(asked))
    replayed = asyncio.run(Cached(model, layers_over(store), "replay")(asked))
    assert recorded == answer
    assert replayed == dataclasses.replace(answer, cached=True, paid_usd=Decimal(0), origin=LOCAL)


PRICE = Price(input=Decimal(3), output=Decimal(7), per_request=Decimal("0.000001"))
WORST = Decimal("0.000059")  # of 1 token of input and 8 of output, and of the request itself

steps = st.builds(
    After,
    st.sampled_from([0.0, 0.0, 0.001]),
    st.one_of(
        st.builds(
            lambda output: completion(usage=Usage(input_tokens=1, output_tokens=output)),
            st.integers(0, 8),
        ),
        st.booleans().map(lambda may_be_billed: failure(may_be_billed=may_be_billed)),
        st.just(ZeroDivisionError()),
    ),
)


@settings(max_examples=40)
@given(
    st.lists(steps, min_size=1, max_size=12),
    st.lists(st.integers(0, 5), min_size=1, max_size=12),
    st.integers(0, 12).map(lambda n: n * WORST / 2),
    st.sets(st.integers(0, 11), max_size=3),
)
def test_b01_what_is_settled_never_exceeds_the_budget_and_nothing_stays_open(script, texts_asked, cap, cancelled):
    with tempfile.TemporaryDirectory() as folder:
        account = Account(Path(folder) / "account.sqlite")
        account.add_budget(RUN, cap)
        ask = SingleFlight(Budgeted(ScriptedComplete(*script), account, FixedPrices(PRICE), lambda _: 1))
        asyncio.run(ask_and_cancel(ask, [request(str(n)) for n in texts_asked], cancelled))
        state = account.budget(RUN)
        is_open = account.has_open()
        account.close()
    assert state.spent <= cap
    assert (state.reserved, is_open) == (0, False)


async def ask_and_cancel(ask, asked, cancelled):
    tasks = [asyncio.create_task(ask(one)) for one in asked]
    await asyncio.sleep(0)
    for number in cancelled & set(range(len(tasks))):
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=30)
@given(st.lists(st.decimals("0.000000000001", "0.01", places=12), max_size=20), st.randoms(use_true_random=False))
def test_b11_costs_add_up_to_the_same_cent_in_any_order(costs, random):
    sums = []
    for _ in range(2):
        random.shuffle(costs)
        with tempfile.TemporaryDirectory() as folder:
            account = Account(Path(folder) / "account.sqlite")
            account.add_budget(RUN, Decimal(1))
            for cost in costs:
                account.settle(account.reserve([RUN], cost, 60), cost)
            sums.append(account.spent(RUN))
            account.close()
    assert sums == [sum(costs, Decimal(0))] * 2


@settings(max_examples=25)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_e13_identical_requests_at_once_are_sent_once_each(numbers):
    model = ScriptedComplete(After(0.001, completion(paid_usd=Decimal(1))))
    answers = asyncio.run(gather(SingleFlight(model), [request(str(n)) for n in numbers]))
    assert len(model.requests) == sum(a.paid_usd for a in answers) == len(set(numbers))
