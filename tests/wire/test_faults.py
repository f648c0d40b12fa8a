"""Every way in which a provider fails, whichever way it is asked, on a real socket: what the chain gets to see."""

from __future__ import annotations

import asyncio
import time
import traceback
from email.utils import formatdate

import pytest
from fakes.remote import KEY, Ask, Fault, request_to
from fakes.stub_server import (
    RESET,
    Asked,
    Reply,
    StubServer,
    answer,
    as_json,
    error,
    html,
    in_turn,
    redirect,
)

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Provider


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("3", 3, 3),
        ("0", 0, 0),
        ("10000", 10_000, 10_000),
        (formatdate(time.time() + 86_400), 80_000, 86_401),
        ("soon", None, None),
    ],
    ids=["seconds", "none", "hours", "date", "nonsense"],  # a date of now would be another test on another worker
)
def test_e01_the_wait_that_a_429_asks_for_is_handed_on(
    fault: Fault, said: str, least: float | None, most: float | None
) -> None:
    caught = fault(error(429, Retry_After=said))

    assert (caught.kind, caught.status, caught.is_retryable, caught.may_be_billed) == ("rate limit", 429, True, False)
    if least is None or most is None:
        assert caught.retry_after_seconds is None
    else:
        assert caught.retry_after_seconds is not None
        assert least <= caught.retry_after_seconds <= most


@pytest.mark.parametrize("status", [500, 502, 503, 529])
def test_e03_a_server_error_may_be_tried_again(fault: Fault, status: int) -> None:
    caught = fault(error(status, "on fire", Retry_After="2"))

    assert (caught.kind, caught.status, caught.is_retryable) == ("server error", status, True)
    assert caught.retry_after_seconds == 2
    assert "on fire" in str(caught)


@pytest.mark.parametrize("status", [408, 504])
def test_e03_a_time_out_of_the_server_may_be_tried_again_and_may_be_billed(fault: Fault, status: int) -> None:
    caught = fault(error(status))

    assert (caught.kind, caught.status) == ("time-out", status)
    assert caught.is_retryable
    assert caught.may_be_billed


def test_e03_a_silent_server_is_a_time_out(fault: Fault) -> None:
    caught = fault(lambda asked: answer()(asked).later(5), timeout_seconds=0.2)

    assert (caught.kind, caught.status, caught.is_retryable, caught.may_be_billed) == ("time-out", None, True, True)


def test_e03_a_reset_before_the_reply_may_be_tried_again_and_may_be_billed(fault: Fault) -> None:
    caught = fault(RESET)

    assert (caught.kind, caught.status) == ("connection reset", None)
    assert caught.is_retryable
    assert caught.may_be_billed


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "temperature is too hot"), "bad request"),
        (error(400, "maximum context length is 8 tokens", code="context_length_exceeded"), "context too long"),
        (error(400, "The prompt triggers our content management policy", code="content_filter"), "content filter"),
        (error(401), "bad key"),
        (error(402), "no credit"),
        (error(403), "forbidden"),
        (error(404), "unknown model"),
        (error(413), "bad request"),
        (error(422), "bad request"),
        (error(429, "You exceeded your quota", code="insufficient_quota"), "no credit"),
    ],
)
def test_e04_what_will_not_change_is_not_tried_again(fault: Fault, reply: Reply, kind: str) -> None:
    caught = fault(reply)

    assert (caught.kind, caught.status, caught.is_retryable) == (kind, reply.status, False)


def test_e04_a_bad_key_is_named_by_its_variable(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_KEY", KEY)
    echo = error(401, f"Incorrect API key provided: {KEY}.")

    assert "Set OPENAI_API_KEY to a valid key." in str(fault(echo))
    assert "Set OUR_KEY to a valid key." in str(fault(echo, endpoint={"api_key_env": "OUR_KEY"}))


@pytest.mark.parametrize("share", [0.3, 0.999])
def test_e05_a_reply_cut_in_the_middle_is_no_answer(fault: Fault, share: float) -> None:
    caught = fault(lambda asked: answer()(asked).cut(share))

    assert (caught.kind, caught.status) == ("broken reply", 200)
    assert caught.is_retryable
    assert caught.may_be_billed


def test_e06_a_dripping_reply_ends_with_the_limit_around_the_call(
    runner: asyncio.Runner, provider: Provider, server: StubServer
) -> None:
    server.play(lambda asked: answer()(asked).dripping(0.05))

    async def bounded() -> Completion:
        async with asyncio.timeout(0.3):
            return await provider(request_to(server))

    with pytest.raises(TimeoutError):
        runner.run(bounded())


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (html("<html>Bad gateway</html>"), "<html>Bad gateway</html>"),
        (Reply(), "it is empty"),
        (Reply(b'{"id": "chatcmpl-1", "cho'), 'begins with \'{"id": "chatcmpl-1"'),
        (as_json([1, 2]), "[1, 2]"),
        (as_json(None), "None"),
        (as_json({}), "choices"),
        (Reply(b'{"choices": "\xff\xfe"}'), "codec can't decode"),
    ],
    ids=["html", "empty", "truncated", "list", "null", "object", "bytes"],
)
def test_e07_a_broken_200_is_no_answer_and_its_beginning_is_shown(fault: Fault, reply: Reply, says: str) -> None:
    caught = fault(reply)

    assert (caught.kind, caught.status) == ("broken reply", 200)
    assert caught.is_retryable
    assert caught.may_be_billed
    assert says in str(caught)


