"""Replies that break off, drip, lie or overflow: an error or a flag, whichever protocol brings them, in either form."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from fakes.messages import MODEL, message
from fakes.project import CASES, Project
from fakes.remote import KEY, anthropics_base, request_to
from fakes.streams import chunks_of, events, events_of, in_chunks, in_events
from fakes.stub_server import EVENTS, Asked, Reply, Script, StubServer, answer, as_json, html, redirect

from pytest_llmcost.calls.bounded import Bounded
from pytest_llmcost.calls.providers.chat.keys import ANTHROPIC, OPENAI
from pytest_llmcost.calls.providers.direct.dialect import DIALECTS
from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Request

ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


@dataclass(frozen=True)
class Way:
    """A protocol, and whether its reply is streamed.

    Attributes:
        answer: Makes a whole reply: of a text, and what else is said.
        sent: Puts it into the form in which it goes.
        is_stream: Whether that is a stream.
    """

    name: str
    model: str
    answer: Callable[..., Script]
    sent: Callable[[Script], Script]
    is_stream: bool

    def __str__(self) -> str:
        return f"{self.name}{', streamed' if self.is_stream else ''}"

    def request(self, server: StubServer, **changes: Any) -> Request:
        base = anthropics_base(server) if self.name == ANTHROPIC else server.base
        params = {"max_tokens": 8, **({"stream": True} if self.is_stream else {})}
        return request_to(server, endpoint={"model": self.model, "api_base": base}, **{"params": params, **changes})


OPENAIS, ANTHROPICS = (OPENAI, "openai/gpt-4o-mini"), (ANTHROPIC, "anthropic/claude-sonnet-4-5")
WAYS = [
    Way(*OPENAIS, answer, lambda script: script, is_stream=False),
    Way(*OPENAIS, answer, in_chunks, is_stream=True),
    Way(*ANTHROPICS, message, lambda script: script, is_stream=False),
    Way(*ANTHROPICS, message, in_events, is_stream=True),
]
STREAMED = [way for way in WAYS if way.is_stream]
every_way = pytest.mark.parametrize("way", WAYS, ids=str)
every_stream = pytest.mark.parametrize("way", STREAMED, ids=str)

Ask = Callable[..., Completion]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StubServer]:
    with StubServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.base)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropics_base(server))
        yield server


@pytest.fixture
def ask(server: StubServer) -> Ask:
    """Ask one way and return what comes, within the request's time limit."""

    def ask(way: Way, script: Script | Reply, **changes: Any) -> Completion:
        request = way.request(server.play(script), **changes)

        async def run() -> Completion:
            provider = DirectProvider(dialect=DIALECTS[way.name])
            try:
                return await Bounded(provider)(request)
            finally:
                await provider.aclose()

        return asyncio.run(run())

    return ask


@pytest.fixture
def fault(ask: Ask) -> Callable[..., CallError]:
    """Ask, and return the error that comes of it; no key is in it."""

    def fault(way: Way, script: Script | Reply, **changes: Any) -> CallError:
        with pytest.raises(CallError) as caught:
            ask(way, script, **changes)
        assert KEY not in str(caught.value)
        return caught.value

    return fault


Fault = Callable[..., CallError]


def is_broken(error: CallError) -> bool:
    """Whether it is an error that is worth another try, and may be on the bill."""
    return (error.kind, error.status, error.is_retryable, error.may_be_billed) == ("broken reply", 200, True, True)


@every_way
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.8, 0.99])
def test_e05_a_reply_that_is_reset_in_the_middle_is_no_answer(fault: Fault, way: Way, share: float) -> None:
    whole = way.sent(way.answer("one two three four five"))

    error = fault(way, lambda asked: whole(asked).cut(share))

    assert is_broken(error) or (share == 0.0 and error.kind == "connection reset")
    assert error.may_be_billed


@every_stream
def test_e05_a_stream_that_ends_anywhere_before_its_end_is_no_answer(fault: Fault, way: Way) -> None:
    """Tidily, and after every single event: the connection's end says nothing."""
    parts = parts_of(way, "one two three")
    assert len(parts) >= 6

    for count in range(len(parts) + (way.name == OPENAI)):
        error = fault(way, events(*parts[:count]))
        assert is_broken(error), count
        assert "its stream ends in the middle" in str(error)


@every_stream
def test_e05_an_event_that_is_cut_off_or_garbled_spoils_the_whole(fault: Fault, way: Way) -> None:
    def spoilt(asked: Any) -> Reply:
        body = way.sent(way.answer("one two three"))(asked).body
        place = body.index(b"two")
        return Reply(body[:place] + b"\xff" + body[place:], headers={"Content-Type": EVENTS})

    assert is_broken(fault(way, spoilt))
    assert is_broken(fault(way, Reply(b'data: {"choices": [{"del', headers={"Content-Type": EVENTS})))
    assert is_broken(fault(way, events("[1]")))
    assert is_broken(fault(way, events({"choices": 7, "type": "message_delta", "delta": 7})))


