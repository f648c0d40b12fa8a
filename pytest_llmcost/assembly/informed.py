"""What a strategy asks about a case, told without asking: what it looks up stands in its prompt."""

from __future__ import annotations

from pytest_llmcost.domain.request import Message
from pytest_llmcost.domain.suite import Case, StrategySpec
from pytest_llmcost.strategies.context.answering import found
from pytest_llmcost.strategies.context.variables import variables_of, with_context
from pytest_llmcost.suites.render import PromptRenderer


def messages_about(case: Case, spec: StrategySpec, renderer: PromptRenderer) -> tuple[Message, ...]:
    """Return the chat that *spec*, whose prompt *renderer* renders, asks about *case*.

    Raises:
        WeightsError: If it is looked up by meaning, and the embedder's weights are missing.
    """
    if spec.context is None:
        return renderer.messages(case.fields)
    render = with_context(renderer.messages, is_placed=renderer.reads_context)
    return tuple(render({**case.fields, **variables_of(found(spec.context, case))}))
