"""A policy says which way to answer a request takes; it was learned from a run, and knows from which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_llmcost.domain.trial import StrategyRecord

if TYPE_CHECKING:
    from pytest_llmcost.domain.suite import Case

FORMAT = "llmcost-policy/1"

SUITE, TAGS, GROUP = "suite", "tags", "group"
"""What a policy may go `by` beside a case's fields and its `meta`: the suite's path, one of the tags, the group."""


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """One step of a way to answer.

    Attributes:
        use: A tier, a strategy, or a model.
        accept: The least confidence, 0..1, at which its answer is taken; None for the last step, which always is.
        confidence: What says how sure the answer is, as a suite writes it: `logprob`, `parses`, or one key and its
            value, `{json: field}`; None leaves it to the strategy.
    """

    use: str
    accept: float | None = None
    confidence: str | Mapping[str, Any] | None = None


Way = tuple[PolicyStep, ...]
"""A single step asks once; several are a cascade, the cheapest first."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a policy was learned from, and what it promises.

    Attributes:
        started: When the run was started, ISO 8601.
        commit: Of the project, at the run; empty where that is not known.
        loss: The largest accepted loss of quality over the whole traffic, as a share of 1.
        confidence: How sure it is that the loss is not larger, as a share of 1.
        safe: The strategy that the loss is measured against.
        prices_date, prices_sha256: The run's edition of the price list; empty where it used none.
        strategies: By suite path, then by name: fingerprint, model and prices, as in the run's header.
        requests: Of a month.
        usd: What they cost, in US dollars; `alone_usd`: what they cost where one strategy answers all, by its name.
    """

    started: str
    loss: float
    confidence: float
    safe: str
    prices_date: str = ""
    prices_sha256: str = ""
    strategies: Mapping[str, Mapping[str, StrategyRecord]] = field(default_factory=dict)
    commit: str = ""
    requests: int = 0
    usd: float = 0.0
    alone_usd: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules that pick the way a request is answered.

    Attributes:
        path: Where it was read, for messages.
        by: A field of the request, or `suite`, `tags`, `group`; empty where all requests go one way.
        ways: By the value of `by`.
        otherwise: For every other request.
        learned: None where somebody wrote it by hand.
    """

    path: str
    otherwise: Way
    by: str = ""
    ways: Mapping[str, Way] = field(default_factory=dict)
    learned: Learned | None = None

    def choose(self, request: Mapping[str, Any]) -> Way:
        """Return the way that *request* goes, given its fields; of several tags the first that has a rule decides."""
        for kind in kinds_of(request, self.by):
            if kind in self.ways:
                return self.ways[kind]
        return self.otherwise

    def names(self) -> frozenset[str]:
        """Return every tier, strategy and model that a request may go to."""
        return frozenset(step.use for way in (*self.ways.values(), self.otherwise) for step in way)


def kinds_of(request: Mapping[str, Any], by: str) -> tuple[str, ...]:
    """Return what *request* is by one of its fields, as a policy file writes it; nothing where it says nothing."""
    found = request.get(by)
    if isinstance(found, str):  # as it nearly always is
        return (found,)
    values = found if isinstance(found, list | tuple) else (found,)
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values if value is not None)


def request_of(case: Case, suite: str) -> dict[str, Any]:
    """Return a case of the suite at that path as the request that a policy sees."""
    return {SUITE: suite, TAGS: case.tags, GROUP: case.group, **case.meta, **case.fields}


def kinds_of_case(case: Case, by: str) -> tuple[str, ...]:
    """Return what a case is by one of its fields, its `meta`, its tags or its group."""
    request = request_of(case, "")
    return kinds_of({name: value for name, value in request.items() if name != SUITE or name in case.fields}, by)


def described(policy: Policy) -> dict[str, Any]:
    """Return a policy as a suite would describe the strategy."""
    otherwise = _described(policy.otherwise)
    if not policy.by:
        return otherwise
    to = {value: _described(way) for value, way in policy.ways.items()}
    return {"route": {"by": policy.by, "to": to, "otherwise": otherwise}}


def _described(way: Way) -> dict[str, Any]:
    if len(way) == 1:
        return {"use": way[0].use}
    stated = ({"use": step.use, "accept": step.accept, "confidence": step.confidence} for step in way)
    return {"cascade": [{key: value for key, value in step.items() if value is not None} for step in stated]}


def outdated(learned: Learned, now: Mapping[str, Mapping[str, StrategyRecord]]) -> Iterator[str]:
    """Yield, in words, in what a policy is older than the strategies that it was learned from.

    Args:
        learned: What the policy says of its origin.
        now: The strategies as they are, by suite path, then by name; one that is not among them is passed over.
    """
    for suite, records in sorted(learned.strategies.items()):
        for name, before in sorted(records.items()):
            here = now.get(suite, {}).get(name)
            if here is not None and here.fingerprint != before.fingerprint:
                what = f"the model is now {here.model}" if here.model != before.model else "prompt or parameters"
                yield f"{suite}::{name} changed since the policy was learned: {what}"
            elif here is not None and here.prices != before.prices:
                yield f"the prices of {suite}::{name} changed since the policy was learned"
