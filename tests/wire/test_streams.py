"""What is asked for with `stream: true`, and what only a stream can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fakes.messages import failed, message
from fakes.remote import anthropics_base, request_to
from fakes.streams import events, in_chunks, in_events
from fakes.stub_server import Script, StubServer, answer

from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC, OPENAI
from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError

STREAM = {"max_tokens": 8, "stream": True}
Stream = Callable[..., Completion]


@pytest.fixture(scope="module")
def providers(runner: asyncio.Runner) -> Iterator[Mapping[str, DirectProvider]]:
    made = {name: DirectProvider(dialect=dialect) for name, dialect in DIALECTS.items()}
    yield made
    for provider in made.values():
        runner.run(provider.aclose())


@pytest.fixture
def stream(runner: asyncio.Runner, providers: Mapping[str, DirectProvider], server: StubServer) -> Stream:
    def stream(script: Script, name: str = OPENAI, params: Mapping[str, Any] = STREAM) -> Completion:
        at_stub = {"model": "anthropic/claude-sonnet-4-5", "api_base": anthropics_base(server)}
        endpoint = at_stub if name == ANTHROPIC else {}
        return runner.run(providers[name](request_to(server.play(script), endpoint=endpoint, params=params)))

    return stream


def test_openai_is_asked_for_the_usage_as_well(stream: Stream, server: StubServer) -> None:
    stream(in_chunks(answer()))

    body = server.requests[0].body
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})


def test_nothing_of_a_stream_goes_out_where_none_is_wanted(stream: Stream, server: StubServer) -> None:
    stream(answer(), params={"max_tokens": 8, "stream": False})

    assert not {"stream", "stream_options"} & server.requests[0].body.keys()


@pytest.mark.parametrize(
    ("name", "sent"), [(OPENAI, in_chunks(answer("a b c"))), (ANTHROPIC, in_events(message("a b c")))]
)
def test_the_first_token_is_timed_and_so_is_the_end(stream: Stream, name: str, sent: Script) -> None:
    """Events come 20 ms one after another; the first is no part of the answer, and the last neither."""
    completion = stream(lambda asked: sent(asked).dripping(0.01), name)

    assert completion.text == "a b c"
    assert completion.ttft_seconds is not None
    assert 0.02 <= completion.ttft_seconds < completion.seconds


def test_thought_is_not_the_first_token_of_an_answer(stream: Stream) -> None:
    thinking = in_chunks(answer("yes", message={"reasoning_content": "well " * 10}))

    completion = stream(lambda asked: thinking(asked).dripping(0.01))

    assert completion.ttft_seconds is not None
    assert completion.ttft_seconds >= 0.2


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (OPENAI, in_chunks(answer("", finish_reason="length"))),
        (ANTHROPIC, in_events(message("", stop_reason="max_tokens"))),
    ],
)
def test_an_answer_without_a_token_has_its_first_one_at_its_end(stream: Stream, name: str, sent: Script) -> None:
    completion = stream(sent, name)

    assert (completion.text, completion.ttft_seconds) == ("", completion.seconds)


def test_log_probabilities_come_token_by_token(stream: Stream) -> None:
    def chunk(text: str, logprob: float, end: str | None = None) -> dict[str, Any]:
        tokens = [{"token": text, "logprob": logprob, "top_logprobs": [{"token": text, "logprob": logprob}]}]
        return {"choices": [{"delta": {"content": text}, "logprobs": {"content": tokens}, "finish_reason": end}]}

    completion = stream(lambda _: events(chunk("in", -0.5), chunk("-scope", -0.25, "stop"), "[DONE]"))

    assert completion.text == "in-scope"
    assert [(token.token, token.logprob, token.top) for token in completion.logprobs] == [
        ("in", -0.5, (("in", -0.5),)),
        ("-scope", -0.25, (("-scope", -0.25),)),
    ]


def test_the_last_usage_is_the_whole(stream: Stream) -> None:
    """Some servers count with every chunk, some in the last one that has a choice."""

    def chunk(tokens: int, end: str | None = None) -> dict[str, Any]:
        usage = {"prompt_tokens": 9, "completion_tokens": tokens}
        return {"choices": [{"delta": {"content": "a "}, "finish_reason": end}], "usage": usage}

    completion = stream(lambda _: events(chunk(1), chunk(2), chunk(3, "stop"), "[DONE]"))

    assert (completion.usage.input_tokens, completion.usage.output_tokens) == (9, 3)


def test_the_tier_that_served_is_kept(stream: Stream) -> None:
    def flex(chunk: dict[str, Any]) -> dict[str, Any]:
        return {"service_tier": "flex", **chunk}

    end = {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}

    assert stream(lambda _: events(flex(end), "[DONE]")).service_tier == "flex"
    assert (
        stream(in_events(message(usage={"input_tokens": 1, "service_tier": "batch"})), ANTHROPIC).service_tier
        == "batch"
    )


@pytest.mark.parametrize(
    "calls",
    [
        [{"function": {"name": "f", "arguments": "{}"}}],
        [{"index": 0, "id": "a", "function": {"name": "f"}}, {"index": 0, "id": "b", "function": {"name": "g"}}],
    ],
    ids=["no index", "two of one index"],
)
def test_tool_calls_that_cannot_be_told_apart_are_a_broken_reply(stream: Stream, calls: list[Any]) -> None:
    chunk = {"choices": [{"delta": {"tool_calls": calls}, "finish_reason": "tool_calls"}]}

    with pytest.raises(CallError, match="index"):
        stream(lambda _: events(chunk, "[DONE]"))


def test_a_tool_call_that_was_cut_off_is_kept_as_far_as_it_came(stream: Stream) -> None:
    start = {
        "type": "message_start",
        "message": {"model": "claude-sonnet-4-5", "content": [], "usage": {"input_tokens": 7}},
    }
    use = {"type": "tool_use", "id": "t", "name": "lookup", "input": {}}
    parts = [
        start,
        {"type": "content_block_start", "index": 0, "content_block": use},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"id": '}},
        {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 8}},
        {"type": "message_stop"},
    ]

    completion = stream(lambda _: events(*parts), ANTHROPIC)

    assert (completion.text, completion.flags) == ('[{"arguments":"{\\"id\\": ","name":"lookup"}]', ("length",))


def test_calls_one_after_another_share_a_connection(
    stream: Stream, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body's own end, which comes a little after the protocol's, is waited for."""
    ports = []
    reply = StubServer._reply

    async def noting(self: StubServer, request: Any) -> Any:
        ports.append(request.transport.get_extra_info("peername")[1])
        return await reply(self, request)

    monkeypatch.setattr(StubServer, "_reply", noting)
    whole = in_chunks(answer())
    for _ in range(3):
        stream(lambda asked: whole(asked).dripping(0.001))

    assert len(set(ports)) == 1


def test_an_answer_that_is_whole_is_not_lost_to_what_follows_it(stream: Stream) -> None:
    """Here the server resets the connection behind the end mark."""
    whole = in_chunks(answer("in-scope"))

    assert stream(lambda asked: whole(asked).cut(1.0)).text == "in-scope"


def test_litellm_is_not_asked_to_stream(runner: asyncio.Runner, server: StubServer) -> None:
    """It passes off a stream that breaks off as whole."""

    async def ask() -> None:
        provider = LiteLLMProvider()
        await provider(request_to(server, params=STREAM))

    with pytest.raises(CallError, match="stream: true is for models that are asked without litellm") as caught:
        runner.run(ask())

    assert (caught.value.kind, caught.value.is_retryable, server.requests) == ("bad request", False, [])


@pytest.mark.parametrize("name", [OPENAI, ANTHROPIC])
def test_whoever_asks_the_provider_for_help_has_the_requests_name(stream: Stream, name: str) -> None:
    with pytest.raises(CallError, match=r"server error \(529, request req_1\): Overloaded"):
        stream(lambda _: failed(529, "overloaded_error", "Overloaded"), name)