@every_stream
def test_e05_an_error_in_the_middle_of_a_stream_is_no_answer(fault: Fault, way: Way) -> None:
    parts = parts_of(way, "one two three")

    error = fault(way, events(*parts[:4], ERROR, *parts[4:], "[DONE]"))

    assert is_broken(error)
    assert "Overloaded" in str(error)


@every_stream
def test_e05_a_stream_that_does_not_say_why_it_ended_is_no_answer(fault: Fault, way: Way) -> None:
    """So ends what a proxy makes of a provider that broke off behind it."""
    without_reason: Mapping[str, Any] = {"finish_reason": None} if way.name == OPENAI else {"stop_reason": None}

    error = fault(way, way.sent(way.answer("one two", **without_reason)))

    assert is_broken(error)
    assert "reason" in str(error)


@every_way
@pytest.mark.parametrize("drip", [0.02, 30.0], ids=["drip", "stall"])
def test_e06_a_reply_that_drips_or_stalls_ends_at_the_time_limit(fault: Fault, way: Way, drip: float) -> None:
    whole = way.sent(way.answer("word " * 60))
    started = time.monotonic()

    error = fault(way, lambda asked: whole(asked).dripping(drip), timeout_seconds=0.4)

    assert (error.kind, error.is_retryable, error.may_be_billed) == ("time-out", True, True)
    assert time.monotonic() - started < 20


@every_way
@pytest.mark.parametrize(
    "reply",
    [
        html(),
        Reply(),
        Reply(b'{"id": "x", "cho'),
        as_json(None),
        as_json({}),
        Reply(headers={"Content-Type": EVENTS}),
        Reply(b": only a comment\n\n", headers={"Content-Type": EVENTS}),
        Reply(b'{"id": "x"}', headers={"Content-Type": EVENTS}),
        Reply(b"data: {}\n\n", headers={"Content-Type": "text/plain"}),
    ],
    ids=["html", "empty", "truncated", "null", "object", "no events", "comment", "json as events", "events as text"],
)
def test_e07_a_success_that_is_none_is_a_broken_reply(fault: Fault, way: Way, reply: Reply) -> None:
    assert is_broken(fault(way, reply))


@every_way
def test_e07_what_a_broken_reply_begins_with_is_shown_without_keys(fault: Fault, way: Way) -> None:
    error = fault(way, Reply(f"<p>your key is {KEY}".encode()))

    assert "<p>your key is [hidden]" in str(error)


@every_stream
def test_e07_a_server_that_does_not_stream_has_answered_all_the_same(ask: Ask, way: Way) -> None:
    """Only its first token was not timed."""
    completion = ask(way, way.answer("in-scope"))

    assert (completion.text, completion.ttft_seconds) == ("in-scope", None)


@every_way
def test_e08_an_answer_cut_by_its_length_is_flagged_and_one_withheld_is_an_error(
    ask: Ask, fault: Fault, way: Way
) -> None:
    cut, withheld = ("length", "content_filter") if way.name == OPENAI else ("max_tokens", "refusal")
    name = "finish_reason" if way.name == OPENAI else "stop_reason"

    assert ask(way, way.sent(way.answer("in-sc", **{name: cut}))).flags == ("length",)
    error = fault(way, way.sent(way.answer("in-sc", **{name: withheld})))
    assert (error.kind, error.is_retryable, error.may_be_billed) == ("content filter", False, True)


@pytest.mark.parametrize("way", WAYS[2:], ids=str)
@pytest.mark.parametrize("reason", ["model_context_window_exceeded", "pause_turn"])
def test_e08_whatever_stops_an_answer_before_its_end_is_a_matter_of_length(ask: Ask, way: Way, reason: str) -> None:
    completion = ask(way, way.sent(message("in-sc", stop_reason=reason)))

    assert (completion.finish_reason, completion.flags) == ("length", ("length",))


@every_way
def test_e09_usage_that_is_missing_is_estimated_and_marked(ask: Ask, way: Way) -> None:
    completion = ask(way, way.sent(way.answer("in-scope", usage=None)))

    assert completion.usage.is_estimated
    assert completion.usage.input_tokens > 0
    assert completion.flags == ("usage estimated",)


@every_way
@pytest.mark.parametrize("count", [-7, 10**18])
def test_e09_usage_that_cannot_be_is_estimated_and_marked(ask: Ask, way: Way, count: int) -> None:
    name = "prompt_tokens" if way.name == OPENAI else "input_tokens"
    other = "completion_tokens" if way.name == OPENAI else "output_tokens"

    completion = ask(way, way.sent(way.answer("in-scope", usage={name: count, other: 1})))

    assert completion.usage.is_estimated
    assert completion.flags == (f"usage impossible: input_tokens is {count}, estimated",)


@every_way
@pytest.mark.parametrize("count", [float("nan"), "7", [7], True])
def test_e09_usage_that_is_no_number_is_no_usage(fault: Fault, way: Way, count: Any) -> None:
    name = "prompt_tokens" if way.name == OPENAI else "input_tokens"

    assert is_broken(fault(way, way.sent(way.answer("in-scope", usage={name: count}))))


