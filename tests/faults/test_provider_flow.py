"""A provider that refuses, fails, or is gone: on a real socket, through the whole chain."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from fakes.prices import FLAT, FixedPrices
from fakes.project import Project, numbered_cases
from fakes.remote import request_to
from fakes.store import MemoryStore, layers_over
from fakes.stub_server import RESET, Asked, Reply, Script, StubServer, answer, error, in_turn

from pytest_llmcost.calls.account import RUN, Account
from pytest_llmcost.calls.chain import build_chain
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.domain.request import Request

CENT = Decimal("0.01")
GOOD = answer("shop")


class CountingAccount(Account):
    """Counts the reservations that were granted."""

    granted = 0

    def reserve(
        self, names: Iterable[str], amount_usd: Decimal, lease_seconds: float, *, is_sent: bool = False
    ) -> int | None:
        reservation = super().reserve(names, amount_usd, lease_seconds, is_sent=is_sent)
        self.granted += reservation is not None
        return reservation


@pytest.fixture
def account(tmp_path: Path) -> Iterator[CountingAccount]:
    opened = CountingAccount(tmp_path / "account.sqlite")
    opened.add_budget(RUN, 1000 * CENT)
    yield opened
    opened.close()


Ask = Callable[..., list[Any]]


@pytest.fixture
def ask(account: Account, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Ask all requests at once, at a cent each; errors come back in their places."""
    monkeypatch.setenv("OUR_KEY", "sk-canary")

    def ask(*requests: Request, traffic: Traffic | None = None, **options: Any) -> list[Any]:
        async def run() -> list[Any]:
            lanes = traffic or Traffic()
            provider = DirectProvider(observe=lanes.observe)
            chain = build_chain(
                provider,
                store=layers_over(MemoryStore()),
                mode="auto",
                account=account,
                prices=FixedPrices(FLAT, "openai/gpt-4o-mini"),
                warn=pytest.fail,
                traffic=lanes,
                **options,
            )
            try:
                return await asyncio.gather(*map(chain, requests), return_exceptions=True)
            finally:
                await provider.aclose()

        return asyncio.run(run())

    return ask


def request_of(server: StubServer, number: int = 0, **endpoint: Any) -> Request:
    asked = request_to(server, endpoint={"api_key_env": "OUR_KEY", **endpoint})
    return replace(asked, messages=({"role": "user", "content": f"Where is order {number}?"},))


def requests_of(server: StubServer, count: int) -> list[Request]:
    return [request_of(server, number) for number in range(count)]


def storm(seconds: float, refusal: Reply, then: Script) -> Script:
    """Refuse everything for so long, from the first request on."""
    began: list[float] = []

    def reply(asked: Asked) -> Reply:
        began.append(time.monotonic())
        return refusal if began[-1] - began[0] < seconds else then(asked)

    return reply


@pytest.mark.parametrize(
    ("said", "least"), [("1", 1.0), ("0", 0.0), (formatdate(0), 0.0)], ids=["seconds", "none", "date-past"]
)
def test_e01_the_wait_that_is_asked_for_is_kept_and_the_answer_comes(
    ask: Ask, server: StubServer, said: str, least: float
) -> None:
    moments: list[float] = []
    script = in_turn(error(429, Retry_After=said), GOOD)
    server.play(lambda asked: moments.append(time.monotonic()) or script(asked))  # type: ignore[func-returns-value]
    (outcome,) = ask(request_of(server))
    assert (outcome.text, outcome.attempts, len(server.requests)) == ("shop", 2, 2)
    assert moments[1] - moments[0] >= least


NEW_YEAR_2200 = 7_258_118_400


@pytest.mark.parametrize(
    ("said", "shown"),
    [("10000", r"\d?\d,\d{3}"), (formatdate(NEW_YEAR_2200), r"\d,\d{3},\d{3},\d{3}")],
    ids=["seconds", "date"],
)
def test_e01_a_wait_beyond_a_calls_time_is_said_to_all_and_sends_no_more(
    ask: Ask, server: StubServer, said: str, shown: str
) -> None:
    server.play(error(429, Retry_After=said))
    outcomes = ask(*requests_of(server, 40), traffic=Traffic(in_flight=4))
    assert len(server.requests) == 4, "those that were under way"
    assert sum(failed.attempts for failed in outcomes) == 4
    for failed in outcomes:
        assert failed.kind == "rate limit"
        assert re.search(rf"(asks to wait|no call is wanted for) {shown} s", str(failed))


