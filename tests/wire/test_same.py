"""Both ways make the same of the same reply, so that no verdict depends on which of them was taken."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fakes.remote import made_of, request_to
from fakes.stub_server import RESET, Reply, Script, StubServer, answer, as_json, error, html, redirect

from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.protocols import Provider

CALL = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": '{"id": 7}'}}
REFUSAL = {"refusal": "I will not."}
LOGPROBS = {"max_tokens": 1, "logprobs": True, "top_logprobs": 2}


def usage(prompt: Any = 100, completion: Any = 20, cached: Any = None, reasoning: Any = None, **more: Any) -> Script:
    """Answer with these counts; None leaves the details out."""
    details = {
        **({} if cached is None else {"prompt_tokens_details": {"cached_tokens": cached}}),
        **({} if reasoning is None else {"completion_tokens_details": {"reasoning_tokens": reasoning}}),
    }
    return answer(usage={"prompt_tokens": prompt, "completion_tokens": completion, **details, **more})


def choice(message: Any, **fields: Any) -> Reply:
    """Answer with a message as it is given, and nothing else that the protocol asks for."""
    return as_json({"id": "x", "choices": [{"index": 0, "message": message, **fields}]})


def cut(whole: Script | Reply, share: float) -> Script:
    """Reset the connection in the middle of the body."""
    return lambda asked: (whole if isinstance(whole, Reply) else whole(asked)).cut(share)


ANSWERS: Mapping[str, Script | Reply] = {
    "plain": answer("in-scope"),
    "empty": answer(""),
    "null": answer(None),
    "number": answer(5),  # type: ignore[arg-type]
    "parts": choice({"role": "assistant", "content": [{"type": "text", "text": "in-scope"}]}),
    "bare": choice({"role": "assistant", "content": "in-scope"}),
    "no role": choice({"content": "in-scope"}),
    "no message": as_json({"choices": [{"index": 0, "finish_reason": "stop"}]}),
    "no choices": as_json({"choices": [], "model": "gpt-4o-mini"}),
    "null choices": as_json({"choices": None}),
    "choices of another kind": as_json({"choices": "in-scope"}),
    "control characters": answer("a\x00\x1b[31m\ud800 \u202e::error::"),
    "huge text": answer("x" * 1_000_001),
    "thought in the text": answer("<think>shop?\n</think>\nin-scope"),
    "thought beside the text": answer("<think>in-scope", message={"reasoning_content": "shop?"}),
    "thought that does not end": answer("<think>shop?"),
    "tool call": answer(None, finish_reason="tool_calls", message={"tool_calls": [CALL]}),
    "tool call at a stop": answer(None, message={"tool_calls": [CALL, CALL]}),
    "tool call without arguments": answer(None, message={"tool_calls": [{**CALL, "function": {"name": "now"}}]}),
    "tool call with text": answer("wait", message={"tool_calls": [CALL]}),
    "refusal": answer(None, message=REFUSAL),
    "refusal with text": answer("no", message=REFUSAL),
    **{
        f"ended by {reason}": answer("in-sc", finish_reason=reason)  # type: ignore[arg-type]
        for reason in ("length", "content_filter", "eos_token", "end_turn", "max_tokens", "error", "whatever", None)
    },
    "cut before the first word": answer(None, finish_reason="length"),
    "another model": answer(model="gpt-3.5-turbo"),
    "dated model": answer(model="gpt-4o-mini-2024-07-18"),
    "long model": answer(model="m" * 999),
    "error in a success": as_json({"error": {"message": "upstream is down", "code": 502}}),
    "error as text": as_json({"error": "upstream is down"}),
    "error without words": as_json({"error": {"code": 502}, "choices": []}),
    "no error": as_json({"error": {"message": ""}, "choices": [{"message": {"role": "assistant", "content": "a"}}]}),
    "usage": usage(),
    "cached": usage(cached=64, reasoning=16),
    "cached, by DeepSeek": usage(prompt_cache_hit_tokens=64, prompt_cache_miss_tokens=36),
    "cached, by Anthropic": usage(cache_read_input_tokens=64, cache_creation_input_tokens=30),
    "cache writes": answer(
        usage={"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"cache_write_tokens": 3}}
    ),
    "reasoned, beside the details": usage(reasoning_tokens=5),
    "usage missing": answer(usage=None),
    "usage null": usage(None, None),
    "usage of nothing": usage(7, 0),
    "usage negative": usage(-7),
    "usage absurd": usage(10**18),
    "usage not a number": usage(float("nan")),
    "usage half": usage(7.5),
    "usage a list": answer(usage=[7, 1]),  # type: ignore[arg-type]
    "usage with a word for a count": usage(cached="some"),
    "more cached than input": usage(7, 1, cached=9),
    "more reasoned than output": usage(7, 1, reasoning=9),
}

BROKEN: Mapping[str, Script | Reply] = {
    "html": html(),
    "nothing": Reply(),
    "no content": Reply(status=204),
    "another success": Reply(b"{}", status=201),
    "truncated": Reply(b'{"id": "chatcmpl-1", "cho'),
    "list": as_json([1, 2]),
    "null": as_json(None),
    "text": as_json("in-scope"),
    "object": as_json({}),
    "broken bytes": Reply(b'{"choices": "\xff\xfe"}'),
    "deep": Reply(b"[" * 100_000),
    "huge": Reply(b" " * (17 * 2**20)),
    "reset": RESET,
    "cut early": cut(answer(), 0.3),
    "cut late": cut(answer(), 0.999),
    "redirect": redirect("http://127.0.0.1:9/v1/chat/completions"),
    "not modified": Reply(status=304),
    "slow": lambda asked: answer()(asked).later(3),
}

REFUSED: Mapping[str, Script | Reply] = {
    **{str(status): error(status) for status in (400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429)},
    **{str(status): error(status, Retry_After="2") for status in (500, 502, 503, 504, 529)},
    "waits": error(429, Retry_After="10000"),
    "waits for nonsense": error(429, Retry_After="soon"),
    "no quota": error(429, "You exceeded your quota", code="insufficient_quota"),
    "too long": error(400, "maximum context length is 8 tokens", code="context_length_exceeded"),
    "filtered": error(400, "The prompt triggers our content management policy", code="content_filter"),
    "without words": Reply(status=401),
    "with a page": html("<html>busy</html>", 503),
    "with text": Reply(b"no such\nmodel", status=404, headers={"Content-Type": "text/plain"}),
    "cut": cut(error(429, Retry_After="3"), 0.5),
}


@pytest.fixture(scope="module")
def providers(runner: asyncio.Runner) -> Iterator[tuple[Provider, Provider]]:
    both = LiteLLMProvider(), DirectProvider()
    yield both
    for provider in both:
        runner.run(provider.aclose())


@pytest.mark.parametrize("script", [pytest.param(s, id=name) for name, s in {**ANSWERS, **BROKEN, **REFUSED}.items()])
def test_a_reply_means_the_same_both_ways(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, script: Script | Reply
) -> None:
    server.play(script)
    request = request_to(server, params=LOGPROBS, timeout_seconds=1.0)

    by_litellm, directly = (runner.run(made_of(provider(request))) for provider in providers)

    assert directly == by_litellm


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9/v1", "http://nowhere.invalid/v1", "nowhere", "ftp://127.0.0.1/v1", "HTTPS"]
)
def test_a_server_that_cannot_be_reached_is_the_same_both_ways(
    runner: asyncio.Runner, providers: tuple[Provider, Provider], server: StubServer, base: str
) -> None:
    base = server.base.replace("http:", "https:") if base == "HTTPS" else base
    request = request_to(server, endpoint={"api_base": base})

    by_litellm, directly = (runner.run(made_of(provider(request))) for provider in providers)

    assert directly == by_litellm