@every_way
def test_e10_a_reply_by_another_model_is_flagged_and_a_dated_version_is_not(ask: Ask, way: Way) -> None:
    dated = "gpt-4o-mini-2024-07-18" if way.name == OPENAI else MODEL

    assert ask(way, way.sent(way.answer(model=dated))).flags == ()
    assert ask(way, way.sent(way.answer(model="another"))).flags == ("answered by another",)


@every_way
@pytest.mark.parametrize(
    "body",
    [
        b"data: " + b"x" * (17 * 2**20),
        b'data: {"type": "ping"}\n\n' * (17 * 2**20 // 24),
        b": nothing\n" * (17 * 2**20 // 10),
    ],
    ids=["one line", "many events", "comments"],
)
def test_e11_more_bytes_than_are_bearable_end_the_reply(fault: Fault, way: Way, body: bytes) -> None:
    if not way.is_stream:
        body = body.replace(b"\n", b" ")
    error = fault(way, Reply(body, headers={"Content-Type": EVENTS if way.is_stream else "application/json"}))

    assert is_broken(error)
    assert "16777216 bytes" in str(error) or "announces" in str(error)


@every_way
def test_e11_a_text_of_a_megabyte_is_refused_and_not_asked_for_again(fault: Fault, way: Way) -> None:
    error = fault(way, way.sent(way.answer("x" * 1_000_001)))

    assert (error.kind, error.is_retryable, error.may_be_billed) == ("broken reply", False, True)


@every_way
def test_e11_control_characters_and_half_surrogates_can_be_stored(ask: Ask, way: Way) -> None:
    assert (
        ask(way, way.sent(way.answer("a\x00\x1b[31m\ud800 \r\n\n data: b"))).text
        == "a\x00\x1b[31m\ufffd \r\n\n data: b"
    )


@every_way
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_e18_neither_key_nor_prompt_follow_a_redirect(fault: Fault, way: Way, status: int) -> None:
    with StubServer() as elsewhere:
        error = fault(way, Reply(status=status, headers=redirect(f"{elsewhere.base}/chat").headers))

        assert (error.kind, error.status, error.is_retryable) == ("redirect", status, False)
        assert elsewhere.requests == []


def parts_of(way: Way, text: str) -> list[dict[str, Any]]:
    """Return what a stream's events hold, its end mark left out where that is none."""
    asked = Asked("/", {}, {"model": way.model.partition("/")[2], "messages": [{"content": "Is it?"}]})
    whole = json.loads(way.answer(text)(asked).body)
    return list(chunks_of(whole) if way.name == OPENAI else events_of(whole))


def test_e05_a_case_whose_stream_broke_off_is_no_answer_and_may_be_billed(project: Project) -> None:
    project.suite(CASES[:1], params={"max_tokens": 8, "stream": True})
    project.configure(attempts=2)
    cut = in_chunks(answer("shop and more of it"))
    project.server.play(lambda asked: cut(asked).cut(0.7))

    result = project.run("--llm-budget")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    (trial,) = project.runs()[-1][1:]
    assert (trial["score"], trial["error_kind"], len(project.server.requests)) == (None, "broken reply", 2)
    assert trial["paid_usd"] > 0


@pytest.mark.parametrize("replied", ["gpt-large", "gpt-large-2026-01-01"])
def test_e10_a_reply_by_another_model_is_priced_as_that_one_and_said(project: Project, replied: str) -> None:
    """One for 1 and 2 USD a million was asked; one for 10 and 20 replied."""
    state_price(project, "openai/gpt-large", "input = 10.0\noutput = 20.0")
    project.suite(CASES[:2])
    project.server.play(answer("shop", model=replied, usage={"prompt_tokens": 5, "completion_tokens": 1}))

    result = project.run("--llm-budget")

    first, second = project.runs()[-1][1:]
    assert first["flags"] == second["flags"] == [f"answered by {replied}", "priced as openai/gpt-large"]
    (call,) = first["calls"]
    assert (call["model"], call["usd"], first["paid_usd"]) == ("openai/gpt-large", 0.00007, 0.00007)
    result.stdout.fnmatch_lines([f"*2 answers: answered by {replied}", "*2 answers: priced as openai/gpt-large"])

    project.run("--llm-budget", "--llm-mode=replay").stdout.fnmatch_lines(["*2 answers: priced as openai/gpt-large"])
    assert project.runs()[-1][1]["usd"] == 0.00007


def test_e10_a_reply_by_a_model_without_a_price_is_priced_as_asked_and_said(project: Project) -> None:
    project.suite(CASES[:1])
    project.server.play(answer("shop", model="nobody", usage={"prompt_tokens": 5, "completion_tokens": 1}))

    project.run("--llm-budget").stdout.fnmatch_lines(
        ["*1 answer: priced as asked: no price is known for openai/nobody"]
    )

    assert project.runs()[-1][1]["usd"] == 0.000007


def state_price(project: Project, model: str, rates: str) -> None:
    """Add a price to the project's configuration."""
    toml = project.path / "llmcost.toml"
    toml.write_text(f'{toml.read_text()}[prices."{model}"]\n{rates}\n')
