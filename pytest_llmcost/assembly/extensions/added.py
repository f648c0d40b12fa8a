"""What is added from outside, as one value: the rooms get their part of it, and know nothing of hooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_llmcost.domain.gate import Verdict
from pytest_llmcost.domain.price import Price
from pytest_llmcost.domain.protocols import Complete
from pytest_llmcost.domain.trial import Run
from pytest_llmcost.strategies.foreign import Delegate
from pytest_llmcost.suites.project import Accepted

Function = Callable[..., bool | float]
Reporter = Callable[[Run, Sequence[Verdict]], None]


@dataclass(frozen=True, slots=True)
class Extensions:
    """All that packages, plugins of pytest and the rootdir's conftest.py add.

    Attributes:
        scorers: Functions, by the name that suites write.
        providers: Ways to ask, by the prefix of their models' names.
        prices: By model; their source is who states them.
        strategies: Ways to answer, by the name that suites use.
        reports: What is called when a run has ended, with who adds it.
        said: One line a thing that is added, for people: what, and by whom.
    """

    scorers: Mapping[str, Function] = field(default_factory=dict)
    providers: Mapping[str, Complete] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    strategies: Mapping[str, Delegate] = field(default_factory=dict)
    reports: Sequence[tuple[str, Reporter]] = ()
    said: Sequence[str] = ()

    @property
    def accepted(self) -> Mapping[str, Accepted]:
        """The scorers with the options that they take."""
        return {name: Accepted.of(function) or Accepted() for name, function in self.scorers.items()}

    @property
    def functions(self) -> Mapping[str, Accepted]:
        """The strategies with the options that they take."""
        return {name: Accepted.of(function) or Accepted() for name, function in self.strategies.items()}


NONE = Extensions()
