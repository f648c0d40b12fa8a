"""Identical requests in flight are sent once, answered to all, and paid once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

from pytest_llmcost.domain.avoided import IN_FLIGHT
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.request import Request


class SingleFlight:
    """Sends the first of several identical requests; the others follow and share what came of it.

    What happened to the first alone is not shared: when it is cancelled, or refused by
    a budget that need not be the others', the next of them goes in its place.
    """

    def __init__(self, inner: Complete) -> None:
        self._inner = inner
        self._flights: dict[str, asyncio.Future[Completion]] = {}

    async def __call__(self, request: Request) -> Completion:
        """Return the reply, `cached` and free of charge for those that followed."""
        key = request.key()
        while (flight := self._flights.get(key)) is not None:
            await asyncio.wait([flight])  # unlike `await flight`, leaves it alone when we are cancelled
            if not flight.cancelled():
                return _shared(flight)
        return await self._lead(key, request)

    async def _lead(self, key: str, request: Request) -> Completion:
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        try:
            completion = await self._inner(request)
        except BudgetReached:
            flight.cancel()
            raise
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # counts as seen, also when nobody followed
            raise
        except BaseException:
            flight.cancel()
            raise
        else:
            flight.set_result(completion)
            return completion
        finally:
            del self._flights[key]


def _shared(flight: asyncio.Future[Completion]) -> Completion:
    error = flight.exception()
    if isinstance(error, CallError):
        raise _unpaid(error) from error
    completion = flight.result()
    return replace(completion, cached=True, paid_usd=Decimal(0), origin=completion.origin or IN_FLIGHT)


def _unpaid(error: CallError) -> CallError:
    return CallError(
        str(error),
        model=error.model,
        kind=error.kind,
        attempts=error.attempts,
        status=error.status,
        is_retryable=error.is_retryable,
        may_be_billed=error.may_be_billed,
        retry_after_seconds=error.retry_after_seconds,
        seconds=error.seconds,
    )
