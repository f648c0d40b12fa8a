"""What another package's provider gives is checked; what it raises is told, and charged where it may be billed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.calls.providers.foreign import ForeignProvider
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.request import Endpoint, Request
from pytest_llmcost.domain.usage import Usage

REQUEST = Request(Endpoint("echo/last"), ({"role": "user", "content": "hello"},), {"max_tokens": 1})
GOOD = Completion("hello", Usage(input_tokens=1), "stop", 0.1, "echo/last", 0.0)


def asked(give: Callable[[], Any]) -> Completion:
    async def complete(request: Request) -> Completion:
        return give()  # type: ignore[no-any-return]

    return asyncio.run(ForeignProvider(complete)(REQUEST))


def test_a_good_reply_passes_without_what_is_ours_to_say() -> None:
    wrong = replace(GOOD, attempts=7, cached=True, paid_usd=Decimal(3))

    assert asked(lambda: wrong) == GOOD


def test_a_reply_that_was_cut_off_is_flagged() -> None:
    assert asked(lambda: replace(GOOD, finish_reason="length")).flags == ("length",)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("hello", "it gave str: a Completion is needed"),
        (None, "it gave NoneType: a Completion is needed"),
        (replace(GOOD, text=None), "it gave text=None: str is needed"),  # type: ignore[arg-type]
        (replace(GOOD, usage={}), "it gave usage={}: Usage is needed"),  # type: ignore[arg-type]
        (replace(GOOD, seconds=-1.0), "it gave seconds=-1.0: a number from 0 is needed"),
        (replace(GOOD, seconds=float("nan")), "it gave seconds=nan: a number from 0 is needed"),
    ],
)
def test_a_reply_of_another_form_is_the_packages_fault_and_may_be_billed(reply: Any, said: str) -> None:
    with pytest.raises(CallError) as raised:
        asked(lambda: reply)

    assert said in str(raised.value)
    assert (raised.value.kind, raised.value.may_be_billed, raised.value.is_retryable) == (
        "provider's fault",
        True,
        False,
    )


def test_its_own_call_error_is_passed_on_as_it_is() -> None:
    error = CallError("busy", model="echo/last", kind="rate limit", is_retryable=True)

    def give() -> Any:
        raise error

    with pytest.raises(CallError) as raised:
        asked(give)

    assert raised.value is error


def test_t05_an_exception_is_told_without_the_key_and_without_the_packages_frames(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECHO_API_KEY", "sk-canary-0815")

    def give() -> Any:
        raise ValueError("Bearer sk-canary-0815 is refused")

    with pytest.raises(CallError) as raised:
        asked(give)

    assert "it raised ValueError: Bearer [hidden] is refused" in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_what_has_something_to_close_is_closed() -> None:
    class Echo:
        is_closed = False

        async def __call__(self, request: Request) -> Completion:
            return GOOD

        async def aclose(self) -> None:
            self.is_closed = True

    echo = Echo()
    asyncio.run(ForeignProvider(echo).aclose())
    asyncio.run(ForeignProvider(Echo().__call__).aclose())

    assert echo.is_closed
