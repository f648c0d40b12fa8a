"""A model that another package asks: its reply is checked before anybody counts on it."""

from __future__ import annotations

import dataclasses
import inspect
import math
from decimal import Decimal

from pytest_llmcost.calls.providers.chat.keys import without_keys
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request
from pytest_llmcost.domain.usage import Usage

_TYPES = {"text": str, "usage": Usage, "finish_reason": str, "model": str, "logprobs": tuple, "flags": tuple}
_MOST_WORDS = 240


class ForeignProvider:
    """Asks through somebody's *complete*; satisfies `domain.protocols.Provider`."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    async def __call__(self, request: Request) -> Completion:
        """Return the reply to one attempt.

        Raises:
            CallError: As the package raises it; or for a reply of another form, or another exception.
        """
        outcome = await self._outcome(request)
        if isinstance(outcome, CallError):
            raise outcome
        if isinstance(outcome, Exception):
            raise _fault(request, f"it raised {type(outcome).__name__}: {outcome}")
        if wrong := _wrong_with(outcome):
            raise _fault(request, wrong)
        flags = outcome.flags
        if outcome.finish_reason == "length" and "length" not in flags:
            flags = (*flags, "length")
        # What the links around it count is theirs to say.
        return dataclasses.replace(outcome, flags=flags, attempts=1, cached=False, paid_usd=Decimal(0))

    async def aclose(self) -> None:
        """Close what the package has open, if it says how."""
        closed = getattr(self._complete, "aclose", lambda: None)()
        if inspect.isawaitable(closed):
            await closed

    async def _outcome(self, request: Request) -> Completion | Exception:
        # Returned, not raised: a traceback through the package's frames might show a key.
        try:
            return await self._complete(request)
        except Exception as error:
            return error


def _wrong_with(reply: object) -> str:
    if not isinstance(reply, Completion):
        return f"it gave {type(reply).__name__}: a Completion is needed"
    for name, kind in _TYPES.items():
        if not isinstance(value := getattr(reply, name), kind):
            return f"it gave {name}={value!r}: {kind.__name__} is needed"
    for name in ("seconds", "created"):
        value = getattr(reply, name)
        if not isinstance(value, int | float) or not 0 <= value < math.inf:
            return f"it gave {name}={value!r}: a number from 0 is needed"
    return ""


def _fault(request: Request, words: str) -> CallError:
    model = request.endpoint.model
    told = " ".join(without_keys(words, request.endpoint).split())[:_MOST_WORDS]
    return CallError(
        f"{model}: fault of the package that asks {request.endpoint.provider}/: {told}\nReport it to its authors.",
        model=model,
        kind="provider's fault",
        may_be_billed=True,
    )
