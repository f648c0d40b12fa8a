"""`Router` and `Cascade`: the strategies of suites, asked by an application."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.assembly.in_python import TEXT, Asked, Prompt, Reply, read_asked
from pytest_llmcost.assembly.project import Project
from pytest_llmcost.domain.plan import COMPLEXITY, LEVELS, Route
from pytest_llmcost.domain.suite import Case
from pytest_llmcost.domain.trial import Answer
from pytest_llmcost.strategies.route import picked, values_by

if TYPE_CHECKING:
    from pytest_llmcost.assembly.policy_router import PolicyRouter

_ABOUT = "application"


class AskedStrategy:
    """A strategy that an application asks, synchronously or from its own asyncio loop."""

    def __init__(self, name: str, described: Any, labels: Sequence[str], project: Project | None) -> None:
        self._name = name
        self._described = described
        self._labels = tuple(labels)
        self._given = project

    def complete(
        self,
        prompt: Prompt,
        *,
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Reply:
        """Ask, and wait for the answer.

        Args:
            prompt: The user's message, or a whole chat; a part with a prompt of its own puts it in as `{{ text }}`.
            system: The system message, before the prompt.
            fields: Further variables of the parts' own prompts, and what routes go by.
            **params: What routes go by (`task="spam"`); else request parameters: `max_tokens`, `temperature`, ...

        Raises:
            CallError: If there is no answer.
            BudgetReached: If the budget does not allow a call.
            SettingsError: If the strategy, or the configuration, is wrong.
        """
        return Reply.of(self._start(prompt, system, fields, params).result())

    async def acomplete(
        self,
        prompt: Prompt,
        *,
        system: str | None = None,
        fields: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Reply:
        """Ask from any asyncio loop; otherwise as `complete`."""
        return Reply.of(await asyncio.wrap_future(self._start(prompt, system, fields, params)))

    @cached_property
    def _project(self) -> Project:
        return Project() if self._given is None else self._given

    @cached_property
    def _asked(self) -> Asked:
        return read_asked(self._project.runner, self._name, self._described, about=_ABOUT, labels=self._labels)

    def _start(
        self, prompt: Prompt, system: str | None, fields: Mapping[str, Any] | None, given: Mapping[str, Any]
    ) -> Future[Answer]:
        keys = {name: value for name, value in given.items() if name in self._asked.keys}
        params = {name: value for name, value in given.items() if name not in keys}
        known = {**(fields or {}), **keys}
        return self._asked.start(
            self._project.opened(), prompt, about=_ABOUT, system=system, fields=known, params=params
        )


class Cascade(AskedStrategy):
    """Asks the first step, and the next one where its answer is not sure enough.

    `Cascade([{"use": "cheap", "accept": 0.9}, "frontier"], labels=["spam", "ham"])`

    Args:
        steps: As under `cascade` in a suite: each is a mapping with `use`, `accept`, `confidence`, `prompt`, ...; the
            last one may be a name alone. A name is a tier, a model, or a strategy of the configuration.
        labels: The closed set of answers, whose probabilities are the confidence where nothing else is said.
        project: Who asks; default: what the working directory's configuration says.
    """

    def __init__(
        self,
        steps: Sequence[str | Mapping[str, Any]],
        *,
        labels: Sequence[str] = (),
        project: Project | None = None,
    ) -> None:
        described = {"cascade": [{"use": step} if isinstance(step, str) else dict(step) for step in steps]}
        super().__init__("cascade", described, labels, project)


class Router(AskedStrategy):
    """Asks the strategy that is meant for the request.

    `Router().complete(mail, complexity="simple")` asks the tier that is meant for simple requests;
    `Router({"spam": "cheap", "legal": "frontier"}, by="task", otherwise="mid")` goes by a field.

    Args:
        to: Strategies by what the field may be: names, or mappings as in a suite. Default: frontier for complex
            requests, mid for medium, cheap for simple ones.
        by: The field; where `complexity` is not given with a request, it is estimated from its text.
        otherwise: For all other requests.
        labels: The closed set of answers.
        project: Who asks; default: what the working directory's configuration says.
    """

    def __init__(
        self,
        to: Mapping[str, str | Mapping[str, Any]] | None = None,
        *,
        by: str = COMPLEXITY,
        otherwise: str | Mapping[str, Any] | None = None,
        labels: Sequence[str] = (),
        project: Project | None = None,
    ) -> None:
        route = {"by": by, "to": dict(LEVELS if to is None else to)}
        described = {"route": route if otherwise is None else {**route, "otherwise": otherwise}}
        super().__init__("router", described, labels, project)

    @classmethod
    def from_policy(
        cls,
        path: str | Path,
        *,
        labels: Sequence[str] = (),
        known: Collection[str] = (),
        project: Project | None = None,
    ) -> PolicyRouter:
        """Return the router of a policy file; a `PolicyWarning` says what it is older than.

        Args:
            path: As `llmcost route learn` and `llmcost cascade calibrate` write it.
            labels: The closed set of answers.
            known: Names that the application knows beside the tiers, models and strategies of the configuration.
            project: Who asks; default: what the working directory's configuration says.

        Raises:
            SuiteError: If the file is wrong, of a newer format, or names an unknown tier; all mistakes at once.
            SettingsError: If the configuration is wrong.
        """
        from pytest_llmcost.assembly.loaded_policy import PolicyWarning, load_policy  # here, as few need it
        from pytest_llmcost.assembly.policy_router import PolicyRouter

        loaded = load_policy(Path(path), known)
        for note in loaded.notes:
            warnings.warn(f"{path}: {note}. Learn it anew.", PolicyWarning, stacklevel=2)
        return PolicyRouter(loaded, labels, project)

    def choose(self, request: str = "", **fields: Any) -> str:
        """Return the name of the strategy that a request goes to; nothing is asked.

        Args:
            request: Its text, from which its complexity is estimated where that is gone by and not among *fields*.
            **fields: What is known of it: `complexity="simple"`, `task="spam"`.

        Raises:
            NoStrategy: If there is none.
        """
        route = self._asked.spec.plan
        assert isinstance(route, Route), "a router is read as a route"
        case = Case("request", {TEXT: request, **fields} if request else fields, (), "")
        return picked(route, values_by(route.by, case))[1].name
