"""The prompts that a strategy sends, a text a call: what is counted of them is a mean over the first cases."""

from __future__ import annotations

from pytest_llmcost.assembly.informed import messages_about
from pytest_llmcost.domain.suite import StrategySpec, Suite
from pytest_llmcost.suites.lint.passages import contents
from pytest_llmcost.suites.render import PromptRenderer

MOST_CASES = 100
"""Of a suite, whose mean a prompt's size is."""


def sent(suite: Suite, leaf: StrategySpec) -> list[str]:
    """Return the texts of the calls of a strategy that asks one model, of up to `MOST_CASES` cases.

    Raises:
        WeightsError: As `messages_about`.
    """
    renderer = PromptRenderer(leaf.prompt, suite.labels)
    calls = [messages_about(case, leaf, renderer) for case in suite.cases[:MOST_CASES]]
    return ["\n".join(text for message in call for text in contents(message)) for call in calls]
