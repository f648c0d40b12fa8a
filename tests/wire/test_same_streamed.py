"""A chat that comes in chunks means the same as one that comes in one piece."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fakes.remote import made_of, request_to
from fakes.streams import in_chunks
from fakes.stub_server import Script, StubServer, answer

from pytest_llmcost.calls.providers.direct.provider import DirectProvider

CALL = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": '{"id": 7, "kind": "order"}'}}
LOGPROBS = {"max_tokens": 1, "logprobs": True, "top_logprobs": 2}
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "prompt_tokens_details": {"cached_tokens": 64},
    "completion_tokens_details": {"reasoning_tokens": 16},
}

ANSWERS: Mapping[str, Script] = {
    "plain": answer("in scope, as it seems"),
    "empty": answer(""),
    "null": answer(None),
    "control characters": answer("a\x00\x1b[31m\ud800 \u202e::error::"),
    "lines": answer("in\r\nscope\n\ndata: no event\n"),
    "huge text": answer("x" * 1_000_001),
    "thought in the text": answer("<think>shop?\n</think>\nin-scope"),
    "thought beside the text": answer("<think>in-scope", message={"reasoning_content": "shop?"}),
    "tool call": answer(None, finish_reason="tool_calls", message={"tool_calls": [CALL]}),
    "tool calls with text": answer("wait", message={"tool_calls": [CALL, {**CALL, "id": "c2"}]}),
    "tool call without arguments": answer(None, message={"tool_calls": [{**CALL, "function": {"name": "now"}}]}),
    "refusal": answer(None, message={"refusal": "I will not."}),
    **{
        f"ended by {reason}": answer("in-sc", finish_reason=reason)
        for reason in ("length", "content_filter", "eos_token", "max_tokens", "error", "whatever")
    },
    "another model": answer(model="gpt-3.5-turbo"),
    "usage by kind": answer(usage=USAGE),
    "usage missing": answer(usage=None),
    "usage negative": answer(usage={"prompt_tokens": -7, "completion_tokens": 1}),
    "usage not a number": answer(usage={"prompt_tokens": float("nan"), "completion_tokens": 1}),
}


@pytest.fixture(scope="module")
def provider(runner: asyncio.Runner) -> Iterator[DirectProvider]:
    provider = DirectProvider()
    yield provider
    runner.run(provider.aclose())


@pytest.mark.parametrize("script", [pytest.param(script, id=name) for name, script in ANSWERS.items()])
def test_a_streamed_reply_means_the_same_as_one_in_one_piece(
    runner: asyncio.Runner, provider: DirectProvider, server: StubServer, script: Script
) -> None:
    def made(script: Script, **params: Any) -> dict[str, Any]:
        return runner.run(made_of(provider(request_to(server.play(script), params={**LOGPROBS, **params}))))

    assert made(in_chunks(script), stream=True) == made(script)