@pytest.mark.parametrize("status", [429, 503])
def test_e02_a_storm_loses_no_call_and_the_calls_at_once_fall_and_recover(
    ask: Ask, server: StubServer, account: Account, status: int
) -> None:
    server.play(storm(1.0, error(status).later(0.05), lambda asked: GOOD(asked).later(0.02)))
    traffic = Traffic(in_flight=64)
    outcomes = ask(*requests_of(server, 400), traffic=traffic)
    assert [outcome.text for outcome in outcomes] == ["shop"] * 400
    congestion = traffic.route(request_of(server).endpoint).server.congestion
    assert 2 <= congestion.round <= 4, "it halved once a round, and not once a refused call"
    assert congestion.refused_since is None
    assert congestion.limit > 16, "and recovers"
    assert sum(outcome.attempts for outcome in outcomes) == len(server.requests) > 400
    assert account.spent(RUN) == 400 * CENT, "what is refused is not charged"


def test_e02_a_calls_latency_is_the_models_and_not_our_waiting(ask: Ask, server: StubServer) -> None:
    server.play(in_turn(error(429, Retry_After="1"), GOOD))
    (outcome,) = ask(request_of(server))
    assert outcome.seconds < 1


def test_what_the_headers_tell_is_waited_for(ask: Ask, server: StubServer) -> None:
    moments: list[float] = []

    def used_up(asked: Asked) -> Reply:
        moments.append(time.monotonic())
        reply = GOOD(asked)
        told = {"X-RateLimit-Remaining-Requests": "0", "X-RateLimit-Reset-Requests": "300ms"}
        return replace(reply, headers={**reply.headers, **told})

    server.play(used_up)
    ask(*requests_of(server, 3), traffic=Traffic(in_flight=1))
    assert all(later - sooner >= 0.25 for sooner, later in itertools.pairwise(moments))
    assert len(moments) == 3


@pytest.mark.parametrize(
    ("fault", "is_charged"),
    [*((error(status), status in (408, 504)) for status in (408, 500, 502, 503, 504, 529)), (RESET, True)],
    ids=["408", "500", "502", "503", "504", "529", "reset"],
)
def test_e03_what_may_pass_is_tried_again_and_what_may_be_billed_is_charged(
    ask: Ask, server: StubServer, account: Account, fault: Reply, is_charged: bool
) -> None:
    server.play(in_turn(fault, GOOD))
    (outcome,) = ask(request_of(server))
    assert (outcome.attempts, len(server.requests)) == (2, 2)
    assert account.spent(RUN) == outcome.paid_usd == (2 if is_charged else 1) * CENT
    assert account.budget(RUN).uncertain == (CENT if is_charged else 0)


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_e04_what_will_not_pass_is_asked_once_and_concerns_its_case_alone(
    ask: Ask, server: StubServer, status: int
) -> None:
    server.play(in_turn(error(status), GOOD))
    failed, *others = ask(*requests_of(server, 3), traffic=Traffic(in_flight=1))
    assert (failed.status, failed.attempts) == (status, 1)
    assert [other.text for other in others] == ["shop"] * 2
    assert len(server.requests) == 3


REFUSED_FOR_GOOD = {
    "bad-key": (error(401, "Incorrect API key provided"), "bad key", "Incorrect API key provided"),
    "no-credit": (error(429, "You exceeded your quota", code="insufficient_quota"), "no credit", "exceeded your quota"),
}


@pytest.mark.parametrize("name", REFUSED_FOR_GOOD)
def test_e04_after_a_bad_key_the_rest_fails_fast_with_one_message(project: Project, name: str) -> None:
    script, kind, said = REFUSED_FOR_GOOD[name]
    project.configure(concurrency=4)
    project.suite(numbered_cases(60))
    project.server.play(script)
    result = project.run("--llm-budget")
    output = result.stdout.str()
    result.assert_outcomes(failed=60 + 1)  # and the verdict on errors
    assert len(project.server.requests) <= 4, "those that were under way"
    assert output.count(said) == 2, "with the case that met it, and at the end"
    result.stdout.fnmatch_lines(
        [
            f"openai/gpt-4o-mini: {kind}, as bench_mail.yaml::one::c0*#1 was told; no more calls are sent",
            f"note: no more calls are sent with this key: openai/gpt-4o-mini: {kind} (*",
        ]
    )


