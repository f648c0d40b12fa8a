"""The fixtures: `llm`, `llm_router` and `llm_cascade` ask, `llm_score` scores, `llm_costs` tells what was used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_llmcost.plugin.asking import SessionCosts
    from pytest_llmcost.plugin.python_strategies import LlmCascade, LlmRouter
    from pytest_llmcost.plugin.python_tests import Llm


@pytest.fixture
def llm(request: pytest.FixtureRequest) -> Iterator[Llm]:
    """Ask models: `llm.complete(prompt, model=..., **params)`, `await llm.acomplete(...)`, `llm.spent`.

    Answers are cached, calls are budgeted and counted to the test. Without
    `--llm-budget` only recordings answer; a test that needs another call is skipped.
    """
    from pytest_llmcost.plugin.asking import asking_of

    asking = asking_of(request.config)
    yield asking.begin(request.node)
    asking.end(request.node)


@pytest.fixture
def llm_router(llm: Llm) -> LlmRouter:
    """Ask the strategy that is meant for the request: `llm_router.complete(prompt, complexity="simple")`.

    It is the configuration's strategy `router`; without one, complex requests go to the tier frontier, medium ones to
    mid and simple ones to cheap. Where the complexity is not given, it is estimated.
    """
    from pytest_llmcost.plugin.python_strategies import LlmRouter

    return LlmRouter(llm, "router")


@pytest.fixture
def llm_cascade(llm: Llm) -> LlmCascade:
    """Ask the cheap tier first, and the next one where its answer is not sure enough: `llm_cascade.complete(prompt)`.

    It is the configuration's strategy `cascade`; without one, the tiers cheap, mid and frontier, as far as there are
    any, by the probability of one of `labels=[...]`.
    """
    from pytest_llmcost.plugin.python_strategies import LlmCascade

    return LlmCascade(llm, "cascade")


@pytest.fixture
def llm_score(llm: Llm) -> Callable[[bool | float], None]:
    """Score the test's answer, 0..1 or right and wrong: it joins the gate under the function's name."""

    def score(value: bool | float) -> None:
        if not 0 <= value <= 1:
            raise ValueError(f"llm_score({value!r}): True, False or a number in 0..1 is needed")
        llm.score = float(value)

    return score


@pytest.fixture
def llm_costs(request: pytest.FixtureRequest) -> SessionCosts:
    """Tell what the session's tests used so far in this process: `llm_costs.usd`, ...; never calls."""
    from pytest_llmcost.plugin.asking import asking_of

    return asking_of(request.config).costs
