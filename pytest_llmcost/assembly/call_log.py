"""What the ledger is told of a live call: who asked whom, what it took, and nothing of what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pytest_llmcost.assembly.tiers import model_of
from pytest_llmcost.costs.ledger.records import CallRecord
from pytest_llmcost.domain.charge import charge_of
from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import BudgetReached, CallError, PriceError
from pytest_llmcost.domain.protocols import PriceList
from pytest_llmcost.domain.request import Request


class Sink(Protocol):
    """Where records go."""

    def add(self, record: CallRecord) -> None:
        """Take a record; returns at once."""
        ...

    def close(self) -> None:
        """Write what is left."""
        ...


class Logging:
    """A runner's way to the ledger.

    Args:
        open_sink: Opens it, when the first strategy is built; None where nothing is logged.
        run: What the ledger calls this run.
    """

    def __init__(self, open_sink: Callable[[], Sink] | None = None, run: str = "") -> None:
        self._open_sink = open_sink
        self._run = run
        self._sink: Sink | None = None

    def start(self, tiers: Mapping[str, str], prices: PriceList) -> Log | None:
        """Return what the calling chain tells of its calls."""
        if self._open_sink is None:
            return None
        self._sink = self._open_sink()
        return Log(self._sink, tiers, prices, self._run)

    def close(self) -> None:
        """Write what is left; may be called again."""
        if self._sink is not None:
            self._sink.close()
            self._sink = None


class Log:
    """Makes a record of each live call; satisfies `CallLog`.

    Args:
        sink: Where records go.
        tiers: The configuration's.
        prices: Prices by model.
        run: What the ledger calls this run.
    """

    def __init__(self, sink: Sink, tiers: Mapping[str, str], prices: PriceList, run: str) -> None:
        self._sink = sink
        self._tiers = {model_of(tier, tiers): tier for tier in reversed([*tiers])}  # of several the first
        self._prices = prices
        self._run = run

    def answered(self, request: Request, completion: Completion) -> None:
        """Note a call that was answered, with what was paid for it."""
        usage = completion.usage
        self._sink.add(
            CallRecord(
                call_id=completion.call_id,
                model=self._priced_as(request, completion),
                prompt_tokens=usage.input_tokens,
                cached_tokens=usage.cached_input_tokens,
                completion_tokens=usage.output_tokens,
                cost_usd=float(completion.paid_usd),
                seconds=completion.seconds,
                attempts=completion.attempts,
                **self._names(request),
            )
        )

    def failed(self, call_id: str, request: Request, error: CallError | BudgetReached) -> None:
        """Note a call without an answer: its tokens are not known, what was charged for it is."""
        kind, seconds, attempts = "budget reached", None, 1  # another attempt was refused: one was sent before
        if isinstance(error, CallError):
            kind, seconds, attempts = error.kind, error.seconds, error.attempts
        self._sink.add(
            CallRecord(
                call_id=call_id,
                model=request.endpoint.label,
                status=kind,
                cost_usd=float(error.paid_usd),
                seconds=seconds,
                attempts=attempts,
                **self._names(request),
            )
        )

    def _priced_as(self, request: Request, completion: Completion) -> str:
        try:
            return charge_of(request, completion, self._prices).name
        except PriceError:
            return request.endpoint.label

    def _names(self, request: Request) -> dict[str, Any]:
        endpoint = request.endpoint
        tier = self._tiers.get(endpoint.label) or self._tiers.get(endpoint.model, "")
        return {"run": self._run, "tier": tier, "step": request.step, **asked_by(request.about)}


_COUNTED = re.compile(r"::[0-9]+(#[0-9]+)?\Z")
"""The how many-th question of a test."""


def asked_by(about: str) -> dict[str, str]:
    """Return suite, strategy and test of who asks: `bench.yaml::cheap::reset#1`, or code's `test_a.py::test_b::1`."""
    suite, *names = about.split("::")
    if not suite.endswith((".yaml", ".yml")) or len(names) < 2:
        return {"test": _COUNTED.sub("", about)}
    case = names[-1].rpartition("#")[0] or names[-1]
    return {"suite": suite, "strategy": names[0], "test": "::".join((suite, names[0], case))}
