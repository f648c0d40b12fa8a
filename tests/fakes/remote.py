"""Requests to a stub server, as the wire tests make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fakes.stub_server import StubServer

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request

KEY = "sk-canary-5f3a9c71e0"
"""Must be in the request's header, and nowhere else."""

Ask = Callable[..., Completion]
Fault = Callable[..., CallError]


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
