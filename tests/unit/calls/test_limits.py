"""Calls in flight, by provider and by model."""

from __future__ import annotations

import asyncio

from fakes.complete import After, ScriptedComplete, completion, gather, request

from pytest_llmcost.calls.limits import Limited
from pytest_llmcost.domain.request import Endpoint


def ask_at_once(models, in_flight, default):
    slow = ScriptedComplete(After(0.005, completion()))
    limited = Limited(slow, in_flight, default)
    asyncio.run(gather(limited, [request(str(n), endpoint=Endpoint(model)) for n, model in enumerate(models)]))
    assert len(slow.requests) == len(models)
    return slow.most_in_flight


def test_no_more_than_the_default_are_in_flight():
    assert ask_at_once(["a/x"] * 9, {}, 3) == 3


def test_a_named_provider_has_its_own_limit():
    assert ask_at_once(["a/x", "a/y"] * 4, {"a": 2}, 8) == 2


def test_a_named_model_has_its_own_limit():
    assert ask_at_once(["a/x"] * 4, {"a/x": 1}, 8) == 1


def test_providers_do_not_wait_for_each_other():
    assert ask_at_once(["a/x", "b/x"] * 4, {"a": 1, "b": 2}, 8) == 3
