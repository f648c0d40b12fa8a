"""What rate-limit headers tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pytest_llmcost.calls.flow.learned import REQUESTS, TOKENS, Quota, read_quotas

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INF = float("inf")


def openai(reset, remaining="3", **more):
    return {"x-ratelimit-remaining-requests": remaining, "x-ratelimit-reset-requests": reset, **more}


@pytest.mark.parametrize(
    ("reset", "seconds"), [("1s", 1), ("6m0s", 360), ("17ms", 0.017), ("1h2m3.5s", 3723.5), ("12", 12), ("1d0s", 86400)]
)
def test_openais_durations_are_read(reset, seconds):
    assert read_quotas(openai(reset), 5.0)[REQUESTS].reset_seconds == pytest.approx(seconds)


@pytest.mark.parametrize("reset", ["", "soon", "6m later", "-1s", "2026-03-01", "2026-03-01T12:00:00"])
def test_what_makes_no_sense_tells_nothing(reset):
    assert read_quotas(openai(reset), 5.0, NOON) == {}


@pytest.mark.parametrize("remaining", ["", "-1", "nan", "many"])
def test_a_count_that_is_none_tells_nothing(remaining):
    assert read_quotas(openai("1s", remaining), 5.0) == {}


def test_both_quotas_of_openai_are_read():
    tokens = {"x-ratelimit-limit-tokens": "900", "x-ratelimit-remaining-tokens": "80", "x-ratelimit-reset-tokens": "9s"}
    assert read_quotas(openai("1s", **tokens), 5.0) == {
        REQUESTS: Quota(5.0, 3, INF, 1),
        TOKENS: Quota(5.0, 80, 900, 9),
    }


def test_anthropics_resets_are_times_of_day():
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:30Z",
        "anthropic-ratelimit-tokens-remaining": "1000",
        "anthropic-ratelimit-tokens-reset": "2026-03-01T11:59:00Z",
    }
    assert read_quotas(headers, 5.0, NOON) == {REQUESTS: Quota(5.0, 0, 50, 30), TOKENS: Quota(5.0, 1000, INF, 0)}


def test_other_headers_tell_nothing():
    assert read_quotas({"content-type": "application/json", "retry-after": "3"}, 5.0) == {}


def test_a_quota_fills_steadily():
    quota = Quota(100.0, remaining=10, limit=70, reset_seconds=30)
    assert quota.wait_seconds(10, 100.0) == 0
    assert quota.wait_seconds(12, 100.0) == 1
    assert quota.wait_seconds(40, 105.0) == 10
    assert quota.wait_seconds(40, 116.0) == 0
    assert quota.wait_seconds(9999, 100.0) == 30


def test_one_whose_limit_is_not_told_fills_at_its_reset():
    quota = Quota(100.0, remaining=1, limit=INF, reset_seconds=30)
    assert [quota.wait_seconds(amount, 110.0) for amount in (1, 2, 99)] == [0, 20, 20]


def test_a_wait_of_more_than_a_minute_is_left_to_the_providers_own_refusal():
    assert Quota(100.0, remaining=0, limit=200, reset_seconds=86400).wait_seconds(1, 100.0) == 0
