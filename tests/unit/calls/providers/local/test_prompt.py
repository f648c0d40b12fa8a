"""What a request becomes for the engine, and what is refused by name."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_llmcost.calls.providers.local.prompt import Turn, joined, prompt_body, sampling_body, turns_of
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request


def test_plain_text_is_the_contents_with_a_blank_line_between_them() -> None:
    turns = turns_of(_request(messages=({"role": "system", "content": "Sort."}, {"role": "user", "content": "Hi:"})))

    assert joined(turns) == "Sort.\n\nHi:"
    assert prompt_body(turns, "text") == {"prompt": "Sort.\n\nHi:"}


def test_a_chat_keeps_its_turns() -> None:
    assert prompt_body([Turn("user", "Hi")], "chat") == {"messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"role": "user", "content": [{"type": "image_url"}]}, "list as a message's content"),
        ({"role": "assistant", "content": None}, "NoneType as a message's content"),
        ({"role": "assistant", "content": "", "tool_calls": []}, "'tool_calls' in a message"),
    ],
)
def test_what_is_not_plain_text_is_refused_by_name(message: dict[str, Any], named: str) -> None:
    with pytest.raises(CallError, match=named) as caught:
        turns_of(_request(messages=(message,)))

    assert (caught.value.kind, caught.value.is_retryable) == ("bad request", False)


def test_an_answer_in_plain_text_is_one_line_unless_told_otherwise() -> None:
    assert _sampling(style="text")["stop"] == ["\n"]
    assert _sampling(style="text", stop=["###"])["stop"] == ["###"]
    assert "stop" not in _sampling(style="chat")
    assert "stop" not in _sampling(style="text", response_format={"type": "json_object"})


def test_what_is_left_open_is_sampled_from_the_whole_distribution() -> None:
    body = _sampling()

    assert {name: body[name] for name in ("temperature", "top_p", "top_k", "min_p")} == {
        "temperature": 1.0,
        "top_p": 1.0,
        "top_k": 0,
        "min_p": 0.0,
    }


def test_the_same_request_has_the_same_seed_and_another_trial_another_one() -> None:
    seeds = [sampling_body(_request(trial=trial))["seed"] for trial in (1, 1, 2)]

    assert seeds[0] == seeds[1] != seeds[2]
    assert _sampling(seed=7)["seed"] == 7


def test_log_probabilities_are_asked_for_in_the_form_of_each_style() -> None:
    asked = {"logprobs": True, "top_logprobs": 20}

    assert _sampling(style="text", **asked)["logprobs"] == 20
    assert "top_logprobs" not in _sampling(style="text", **asked)
    assert _sampling(style="text", logprobs=True)["logprobs"] == 1
    assert "logprobs" not in _sampling(style="text", logprobs=False)
    assert asked.items() <= _sampling(style="chat", **asked).items()


def test_a_response_format_reaches_the_engine_in_both_styles() -> None:
    schema = {"type": "object", "properties": {"label": {"type": "string"}}}
    asked = {"type": "json_schema", "json_schema": {"schema": schema}}

    assert _sampling(style="chat", response_format=asked)["response_format"] == asked
    assert _sampling(style="text", response_format=asked)["json_schema"] == schema
    assert _sampling(style="text", response_format={"type": "json_object"})["json_schema"] == {"type": "object"}
    assert "json_schema" not in _sampling(style="text", response_format={"type": "text"})


@pytest.mark.parametrize("name", ["stream", "tools", "n", "frequency_penalty", "api_key"])
def test_a_parameter_that_local_models_lack_is_named(name: str) -> None:
    with pytest.raises(CallError, match=f"no parameter '{name}'") as caught:
        _sampling(**{name: 1})

    assert caught.value.kind == "bad request"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -1),
        ("temperature", math.nan),
        ("temperature", "hot"),
        ("temperature", True),
        ("max_tokens", 0),
        ("max_tokens", 1.5),
        ("seed", -1),
        ("seed", 2**32 - 1),
        ("top_p", 1.1),
        ("top_k", -4),
        ("stop", ""),
        ("stop", 3),
        ("stop", [1]),
        ("logprobs", 5),
        ("top_logprobs", 21),
        ("response_format", {"type": "xml"}),
        ("response_format", {"type": "json_schema"}),
    ],
)
def test_a_value_out_of_bounds_is_named_with_what_is_needed(name: str, value: Any) -> None:
    with pytest.raises(CallError, match=rf"{name} is .* needed\."):
        _sampling(**{name: value})


def test_top_logprobs_alone_would_be_ignored_so_it_is_refused() -> None:
    with pytest.raises(CallError, match="needs 'logprobs: true'"):
        _sampling(top_logprobs=5)


def test_an_answer_without_bound_is_refused() -> None:
    with pytest.raises(CallError, match="'max_tokens' is missing"):
        _sampling(max_tokens=None)


def _sampling(style: str = "chat", **params: Any) -> dict[str, Any]:
    return sampling_body(_request(style=style, params={"max_tokens": 4, **params}))


def _request(**fields: Any) -> Request:
    given = {"messages": ({"role": "user", "content": "Hi"},), "params": {"max_tokens": 4}, **fields}
    return Request(Endpoint("local/tiny"), **given)
