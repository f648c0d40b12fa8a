"""An earlier answer stands for a question that means the same; any other question is asked."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from pytest_llmcost.calls.embedding.vectors import Embedded
from pytest_llmcost.domain.avoided import SEMANTIC, Avoided
from pytest_llmcost.domain.errors import CallError
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.semantic import Lookup, SemanticCaching
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.semantic.replay import question_of, replay
from pytest_llmcost.strategies.steps import charging

Embed = Callable[[Sequence[str]], list[Embedded]]
"""Returns the vectors of texts; blocks, on one thread."""


class Remembering:
    """Answers as another strategy does, but for what an earlier case of the suite has asked already.

    Every case hits or misses as in the suite's own order, also where that earlier case is asked later, by another
    process, or not at all: a hit asks what the earlier case would have asked, which the exact cache answers once.

    Args:
        inner: Answers what is new.
        settings: What counts as asked before.
        cases: All of the suite's, in its order.
        embed: Makes vectors.
    """

    def __init__(self, inner: Strategy, settings: SemanticCaching, cases: Sequence[Case], embed: Embed) -> None:
        self._inner = inner
        self._settings = settings
        self._cases = {case.id: case for case in cases}
        self._embed = embed
        self._lookups: Mapping[str, Lookup] | None = None
        self._lock = asyncio.Lock()

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the answer of the earlier case that means the same, else the strategy's own.

        Raises:
            CallError: If the strategy gives none.
            BudgetReached: If a call is not allowed.
            WeightsError: If the embedder's weights are missing.
        """
        lookup = (await self._looked_up()).get(case.id)
        if lookup is None:  # (no case of the suite: there is nothing before it)
            return await self._inner.answer(case, trial)
        if not lookup.source:
            return _after(lookup, await self._inner.answer(case, trial))
        try:
            earlier = await self._inner.answer(self._cases[lookup.source], trial)
        except CallError as failed:
            return await self._instead(case, trial, lookup, failed)
        return _from_cache(lookup, earlier)

    async def _instead(self, case: Case, trial: int, lookup: Lookup, failed: CallError) -> Answer:
        """Return the strategy's own answer where the earlier case got none: a failure is not kept in a cache."""
        lost = Answer(None, "", (), lost_usd=failed.paid_usd)
        with charging([lost]):
            answer = await self._inner.answer(case, trial)
        missed = dataclasses.replace(lookup, source="")
        flag = "semantic cache: asked, since the earlier case got no answer"
        return dataclasses.replace(
            _after(missed, answer), lost_usd=answer.lost_usd + lost.lost_usd, flags=(*answer.flags, flag)
        )

    async def _looked_up(self) -> Mapping[str, Lookup]:
        async with self._lock:
            if self._lookups is None:
                self._lookups = await asyncio.to_thread(self._replayed)  # (seconds, for a suite that is new)
            return self._lookups

    def _replayed(self) -> Mapping[str, Lookup]:
        cases = list(self._cases.values())
        questions = [question_of(case, self._settings) for case in cases]
        return replay(cases, self._settings, questions, self._embed([question.text for question in questions]))


def _after(lookup: Lookup, answer: Answer) -> Answer:
    return dataclasses.replace(answer, lookups=(lookup, *answer.lookups))


def _from_cache(lookup: Lookup, earlier: Answer) -> Answer:
    """Return an earlier answer as a cache gives it: no call is made for it, whoever pays for the earlier one now."""
    paid = sum((call.paid_usd for call in earlier.calls), Decimal(0)) + earlier.lost_usd
    spared = Avoided(SEMANTIC, len(earlier.calls), sum((call.usd for call in earlier.calls), Decimal(0)))
    return dataclasses.replace(
        earlier,
        calls=(),
        steps=(),
        lost_usd=paid,
        passages=None,
        lookups=(lookup,),
        avoided=(spared,) if earlier.calls else (),
    )