def test_e07_a_broken_reply_that_echoes_the_key_does_not_show_it(fault: Fault) -> None:
    assert "[hidden]" in str(fault(Reply(f"your key is {KEY}".encode())))


def test_e11_a_huge_reply_is_not_even_read(fault: Fault) -> None:
    caught = fault(Reply(b" " * (17 * 2**20)))

    assert caught.kind == "broken reply"
    assert "announces 17825792 bytes" in str(caught)


def test_e11_an_error_text_cannot_move_the_cursor(fault: Fault) -> None:
    caught = fault(error(400, "bad\x1b[2J\r\n::error::\u202e" + "x" * 5000))

    assert str(caught).splitlines()[0].isprintable()
    assert len(str(caught)) < 500


@pytest.mark.parametrize("base", ["http://127.0.0.1:9/v1", "http://nowhere.invalid/v1"])
def test_e12_a_server_that_is_not_there_may_be_tried_again_and_bills_nothing(fault: Fault, base: str) -> None:
    caught = fault(endpoint={"api_base": base})

    assert (caught.kind, caught.status, caught.is_retryable, caught.may_be_billed) == (
        "cannot reach",
        None,
        True,
        False,
    )
    assert base in str(caught)


def test_e12_a_failed_handshake_is_not_tried_again(fault: Fault, server: StubServer) -> None:
    caught = fault(endpoint={"api_base": server.base.replace("http:", "https:")})

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("no secure connection", False, False)


def test_e18_neither_key_nor_prompt_follow_a_redirect(fault: Fault, server: StubServer) -> None:
    with StubServer() as elsewhere:
        caught = fault(redirect(f"{elsewhere.base}/chat/completions"))

        assert (caught.kind, caught.status, caught.is_retryable) == ("redirect", 307, False)
        assert elsewhere.base.removesuffix("/v1") in str(caught)
        assert elsewhere.requests == []


@pytest.mark.parametrize("script", [error(500), error(429, Retry_After="0"), RESET, Reply(), html()])
def test_e20_one_attempt_is_one_request(fault: Fault, server: StubServer, script: Reply) -> None:
    fault(script)

    assert len(server.requests) == 1


def test_e20_calls_in_flight_neither_wait_for_nor_disturb_each_other(
    runner: asyncio.Runner, provider: Provider, server: StubServer
) -> None:
    def by_number(asked: Asked) -> Reply:
        number = asked.prompt.rsplit(" ", 1)[1]
        return (error(500, number) if int(number) % 2 else answer(number)(asked)).later(0.5)

    server.play(by_number)

    async def ask_all() -> list[Completion | BaseException]:
        texts = [({"role": "user", "content": f"number {n}"},) for n in range(20)]
        calls = (provider(request_to(server, messages=messages)) for messages in texts)
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = runner.run(ask_all())

    assert len(server.requests) == 20
    assert server.max_in_flight == 20
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, CallError):
            assert (number % 2, outcome.status) == (1, 500)
            assert f": {number}\n" in str(outcome)
        else:
            assert isinstance(outcome, Completion)
            assert outcome.text == str(number)


def test_a_connection_that_broke_does_not_spoil_the_next_call(ask: Ask, fault: Fault) -> None:
    fault(in_turn(RESET, answer("in-scope")))

    assert ask().text == "in-scope"


def test_t05_not_even_a_traceback_with_local_variables_shows_the_key(fault: Fault) -> None:
    caught = fault(error(401, "no"))

    shown = "".join(traceback.TracebackException.from_exception(caught, capture_locals=True).format())

    assert "CallError" in shown
    assert KEY not in shown
