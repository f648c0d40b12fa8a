"""Which failures are tried again, how often, and how long."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.clock import FakeClock
from fakes.complete import ScriptedComplete, completion, failure, request

from pytest_llmcost.calls.retry import Retry
from pytest_llmcost.domain.errors import BudgetReached, CallError


def retry(model, clock=None, *, attempts=4, timeout_seconds=60.0, jitter=1.0):
    clock = clock or FakeClock()
    return Retry(model, attempts, timeout_seconds, clock=clock, sleep=clock.sleep, jitter=lambda: jitter)


def error_of(model, clock=None, **options):
    with pytest.raises(CallError) as caught:
        asyncio.run(retry(model, clock, **options)(request()))
    return caught.value


def test_e03_an_answer_counts_the_attempts_it_took_and_all_that_was_paid():
    cut_off = failure("time-out", paid_usd=Decimal("0.02"))
    model = ScriptedComplete(cut_off, failure(), completion(paid_usd=Decimal("0.01")))
    answer = asyncio.run(retry(model)(request()))
    assert (answer.attempts, answer.paid_usd) == (3, Decimal("0.03"))


def test_e03_waits_double_up_to_a_limit():
    clock = FakeClock()
    error_of(ScriptedComplete(failure()), clock, attempts=9, timeout_seconds=600)
    assert clock.slept == [0.5, 1, 2, 4, 8, 16, 20, 20]


def test_e03_waits_are_jittered_between_half_and_all():
    clock = FakeClock()
    error_of(ScriptedComplete(failure()), clock, jitter=0.0)
    assert clock.slept == [0.25, 0.5, 1]


def test_e20_attempts_are_bounded_and_the_last_error_tells_of_all():
    model = ScriptedComplete(failure(paid_usd=Decimal("0.01"), seconds=2.0))
    error = error_of(model, attempts=3)
    assert len(model.requests) == 3
    assert (error.kind, error.attempts, error.paid_usd, error.seconds) == ("server error", 3, Decimal("0.03"), 7.5)


def test_e20_what_was_not_sent_is_no_attempt():
    error = error_of(ScriptedComplete(failure(), failure("rate limit", attempts=0, is_retryable=False)))
    assert (error.kind, error.attempts) == ("rate limit", 1)


def test_e04_what_cannot_help_is_not_tried_again():
    model = ScriptedComplete(failure("bad key", status=401, is_retryable=False))
    error = error_of(model)
    assert (error.status, error.attempts, len(model.requests)) == (401, 1, 1)


@pytest.mark.parametrize(("asked", "waited"), [(7.0, 7.0), (0.0, 0.5), (None, 0.5)])
def test_e01_the_wait_that_the_provider_asks_for_is_kept(asked, waited):
    clock = FakeClock()
    model = ScriptedComplete(failure("rate limit", retry_after_seconds=asked), completion())
    asyncio.run(retry(model, clock)(request()))
    assert clock.slept == [waited]


def test_e01_a_wait_beyond_the_calls_time_is_an_error_that_says_it():
    clock = FakeClock()
    error = error_of(ScriptedComplete(failure("rate limit", status=429, retry_after_seconds=10_000.0)), clock)
    assert (error.kind, error.status, error.retry_after_seconds) == ("rate limit", 429, 10_000.0)
    assert "asks to wait 10,000 s; 60 s of the call's 60 s are left" in str(error)
    assert clock.slept == []


def test_e01_a_wait_that_would_fit_is_not_to_blame_for_the_end():
    model = ScriptedComplete(failure("rate limit", retry_after_seconds=0.1, seconds=59.8))
    assert error_of(model).kind == "time-out"


def test_e06_each_attempt_gets_what_is_left_of_the_calls_time():
    model = ScriptedComplete(failure(seconds=10.0), failure(seconds=5.0), completion())
    asyncio.run(retry(model)(request()))
    assert [r.timeout_seconds for r in model.requests] == [60, 49.5, 43.5]


def test_e06_when_the_time_is_used_up_the_error_is_a_time_out():
    error = error_of(ScriptedComplete(failure(seconds=25.0)))
    assert (error.kind, error.attempts, error.status) == ("time-out", 3, 503)
    assert "60 s are used up (attempts: 3); the last: stub/small: server error." in str(error)


def test_a_retry_that_the_budget_refuses_still_tells_what_was_paid():
    refusal = BudgetReached("reached", budget=Decimal(1), spent=Decimal(1))
    model = ScriptedComplete(failure(paid_usd=Decimal("0.02")), refusal)
    with pytest.raises(BudgetReached) as caught:
        asyncio.run(retry(model)(request()))
    assert caught.value.paid_usd == Decimal("0.02")
