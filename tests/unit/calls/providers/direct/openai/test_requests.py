"""Which requests go straight to OpenAI's protocol, and where OpenAI's key may go."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.calls.providers.direct.openai.requests import body_of, can_ask, key_of, url_of
from pytest_llmcost.domain.request import Endpoint, Request

USER = {"role": "user", "content": "hello"}


def request(model: str = "openai/gpt-4o", *, params: dict[str, Any] | None = None, **changes: Any) -> Request:
    return Request(Endpoint(model), **{"messages": (USER,), "params": {"max_tokens": 1, **(params or {})}, **changes})


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(params={"temperature": 0, "logprobs": True, "top_logprobs": 20, "seed": 7, "stop": ["\n"]}),
        request(params={"tools": [], "response_format": {"type": "json_object"}}),
        request(params={"reasoning_effort": None}),
        request(params={"stream": True}),
        request(params={"service_tier": "flex"}),
        request("gpt-4o", style="text"),
        request("openai/gpt-5-mini", params={"response_format": {"type": "json_object"}}),
        request("openai/gpt-5-chat-latest", params={"temperature": 0}),
        request("openai/meta-llama/Llama-3.1-8B"),
    ],
    ids=lambda asked: f"{asked.endpoint.model} {dict(asked.params)}",
)
def test_what_is_plain_goes_straight(asked: Request) -> None:
    assert can_ask(asked, "chat")
    assert can_ask(asked, "")


@pytest.mark.parametrize(
    "asked",
    [
        request(params={"reasoning_effort": "low"}),
        request(params={"top_k": 4}),
        request(params={"n": 2}),
        request("openai/o3"),
        request("o4-mini"),
        request("openai/gpt-5", params={"temperature": 0}),
        request("openai/gpt-5.4", params={"tools": [{"type": "function"}]}),
        request("openai/gpt-5-search-api"),
        request("openai/azure-gpt-5"),
        request(messages=({"role": "user", "content": [{"type": "text", "text": "hello"}]},)),
        request(messages=({**USER, "cache_control": {"type": "ephemeral"}},)),
    ],
    ids=lambda asked: f"{asked.endpoint.model} {dict(asked.params)}",
)
def test_what_litellm_would_change_or_refuse_goes_to_litellm(asked: Request) -> None:
    assert not can_ask(asked, "chat")


@pytest.mark.parametrize("mode", ["responses", "completion", "embedding"])
def test_a_model_that_is_not_chatted_with_goes_to_litellm(mode: str) -> None:
    assert not can_ask(request(), mode)


def test_what_is_not_stated_is_not_sent() -> None:
    assert body_of(request(params={"seed": None})) == {"model": "gpt-4o", "messages": [USER], "max_tokens": 1}


@pytest.mark.parametrize(
    ("base", "url"),
    [
        (None, "https://api.openai.com/v1/chat/completions"),
        ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1/chat/completions"),
    ],
)
def test_chats_have_one_address_below_the_base(base: str | None, url: str) -> None:
    assert url_of(Endpoint("openai/a", api_base=base)) == url


@pytest.mark.parametrize(
    "base",
    [None, "https://api.openai.com/v1", "https://API.OPENAI.COM", "https://api.openai.com:443/v1", "http://own/v1"],
)
def test_t04_openais_key_goes_to_openai_and_where_the_user_says_that_it_is(
    base: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://own/v1")

    assert key_of(Endpoint("openai/a", api_base=base)) == "theirs"


@pytest.mark.parametrize(
    "base",
    [
        "http://own/v2",
        "http://api.openai.com/v1",
        "https://api.openai.com.evil.example/v1",
        "https://api.openai.com@evil.example/v1",
        "https://api.openai.com:444/v1",
        "https://evil.example/https://api.openai.com/v1",
        "https://api.openai.com\\@evil.example/v1",
    ],
)
def test_t04_openais_key_goes_nowhere_else(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://own/v1")

    assert key_of(Endpoint("openai/a", api_base=base)) == ""


def test_a_key_that_is_needed_and_missing_is_not_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " ")

    assert key_of(Endpoint("openai/a")) is None
    assert key_of(Endpoint("openai/a", api_base="http://own/v1", api_key_env="NO_SUCH_KEY")) is None
