"""No attempt is sent before its worst-case price is held, and none ends without being charged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

from pytest_llmcost.calls.account import RUN, Account, AccountError
from pytest_llmcost.calls.input_bound import bound_input_tokens
from pytest_llmcost.domain.charge import as_sent, charge_of, prices_within_reach
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.price import Price, cost_of, worst_case_cost
from pytest_llmcost.domain.protocols import Complete, PriceList
from pytest_llmcost.domain.request import Request

POLL_SECONDS = 0.05
"""How often a call that does not fit looks again; what it waits for may be in another process."""

GRACE_SECONDS = 10.0
"""How much later than its time limit an attempt may settle before its process is held for dead."""


class Budgeted:
    """Reserves each attempt in the account, and settles it at what it cost.

    What was sent and brought no reply that tells its cost is charged at the worst case:
    the provider may bill it all the same.

    Args:
        inner: One attempt, bounded by the request's `timeout_seconds`.
        account: Holds the budget `run` and those that requests name.
        prices: Prices by model; free models need no reservation.
        bound_input: An upper bound of a request's input tokens.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        inner: Complete,
        account: Account,
        prices: PriceList,
        bound_input: Callable[[Request], int] = bound_input_tokens,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._account = account
        self._prices = prices
        self._bound_input = bound_input
        self._sleep = sleep
        self._waiting = asyncio.Lock()

    async def __call__(self, request: Request) -> Completion:
        """Return the reply with its `paid_usd`, or raise `BudgetReached`, `PriceError`, or `CallError` with its own."""
        reachable = prices_within_reach(request.endpoint.label, as_sent(request).params, self._prices)
        if all(price.is_free for price in reachable):
            return await self._inner(request)
        worst = max(self._worst(request, price) for price in reachable)
        reservation = await self._reserve(request, worst)
        completion = await self._send(request, reservation, worst)
        price = charge_of(as_sent(request), completion, self._prices).price
        return self._charge(completion, price, reservation, worst)

    def _worst(self, request: Request, price: Price) -> Decimal:
        return worst_case_cost(price, self._bound_input(request), request.params["max_tokens"], request.timeout_seconds)

    async def _reserve(self, request: Request, worst: Decimal) -> int:
        lease = request.timeout_seconds + GRACE_SECONDS
        names = (RUN, *request.budgets)
        reservation = self._account.reserve(names, worst, lease)
        if reservation is None:
            async with self._waiting:  # one looks again and again, the others queue behind it
                while (reservation := self._account.reserve(names, worst, lease)) is None:
                    await self._sleep(POLL_SECONDS)
        return reservation

    async def _send(self, request: Request, reservation: int, worst: Decimal) -> Completion:
        try:
            return await self._inner(request)
        except CallError as error:
            error.paid_usd = worst if error.may_be_billed else Decimal(0)
            self._account.settle(reservation, error.paid_usd, is_uncertain=error.may_be_billed)
            raise
        except BaseException:  # cancelled, or a provider's own fault, with the attempt under way
            self._account.settle(reservation, worst, is_uncertain=True)
            raise

    def _charge(self, completion: Completion, price: Price, reservation: int, worst: Decimal) -> Completion:
        is_uncertain = completion.usage.is_estimated
        cost = worst if is_uncertain else cost_of(completion.usage, price, completion.seconds)
        flags = completion.flags
        if cost > worst:
            flags = (*flags, "cost above its reservation")
        try:
            self._account.settle(reservation, cost, is_uncertain=is_uncertain)
        except AccountError:
            # The answer is paid for and must not be lost; what it reserved stays held, and the
            # next reservation meets the same fault.
            flags = (*flags, "charge not recorded")
        return replace(completion, paid_usd=cost, flags=flags)
