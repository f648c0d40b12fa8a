"""A strategy that looks things up: what is found for a case stands in the prompt, and is kept beside the answer."""

from __future__ import annotations

import asyncio
import dataclasses

from pytest_llmcost.domain.context import Context, Passage
from pytest_llmcost.domain.protocols import Strategy
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.complexity import text_of
from pytest_llmcost.strategies.context.compressing import Compressor
from pytest_llmcost.strategies.context.index import index_of
from pytest_llmcost.strategies.context.variables import variables_of
from pytest_llmcost.strategies.steps import after, charging


class InContext:
    """Answers each case with the passages nearest to what it says.

    Args:
        strategy: Answers; its prompt reads what is found.
        context: Where and how things are looked up.
        compress: Asks a model to shorten what is found; None takes sentences out of it, as the context says.
    """

    def __init__(self, strategy: Strategy, context: Context, compress: Compressor | None = None) -> None:
        self._strategy = strategy
        self._context = context if compress is None else whole(context)
        self._compress = compress

    async def answer(self, case: Case, trial: int) -> Answer:
        """Return the strategy's answer, with the passages that it had; what shortening them took is part of its calls.

        Raises:
            CallError: If there is none.
            BudgetReached: If a call is not allowed.
        """
        # Apart from the loop, which would time other calls while documents are cut and ranked.
        passages = await asyncio.to_thread(found, self._context, case)
        replies: list[Answer] = []
        if self._compress is not None:
            passages, replies = await self._compress(passages, case, trial)
        informed = dataclasses.replace(case, fields={**case.fields, **variables_of(passages)})
        with charging(replies):
            answer = await self._strategy.answer(informed, trial)
        flags = tuple(dict.fromkeys(flag for reply in replies for flag in reply.flags))
        return dataclasses.replace(after(answer, replies, flags, answer.steps), passages=passages)


def whole(context: Context) -> Context:
    """Return *context* with its passages as they are, for a model to shorten."""
    return dataclasses.replace(context, compress_to=None)


def found(context: Context, case: Case) -> tuple[Passage, ...]:
    """Return the passages that a case is answered with: those nearest to its fields' text, compressed if so wanted."""
    index, question = index_of(context), text_of(case.fields)
    places = index.find(question, context.top_k)
    if context.compress_to is None:
        return tuple(index.passages[place] for place in places)
    return tuple(index.compressed(place, question, context.compress_to) for place in places)
