"""What goes out to a provider, and what is made of its reply, whichever way it goes: each on a real socket."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from fakes.remote import KEY, Ask, Fault
from fakes.stub_server import (
    Reply,
    Script,
    StubServer,
    answer,
    as_json,
)

from pytest_llmcost.domain.usage import Usage


def test_an_answer_comes_with_its_tokens_time_and_reason(ask: Ask) -> None:
    before = time.time()

    completion = ask(lambda asked: answer("in-scope")(asked).later(0.05))

    assert (completion.text, completion.finish_reason, completion.flags) == ("in-scope", "stop", ())
    assert completion.usage == Usage(input_tokens=6, output_tokens=1)
    assert completion.model == "gpt-4o-mini"
    assert 0.05 <= completion.seconds < 20
    assert before <= completion.created <= time.time()


def test_what_was_asked_is_what_arrives(ask: Ask, server: StubServer) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    params = {
        "temperature": 0.5,
        "max_tokens": 3,
        "seed": 7,
        "stop": ["\n"],
        "tools": [tool],
        "response_format": {"type": "json_object"},
        "service_tier": "flex",
    }

    ask(params=params, endpoint={"headers": {"X-Team": "mail"}})

    (asked,) = server.requests
    assert asked.path == "/v1/chat/completions"
    assert {name: asked.body[name] for name in params} == params
    assert asked.body["model"] == "gpt-4o-mini"
    assert [m["content"] for m in asked.body["messages"]] == ["Sort mail.", "Where is my order?"]
    assert (asked.headers["authorization"], asked.headers["x-team"]) == (f"Bearer {KEY}", "mail")


def test_the_named_variable_holds_the_key(ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_KEY", "ours")

    ask(endpoint={"api_key_env": "OUR_KEY"})

    assert server.requests[0].headers["authorization"] == "Bearer ours"


def test_t04_a_server_that_a_project_names_gets_no_key_that_it_does_not_name(
    ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`api_base` may come with a pull request; the key is the job's."""
    monkeypatch.delenv("OPENAI_BASE_URL")

    ask()

    assert not any(KEY in value for value in server.requests[0].headers.values())


def test_plain_text_goes_as_one_user_message(ask: Ask, server: StubServer) -> None:
    ask(style="text")

    assert server.requests[0].body["messages"] == [{"role": "user", "content": "Sort mail.\n\nWhere is my order?"}]


def test_log_probabilities_are_kept_with_their_rivals(ask: Ask) -> None:
    script = answer("yes", confidence=0.9, rivals=("no",))

    (token,) = ask(script, params={"max_tokens": 1, "logprobs": True, "top_logprobs": 2}).logprobs

    assert token.token == "yes"
    assert [name for name, _ in token.top] == ["yes", "no"]
    assert token.top[0] == ("yes", pytest.approx(-0.105, abs=0.001))


def test_tool_calls_are_an_answer(ask: Ask) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": '{"id": 7}'}}

    completion = ask(answer(None, finish_reason="tool_calls", message={"tool_calls": [call]}))

    assert json.loads(completion.text) == [{"name": "lookup", "arguments": '{"id": 7}'}]
    assert completion.finish_reason == "tool_calls"


def test_a_refusal_is_an_answer_and_says_so(ask: Ask) -> None:
    completion = ask(answer(None, message={"refusal": "I will not."}))

    assert (completion.text, completion.flags[0]) == ("I will not.", "refusal")


def test_parts_of_the_usage_are_told_apart(ask: Ask) -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 16},
    }

    assert ask(answer(usage=usage)).usage == Usage(
        input_tokens=100, cached_input_tokens=64, output_tokens=20, reasoning_tokens=16
    )


@pytest.mark.parametrize(
    ("script", "says"),
    [(as_json({"choices": [], "model": "gpt-4o-mini"}), "no choices"), (answer(None), "content is None")],
)
def test_e08_a_reply_without_an_answer_is_an_error(fault: Fault, script: Script | Reply, says: str) -> None:
    caught = fault(script)

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("broken reply", True, True)
    assert says in str(caught)


