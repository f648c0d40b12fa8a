"""Which requests go straight to Anthropic, and where its key may go."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_llmcost.calls.providers.direct.anthropic.requests import can_ask, headers_of, lacks_key, url_of
from pytest_llmcost.domain.request import Endpoint, Request

SYSTEM = {"role": "system", "content": "Sort mail."}
USER = {"role": "user", "content": "hello"}
ASSISTANT = {"role": "assistant", "content": "good day"}
PARAMETERS = {"type": "object", "properties": {"id": {"type": "integer"}}}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_FEDERATION_RULE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "theirs")


def request(*messages: Any, params: dict[str, Any] | None = None, **endpoint: Any) -> Request:
    return Request(Endpoint("anthropic/claude", **endpoint), messages or (USER,), {"max_tokens": 1, **(params or {})})


def tool(**changes: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "look_up", "parameters": PARAMETERS, **changes}}


@pytest.mark.parametrize(
    "params",
    [
        {"seed": 7},
        {"logprobs": True},
        {"response_format": {"type": "json_object"}},
        {"reasoning_effort": "low"},
        {"service_tier": "priority"},
        {"tool_choice": "auto"},
        {"tools": [{**tool(), "cache_control": {"type": "ephemeral"}}]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [tool(name="look up")]},
        {"tools": [tool(strict=True)]},
        {"tools": [tool(parameters={"type": "object"})]},
        {"tools": [tool(parameters={**PARAMETERS, "definitions": {}})]},
        {"tools": [tool()], "tool_choice": "some"},
        {"tools": [tool()], "tool_choice": {"type": "any"}},
    ],
    ids=str,
)
def test_what_litellm_would_rewrite_or_refuse_goes_to_litellm(params: dict[str, Any]) -> None:
    assert can_ask(request(), "chat")
    assert not can_ask(request(params=params), "chat")


@pytest.mark.parametrize(
    "messages",
    [
        (SYSTEM,),
        (USER, SYSTEM, USER),
        (USER, USER),
        (ASSISTANT, USER),
        (USER, ASSISTANT),
        ({**USER, "content": " "},),
        ({**USER, "content": [{"type": "text", "text": "hello"}]},),
        ({**USER, "cache_control": {"type": "ephemeral"}},),
        (USER, {**ASSISTANT, "tool_calls": []}, USER),
    ],
    ids=str,
)
def test_a_chat_that_litellm_would_join_or_cut_goes_to_litellm(messages: tuple[Any, ...]) -> None:
    assert can_ask(request(SYSTEM, USER, ASSISTANT, USER), "")
    assert not can_ask(request(*messages), "")


def test_what_the_configuration_says_for_litellm_goes_to_litellm() -> None:
    assert not can_ask(request(extra={"api_version": "1"}), "chat")
    assert not can_ask(request(), "responses")


def test_keys_that_need_more_than_a_header_go_to_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-oat01-x")
    assert not can_ask(request(), "chat")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert can_ask(request(), "chat")
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    assert not can_ask(request(), "chat")


@pytest.mark.parametrize(
    ("base", "url"),
    [
        (None, "https://api.anthropic.com/v1/messages"),
        ("http://own/", "http://own/v1/messages"),
        ("http://own/v1/messages", "http://own/v1/messages"),
    ],
)
def test_messages_have_one_address_below_the_base(base: str | None, url: str) -> None:
    assert url_of(Endpoint("claude", api_base=base)) == url


@pytest.mark.parametrize("name", ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_BASE"])
def test_t04_anthropics_key_goes_to_anthropic_and_where_the_user_says_that_it_is(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://own")

    for base in (None, "https://api.anthropic.com", "https://API.anthropic.com:443/v1/messages", "http://own"):
        assert headers_of(Endpoint("claude", api_base=base))["x-api-key"] == "theirs"


@pytest.mark.parametrize(
    "base",
    ["http://own", "http://api.anthropic.com", "https://api.anthropic.com.evil.example", "https://api.openai.com/v1"],
)
def test_t04_anthropics_key_goes_nowhere_else(base: str) -> None:
    endpoint = Endpoint("claude", api_base=base)

    assert "theirs" not in headers_of(endpoint).values()
    assert not lacks_key(endpoint)


def test_a_token_is_sent_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token\n")

    assert headers_of(Endpoint("claude"))["authorization"] == "Bearer token"


def test_a_key_that_is_needed_and_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", " ")

    assert lacks_key(Endpoint("claude"))
    assert lacks_key(Endpoint("claude", api_base="http://own", api_key_env="NO_SUCH_KEY"))
    assert not lacks_key(Endpoint("claude", headers={"X-Api-Key": "own"}))


def test_the_configurations_own_headers_and_key_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "ours")

    headers = headers_of(Endpoint("claude", api_key_env="OURS", headers={"Anthropic-Version": "2099-01-01"}))

    assert (headers["x-api-key"], headers["anthropic-version"]) == ("ours", "2099-01-01")
