"""What the model says to nothing at all: its bias towards a label, asked once a strategy.

Contextual calibration, Zhao et al. 2021, "Calibrate Before Use", section 5.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

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
        self._lock = asyncio.Lock()

    async def prior(self, fields: Iterable[str]) -> Distribution:
        """Return the mean label probabilities over inputs that say nothing in any of *fields*.

        Raises:
            CallError: If one of them is not answered, or without log-probabilities.
        """
        async with self._lock:
            if self._prior is None:
                self._prior = await self._measure(tuple(fields))
            return self._prior

    def take_calls(self) -> tuple[Call, ...]:
        """Return the calls that were made, the first time; they belong to no single case."""
        calls, self._unreported = self._unreported, ()
        return calls

    async def _measure(self, fields: Sequence[str]) -> Distribution:
        replies = [await self._ask(dict.fromkeys(fields, text), f"calibration[{text}]") for text in CONTENT_FREE]
        distributions = [self._distribution(completion) for completion, _ in replies]
        self._unreported = tuple(call for _, call in replies)
        return {label: sum(d[label] for d in distributions) / len(distributions) for label in self._labels}

    def _distribution(self, completion: Completion) -> Distribution:
        listed = first_token_alternatives(completion.logprobs)
        if not listed:
            raise CallError(
                f"{completion.model} lists no token probabilities, and 'calibrate: true' needs them. "
                "Set 'calibrate: false' on this strategy, or use a model that gives top_logprobs.",
                model=completion.model,
                kind="no logprobs",
            )
        return label_distribution(listed, self._labels)[0]
