"""Which provider gets a request, and when it is made and closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pytest_llmcost.calls.providers.dispatch import ANTHROPIC, LITELLM, LOCAL, OPENAI, Dispatch, choose_provider
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage


class Named:
    """A provider that answers with its own name."""

    def __init__(self, name: str, *, fails_to_close: bool = False) -> None:
        self.name = name
        self.is_closed = False
        self._fails_to_close = fails_to_close

    async def __call__(self, request: Request) -> Completion:
        return Completion(self.name, Usage(), "stop", 0.1, request.endpoint.model, 0.0)

    async def aclose(self) -> None:
        self.is_closed = True
        if self._fails_to_close:
            raise OSError("cannot close")


KNOWN = {"gpt-4o": ("openai", "chat"), "codex": ("openai", "responses"), "claude": ("anthropic", "chat")}


class Directory:
    """Knows three models that have no provider in their names."""

    def provider_of(self, model: str) -> str:
        provider, slash, _ = model.partition("/")
        return provider if slash else KNOWN.get(model, ("", ""))[0]

    def mode_of(self, model: str) -> str:
        return KNOWN.get(model.removeprefix("openai/"), ("", ""))[1]


def request(model: str, **changes: Any) -> Request:
    return Request(Endpoint(model, **changes), ({"role": "user", "content": "hello"},), {"max_tokens": 1})


def ask(dispatch: Dispatch, model: str) -> str:
    return asyncio.run(dispatch(request(model))).text


def by_prefix(asked: Request) -> str:
    return asked.endpoint.provider


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("local/smollm2-135m", LOCAL),
        ("localhost/a", LITELLM),
        ("openai/gpt-4o", OPENAI),
        ("openai/our-own", OPENAI),
        ("gpt-4o", OPENAI),
        ("codex", LITELLM),
        ("openai/codex", LITELLM),
        ("claude", ANTHROPIC),
        ("nonsense", LITELLM),
        ("anthropic/claude", ANTHROPIC),
    ],
)
def test_openais_models_and_anthropics_are_asked_directly_and_litellm_has_the_rest(model: str, provider: str) -> None:
    assert choose_provider(request(model), Directory()) == provider


def test_what_the_configuration_says_for_litellm_goes_to_litellm() -> None:
    assert choose_provider(request("openai/gpt-4o", extra={"api_version": "1"}), Directory()) == LITELLM


def test_a_provider_is_made_once_and_only_when_needed() -> None:
    made: list[str] = []

    def maker(name: str) -> Any:
        return lambda: made.append(name) or Named(name)

    dispatch = Dispatch({name: maker(name) for name in ("local", "openai")}, by_prefix)

    assert made == []
    assert [ask(dispatch, model) for model in ("openai/a", "openai/b")] == ["openai", "openai"]
    assert made == ["openai"]


def test_all_are_closed_even_where_one_cannot_be() -> None:
    local, remote = Named("local", fails_to_close=True), Named("openai")
    dispatch = Dispatch({"local": lambda: local, "openai": lambda: remote}, by_prefix)
    for model in ("local/a", "openai/a"):
        ask(dispatch, model)

    with pytest.raises(OSError, match="cannot close"):
        asyncio.run(dispatch.aclose())

    assert local.is_closed
    assert remote.is_closed
