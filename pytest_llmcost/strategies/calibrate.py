"""What the model says to nothing at all: its bias towards a label, asked once a strategy.

Contextual calibration, Zhao et al. 2021, "Calibrate Before Use", section 5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from pytest_llmcost.domain.completion import Completion
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.trial import Call
from pytest_llmcost.strategies.parse import Distribution, first_token_alternatives, label_distribution

CONTENT_FREE = ("N/A", "something", "...")
"""Inputs that say nothing; what is answered to them is bias."""

Ask = Callable[[Mapping[str, str], str], Awaitable[tuple[Completion, Call]]]
"""Asks the strategy's question about some fields; the second argument names the call."""


class Calibration:
    """The labels' prior of one strategy, asked when the first case needs it."""

    def __init__(self, ask: Ask, labels: Sequence[str]) -> None:
        self._ask = ask
        self._labels = labels
        self._prior: Distribution | None = None
        self._unreported: tuple[Call, ...] = ()
        self._unlisting_model: str | None = None
        self._lock = asyncio.Lock()

    async def prior(self, fields: Iterable[str]) -> Distribution:
        """Return the mean label probabilities over inputs that say nothing in any of *fields*.

        A call that failed is made again for the next case; a model that lists no
        log-probabilities will not list them then either, and is not asked again.

        Raises:
            CallError: If one of them is not answered, or without log-probabilities.
        """
        async with self._lock:
            if self._unlisting_model is not None:
                raise _no_logprobs(self._unlisting_model)
            if self._prior is None:
                self._prior = await self._measure(tuple(fields))
            return self._prior

    def take_calls(self) -> tuple[Call, ...]:
        """Return the calls that were made, the first time; they belong to no single case."""
        calls, self._unreported = self._unreported, ()
        return calls

    async def _measure(self, fields: Sequence[str]) -> Distribution:
        distributions = [await self._biased(fields, text) for text in CONTENT_FREE]
        return {label: sum(d[label] for d in distributions) / len(distributions) for label in self._labels}

    async def _biased(self, fields: Sequence[str], text: str) -> Distribution:
        completion, call = await self._ask(dict.fromkeys(fields, text), f"calibration[{text}]")
        listed = first_token_alternatives(completion.logprobs)
        if not listed:
            self._unlisting_model = completion.model
            raise _no_logprobs(completion.model, call.paid_usd)
        self._unreported += (call,)
        return label_distribution(listed, self._labels)[0]


def _no_logprobs(model: str, paid_usd: Decimal = Decimal(0)) -> CallError:
    return CallError(
        f"{model} lists no token probabilities, and 'calibrate: true' needs them. "
        "Set 'calibrate: false' on this strategy, or use a model that gives top_logprobs.",
        model=model,
        kind="no logprobs",
        paid_usd=paid_usd,
    )
