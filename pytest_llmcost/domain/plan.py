"""How a composed strategy comes to its answer: one shape, whether its parts are read, described or built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")

COMPLEXITY = "complexity"
"""The field that says how hard a request is; where a case has none, that is estimated."""
LEVELS: Mapping[str, str] = {"complex": "frontier", "medium": "mid", "simple": "cheap"}
"""How hard a request is, and the tier that is meant for it."""
SYNONYMS: Mapping[str, str] = {"high": "complex", "low": "simple", "complex": "high", "simple": "low"}


@dataclass(frozen=True, slots=True)
class Confidence(Generic[S]):
    """How it is told whether an answer is right.

    Attributes:
        kind: `logprob`, `json`, `agreement`, `verifier`, `parses` or `python`.
        argument: The JSON field's path, the number of answers, or `module:function`.
        verifier: Who is asked whether the answer is right; of that kind alone.
    """

    kind: str
    argument: str | int = ""
    verifier: S | None = None

    def map(self, function: Callable[[S], T]) -> Confidence[T]:
        """Return the same with *function*'s result in the place of each part."""
        verifier = None if self.verifier is None else function(self.verifier)
        return Confidence(self.kind, self.argument, verifier)


@dataclass(frozen=True, slots=True)
class RouteKey:
    """What a route goes by.

    Attributes:
        kind: `field` (of the case, or of its meta; its group; its tags), `estimate` or `python`.
        name: The field, what is estimated, or `module:function`.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Branch(Generic[S]):
    """A strategy by the name that a reader knows it by."""

    name: str
    strategy: S


@dataclass(frozen=True, slots=True)
class Route(Generic[S]):
    """One of several strategies, picked by the request.

    Attributes:
        to: By what the key may be.
        otherwise: For every other request; None where there can be none.
    """

    by: RouteKey
    to: Mapping[str, Branch[S]]
    otherwise: Branch[S] | None = None

    def pick(self, values: Iterable[str]) -> tuple[str, Branch[S]] | None:
        """Return the first of *values* that has a strategy, with that; `otherwise` where none has, if there is one."""
        for value in values:
            for word in (value, SYNONYMS.get(value, value)) if self.by.name == COMPLEXITY else (value,):
                if word in self.to:
                    return word, self.to[word]
        return None if self.otherwise is None else ("otherwise", self.otherwise)

    def parts(self) -> Iterator[S]:
        """Yield the strategies that it is made of."""
        yield from (branch.strategy for branch in self.to.values())
        if self.otherwise is not None:
            yield self.otherwise.strategy

    def map(self, function: Callable[[S], T]) -> Route[T]:
        """Return the same with *function*'s result in the place of each part."""
        to = {value: Branch(branch.name, function(branch.strategy)) for value, branch in self.to.items()}
        rest = self.otherwise
        return Route(self.by, to, None if rest is None else Branch(rest.name, function(rest.strategy)))


@dataclass(frozen=True, slots=True)
class CascadeStep(Generic[S]):
    """One try of a cascade.

    Attributes:
        accept: The least confidence with which its answer is taken; None takes every answer.
        is_error_escalated: Whether the next step is asked where this one fails on the case.
    """

    name: str
    strategy: S
    accept: float | None = None
    is_error_escalated: bool = True


@dataclass(frozen=True, slots=True)
class Cascade(Generic[S]):
    """Several strategies, one after another, until an answer is sure enough; the last one's is taken."""

    steps: tuple[CascadeStep[S], ...]

    def parts(self) -> Iterator[S]:
        """Yield the strategies that it is made of."""
        yield from (step.strategy for step in self.steps)

    def map(self, function: Callable[[S], T]) -> Cascade[T]:
        """Return the same with *function*'s result in the place of each part."""
        steps = (
            CascadeStep(step.name, function(step.strategy), step.accept, step.is_error_escalated) for step in self.steps
        )
        return Cascade(tuple(steps))


@dataclass(frozen=True, slots=True)
class Foreign(Generic[S]):
    """Another package's way to answer, with the strategies that it may ask.

    Attributes:
        function: Its name, as the package gives it.
        of: By the name that the function asks them by.
        options: What the suite says of it.
    """

    function: str
    of: Mapping[str, S] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def parts(self) -> Iterator[S]:
        """Yield the strategies that it is made of."""
        yield from self.of.values()

    def map(self, function: Callable[[S], T]) -> Foreign[T]:
        """Return the same with *function*'s result in the place of each part."""
        return Foreign(self.function, {name: function(part) for name, part in self.of.items()}, self.options)


Plan = Route[S] | Cascade[S] | Foreign[S]