def test_e08_a_filtered_answer_is_an_error_and_stays_filtered(fault: Fault) -> None:
    caught = fault(answer("half an ans", finish_reason="content_filter"))

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("content filter", False, True)


@pytest.mark.parametrize("text", ["in-sc", None])
def test_e08_an_answer_cut_by_its_length_is_kept_and_flagged(ask: Ask, text: str | None) -> None:
    completion = ask(answer(text, finish_reason="length"))

    assert (completion.text, completion.finish_reason, completion.flags) == (text or "", "length", ("length",))


@pytest.mark.parametrize(
    ("usage", "flag"),
    [
        (None, "usage estimated"),
        ({"prompt_tokens": None, "completion_tokens": None}, "usage estimated"),
        ({"prompt_tokens": 7, "completion_tokens": 0}, "usage estimated"),
        ({"prompt_tokens": -7, "completion_tokens": 1}, "usage impossible: input_tokens is -7, estimated"),
        (
            {"prompt_tokens": 10**18, "completion_tokens": 1},
            "usage impossible: input_tokens is 1000000000000000000, estimated",
        ),
        (
            {"prompt_tokens": 7, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 9}},
            "usage impossible: more tokens were cached than were input, estimated",
        ),
        (
            {"prompt_tokens": 7, "completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 9}},
            "usage impossible: more tokens were reasoned than were output, estimated",
        ),
    ],
)
def test_e09_usage_that_is_missing_or_cannot_be_is_estimated_and_marked(
    ask: Ask, usage: Mapping[str, Any] | None, flag: str
) -> None:
    completion = ask(answer("in-scope", usage=usage))

    assert completion.usage.is_estimated
    assert completion.usage.input_tokens >= len("Sort mail.Where is my order?") / 3
    assert completion.usage.output_tokens == 3
    assert completion.flags == (flag,)


def test_e09_usage_that_is_no_number_is_no_usage(fault: Fault) -> None:
    caught = fault(answer(usage={"prompt_tokens": float("nan"), "completion_tokens": 1}))

    assert (caught.kind, caught.may_be_billed) == ("broken reply", True)
    assert "prompt_tokens" in str(caught)


def test_e10_a_reply_by_another_model_is_flagged(ask: Ask) -> None:
    completion = ask(answer(model="gpt-3.5-turbo"))

    assert (completion.model, completion.flags) == ("gpt-3.5-turbo", ("answered by gpt-3.5-turbo",))


def test_e10_a_dated_version_is_the_model_that_was_asked(ask: Ask) -> None:
    completion = ask(answer(model="gpt-4o-mini-2024-07-18"))

    assert (completion.model, completion.flags) == ("gpt-4o-mini-2024-07-18", ())


def test_e11_a_huge_text_is_refused(fault: Fault) -> None:
    caught = fault(answer("x" * 1_000_001))

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("broken reply", False, True)


def test_e11_control_characters_and_half_surrogates_can_be_stored(ask: Ask) -> None:
    completion = ask(answer("a\x00\x1b[31m\ud800"))

    assert completion.text == "a\x00\x1b[31m\ufffd"


def test_a_missing_key_is_said_before_anything_is_sent(
    fault: Fault, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")

    caught = fault()

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("no key", False, False)
    assert "Set OPENAI_API_KEY" in str(caught)
    assert server.requests == []


def test_reasoning_that_a_server_leaves_in_the_text_is_no_part_of_the_answer(ask: Ask) -> None:
    assert ask(answer("<think>Mail about an order.</think>in-scope")).text == "in-scope"


def test_a_failure_that_comes_as_a_success_is_a_failure(fault: Fault) -> None:
    """Routers answer so when the provider behind them breaks off: with an error in the reply, or as its end."""
    assert "upstream is down" in str(fault(as_json({"error": {"message": "upstream is down", "code": 502}})))
    assert fault(answer("half an ans", finish_reason="error")).kind == "broken reply"
