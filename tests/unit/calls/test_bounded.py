"""The time limit of one attempt."""

from __future__ import annotations

import asyncio

import pytest
from fakes.clock import FakeClock
from fakes.complete import After, ScriptedComplete, completion, failure, request

from pytest_llmcost.calls.bounded import Bounded
from pytest_llmcost.domain.errors import CallError


def test_an_answer_in_time_passes_as_it_is():
    answer = completion()
    assert asyncio.run(Bounded(ScriptedComplete(answer))(request())) is answer


def test_e06_an_attempt_that_never_ends_is_cut_off_and_may_be_billed():
    stalled = ScriptedComplete(After(3600, completion()))
    with pytest.raises(CallError) as caught:
        asyncio.run(Bounded(stalled)(request(timeout_seconds=0.01)))
    error = caught.value
    assert (error.kind, error.is_retryable, error.may_be_billed) == ("time-out", True, True)
    assert error.seconds > 0
    assert stalled.in_flight == 0


def test_a_clients_own_time_out_is_the_same_error():
    with pytest.raises(CallError, match="no whole answer within 60 s"):
        asyncio.run(Bounded(ScriptedComplete(TimeoutError()))(request()))


def test_e16_a_failed_attempt_says_how_long_it_took_by_the_monotonic_clock():
    clock = FakeClock()

    async def fail_after_three_seconds(_):
        await clock.sleep(3)
        raise failure()

    with pytest.raises(CallError) as caught:
        asyncio.run(Bounded(fail_after_three_seconds, clock=clock)(request()))
    assert caught.value.seconds == 3


def test_cancellation_passes_through():
    async def scenario():
        task = asyncio.create_task(Bounded(ScriptedComplete(After(3600, completion())))(request()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
