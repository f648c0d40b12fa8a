"""A provider that refuses for a while, and a run that comes through it."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import run_instantly
from fakes.complete import TimedComplete, completion, failure, gather, request

from pytest_llmcost.calls.flow.paced import Paced
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.calls.retry import Retry
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint

CALLS = 1000


def came_through(in_flight, until=30.0, began=5.0, **changes):
    """Make calls of a second each, while all that is sent from 5 s to 30 s is refused."""
    traffic = Traffic(in_flight=in_flight)
    refused = failure("rate limit", status=429, **changes)
    model = TimedComplete(1.0, lambda now: refused if began <= now < until else completion())

    async def run():
        clock = asyncio.get_running_loop().time
        chain = Retry(Paced(model, traffic, len), attempts=4, timeout_seconds=60.0, clock=clock)
        window = asyncio.Semaphore(2 * in_flight)  # as pytest looks ahead

        async def ask(one):
            async with window:
                return await chain(one)

        return await gather(ask, [request(str(n)) for n in range(CALLS)])

    return model, run_instantly(run()), traffic.route(Endpoint("stub/small")).server.congestion


@pytest.mark.parametrize("in_flight", [64, 8, 2, 1])
@pytest.mark.parametrize("asked", [None, 1.0, 5.0, 20.0])
def test_e02_no_call_is_lost_and_the_calls_at_once_recover(in_flight, asked):
    model, outcomes, congestion = came_through(in_flight, retry_after_seconds=asked)
    assert [type(o) for o in outcomes] == [Completion] * CALLS
    assert max(o.attempts for o in outcomes) <= 4
    assert sum(o.attempts for o in outcomes) == len(model.moments)
    assert congestion.limit == model.most_in_flight == in_flight


def test_e02_few_calls_are_spent_on_the_storm_and_the_first_ones_after_it_are_careful():
    model, _, _ = came_through(64)
    during = [m for m in model.moments if 5 <= m < 30]
    assert len(during) < 150
    after = [m for m in model.moments if m >= 30]
    assert len([m for m in after if m < after[0] + 1]) == 1


def test_e02_our_waiting_is_not_the_models_latency():
    _, outcomes, _ = came_through(64)
    assert {o.seconds for o in outcomes} == {completion().seconds}
