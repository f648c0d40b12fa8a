"""What a strategy asks about a case, told without asking: what it looks up stands in its prompt."""

from __future__ import annotations

from pytest_llmcost.domain.context import Context, Passage
from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Case, StrategySpec
from pytest_llmcost.strategies.context.answering import found, whole
from pytest_llmcost.strategies.context.compressing import beginning, compression_of, is_too_long
from pytest_llmcost.strategies.context.variables import variables_of, with_context
from pytest_llmcost.suites.render import PromptRenderer


def messages_about(case: Case, spec: StrategySpec, renderer: PromptRenderer) -> tuple[Message, ...]:
    """Return the chat that *spec*, whose prompt *renderer* renders, asks about *case*.

    Where a model compresses what is looked up, the beginning of each passage stands for what that would leave of it.

    Raises:
        WeightsError: If it is looked up by meaning, and the embedder's weights are missing.
    """
    if spec.context is None:
        return renderer.messages(case.fields)
    render = with_context(renderer.messages, is_placed=renderer.reads_context)
    passages = [_left_of(one, spec) for one in _passages(case, spec, spec.context)]
    return tuple(render({**case.fields, **variables_of(passages)}))


def compressions_about(case: Case, spec: StrategySpec) -> list[tuple[StrategySpec, list[Message]]]:
    """Return the chats that are asked to shorten what *spec* looks up for *case*, each with who is asked.

    Raises:
        WeightsError: As `messages_about`.
    """
    if spec.compressor is None or spec.context is None:
        return []
    most = int(spec.compressor.params["max_tokens"])
    passages = _passages(case, spec, spec.context)
    return [(spec.compressor, compression_of(one, case, most)) for one in passages if is_too_long(one, most)]


def _passages(case: Case, spec: StrategySpec, context: Context) -> tuple[Passage, ...]:
    """Return what is looked up for *case*; whole where a model is to shorten it."""
    return found(context if spec.compressor is None else whole(context), case)


def _left_of(passage: Passage, spec: StrategySpec) -> Passage:
    return passage if spec.compressor is None else beginning(passage, int(spec.compressor.params["max_tokens"]))
