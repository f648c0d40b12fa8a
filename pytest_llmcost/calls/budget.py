"""No attempt is sent before its worst-case price is held, and none ends without being charged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from pytest_llmcost.calls.account import RUN, Account, AccountError
from pytest_llmcost.calls.input_bound import bound_input_tokens
from pytest_llmcost.calls.shared_account import SharedAccount
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


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for one attempt: the reservation in this machine's account, and in that of all."""

    here: int
    shared: str | None = None


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
        shared: What several machines may spend together; each attempt is held there, too.
    """

    def __init__(
        self,
        inner: Complete,
        account: Account,
        prices: PriceList,
        bound_input: Callable[[Request], int] = bound_input_tokens,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        shared: SharedAccount | None = None,
    ) -> None:
        self._inner = inner
        self._account = account
        self._prices = prices
        self._bound_input = bound_input
        self._sleep = sleep
        self._shared = shared
        self._waiting = asyncio.Lock()

    async def __call__(self, request: Request) -> Completion:
        """Return the reply with its `paid_usd`, or raise `BudgetReached`, `PriceError`, or `CallError` with its own."""
        reachable = prices_within_reach(request.endpoint.label, as_sent(request).params, self._prices)
        if all(price.is_free for price in reachable):
            return await self._inner(request)
        worst = self._worst(request, reachable)
        held = await self._hold(request, worst)
        completion = await self._send(request, held, worst)
        price = charge_of(as_sent(request), completion, self._prices).price
        return await self._charge(completion, price, held, worst)

    async def _hold(self, request: Request, worst: Decimal) -> Held:
        """Return what is held for an attempt that goes out at once."""
        if self._shared is None:  # nothing is waited for between the two, so that they are one transaction
            return Held(await self._reserve(request, worst, is_sent=True))
        while True:
            reservation = await self._reserve(request, worst)
            try:
                shared = await self._reserve_shared(self._shared, request, worst)
            except BaseException:
                self._account.release(reservation)
                raise
            if self._account.mark_sent(reservation):
                return Held(reservation, shared)
            # The wait for other machines outlasted the lease here.
            await self._settle_shared(shared, Decimal(0))

    def _worst(self, request: Request, prices: Iterable[Price]) -> Decimal:
        bounds = self._bound_input(request), request.params["max_tokens"], request.timeout_seconds
        return max(worst_case_cost(price, *bounds) for price in prices)

    async def _reserve(self, request: Request, worst: Decimal, *, is_sent: bool = False) -> int:
        lease = request.timeout_seconds + GRACE_SECONDS
        names = (RUN, *request.budgets)
        reservation = self._account.reserve(names, worst, lease, is_sent=is_sent)
        if reservation is None:
            async with self._waiting:  # one looks again and again, the others queue behind it
                while (reservation := self._account.reserve(names, worst, lease, is_sent=is_sent)) is None:
                    await self._sleep(POLL_SECONDS)
        return reservation

    async def _reserve_shared(self, account: SharedAccount, request: Request, worst: Decimal) -> str:
        lease = request.timeout_seconds + GRACE_SECONDS
        caps = {name: self._account.budget(name).cap for name in (RUN, *request.budgets)}
        while (reservation := await account.reserve(caps, worst, lease)) is None:
            await self._sleep(POLL_SECONDS)
        return reservation

    async def _send(self, request: Request, held: Held, worst: Decimal) -> Completion:
        try:
            return await self._inner(request)
        except CallError as error:
            error.paid_usd = worst if error.may_be_billed else Decimal(0)
            await self._settle(held, error.paid_usd, is_uncertain=error.may_be_billed)
            raise
        except BaseException:  # cancelled, or a provider's own fault, with the attempt under way
            await self._settle(held, worst, is_uncertain=True)
            raise

    async def _charge(self, completion: Completion, price: Price, held: Held, worst: Decimal) -> Completion:
        is_uncertain = completion.usage.is_estimated
        cost = worst if is_uncertain else cost_of(completion.usage, price, completion.seconds)
        flags = completion.flags
        if cost > worst:
            flags = (*flags, "cost above its reservation")
        try:
            await self._settle(held, cost, is_uncertain=is_uncertain)
        except AccountError:
            # The answer is paid for and must not be lost; what it reserved stays held, and the
            # next reservation meets the same fault.
            flags = (*flags, "charge not recorded")
        return replace(completion, paid_usd=cost, flags=flags)

    async def _settle(self, held: Held, cost: Decimal, *, is_uncertain: bool) -> None:
        self._account.settle(held.here, cost, is_uncertain=is_uncertain)
        await self._settle_shared(held.shared, cost, is_uncertain=is_uncertain)

    async def _settle_shared(self, reservation: str | None, cost: Decimal, *, is_uncertain: bool = False) -> None:
        if self._shared is not None and reservation is not None:
            await self._shared.settle(reservation, cost, is_uncertain=is_uncertain)
