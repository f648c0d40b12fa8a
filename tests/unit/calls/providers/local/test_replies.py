"""From the engine's reply to a completion."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.calls.providers.local.replies import completion_of
from pytest_llmcost.domain.completion import Completion, TokenLogprob
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

SHOP = {"token": " shop", "logprob": -0.5}
OTHER = {"token": " other", "logprob": -1.5}


def test_text_usage_and_log_probabilities_are_read() -> None:
    completion = _completion(_reply(), top_logprobs=2)

    assert (completion.text, completion.finish_reason, completion.model) == (" shop", "stop", "local/tiny")
    assert completion.usage == Usage(input_tokens=90, cached_input_tokens=78, output_tokens=2)
    assert completion.logprobs == (TokenLogprob(" shop", -0.5, ((" shop", -0.5), (" other", -1.5))),)
    assert (completion.seconds, completion.flags) == (0.25, ("prefix evaluated in 1.00 s",))


def test_no_more_alternatives_are_given_than_were_asked_for() -> None:
    assert _completion(_reply(), top_logprobs=0).logprobs == (TokenLogprob(" shop", -0.5),)


def test_an_answer_that_ends_before_its_first_token_is_empty_and_no_fault() -> None:
    completion = _completion(_reply() | {"choices": [{"text": "", "finish_reason": "stop", "logprobs": None}]})

    assert (completion.text, completion.logprobs) == ("", ())


def test_a_chat_reply_is_read_alike() -> None:
    reply = _reply()
    reply["choices"][0]["message"] = {"role": "assistant", "content": reply["choices"][0].pop("text")}

    assert _completion(reply).text == " shop"


def test_e08_an_answer_that_was_cut_off_is_flagged() -> None:
    assert _completion(_reply(finish_reason="length")).flags[-1] == "length"


@pytest.mark.parametrize(
    "spoil",
    [
        {"choices": []},
        {"choices": [{"text": None, "finish_reason": "stop"}]},
        {"choices": [{"text": " shop", "finish_reason": "stop", "logprobs": None}]},
        {"usage": {}},
        {"usage": {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 9}}},
    ],
)
def test_e09_a_reply_that_lacks_something_is_a_fault_and_no_guess(spoil: dict[str, Any]) -> None:
    with pytest.raises(CallError) as caught:
        _completion(_reply() | spoil)

    assert caught.value.kind == "engine fault"


def _completion(reply: dict[str, Any], top_logprobs: int = 20) -> Completion:
    params = {"max_tokens": 4, "logprobs": True, "top_logprobs": top_logprobs}
    request = Request(Endpoint("local/tiny"), ({"role": "user", "content": "Hi"},), params)
    return completion_of(reply, request, 0.25, ("prefix evaluated in 1.00 s",))


def _reply(finish_reason: str = "stop") -> dict[str, Any]:
    token = SHOP | {"top_logprobs": [SHOP, OTHER]}
    return {
        "choices": [{"text": " shop", "finish_reason": finish_reason, "logprobs": {"content": [token]}}],
        "usage": {"prompt_tokens": 90, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 78}},
    }
