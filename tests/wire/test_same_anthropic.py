"""Anthropic asked straight and through litellm: the same goes out, and the same is made of what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fakes.messages import MODEL, failed, message
from fakes.remote import anthropics_base, made_of, request_to
from fakes.streams import in_events
from fakes.stub_server import RESET, Reply, Script, StubServer, as_json, html, redirect

from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC
from pytest_llmcost.calls.providers.direct.anthropic.requests import can_ask
from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.protocols import Provider
from pytest_llmcost.domain.request import Request

USE = {"type": "tool_use", "id": "toolu_1", "name": "lookup", "input": {"id": 7, "kind": "order"}}
TEXT = {"type": "text", "text": "in-scope"}
SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
TOOL = {"type": "function", "function": {"name": "lookup", "description": "Finds.", "parameters": SCHEMA}}

SHOWN = (
    {"role": "system", "content": "Sort mail."},
    {"role": "user", "content": "I lost my key."},
    {"role": "assistant", "content": "in-scope"},
    {"role": "user", "content": "Where is my order?"},
)
"""A chat with a solved example in it."""


def usage(input_tokens: Any = 10, output_tokens: Any = 4, **more: Any) -> Script:
    return message(usage={"input_tokens": input_tokens, "output_tokens": output_tokens, **more})


def cut(whole: Script, share: float) -> Script:
    """Reset the connection in the middle of the body."""
    return lambda asked: whole(asked).cut(share)


ANSWERS: Mapping[str, Script] = {
    "plain": message("in-scope"),
    "several parts": message(content=[TEXT, {"type": "text", "text": " or not"}]),
    "empty": message(""),
    "no parts": message(content=[]),
    "control characters": message("a\x00\x1b[31m\ud800 \u202e::error::"),
    "huge text": message("x" * 1_000_001),
    "thought": message(
        content=[{"type": "thinking", "thinking": "shop?", "signature": "s"}, TEXT],
        usage={"input_tokens": 7, "output_tokens": 5, "output_tokens_details": {"thinking_tokens": 3}},
    ),
    "tool call": message(content=[USE], stop_reason="tool_use"),
    "tool call without input": message(content=[{**USE, "input": {}}], stop_reason="tool_use"),
    "tool calls with text": message(content=[TEXT, USE, {**USE, "id": "toolu_2"}], stop_reason="tool_use"),
    **{
        f"ended by {reason}": message("in-sc", stop_reason=reason)
        for reason in ("end_turn", "max_tokens", "stop_sequence", "refusal", "whatever")
    },
    "cut before the first word": message(content=[], stop_reason="max_tokens"),
    "another model": message(model="claude-3-haiku-20240307"),
    "same model": message(model="claude-sonnet-4-5"),
    "usage": usage(),
    "cached": usage(cache_read_input_tokens=200, cache_creation_input_tokens=30),
    "nothing cached": usage(cache_read_input_tokens=0, cache_creation_input_tokens=None),
    "cached for an hour": usage(
        cache_creation_input_tokens=30,
        cache_creation={"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
    ),
    "more for an hour than at all": usage(
        cache_creation_input_tokens=3, cache_creation={"ephemeral_1h_input_tokens": 10}
    ),
    "reasoned": usage(output_tokens_details={"thinking_tokens": 3}),
    "tier": usage(service_tier="standard"),
    "another tier": usage(service_tier="priority"),
    "usage of nothing": usage(7, 0),
    "usage absurd": usage(10**18),
    "usage negative": usage(-7),
}
"""What can be streamed, too."""

BROKEN: Mapping[str, Script | Reply] = {
    "html": html(),
    "nothing": Reply(),
    "truncated": Reply(b'{"id": "msg_1", "con'),
    "list": as_json([1, 2]),
    "null": as_json(None),
    "object": as_json({}),
    "parts of another kind": message(content="in-scope"),  # type: ignore[arg-type]
    "text of another kind": message(5),  # type: ignore[arg-type]
    "error in a success": as_json({"type": "error", "error": {"type": "api_error", "message": "down"}}),
    "huge": Reply(b" " * (17 * 2**20)),
    "reset": RESET,
    "cut early": cut(message(), 0.3),
    "cut late": cut(message(), 0.999),
    "redirect": redirect("http://127.0.0.1:9/v1/messages"),
    "slow": lambda asked: message()(asked).later(3),
}

REFUSED: Mapping[str, Reply] = {
    "400": failed(400, "invalid_request_error", "temperature: range: 0..1"),
    "401": failed(401, "authentication_error", "invalid x-api-key"),
    "402": failed(402, "billing_error"),
    "403": failed(403, "permission_error"),
    "404": failed(404, "not_found_error", "model: claude-none"),
    "413": failed(413, "request_too_large"),
    "429": failed(429, "rate_limit_error", Retry_After="7"),
    "500": failed(500, "api_error"),
    "504": failed(504, "timeout_error"),
    "529": failed(529, "overloaded_error", "Overloaded"),
    "no credit": failed(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "too long": failed(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    "without words": Reply(status=401),
    "with a page": html("<html>busy</html>", 503),
}


@pytest.fixture(scope="module")
def providers(runner: asyncio.Runner) -> Iterator[tuple[Provider, Provider]]:
    both = LiteLLMProvider(), DirectProvider(dialect=DIALECTS[ANTHROPIC])
    yield both
    for provider in both:
        runner.run(provider.aclose())


def asked(server: StubServer, **changes: Any) -> Request:
    at_stub = {"model": "anthropic/claude-sonnet-4-5", "api_base": anthropics_base(server)}
    return request_to(server, endpoint=at_stub, **changes)


@pytest.mark.parametrize("script", [pytest.param(s, id=name) for name, s in {**ANSWERS, **BROKEN, **REFUSED}.items()])
def test_a_reply_means_the_same_both_ways(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, script: Script | Reply
) -> None:
    server.play(script)
    request = asked(server, timeout_seconds=1.0)

    by_litellm, directly = (runner.run(made_of(provider(request))) for provider in providers)

    assert directly == by_litellm


@pytest.mark.parametrize("script", [pytest.param(script, id=name) for name, script in ANSWERS.items()])
def test_a_streamed_reply_means_the_same_as_one_in_one_piece(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, script: Script
) -> None:
    whole = runner.run(made_of(providers[1](asked(server.play(script)))))
    request = asked(server.play(in_events(script)), params={"max_tokens": 8, "stream": True, "temperature": 0})

    assert runner.run(made_of(providers[1](request))) == whole


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"style": "text"},
        {"params": {"max_tokens": 1, "temperature": 0.5, "top_p": 0.9, "top_k": 3}},
        {"params": {"max_tokens": 1, "stop": "\n", "stream": False, "seed": None}},
        {"params": {"max_tokens": 1, "stop": ["a", "b"]}},
        {"messages": ({"role": "user", "content": "a"},)},
        {
            "messages": (
                {"role": "system", "content": "one"},
                {"role": "system", "content": "two"},
                {"role": "user", "content": " a "},
                {"role": "assistant", "content": "b"},
                {"role": "user", "content": "c"},
            )
        },
        {"prefix_messages": 1, "prefix_cache": "marked"},
        {"prefix_messages": 1, "prefix_cache": "marked", "params": {"max_tokens": 1, "tools": [TOOL]}},
        {"messages": SHOWN, "prefix_messages": 3, "prefix_cache": "marked"},
        {"messages": SHOWN[1:], "prefix_messages": 1, "prefix_cache": "marked"},
        {"messages": SHOWN, "prefix_messages": 3, "prefix_cache": "implicit"},
        {"params": {"max_tokens": 1, "tools": [TOOL]}},
        *(
            {"params": {"max_tokens": 1, "tools": [TOOL], "tool_choice": choice}}
            for choice in ("auto", "required", "none", {"type": "function", "function": {"name": "lookup"}})
        ),
        {"params": {"max_tokens": 1, "tools": [TOOL], "parallel_tool_calls": False}},
        {"params": {"max_tokens": 1, "tools": [TOOL], "parallel_tool_calls": True, "tool_choice": "required"}},
        {"params": {"max_tokens": 1, "tools": [TOOL], "parallel_tool_calls": True, "tool_choice": "none"}},
    ],
    ids=str,
)
def test_the_same_goes_out_both_ways(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, changes: dict[str, Any]
) -> None:
    server.play(message())
    request = asked(server, **changes)
    assert can_ask(request, "chat")

    for provider in providers:
        runner.run(provider(request))

    by_litellm, directly = server.requests
    assert json.dumps(directly.body, sort_keys=True) == json.dumps(by_litellm.body, sort_keys=True)
    names = ("x-api-key", "anthropic-version", "content-type")
    assert [directly.headers[name] for name in names] == [by_litellm.headers[name] for name in names]
    assert directly.path == by_litellm.path == "/v1/messages"


def test_a_marked_prefix_ends_behind_the_last_message_that_all_cases_share(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer
) -> None:
    server.play(message())

    runner.run(providers[1](asked(server, messages=SHOWN, prefix_messages=3, prefix_cache="marked")))

    (sent,) = server.requests
    parts = [*sent.body["system"], *(part for turn in sent.body["messages"] for part in turn["content"])]
    assert [part.get("cache_control") for part in parts] == [None, None, {"type": "ephemeral"}, None]


def test_t04_neither_way_sends_anthropics_key_to_a_server_that_a_project_names(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_BASE_URL")
    server.play(message(model=MODEL))

    for provider in providers:
        runner.run(provider(asked(server)))

    sent = [value for request in server.requests for value in request.headers.values()]
    assert len(server.requests) == 2
    assert not any("canary" in value for value in sent)
