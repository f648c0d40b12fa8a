"""Tests in Python ask routers and cascades: as suites do, and as applications do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

import pytest

from pytest_llmcost.assembly.in_python import Asked, Prompt, Reply, read_asked
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.plan import COMPLEXITY, LEVELS
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.plugin.python_tests import Llm, Spent

ACCEPT = 0.9
"""From which confidence a cascade that nobody describes takes an answer."""


class LlmStrategy:
    """Asks a strategy for one test; its calls are cached, budgeted and counted as those of `llm`.

    Args:
        llm: What the test asks with.
        name: Of the configuration's strategy that is asked, if there is one of that name.
    """

    def __init__(self, llm: Llm, name: str) -> None:
        self._llm = llm
        self._name = name

    @property
    def spent(self) -> Spent:
        """What this test used so far: `usd`, `tokens`, `seconds`, `calls`."""
        return self._llm.spent

    def _described(self) -> Any:
        """Return what is asked where the configuration has no strategy of the name."""
        raise NotImplementedError

    def complete(
        self,
        prompt: Prompt,
        *,
        strategy: str | Mapping[str, Any] | None = None,
        labels: Sequence[str] = (),
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Reply:
        """Ask, and wait for the answer.

        Args:
            prompt: The user's message, or a whole chat.
            strategy: Another one than the fixture's own: its name, or as a suite would describe it.
            labels: The closed set of answers, whose probabilities are the confidence where nothing else is said.
            system: The system message, before the prompt.
            fields: Variables of the parts' own prompts, and what routes go by.
            **params: What routes go by (`complexity="simple"`); else request parameters.

        Raises:
            CallError: If there is no answer.
            BudgetReached: If the run's budget, or this test's, does not allow a call.
        """
        future = self._start(prompt, strategy, labels, system, fields, params)
        with self._llm.noting_failure():
            return self._counted(self._llm.wait(future))

    async def acomplete(
        self,
        prompt: Prompt,
        *,
        strategy: str | Mapping[str, Any] | None = None,
        labels: Sequence[str] = (),
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Reply:
        """Ask from any asyncio loop; otherwise as `complete`."""
        future = self._start(prompt, strategy, labels, system, fields, params)
        with self._llm.noting_failure():
            return self._counted(await asyncio.wrap_future(future))

    def _start(
        self,
        prompt: Prompt,
        strategy: str | Mapping[str, Any] | None,
        labels: Sequence[str],
        system: str | None,
        fields: Mapping[str, Any] | None,
        given: Mapping[str, Any],
    ) -> Future[Answer]:
        llm = self._llm
        asked = self._asked(strategy, labels)
        keys = {name: value for name, value in given.items() if name in asked.keys}
        llm.models.append(asked.spec.name)
        usd = llm.limits.usd
        return asked.start(
            llm.runner,
            prompt,
            about=llm.item.nodeid,
            number=len(llm.models),
            system=system,
            fields={**(fields or {}), **keys},
            params={name: value for name, value in given.items() if name not in keys},
            budget_usd=None if usd is None else Decimal(str(usd)),
        )

    def _asked(self, strategy: str | Mapping[str, Any] | None, labels: Sequence[str]) -> Asked:
        node = self._llm.item.nodeid
        name = strategy if isinstance(strategy, str) else self._name
        described = strategy
        try:
            if strategy is None:
                configured = self._llm.runner.project_at(node).strategies
                described = name if name in configured else self._described()
            return read_asked(self._llm.runner, name, described, about=node, labels=labels)
        except SettingsError as error:
            raise pytest.UsageError(str(error)) from error

    def _counted(self, answer: Answer) -> Reply:
        self._llm.took(answer)
        return Reply.of(answer)


class LlmRouter(LlmStrategy):
    """Asks the configuration's strategy `router`; without one, the tier that is meant for the complexity."""

    def _described(self) -> Any:
        return {"route": {"by": COMPLEXITY, "to": dict(LEVELS)}}


class LlmCascade(LlmStrategy):
    """Asks the configuration's strategy `cascade`; without one, the tiers cheap, mid and frontier in turn."""

    def _described(self) -> Any:
        models = self._llm.runner.project_at(self._llm.item.nodeid).models
        tiers = [tier for tier in reversed(list(LEVELS.values())) if tier in models]
        if not tiers:
            raise SettingsError(
                "llm_cascade has nobody to ask. Configure [tool.llmcost.tiers] cheap and mid, or describe the\n"
                "strategy 'cascade': [tool.llmcost.strategies] cascade = {cascade = [...]}",
                key="tiers",
            )
        *first, last = tiers
        return {"cascade": [*({"use": tier, "accept": ACCEPT} for tier in first), {"use": last}]}
