"""What only the direct way does: where keys go, how much is read, and how models that think are asked."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.remote import KEY, Ask, Fault, request_to
from fakes.stub_server import Reply, StubServer, answer, as_json

from pytest_llmcost.calls.providers.direct.provider import DirectProvider


@pytest.fixture(scope="module")
def provider(runner: asyncio.Runner) -> Iterator[DirectProvider]:
    """In place of both."""
    provider = DirectProvider()
    yield provider
    runner.run(provider.aclose())


class _Server(http.server.ThreadingHTTPServer):
    """A server of the standard library: it can leave a reply's length open, and count its connections."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.connections: list[int] = []
        self.base = f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.append(client_address[1])
        super().process_request(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._endless() if self.path.startswith("/endless") else self._answer()

    def _answer(self) -> None:
        body = b'{"choices": [{"message": {"content": "in-scope"}}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:
            self.close_connection = True  # the client has seen enough

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def plain_server() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_server_that_the_environment_names_is_openai(
    ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORGANIZATION", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")

    ask()

    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-1")


def test_a_server_that_a_project_names_is_sent_nothing_of_openais(
    ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setenv("OPENAI_ORGANIZATION", "org-1")

    ask()

    assert not {"authorization", "openai-organization"} & server.requests[0].headers.keys()


def test_the_configurations_own_headers_win(ask: Ask, server: StubServer) -> None:
    ask(endpoint={"headers": {"Authorization": "Basic abc", "User-Agent": "ours"}})

    headers = server.requests[0].headers
    assert (headers["authorization"], headers["user-agent"]) == ("Basic abc", "ours")


def test_a_variable_that_is_named_and_not_set_is_said_before_anything_is_sent(fault: Fault, server: StubServer) -> None:
    caught = fault(endpoint={"api_key_env": "NO_SUCH_KEY"})

    assert caught.kind == "no key"
    assert "NO_SUCH_KEY is not set" in str(caught)
    assert server.requests == []


def test_a_key_with_a_line_break_behind_it_is_the_key(
    ask: Ask, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As files that hold one end with it."""
    monkeypatch.setenv("OUR_KEY", "ours\n")

    ask(endpoint={"api_key_env": "OUR_KEY"})

    assert server.requests[0].headers["authorization"] == "Bearer ours"


def test_a_model_that_thinks_is_told_its_limit_by_the_name_that_it_takes(ask: Ask, server: StubServer) -> None:
    ask(endpoint={"model": "openai/gpt-5-mini"}, params={"max_tokens": 8})

    body = server.requests[0].body
    assert body["max_completion_tokens"] == 8
    assert "max_tokens" not in body


def test_only_the_first_slash_parts_provider_and_model(ask: Ask, server: StubServer) -> None:
    ask(endpoint={"model": "openai/meta-llama/Llama-3.1-8B"})

    assert server.requests[0].body["model"] == "meta-llama/Llama-3.1-8B"


def test_what_json_cannot_hold_is_not_sent(fault: Fault, server: StubServer) -> None:
    caught = fault(params={"max_tokens": 1, "stop": {"a", "set"}})

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("bad request", False, False)
    assert server.requests == []


@pytest.mark.parametrize(
    "endpoint",
    [{"api_base": "nowhere"}, {"api_base": "http://[::1/v1"}, {"headers": {"X-Team": "two\nlines"}}],
    ids=["no scheme", "no address", "header of two lines"],
)
def test_what_cannot_be_sent_is_not_tried_again(fault: Fault, server: StubServer, endpoint: dict[str, Any]) -> None:
    caught = fault(endpoint=endpoint)

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("cannot send", False, False)
    assert server.requests == []


def test_e11_a_reply_that_does_not_say_how_long_it_is_is_read_to_the_limit_and_no_further(
    fault: Fault, plain_server: _Server
) -> None:
    caught = fault(endpoint={"api_base": f"{plain_server.base}/endless"})

    assert (caught.kind, caught.status, caught.may_be_billed) == ("broken reply", 200, True)
    assert "more than 16777216 bytes" in str(caught)


def test_json_is_json_whatever_its_type_is_called(ask: Ask) -> None:
    reply = as_json({"choices": [{"message": {"content": "in-scope"}}]})

    assert ask(Reply(reply.body, headers={"Content-Type": "text/plain"})).text == "in-scope"


def test_a_tool_calls_arguments_may_come_as_an_object(ask: Ask) -> None:
    """litellm, too, writes it as text, but not where warnings are errors."""
    call = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": {"id": 7}}}

    assert json.loads(ask(answer(None, message={"tool_calls": [call]})).text) == [
        {"name": "lookup", "arguments": '{"id": 7}'}
    ]


def test_calls_one_after_another_share_a_connection(ask: Ask, plain_server: _Server) -> None:
    for _ in range(3):
        ask(endpoint={"api_base": plain_server.base})

    assert len(plain_server.connections) == 1


def test_a_proxy_is_asked_where_the_environment_names_one(
    runner: asyncio.Runner, server: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As litellm does; and `NO_PROXY` holds."""
    monkeypatch.setenv("http_proxy", server.base.removesuffix("/v1"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    async def ask(base: str) -> str:
        provider = DirectProvider()
        try:
            return (await provider(request_to(server, endpoint={"api_base": base}))).text
        finally:
            await provider.aclose()

    assert runner.run(ask("http://model.invalid/v1")) == "in-scope"
    assert server.requests[0].headers["host"] == "model.invalid"
    runner.run(ask(server.base))
    assert server.requests[1].headers["host"] == server.base.split("/")[2]


def test_a_provider_that_was_closed_may_be_asked_again(runner: asyncio.Runner, server: StubServer) -> None:
    provider = DirectProvider()

    async def ask_and_close() -> str:
        text = (await provider(request_to(server))).text
        await provider.aclose()
        await provider.aclose()
        return text

    assert [runner.run(ask_and_close()) for _ in range(2)] == ["in-scope", "in-scope"]