def test_e04_without_a_key_that_is_said_once_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OUR_KEY")
    project.suite(numbered_cases(20))
    output = project.run("--llm-budget").stdout.str()
    assert not project.server.requests
    assert output.count("OUR_KEY is not set") == 2


def test_e12_a_server_that_comes_back_is_asked_again(ask: Ask, server: StubServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = StubServer(GOOD, port)
    back = threading.Timer(0.2, gone.__enter__)
    back.start()
    try:
        (outcome,) = ask(request_of(server, api_base=f"http://127.0.0.1:{port}/v1"), attempts=10)
        assert (outcome.text, len(gone.requests)) == ("shop", 1)
        assert outcome.attempts > 1
        assert outcome.paid_usd == CENT, "what reached nobody is not charged"
    finally:
        back.join()
        gone.__exit__()


def test_e12_a_name_that_is_not_found_is_said_after_all_attempts(
    ask: Ask, server: StubServer, account: Account
) -> None:
    (failed,) = ask(request_of(server, api_base="http://nowhere.invalid/v1"), attempts=2)
    assert (failed.kind, failed.attempts, account.spent(RUN)) == ("cannot reach", 2, 0)
    assert "http://nowhere.invalid/v1" in str(failed)


def test_e12_a_connection_that_cannot_be_secured_is_said_at_once(
    ask: Ask, server: StubServer, account: Account
) -> None:
    (failed,) = ask(request_of(server, api_base=server.base.replace("http:", "https:")))
    assert (failed.kind, failed.attempts, account.spent(RUN)) == ("no secure connection", 1, 0)


def test_e13_identical_requests_in_flight_are_sent_once_and_charged_once(
    ask: Ask, server: StubServer, account: Account
) -> None:
    server.play(in_turn(error(429, Retry_After="0"), lambda asked: GOOD(asked).later(0.05)))
    outcomes = ask(*[request_of(server)] * 8)
    assert [outcome.text for outcome in outcomes] == ["shop"] * 8
    assert len(server.requests) == 2, "the one, and its second attempt"
    assert sum(outcome.paid_usd for outcome in outcomes) == account.spent(RUN) == CENT


@pytest.mark.parametrize("jump", [3600, -3600])
def test_e16_when_the_clock_jumps_latencies_and_waits_stay_what_they_are(
    ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    told, real = itertools.count(), time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump * next(told))
    server.play(in_turn(error(503, Retry_After="0"), lambda asked: GOOD(asked).later(0.05)))
    (outcome,) = ask(request_of(server))
    assert outcome.attempts == 2
    assert 0.05 <= outcome.seconds < 60


def test_e17_what_was_cut_off_by_our_time_limit_is_charged_and_marked_uncertain(
    ask: Ask, server: StubServer, account: Account
) -> None:
    server.play(lambda asked: GOOD(asked).later(30))
    (failed,) = ask(request_of(server), timeout_seconds=0.3)
    assert (failed.kind, failed.attempts, len(server.requests)) == ("time-out", 1, 1)
    budget = account.budget(RUN)
    assert failed.paid_usd == budget.spent == budget.uncertain == CENT
    assert budget.reserved == 0


def test_e20_the_server_sees_the_attempts_that_are_counted_and_each_was_reserved(
    ask: Ask, server: StubServer, account: CountingAccount
) -> None:
    kinds = [error(500), RESET, error(429, Retry_After="0"), error(400)]
    numbers = itertools.count()

    def faulty(asked: Asked) -> Reply:
        number = next(numbers)
        return kinds[number // 3 % 4] if number % 3 == 0 else GOOD(asked)

    server.play(faulty)
    outcomes = ask(*requests_of(server, 60), attempts=3)
    assert sum(outcome.attempts for outcome in outcomes) == len(server.requests) == account.granted
    assert len(server.requests) > 60
    assert sum(outcome.paid_usd for outcome in outcomes) == account.spent(RUN)
    assert not account.has_open()
