"""A server that speaks OpenAI's chat protocol, and breaks it on request: faults on a real socket.

    with StubServer(answer("in-scope")) as server:
        ...ask the model at server.base...
    assert server.requests[0].body["model"] == "gpt-4o-mini"

It listens on 127.0.0.1 only, in a thread of the test's own process, and ends with its `with`.
"""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Self

from aiohttp import web  # noqa: TID253

CHUNK_BYTES = 64 * 1024
EVENTS = "text/event-stream"


@dataclass(frozen=True)
class Asked:
    """One request as it came in; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def prompt(self) -> str:
        """The contents of all messages, a line each."""
        return "\n".join(str(message.get("content") or "") for message in self.body.get("messages", []))


@dataclass(frozen=True)
class Reply:
    """What goes back, and how the sending misbehaves.

    Attributes:
        delay_seconds: Before the first byte.
        drip_seconds: Between single bytes of the body, or lines of a stream; 0 sends it whole.
        sent_share: How much of the body is sent before the connection is reset; None: all, and no reset.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    sent_share: float | None = None

    def later(self, delay_seconds: float) -> Reply:
        """The same after a while."""
        return replace(self, delay_seconds=delay_seconds)

    def dripping(self, drip_seconds: float) -> Reply:
        """The same, a byte or a line at a time."""
        return replace(self, drip_seconds=drip_seconds)

    @property
    def is_stream(self) -> bool:
        """Whether it is sent as events: in chunks, and nobody knows how long it is."""
        return self.headers.get("Content-Type") == EVENTS

    def cut(self, sent_share: float) -> Reply:
        """The same, reset after a part of the body: 0.0 is before any byte of the reply."""
        return replace(self, sent_share=sent_share)


Script = Callable[[Asked], Reply]
RESET = Reply().cut(0.0)


def answer(
    text: str | None = "in-scope",
    *,
    model: str | None = None,
    finish_reason: str = "stop",
    usage: Mapping[str, Any] | str | None = "counted",
    message: Mapping[str, Any] | None = None,
    confidence: float = 0.9,
    rivals: tuple[str, ...] = ("out-of-scope",),
) -> Script:
    """Answer every request with *text*.

    Args:
        text: The content; None sends `null`.
        model: Who says to answer; default the model that was asked.
        finish_reason: As the protocol has it.
        usage: `counted` (a token a word), or the object to send; None leaves it out.
        message: More of the message, such as `tool_calls`.
        confidence: Probability of *text*, where log-probabilities are asked for; rivals share the rest.
        rivals: The other tokens among `top_logprobs`.
    """

    def reply(asked: Asked) -> Reply:
        choice = {
            "index": 0,
            "finish_reason": finish_reason,
            "message": {"role": "assistant", "content": text, **(message or {})},
            "logprobs": _logprobs(text or "", confidence, rivals) if asked.body.get("logprobs") else None,
        }
        counted = _count(asked.prompt, text or "") if usage == "counted" else usage
        return as_json(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_700_000_000,
                "model": model or asked.body.get("model"),
                "choices": [choice],
                **({} if counted is None else {"usage": counted}),
            }
        )

    return reply


def by_keyword(labels: Mapping[str, str], otherwise: str) -> Script:
    """Answer with the label of the first keyword that the last message contains."""

    def reply(asked: Asked) -> Reply:
        last = str(asked.body["messages"][-1]["content"]).lower()
        label = next((label for word, label in labels.items() if word.lower() in last), otherwise)
        return answer(label, rivals=tuple(sorted({*labels.values(), otherwise} - {label})))(asked)

    return reply


def error(status: int, message: str = "scripted fault", *, code: str | None = None, **headers: str) -> Reply:
    """Return an error in OpenAI's shape; underscores in header names become hyphens."""
    reply = as_json({"error": {"message": message, "type": "scripted", "code": code}}, status=status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(reply, headers={**reply.headers, **named})


def as_json(document: Any, status: int = 200) -> Reply:
    """Return *document* as a JSON reply."""
    return Reply(json.dumps(document).encode(), status=status)


def html(text: str = "<html><body>502 from a gateway</body></html>", status: int = 200) -> Reply:
    """Return a web page where JSON was expected."""
    return Reply(text.encode(), status=status, headers={"Content-Type": "text/html"})


def redirect(url: str) -> Reply:
    """Send the client elsewhere, to repeat its POST there."""
    return Reply(status=307, headers={"Location": url})


def in_turn(*steps: Script | Reply) -> Script:
    """Take one step a request; the last one stays."""
    rest: Iterator[Script | Reply] = iter(steps[:-1])
    lock = threading.Lock()

    def reply(asked: Asked) -> Reply:
        with lock:
            step = next(rest, steps[-1])
        return _as_script(step)(asked)

    return reply


class StubServer:
    """The server; `script` may be changed between requests. Port 0 is any that is free."""

    def __init__(self, script: Script | Reply | None = None, port: int = 0) -> None:
        self._port = port
        self.script = _as_script(script or answer())
        self.requests: list[Asked] = []
        self.max_in_flight = 0
        self.base = ""
        self._in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stub-server", daemon=True)

    def play(self, script: Script | Reply) -> Self:
        """Forget what was asked and follow another script."""
        self.requests.clear()
        self.max_in_flight = 0
        self.script = _as_script(script)
        return self

    @property
    def prompts(self) -> list[str]:
        """What was asked, in order of arrival."""
        return [asked.prompt for asked in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        port = self._await(self._start())
        self.base = f"http://127.0.0.1:{port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        self._await(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _await(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _start(self) -> int:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            return await self._reply(request)
        finally:
            self._in_flight -= 1

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = await request.read()
        asked = Asked(request.path, headers, json.loads(raw) if raw else {})
        self.requests.append(asked)
        reply = self.script(asked)
        await asyncio.sleep(reply.delay_seconds)
        return await _send(request, reply)


async def _send(request: web.Request, reply: Reply) -> web.StreamResponse:
    share = 1.0 if reply.sent_share is None else reply.sent_share
    sent = reply.body[: int(len(reply.body) * share)]
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    if not reply.is_stream:
        response.content_length = len(reply.body)
    with suppress(ConnectionError):  # a client may give up in the middle
        if share:
            await response.prepare(request)
            for piece in _pieces(reply, sent):
                await response.write(piece)
                await asyncio.sleep(reply.drip_seconds)
    if reply.sent_share is not None and request.transport is not None:
        request.transport.abort()
    return response


def _pieces(reply: Reply, body: bytes) -> Iterable[bytes]:
    if reply.is_stream and reply.drip_seconds:
        return body.splitlines(keepends=True)
    size = 1 if reply.drip_seconds else CHUNK_BYTES
    return (body[start : start + size] for start in range(0, len(body), size))


def _as_script(step: Script | Reply) -> Script:
    return (lambda _: step) if isinstance(step, Reply) else step


def _count(prompt: str, text: str) -> dict[str, int]:
    counts = {"prompt_tokens": len(prompt.split()), "completion_tokens": len(text.split())}
    return {**counts, "total_tokens": sum(counts.values())}


def _logprobs(text: str, confidence: float, rivals: tuple[str, ...]) -> dict[str, Any]:
    rest = (1 - confidence) / max(len(rivals), 1)
    likely = [(text, math.log(confidence)), *((rival, math.log(rest)) for rival in rivals)]
    top = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in likely]
    return {"content": [{**top[0], "top_logprobs": top}]}
