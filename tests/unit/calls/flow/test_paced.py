"""When an attempt is sent, and when it is not sent at all; hours pass instantly."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from fakes.clock import run_instantly
from fakes.complete import After, ScriptedComplete, TimedComplete, completion, failure, gather, request

from pytest_llmcost.calls.flow.limits import FlowLimits
from pytest_llmcost.calls.flow.paced import Paced
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.request import Endpoint
from pytest_llmcost.domain.usage import Usage

SLOW = After(1.0, completion())


def paced(model, limits=None, in_flight=32, bound_input=lambda _: 92, **options):
    """92 tokens of input and 8 of output are the most that a request of `fakes.complete` can take."""
    return Paced(model, Traffic(limits, in_flight, **options), bound_input)


def ask(chain, *models, endpoints=()):
    asked = [*map(Endpoint, models), *endpoints]
    return run_instantly(gather(chain, [request(str(n), endpoint=e) for n, e in enumerate(asked)]))


def most_at_once(models, limits, in_flight, **options):
    model = ScriptedComplete(SLOW)
    ask(paced(model, limits, in_flight, **options), *models)
    assert len(model.requests) == len(models)
    return model.most_in_flight


def test_no_more_than_the_default_are_in_flight():
    assert most_at_once(["a/x"] * 9, {}, 3) == 3


def test_a_named_provider_has_its_own_limit_over_all_its_models():
    assert most_at_once(["a/x", "a/y"] * 9, {"a": FlowLimits(9)}, 3) == 9


def test_a_named_model_has_its_own_limit_above_or_below_the_default():
    assert most_at_once(["a/x"] * 4, {"a/x": FlowLimits(1)}, 3) == 1
    assert most_at_once(["a/x"] * 9, {"a/x": FlowLimits(8)}, 3) == 8


def test_limits_of_a_model_and_of_its_provider_hold_both():
    assert most_at_once(["a/x"] * 9, {"a/x": FlowLimits(8), "a": FlowLimits(2)}, 3) == 2


def test_providers_do_not_wait_for_each_other():
    assert most_at_once(["a/x", "b/x"] * 4, {"a": FlowLimits(1), "b": FlowLimits(2)}, 8) == 3


def test_whose_limits_hold_for_a_name_without_a_provider_is_asked():
    assert most_at_once(["x"] * 9, {"a": FlowLimits(2)}, 3, provider_of=lambda endpoint: "a") == 2


def test_each_server_and_each_key_of_a_provider_is_a_lane_of_its_own():
    model = ScriptedComplete(SLOW)
    others = [
        Endpoint("a/x", api_base="http://b"),
        Endpoint("a/x", api_key_env="K"),
        Endpoint("a/x", headers={"k": "v"}),
    ]
    ask(paced(model, {"a": FlowLimits(1)}), "a/x", "a/x", endpoints=[*others, *others])
    assert model.most_in_flight == 4


def test_a_configured_models_limit_goes_by_its_name():
    model = ScriptedComplete(SLOW)
    ask(paced(model, {"ours": FlowLimits(2)}), endpoints=[Endpoint("a/x", name="ours"), Endpoint("a/x")] * 4)
    assert model.most_in_flight == 6


def test_calls_to_one_model_go_in_the_order_in_which_they_came():
    model = ScriptedComplete(SLOW)
    ask(paced(model, {"a": FlowLimits(2, 3)}), *["a/x"] * 9)
    assert [r.messages[0]["content"] for r in model.requests] == list("012345678")


def test_requests_a_minute_are_kept_to_the_second():
    model = TimedComplete()
    ask(paced(model, {"a": FlowLimits(requests_per_minute=2)}), *["a/x"] * 6)
    assert model.moments == pytest.approx([0, 0, 60, 60, 120, 120])


def test_a_models_minute_does_not_hold_up_the_providers_other_models():
    model = TimedComplete()
    ask(paced(model, {"a/x": FlowLimits(requests_per_minute=1)}, 2), *["a/x", "a/y"] * 3)
    assert model.moments == pytest.approx([0, 0, 1, 1, 60, 120])


def test_tokens_are_held_at_their_worst_case_and_corrected_when_the_answer_tells():
    model = TimedComplete(1.0, lambda _: completion(usage=Usage(input_tokens=20, output_tokens=5)))
    ask(paced(model, {"a": FlowLimits(tokens_per_minute=250)}), *["a/x"] * 8)
    # 100 at worst and 25 in truth: as many at once as fit at worst beside what was used in the last minute.
    assert model.moments == pytest.approx([0, 0, 1, 1, 2, 3, 4, 60])


def test_tokens_that_are_only_estimated_and_those_that_may_be_billed_stay_at_their_worst_case():
    estimated = completion(usage=Usage(input_tokens=1, is_estimated=True))
    for outcome in (estimated, failure("time-out", may_be_billed=True, status=None)):
        model = TimedComplete(1.0, lambda _, outcome=outcome: outcome)
        ask(paced(model, {"a": FlowLimits(tokens_per_minute=150)}), *["a/x"] * 2)
        assert model.moments == pytest.approx([0, 60])


def test_a_failure_that_bills_nothing_takes_no_tokens():
    model = TimedComplete(1.0, lambda _: failure(status=500))
    ask(paced(model, {"a": FlowLimits(tokens_per_minute=100)}), *["a/x"] * 2)
    assert model.moments == pytest.approx([0, 1])


def test_nobody_counts_tokens_that_no_limit_asks_for():
    ask(paced(ScriptedComplete(), {"a": FlowLimits(2, 2)}, bound_input=pytest.fail), "a/x")


def test_a_call_that_the_budget_refuses_uses_up_no_minute():
    refusal = BudgetReached("reached", budget=Decimal(1), spent=Decimal(1))
    model = TimedComplete(0.0, lambda _: refusal)
    outcomes = ask(paced(model, {"a": FlowLimits(1, 1, 1)}), *["a/x"] * 50)
    assert outcomes == [refusal] * 50
    assert model.moments == pytest.approx([0] * 50)


def test_what_headers_tell_is_kept_to():
    model = TimedComplete()
    chain = paced(model)

    def told(asked):
        headers = {"remaining": "2", "limit": "60", "reset": "58s"}
        chain._traffic.observe(asked.endpoint, {f"x-ratelimit-{k}-requests": v for k, v in headers.items()})
        return model(asked)

    chain._inner = told
    ask(chain, *["a/x"] * 4)
    assert model.moments == pytest.approx([0, 0, 1, 1])


def test_e04_after_a_bad_key_the_rest_is_not_sent_and_points_to_the_one_message():
    said = []
    bad = failure("bad key", status=401, is_retryable=False)
    model = ScriptedComplete(After(1.0, bad))
    chain = paced(model, in_flight=1, warn=said.append)
    asked = [request(str(n), about=f"suite::one::{n}#1") for n in range(50)]
    outcomes = run_instantly(gather(chain, asked))
    assert len(model.requests) == 1
    assert outcomes[0] is bad
    assert {str(e) for e in outcomes[1:]} == {
        "stub/small: bad key, as suite::one::0#1 was told; no more calls are sent"
    }
    assert {(e.kind, e.attempts, e.is_retryable) for e in outcomes[1:]} == {("bad key", 0, False)}
    assert said == ["no more calls are sent with this key: stub/small: bad key."]


def test_e04_calls_that_were_under_way_with_the_bad_key_are_told_as_briefly():
    model = ScriptedComplete(*[After(1.0, failure("bad key", status=401, is_retryable=False)) for _ in range(8)])
    outcomes = ask(paced(model), *["a/x"] * 8)
    assert len(model.requests) == 8
    assert [str(e) for e in outcomes].count("stub/small: bad key.") == 1
    assert {e.attempts for e in outcomes} == {1}


@pytest.mark.parametrize("kind", ["bad key", "no credit", "no key"])
def test_e04_another_key_or_provider_is_still_asked(kind):
    def outcome(asked):
        if asked.endpoint == Endpoint("a/x"):
            raise failure(kind, status=None, is_retryable=False)
        return completion()

    async def model(asked):
        return outcome(asked)

    outcomes = ask(paced(model), "a/x", "a/y", "b/x", endpoints=[Endpoint("a/x", api_key_env="OTHER")])
    assert [isinstance(o, CallError) for o in outcomes] == [True, True, False, False]


def test_e04_what_concerns_one_call_or_one_model_stops_no_other():
    for kind in ("forbidden", "unknown model", "bad request", "context too long", "content filter"):
        model = ScriptedComplete(After(1.0, failure(kind, status=403, is_retryable=False)))
        ask(paced(model, in_flight=1), *["a/x"] * 3)
        assert len(model.requests) == 3


def refusing(until, **changes):
    """Refuse what is sent before a moment."""
    return lambda now: completion() if now >= until else failure("rate limit", status=429, **changes)


def test_e01_a_wait_that_one_call_is_told_is_kept_by_all():
    model = TimedComplete(1.0, refusing(7.5, retry_after_seconds=7.0))
    ask(paced(model, in_flight=1), *["a/x"] * 3)
    assert model.moments == pytest.approx([0, 8, 9])


def test_e01_a_wait_beyond_a_calls_time_fails_the_waiting_at_once():
    model = TimedComplete(1.0, refusing(9e9, retry_after_seconds=10_000.0))
    first, *others = ask(paced(model, in_flight=1), *["a/x"] * 50)
    assert (model.moments, first.attempts) == ([0], 1)
    for error in others:
        assert (error.kind, error.attempts, error.is_retryable) == ("rate limit", 0, False)
        assert "rate limit (429): no call is wanted for 10,000 s, and 60 s of this one's time are left" in str(error)


def test_a_server_that_refuses_every_call_for_longer_than_a_calls_time_is_left_alone():
    model = TimedComplete(0.0, refusing(9e9))
    outcomes = ask(paced(model, in_flight=1), *["a/x"] * 500)
    assert {o.kind for o in outcomes} == {"rate limit"}
    assert "every call was refused for" in str(outcomes[-1])
    assert len(model.moments) <= 12
    assert model.moments[-1] < 60


@pytest.mark.parametrize("status", [429, 503, 529])
def test_e02_a_refusal_halves_the_calls_at_once(status):
    traffic = Traffic(in_flight=8)
    model = ScriptedComplete(After(1.0, failure(status=status)))
    run_instantly(gather(Paced(model, traffic, len), [request(str(n)) for n in range(8)]))
    assert traffic.route(Endpoint("stub/small")).server.congestion.limit == 4


@pytest.mark.parametrize("status", [None, 500, 408])
def test_what_is_no_refusal_leaves_the_calls_at_once_alone(status):
    traffic = Traffic(in_flight=8)
    model = ScriptedComplete(After(1.0, failure(status=status)))
    run_instantly(gather(Paced(model, traffic, len), [request(str(n)) for n in range(8)]))
    assert traffic.route(Endpoint("stub/small")).server.congestion.limit == 8


def test_e14_calls_that_are_cancelled_leave_nothing_behind():
    async def main():
        traffic = Traffic({"stub": FlowLimits(2, 9)})
        model = ScriptedComplete(After(3600, completion()), After(3600, completion()), completion())
        chain = Paced(model, traffic, len)
        tasks = [asyncio.create_task(chain(request(str(n)))) for n in range(6)]
        await asyncio.sleep(1)
        assert (traffic.in_flight, traffic.waiting) == (2, 4)
        for task in (*tasks[:2], *tasks[3:]):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (traffic.in_flight, traffic.waiting) == (0, 0)
        return tasks[2].result().text

    assert run_instantly(main()) == "yes"
