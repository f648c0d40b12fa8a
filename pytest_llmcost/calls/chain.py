"""The calling chain, joined: cache(single_flight(limit(retry(budget(bounded(provider))))))."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pytest_llmcost.calls.account import Account
from pytest_llmcost.calls.bounded import Bounded
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.calls.cache.cached import Cached, Mode
from pytest_llmcost.calls.input_bound import bound_input_tokens as byte_bound
from pytest_llmcost.calls.limits import Limited
from pytest_llmcost.calls.retry import Retry
from pytest_llmcost.calls.single_flight import SingleFlight
from pytest_llmcost.domain.protocols import Complete, PriceList, Store
from pytest_llmcost.domain.request import Request


def build_chain(
    provider: Complete,
    *,
    store: Store | None,
    mode: Mode,
    account: Account,
    prices: PriceList,
    warn: Callable[[str], None],
    attempts: int = 4,
    timeout_seconds: float = 60.0,
    in_flight: int = 32,
    limits: Mapping[str, int] | None = None,
    bound_input_tokens: Callable[[Request], int] = byte_bound,
) -> Complete:
    """Return the chain around *provider*; its links belong to the loop that first calls it.

    A call takes its place before it is first tried, so that waiting for the place uses
    none of its time and holds no reservation; each attempt is reserved and bounded.

    Args:
        provider: One attempt of one call.
        store: Where answers are kept; needed in every mode but `live`.
        mode: How the store is used.
        account: The run's budgets; `run` and those that requests name must be open in it.
        prices: Prices by model.
        warn: Called with what the user should know, on the loop's thread.
        attempts: Tries of a call, at most.
        timeout_seconds: A call's whole time, attempts and the waits between them included.
        in_flight: Calls at once, a provider.
        limits: The same for named providers or models.
        bound_input_tokens: An upper bound of a request's input.
    """
    chain: Complete = Budgeted(Bounded(provider), account, prices, bound_input_tokens)
    chain = Limited(Retry(chain, attempts, timeout_seconds), limits or {}, in_flight)
    chain = SingleFlight(chain)
    if store is None:
        if mode != "live":
            raise ValueError(f"mode {mode!r} needs a store")
        return chain
    return Cached(chain, store, mode, warn)
