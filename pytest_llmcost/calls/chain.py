"""The calling chain, joined: single_flight(shared_flight(cache(redacted(fitting(prefix_first(logged(...)))))))."""

from __future__ import annotations

from collections.abc import Callable

from pytest_llmcost.calls.account import Account
from pytest_llmcost.calls.bounded import Bounded
from pytest_llmcost.calls.budget import Budgeted
from pytest_llmcost.calls.cache.cached import Cached, Mode
from pytest_llmcost.calls.cache.layers import Layers
from pytest_llmcost.calls.fitting import Fitting
from pytest_llmcost.calls.flow.paced import Paced
from pytest_llmcost.calls.flow.traffic import Traffic
from pytest_llmcost.calls.input_bound import bound_input_tokens as byte_bound
from pytest_llmcost.calls.logged import Logged
from pytest_llmcost.calls.prefix_first import PrefixFirst
from pytest_llmcost.calls.redact import Redacted
from pytest_llmcost.calls.retry import Retry
from pytest_llmcost.calls.shared_account import SharedAccount
from pytest_llmcost.calls.shared_flight import SharedFlight
from pytest_llmcost.calls.single_flight import SingleFlight
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.protocols import CallLog, Complete, PriceList
from pytest_llmcost.domain.request import Request


def build_chain(
    provider: Complete,
    *,
    store: Layers | None,
    mode: Mode,
    account: Account,
    prices: PriceList,
    warn: Callable[[str], None],
    attempts: int = 4,
    timeout_seconds: float = 60.0,
    traffic: Traffic | None = None,
    shared: SharedAccount | None = None,
    has_peers: bool = False,
    log: CallLog | None = None,
    bound_input_tokens: Callable[[Request], int] = byte_bound,
    window_of: Callable[[str], int | None] = lambda _: None,
    redact: Callable[[Completion], Completion] | None = None,
) -> Complete:
    """Return the chain around *provider*; its links belong to the loop that first calls it.

    Each attempt waits for its place, then for the budget, and is bounded: while it waits it
    uses none of the call's time and, for a place, holds no reservation; between attempts a
    call has neither.

    Args:
        provider: One attempt of one call.
        store: Where answers are kept; needed in every mode but `live`.
        mode: How the store is used.
        account: The run's budgets; `run` and those that requests name must be open in it.
        prices: Prices by model.
        warn: Called with what the user should know, on the loop's thread.
        attempts: Tries of a call, at most.
        timeout_seconds: A call's whole time, attempts and the waits between them included.
        traffic: The lanes of this process; default is one of its own, with the default limits.
        shared: What several machines may spend together.
        has_peers: Whether other processes with this account and this store ask at the same time.
        log: Told of every live call.
        bound_input_tokens: An upper bound of a request's input.
        window_of: How many tokens of input a model takes; None where nobody says.
        redact: Takes out of an answer what must not be stored, before anybody sees it.
    """
    traffic = traffic or Traffic(patience_seconds=timeout_seconds, warn=warn)
    attempt = Budgeted(Bounded(provider), account, prices, bound_input_tokens, shared=shared)
    retried = Retry(Paced(attempt, traffic, bound_input_tokens), attempts, timeout_seconds)
    chain: Complete = PrefixFirst(Logged(retried, log))
    chain = Fitting(chain, window_of)
    if redact is not None:
        chain = Redacted(chain, redact)
    if store is not None:
        chain = cached = Cached(chain, store, mode)
        if has_peers and mode in ("auto", "refresh"):
            chain = SharedFlight(cached, account)
    elif mode != "live":
        raise ValueError(f"mode {mode!r} needs a store")
    return SingleFlight(chain)
