"""Which provider gets a request, and when it is made and closed."""

from __future__ import annotations

import asyncio

import pytest

from pytest_llmcost.calls.providers.dispatch import Dispatch
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


def ask(dispatch: Dispatch, model: str) -> str:
    request = Request(Endpoint(model), ({"role": "user", "content": "hello"},), {"max_tokens": 1})
    return asyncio.run(dispatch(request)).text


@pytest.mark.parametrize(
    ("model", "provider"),
    [("local/smollm2-135m", "local"), ("openai/gpt-4o", "remote"), ("gpt-4o", "remote"), ("localhost/a", "remote")],
)
def test_the_prefix_of_the_model_decides(model: str, provider: str) -> None:
    assert ask(Dispatch({"local": Named("local")}, lambda: Named("remote")), model) == provider


def test_the_other_provider_is_made_once_and_only_when_needed() -> None:
    made: list[Named] = []

    def make() -> Named:
        made.append(Named("remote"))
        return made[-1]

    dispatch = Dispatch({"local": Named("local")}, make)

    ask(dispatch, "local/a")
    assert made == []
    ask(dispatch, "openai/a")
    ask(dispatch, "openai/b")
    assert len(made) == 1


def test_all_are_closed_even_where_one_cannot_be() -> None:
    local, remote = Named("local", fails_to_close=True), Named("remote")
    dispatch = Dispatch({"local": local}, lambda: remote)
    ask(dispatch, "openai/a")

    with pytest.raises(OSError, match="cannot close"):
        asyncio.run(dispatch.aclose())

    assert local.is_closed
    assert remote.is_closed
