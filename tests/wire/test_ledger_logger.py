"""Production code asks through litellm, and the ledger has each call: whatever way it was asked, and how it ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.remote import KEY
from fakes.streams import in_chunks
from fakes.stub_server import StubServer, answer, error

from pytest_llmcost import Ledger, LedgerLogger
from pytest_llmcost.calls.providers.remote.library import close_litellm, ignore_its_warnings, load_litellm

MODEL = "openai/gpt-4o-mini"
SECRET = "canary of a prompt"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite", user_key="a secret", warn=pytest.fail) as ledger:
        yield ledger


@pytest.fixture
def litellm(ledger: Ledger) -> Iterator[Any]:
    """litellm with the logger in it; taken out again afterwards, as it keeps lists of its own."""
    module = load_litellm()
    ignore_its_warnings()
    module.callbacks = [LedgerLogger(ledger, task="triage", tags=["production"])]
    yield module
    module.logging_callback_manager._reset_all_callbacks()


@pytest.fixture(scope="module", autouse=True)
def closed(runner: asyncio.Runner) -> Iterator[None]:
    """Close what litellm keeps open, on the loop that used it."""
    yield
    runner.run(close_litellm())


def asked(server: StubServer, **more: Any) -> dict[str, Any]:
    chat = [{"role": "user", "content": SECRET}]
    return {"model": MODEL, "messages": chat, "api_base": server.base, "api_key": KEY, "max_retries": 0, **more}


def rows(ledger: Ledger, count: int) -> list[dict[str, Any]]:
    """Return the calls in the order in which they were made; litellm logs from threads of its own."""
    until = time.monotonic() + 10
    while True:
        with ledger.reading() as connection:
            found = connection.exec_driver_sql("SELECT * FROM api_calls ORDER BY timestamp").mappings().all()
        if len(found) >= count or time.monotonic() > until:
            return [dict(row) for row in found]
        time.sleep(0.02)


STREAM = {"stream": True, "stream_options": {"include_usage": True}}


def test_each_way_of_asking_is_logged_once_with_its_own_cost_and_no_word_of_the_prompt(
    server: StubServer, ledger: Ledger, litellm: Any, runner: asyncio.Runner
) -> None:
    names = {"experiment": "cheaper", "variant": "treatment", "tags": ["vip"], "step": 1}
    server.play(answer("in-scope", usage={"prompt_tokens": 500, "completion_tokens": 200, "total_tokens": 700}))
    reply = litellm.completion(**asked(server, user="bob@example.org", metadata=names))
    server.play(in_chunks(answer("in scope", usage={"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12})))
    stream = litellm.completion(**asked(server, **STREAM))
    list(stream)

    async def ask() -> tuple[Any, Any]:
        server.play(answer("in-scope"))
        reply = await litellm.acompletion(**asked(server, metadata={"call_id": "our-own"}))
        server.play(in_chunks(answer("in scope")))
        stream = await litellm.acompletion(**asked(server, **STREAM))
        async for _ in stream:
            pass
        await asyncio.to_thread(rows, ledger, 4)
        return reply, stream

    _, last = runner.run(ask())
    found = rows(ledger, 4)
    assert [row["call_id"] for row in found] == [
        LedgerLogger.call_id_of(reply),
        LedgerLogger.call_id_of(stream),
        "our-own",
        LedgerLogger.call_id_of(last),
    ]
    assert {row["model"] for row in found} == {MODEL}
    assert {row["task"] for row in found} == {"triage"}
    first, streamed = found[0], found[1]
    assert first["cost_usd"] == pytest.approx(0.000195)
    assert (streamed["prompt_tokens"], streamed["completion_tokens"]) == (10, 2)
    assert (first["experiment"], first["variant"], first["step"]) == ("cheaper", "treatment", 1)
    assert first["tags"] == '["production", "vip"]'
    assert len(first["user_hash"]) == 32
    assert SECRET not in str(found)
    assert "bob" not in str(found)


def test_a_failed_call_is_logged_as_one_and_what_cannot_be_is_not_known(
    server: StubServer, ledger: Ledger, litellm: Any, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(ledger, "_warn", said.append)
    server.play(error(401))
    with pytest.raises(litellm.AuthenticationError):
        litellm.completion(**asked(server))

    async def fail() -> None:
        with pytest.raises(litellm.AuthenticationError):
            await litellm.acompletion(**asked(server))
        await asyncio.to_thread(rows, ledger, 2)

    runner.run(fail())
    server.play(answer("x", usage={"prompt_tokens": -5, "completion_tokens": 2, "total_tokens": 1}))
    litellm.completion(**asked(server))
    server.play(answer("x"))
    litellm.completion(**asked(server) | {"model": "openai/nobody-knows-it"})
    first, second, impossible, unpriced = rows(ledger, 4)
    assert first["status"] == second["status"] == "AuthenticationError"
    assert first["prompt_tokens"] is first["cost_usd"] is impossible["prompt_tokens"] is impossible["cost_usd"] is None
    assert (unpriced["status"], unpriced["cost_usd"]) == ("ok", None)
    assert unpriced["prompt_tokens"] > 0
    assert any("usage cannot be" in text for text in said)
    assert any("no price is known for 'openai/nobody-knows-it'" in text for text in said)
