"""Requests to a stub server, as the wire tests make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from fakes.stub_server import StubServer

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request

KEY = "sk-canary-5f3a9c71e0"
"""Must be in the request's header, and nowhere else."""

Ask = Callable[..., Completion]
Fault = Callable[..., CallError]


def anthropics_base(server: StubServer) -> str:
    """Return the server's address as Anthropic's clients are told one: without a version."""
    return server.base.removesuffix("/v1")


def request_to(server: StubServer, *, endpoint: Mapping[str, Any] | None = None, **changes: Any) -> Request:
    """Return a small request to *server*; *endpoint* and *changes* replace parts of it."""
    at_stub = Endpoint("openai/gpt-4o-mini", api_base=server.base)
    request = Request(
        endpoint=replace(at_stub, **(endpoint or {})),
        messages=({"role": "system", "content": "Sort mail."}, {"role": "user", "content": "Where is my order?"}),
        params={"temperature": 0, "max_tokens": 8},
        timeout_seconds=20.0,
    )
    return replace(request, **changes)


async def made_of(asking: Any) -> dict[str, Any]:
    """Return what a user gets of a call, but its times; errors without their words, which differ."""
    try:
        completion = asdict(await asking)
    except CallError as caught:
        names = ("kind", "status", "is_retryable", "may_be_billed", "retry_after_seconds", "model")
        return {name: getattr(caught, name) for name in names}
    return {name: value for name, value in completion.items() if name not in ("seconds", "created", "ttft_seconds")}
