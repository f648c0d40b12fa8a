"""Limits as the configuration states them."""

from __future__ import annotations

import pytest

from pytest_llmcost.calls.flow.limits import FlowLimits, read_limits


def test_limits_are_read_by_name():
    stated = {"in_flight": 64, "requests_per_minute": 5000, "tokens_per_minute": 2_000_000}
    assert read_limits(stated) == FlowLimits(64, 5000, 2_000_000)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "64", None])
def test_a_limit_is_a_whole_number_from_1_up(value):
    with pytest.raises(ValueError, match=r"in_flight = .*: a whole number from 1 up is needed"):
        read_limits({"in_flight": value})


def test_an_unknown_limit_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no 'rpm', known are in_flight, requests_per_minute, tokens_per_minute"):
        read_limits({"rpm": 60})


def test_processes_share_a_limit():
    assert FlowLimits(64, 500, 1000).share(4) == FlowLimits(16, 125, 250)
    assert FlowLimits().share(4) == FlowLimits()


def test_each_process_may_make_one_call_at_once_and_keeps_to_its_part_of_a_request_a_minute():
    assert FlowLimits(2, 2).share(8) == FlowLimits(1, 0.25)
