"""What a suite may name although it does not say it: the project's models, strategies, scorers and code."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pytest_llmcost.suites.tree.report import shown


@dataclass(frozen=True, slots=True)
class Accepted:
    """The options that another package's function takes: a scorer, or a strategy.

    Attributes:
        options: Their names.
        needed: Those that have to be stated.
        takes_any: Whether it takes others, too.
    """

    options: Collection[str] = ()
    needed: Collection[str] = ()
    takes_any: bool = False

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Accepted | None:
        """Return what *function* takes behind its two arguments (`answer, case`); None where it takes no two."""
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):  # (written in C, without a signature)
            return cls(takes_any=True)
        kinds = {p.kind for p in parameters}
        by_place = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if len(by_place) < 2 and inspect.Parameter.VAR_POSITIONAL not in kinds:
            return None
        by_name = [*by_place[2:], *(p for p in parameters if p.kind is p.KEYWORD_ONLY)]
        return cls(
            tuple(p.name for p in by_name),
            tuple(p.name for p in by_name if p.default is p.empty),
            takes_any=inspect.Parameter.VAR_KEYWORD in kinds,
        )


@dataclass(frozen=True, slots=True)
class Configured:
    """What one configuration file says of suites.

    Attributes:
        file: Its path below the root directory; relative paths in it start there.
        defaults: Any top-level keys of a suite: what the suite does not say, they say.
        strategies: By name, which a suite's list of strategies may hold.
    """

    file: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    strategies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """The surroundings of a suite.

    Attributes:
        models: Names of tiers and configured models.
        configured: The configuration files that hold for the suite, the nearest first.
        scorers: Scorers of other packages, by name, with the options that they take.
        allowed_python: Modules (and packages) whose functions may be named.
        functions: Strategies of other packages, by name, with the options that they take.
        today: The day that quarantines are measured by.
        has_lines: Whether what the configuration says is told with its line, which takes a while to find.
    """

    models: Collection[str] = ()
    configured: Sequence[Configured] = ()
    scorers: Mapping[str, Accepted] = field(default_factory=dict)
    allowed_python: Collection[str] = ()
    functions: Mapping[str, Accepted] = field(default_factory=dict)
    today: date = field(default_factory=date.today)
    has_lines: bool = False

    @property
    def strategies(self) -> Mapping[str, Configured]:
        """The configuration's strategies, each with the nearest file that describes it."""
        return {name: one for one in reversed(self.configured) for name in one.strategies}

    def why_barred(self, function: str) -> str:
        """Return why `module:function` may not be run: its module is not allowed, nor below an allowed package."""
        module = function.partition(":")[0]
        if any(module == allowed or module.startswith(f"{allowed}.") for allowed in self.allowed_python):
            return ""
        allow = f'[tool.llmcost] allowed_python = ["{module}"]'
        return f"module {shown(module)} may not be run for a suite.\nAllow it with: {allow}"
