"""A provider that bears less than it is asked, for a while or always, and a run that comes through it."""

from __future__ import annotations

import asyncio
import math
import random

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
    refused = failure("rate limit", status=429, **changes)
    model = TimedComplete(1.0, lambda now: refused if began <= now < until else completion())
    return model, *asked(model, in_flight)


def asked(model, in_flight):
    """Return the outcomes of asking as pytest does, and how many calls at once are allowed in the end."""
    random.seed(5)  # of the jitter: one call at once may be unlucky for all its attempts
    traffic = Traffic(in_flight=in_flight)

    async def run():
        clock = asyncio.get_running_loop().time
        chain = Retry(Paced(model, traffic, len), attempts=4, timeout_seconds=60.0, clock=clock)
        window = asyncio.Semaphore(2 * in_flight)  # as pytest looks ahead

        async def ask(one):
            async with window:
                return await chain(one)

        return await gather(ask, [request(str(n)) for n in range(CALLS)])

    return run_instantly(run()), traffic.route(Endpoint("stub/small")).server.congestion


@pytest.mark.parametrize("in_flight", [64, 8, 2])
@pytest.mark.parametrize("asked", [None, 1.0, 5.0, 20.0])
def test_e02_no_call_is_lost_and_the_calls_at_once_recover(in_flight, asked):
    model, outcomes, congestion = came_through(in_flight, retry_after_seconds=asked)
    assert [type(o) for o in outcomes] == [Completion] * CALLS
    assert max(o.attempts for o in outcomes) <= 4
    assert sum(o.attempts for o in outcomes) == len(model.moments)
    assert congestion.limit > in_flight / 2
    assert model.most_in_flight == in_flight


def test_e02_few_calls_are_spent_on_the_storm_and_the_first_ones_after_it_are_careful():
    model, _, _ = came_through(64)
    during = [m for m in model.moments if 5 <= m < 30]
    assert len(during) < 150
    after = [m for m in model.moments if m >= 30]
    assert len([m for m in after if m < after[0] + 1]) == 1


def test_e02_our_waiting_is_not_the_models_latency():
    _, outcomes, _ = came_through(64)
    assert {o.seconds for o in outcomes} == {completion().seconds}


class Meager:
    """Bears so many calls a second, some at once, or so many under way; refuses the others without delay."""

    def __init__(self, a_second=math.inf, burst=1.0, under_way=math.inf, seconds=1.0):
        self.a_second, self.burst, self.under_way, self.seconds = a_second, burst, under_way, seconds
        self.allowed, self.moment, self.in_flight = burst, 0.0, 0
        self.refused, self.ended = 0, 0.0

    async def __call__(self, request):
        now = asyncio.get_running_loop().time()
        self.allowed = min(self.burst, self.allowed + (now - self.moment) * self.a_second)
        self.moment = now
        if self.allowed < 1 or self.in_flight >= self.under_way:
            self.refused += 1
            await asyncio.sleep(0.02)
            raise failure("rate limit", status=429)
        self.allowed -= 1
        self.in_flight += 1
        await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        self.ended = self.moment
        return completion()


MEAGER = {
    "8 at once": lambda: Meager(under_way=8),
    "1 at once": lambda: Meager(under_way=1),
    "20 a second": lambda: Meager(a_second=20, burst=20),
    "5 a second": lambda: Meager(a_second=5, burst=60),
    "1 a second": lambda: Meager(a_second=1, burst=60),
}


@pytest.mark.parametrize("name", MEAGER)
@pytest.mark.parametrize("in_flight", [64, 8])
def test_a_server_that_bears_little_and_does_not_say_so_is_found_out_with_no_call_lost(name, in_flight):
    server = MEAGER[name]()
    outcomes, _ = asked(server, in_flight)
    assert [type(o) for o in outcomes] == [Completion] * CALLS
    assert server.refused < CALLS / 3
    best = CALLS * max(1 / server.a_second, server.seconds / min(in_flight, server.under_way))
    assert server.ended - 1000 < 1.5 * best
