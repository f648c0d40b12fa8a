"""What only litellm does: other providers' forms, and its own refusals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fakes.messages import message
from fakes.remote import Ask, Fault, anthropics_base
from fakes.stub_server import StubServer, redirect

from pytest_llmcost.calls.providers.remote.provider import LiteLLMProvider
from pytest_llmcost.domain.usage import Usage


@pytest.fixture(scope="module")
def provider(runner: asyncio.Runner) -> Iterator[LiteLLMProvider]:
    """In place of both."""
    provider = LiteLLMProvider()
    yield provider
    runner.run(provider.aclose())


def test_what_the_configuration_says_for_litellm_is_passed_on(ask: Ask, server: StubServer) -> None:
    ask(endpoint={"extra": {"service_tier": "flex"}})

    assert server.requests[0].body["service_tier"] == "flex"


def test_anthropics_cached_tokens_become_part_of_the_input(ask: Ask, server: StubServer) -> None:
    counts = {
        "input_tokens": 10,
        "output_tokens": 4,
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 30,
    }
    at_stub = {"model": "anthropic/claude-sonnet-4-5", "api_base": anthropics_base(server)}

    completion = ask(message(usage=counts), endpoint=at_stub)

    assert completion.usage == Usage(input_tokens=240, cached_input_tokens=200, cache_write_tokens=30, output_tokens=4)
    assert (completion.text, completion.flags) == ("in-scope", ())


@pytest.mark.parametrize("model", ["nonsense", "nobody/knows"])
def test_a_model_of_no_known_provider_is_said_before_anything_is_sent(
    fault: Fault, server: StubServer, model: str
) -> None:
    caught = fault(endpoint={"model": model})

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("unknown model", False, False)
    assert server.requests == []


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-pro", "GEMINI_API_KEY"),
        ("azure/ours", "AZURE_API_KEY"),
    ],
)
def test_a_missing_key_is_said_before_anything_is_sent(
    fault: Fault, server: StubServer, monkeypatch: pytest.MonkeyPatch, model: str, variable: str
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")

    caught = fault(endpoint={"model": model, "api_base": None})

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("no key", False, False)
    assert f"Set {variable}" in str(caught)
    assert server.requests == []


def test_a_parameter_that_the_provider_does_not_take_is_refused_not_dropped(fault: Fault, server: StubServer) -> None:
    model = {"model": "anthropic/claude-sonnet-4-5"}

    caught = fault(endpoint=model, params={"max_tokens": 1, "logprobs": True})

    assert (caught.kind, caught.is_retryable, caught.may_be_billed) == ("bad request", False, False)
    assert "logprobs" in str(caught)
    assert server.requests == []


def test_e18_no_key_of_whatever_name_follows_a_redirect(fault: Fault, server: StubServer) -> None:
    with StubServer() as elsewhere:
        at_stub = {"model": "anthropic/claude-sonnet-4-5", "api_base": anthropics_base(server)}
        caught = fault(redirect(f"{elsewhere.base}/v1/messages"), endpoint=at_stub)

        assert (caught.kind, caught.status, caught.is_retryable) == ("redirect", 307, False)
        assert elsewhere.requests == []
