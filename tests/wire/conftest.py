"""Both ways to a provider, and one stub server for all wire tests of a process: importing litellm takes seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fakes.remote import KEY, Ask, Fault, anthropics_base, request_to
from fakes.stub_server import Reply, Script, StubServer, answer

from pytest_llmcost.calls.providers.direct.provider import DirectProvider
from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Provider


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """The loop that the provider lives on; a module's, as whole runs of the plugin may come between two modules."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module", params=[LiteLLMProvider, DirectProvider], ids=["litellm", "direct"])
def provider(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Provider]:
    """Each way in turn: what a test promises, both keep."""
    provider: Provider = request.param()
    yield provider
    runner.run(provider.aclose())


@pytest.fixture(scope="session")
def started_server() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def server(started_server: StubServer, monkeypatch: pytest.MonkeyPatch) -> StubServer:
    """A stub that has heard nothing yet; by the environment it is OpenAI and Anthropic, and the keys are there."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", started_server.base)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropics_base(started_server))
    return started_server.play(answer())


@pytest.fixture
def ask(runner: asyncio.Runner, provider: Provider, server: StubServer) -> Ask:
    """Send one request to the stub, which follows the script."""

    def ask(script: Script | Reply | None = None, **changes: Any) -> Completion:
        if script is not None:
            server.play(script)
        return runner.run(provider(request_to(server, **changes)))

    return ask


@pytest.fixture
def fault(ask: Ask) -> Fault:
    """Ask, and return the error that comes of it: two lines at most, without cause or key."""

    def fault(script: Script | Reply | None = None, **changes: Any) -> CallError:
        with pytest.raises(CallError) as caught:
            ask(script, **changes)
        assert KEY not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert len(str(caught.value).splitlines()) <= 2
        return caught.value

    return fault
