"""What a reply's headers tell of the provider's limits is handed on, whichever way it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from fakes.remote import request_to
from fakes.stub_server import Reply, StubServer, answer, error

from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint


@pytest.mark.parametrize("way", [LiteLLMProvider, DirectProvider], ids=["litellm", "direct"])
def test_the_headers_of_answers_and_of_refusals_are_told_with_the_endpoint(
    runner: asyncio.Runner, server: StubServer, way: type[LiteLLMProvider] | type[DirectProvider]
) -> None:
    told: list[tuple[Endpoint, str]] = []

    def observe(endpoint: Endpoint, headers: Mapping[str, str]) -> None:
        told.append((endpoint, headers["x-ratelimit-remaining-requests"]))

    provider, request = way(observe=observe), request_to(server)

    def left(reply: Reply, number: str) -> Reply:
        return replace(reply, headers={**reply.headers, "X-RateLimit-Remaining-Requests": number})

    server.play(lambda asked: left(answer()(asked), "7"))
    runner.run(provider(request))
    server.play(left(error(429), "0"))
    with pytest.raises(CallError):
        runner.run(provider(request))
    runner.run(provider.aclose())
    assert told == [(request.endpoint, "7"), (request.endpoint, "0")]
