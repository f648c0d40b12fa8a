"""What is under way, and how long it takes."""

from __future__ import annotations

import asyncio

import pytest
from fakes.complete import After, ScriptedComplete, completion, failure, gather, request

from pytest_llmcost.calls.meter import REMEMBERED, Meter, Metered


def asked(meter: Meter, *steps: object, n: int) -> list[object]:
    return asyncio.run(gather(Metered(ScriptedComplete(*steps), meter), [request() for _ in range(n)]))  # type: ignore[arg-type]


def test_a_reply_is_handed_on_unchanged_and_its_own_seconds_count() -> None:
    meter = Meter()
    reply = completion(seconds=0.25)
    assert asked(meter, reply, n=1) == [reply]
    assert (meter.started, meter.replies, meter.mean_seconds, meter.in_flight) == (1, 1, 0.25, 0)


def test_the_concurrency_is_what_was_in_flight_when_answers_came() -> None:
    meter = Meter()
    asked(meter, After(0.01, completion()), n=4)
    assert meter.mean_in_flight == pytest.approx((4 + 3 + 2 + 1) / 4)


def test_a_failed_attempt_counts_by_its_kind_and_not_in_the_means() -> None:
    meter = Meter()
    (error,) = asked(meter, failure("rate limit", seconds=0.001), n=1)
    assert getattr(error, "kind", None) == "rate limit"
    assert (meter.started, meter.replies, dict(meter.failed), meter.in_flight) == (1, 0, {"rate limit": 1}, 0)


def test_an_attempt_that_is_cut_off_is_counted_and_not_in_flight_any_more() -> None:
    meter = Meter()

    async def cancel() -> None:
        call = asyncio.create_task(Metered(ScriptedComplete(After(60, completion())), meter)(request()))
        await asyncio.sleep(0)
        assert meter.in_flight == 1
        call.cancel()
        await asyncio.wait([call])

    asyncio.run(cancel())
    assert (meter.in_flight, dict(meter.failed)) == (0, {"cut off": 1})


def test_the_mean_forgets_how_fast_it_was_long_ago() -> None:
    meter = Meter()
    for seconds in [0.1] * 1000 + [2.0] * 5 * REMEMBERED:
        meter.start()
        meter.reply(seconds)
        meter.end()
    assert meter.mean_seconds == pytest.approx(2.0, rel=0.01)
