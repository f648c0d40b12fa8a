"""How long to wait after a failure."""

from __future__ import annotations

from pytest_llmcost.calls.backoff import backoff_seconds


def test_waits_double_up_to_a_limit():
    assert [backoff_seconds(n, 1.0) for n in (1, 2, 3, 6, 7, 5000)] == [0.5, 1, 2, 16, 20, 20]


def test_jitter_takes_up_to_half_away():
    assert [backoff_seconds(1, jitter) for jitter in (0.0, 0.5, 1.0)] == [0.25, 0.375, 0.5]
