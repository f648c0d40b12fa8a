"""Laws of flow control, for any limits, latencies, failures and cancellations; the clock is exact."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter

import pytest
from fakes.clock import run_instantly
from fakes.complete import completion, failure, request
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.calls.flow.paced import Paced
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.calls.retry import Retry
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint
from pytest_llmcost.domain.usage import Usage

MINUTE = 60.0
BOUND = 32
"""The most tokens of a request here, 8 of them output."""

outcomes = st.one_of(
    st.builds(
        lambda i, o: completion(usage=Usage(input_tokens=i, output_tokens=o)), st.integers(0, 24), st.integers(0, 8)
    ),
    st.builds(
        lambda status, wait: failure("rate limit", status=status, retry_after_seconds=wait),
        st.sampled_from([429, 503, 500]),
        st.sampled_from([None, 0.0, 2.0, 30.0]),
    ),
    st.just(failure("time-out", status=None, may_be_billed=True)),
)
limits = st.builds(
    FlowLimits,
    in_flight=st.none() | st.integers(1, 6),
    requests_per_minute=st.none() | st.integers(1, 20) | st.sampled_from([0.5, 2.5]),
    tokens_per_minute=st.none() | st.integers(BOUND, 400),
)
calls = st.lists(
    st.tuples(
        st.sampled_from(["a/x", "a/y"]), st.floats(0, 90), st.floats(0, 70), outcomes, st.none() | st.floats(0.1, 200)
    ),
    max_size=30,
)


class Wire:
    """What the provider sees: each request's moment, and how many there were at once."""

    def __init__(self):
        self.sent = []
        self.in_flight = Counter()
        self.most = Counter()

    def model(self, seconds, outcome):
        async def answer(asked):
            model, provider = asked.endpoint.model, asked.endpoint.provider
            self.sent.append((asyncio.get_running_loop().time(), model))
            for name in (model, provider):
                self.in_flight[name] += 1
                self.most[name] = max(self.most[name], self.in_flight[name])
            try:
                await asyncio.sleep(seconds)
                if isinstance(outcome, Completion):
                    return outcome
                raise outcome.with_traceback(None)
            finally:
                for name in (model, provider):
                    self.in_flight[name] -= 1

        return answer


async def ask_all(wire, traffic, asked):
    async def ask(number, model, arrives, seconds, outcome):
        await asyncio.sleep(arrives)
        paced = Paced(wire.model(seconds, outcome), traffic, lambda _: BOUND - 8)
        clock = asyncio.get_running_loop().time
        return await Retry(paced, 3, 60.0, clock=clock)(request(str(number), endpoint=Endpoint(model)))

    async def ask_for(number, model, arrives, seconds, outcome, patience):
        async with asyncio.timeout(patience):
            return await ask(number, model, arrives, seconds, outcome)

    return await asyncio.gather(*(ask_for(n, *one) for n, one in enumerate(asked)), return_exceptions=True)


@settings(max_examples=200)
@given(limits, limits, calls)
def test_never_more_at_once_and_never_more_in_a_minute_than_allowed(of_provider, of_model, asked):
    wire, traffic = Wire(), Traffic({"a": of_provider, "a/x": of_model}, in_flight=5)
    run_instantly(ask_all(wire, traffic, asked))
    assert (traffic.in_flight, traffic.waiting) == (0, 0)
    assert wire.most["a"] <= (of_provider.in_flight or max(5, of_model.in_flight or 0))
    assert wire.most["a/x"] <= (of_model.in_flight or wire.most["a"])
    for prefix, rate in (("a", of_provider.requests_per_minute), ("a/x", of_model.requests_per_minute)):
        moments = sorted(moment for moment, model in wire.sent if model.startswith(prefix))
        if rate is not None:
            assert most_within(moments, MINUTE * max(1, 1 / rate)) <= max(1, rate)


def most_within(moments, seconds):
    """Return how many moments lie in the fullest window, its beginning included and its end not."""
    return max((sum(first <= m < first + seconds for m in moments) for first in moments), default=0)


@settings(max_examples=100)
@given(st.integers(BOUND, 200), st.lists(st.integers(0, BOUND), min_size=1, max_size=40))
def test_never_more_tokens_in_a_minute_than_allowed(most, sizes):
    sent = []

    async def model(asked):
        size = int(asked.messages[0]["content"].partition(" ")[0])
        sent.append((asyncio.get_running_loop().time(), size))
        await asyncio.sleep(1)
        return completion(usage=Usage(input_tokens=size))

    async def ask():
        paced = Paced(model, Traffic({"stub": FlowLimits(tokens_per_minute=most)}), lambda _: BOUND - 8)
        await asyncio.gather(*(paced(request(f"{size} {n}")) for n, size in enumerate(sizes)))

    run_instantly(ask())
    assert len(sent) == len(sizes)
    for first, _ in sent:
        assert sum(size for moment, size in sent if first <= moment < first + MINUTE) <= most


@settings(max_examples=100)
@given(st.integers(1, 12), st.lists(st.floats(0, 3), min_size=1, max_size=40))
def test_each_call_is_sent_in_its_turn_as_soon_as_a_place_is_free(in_flight, latencies):
    wire, traffic = Wire(), Traffic(in_flight=in_flight)
    run_instantly(ask_all(wire, traffic, [("a/x", 0.0, seconds, completion(), None) for seconds in latencies]))
    free, expected = [0.0] * in_flight, []
    for seconds in latencies:
        expected.append(heapq.heappop(free))
        heapq.heappush(free, expected[-1] + seconds)
    assert [moment - wire.sent[0][0] for moment, _ in wire.sent] == pytest.approx(expected)
