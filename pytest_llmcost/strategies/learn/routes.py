"""Each task type goes the cheapest way that the quality of the whole traffic bears: one bound for all of it.

The policies that are tried, and their order, come from one half of the cases; the other half tests them, and the walk
ends at the first that is not shown to keep the bound. A bound for each type would send almost nothing to the cheap.
Source of the order: Laufer-Goldshtein, Fisch, Barzilay and Jaakkola 2023, "Efficiently Controlling Multiple Risks
with Pareto Testing".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.policy import Way
from pytest_llmcost.statistics.calibration import passing
from pytest_llmcost.statistics.clusters import count_groups
from pytest_llmcost.statistics.paired import fewest_provable_cases
from pytest_llmcost.strategies.learn.candidates import policies_to_try, single
from pytest_llmcost.strategies.learn.samples import Sample, units_of
from pytest_llmcost.strategies.learn.traffic import Measured, Traffic, Ways, shares_of


@dataclass(frozen=True, slots=True)
class Goal:
    """What a policy has to keep.

    Attributes:
        loss: The largest accepted mean loss over the whole traffic, net of what is gained; above 0 and below 1.
        confidence: How sure that has to be, above 0 and below 1.
        p95_seconds: The largest 95th percentile of latency, as observed; None where any will do.
    """

    loss: float
    confidence: float
    p95_seconds: float | None = None

    def is_fast(self, measured: Measured) -> bool:
        """Return whether a policy is as fast as it has to be."""
        return self.p95_seconds is None or measured.p95_seconds <= self.p95_seconds


@dataclass(frozen=True, slots=True)
class LearnedRoutes:
    """A policy with its evidence, all of it from the half that it was tested on.

    Attributes:
        safe: What the loss is measured against, and where every type stays that nothing is shown for.
        ways: By task type.
        shares: Of the traffic, by task type.
        measured: The policy.
        alone: Each strategy alone, by name.
        shown: Strategies that alone are shown to keep the bound.
        ordered, tested: Cases in either half.
        units: Cases in the second half, or groups of them where they have some.
        needed: Units there without which even no loss at all shows nothing.
    """

    goal: Goal
    safe: str
    ways: Ways
    shares: Mapping[str, float]
    measured: Measured
    alone: Mapping[str, Measured]
    shown: tuple[str, ...]
    ordered: tuple[Sample, ...]
    tested: tuple[Sample, ...]
    units: int
    needed: int

    @property
    def is_too_few(self) -> bool:
        """Whether there are too few cases for any guarantee."""
        return self.units < self.needed

    @property
    def is_too_slow(self) -> bool:
        """Whether no policy that keeps the bound is fast enough; this one is then the safe one."""
        return not self.goal.is_fast(self.measured)


def learn_routes(
    ordered: Sequence[Sample],
    tested: Sequence[Sample],
    strategies: Sequence[str],
    goal: Goal,
    *,
    safe: str | None = None,
    shares: Mapping[str, float] | None = None,
) -> LearnedRoutes:
    """Return the policy with the lowest cost that is shown to keep the goal.

    Args:
        ordered: The half that says what is tried, and in which order.
        tested: The half that says how far to go, with at least one case of each task type.
        strategies: Names of those that answered every case, at least one.
        goal: The bound.
        safe: What the loss is measured against; None: the best on the first half, of equals the dearest.
        shares: Of the traffic, by task type, adding up to 1; None: as the cases are.
    """
    shares = shares or shares_of([*ordered, *tested])
    first, second = Traffic(ordered, shares, goal.loss), Traffic(tested, shares, goal.loss)
    safe = safe or _best(first if ordered else second, strategies)
    start = second.all_by(single(safe))
    # What is tried may not come from the cases that it is tested on.
    tried = _tried(first, start, strategies, shares, goal) if ordered else [start]
    measured = [second.measure(ways, start) for ways in tried]
    # Of the safe policy nothing has to be shown.
    kept = 1 + passing((one.p for one in measured[1:]), 1 - goal.confidence)
    fast = [place for place in range(kept) if goal.is_fast(measured[place])]
    chosen = min(fast or [0], key=lambda place: (measured[place].usd, place))
    return LearnedRoutes(
        goal=goal,
        safe=safe,
        ways=tried[chosen],
        shares=shares,
        measured=measured[chosen],
        alone={name: second.measure(second.all_by(single(name)), start) for name in strategies},
        shown=tuple(name for name in strategies if second.all_by(single(name)) in tried[:kept]),
        ordered=tuple(ordered),
        tested=tuple(tested),
        units=count_groups(units_of(tested)),
        needed=fewest_provable_cases(goal.loss, 1 - goal.confidence),
    )


def _best(traffic: Traffic, strategies: Sequence[str]) -> str:
    def rank(name: str) -> tuple[float, Decimal]:
        alone = traffic.all_by(single(name))
        measured = traffic.measure(alone, alone)
        return measured.quality, measured.usd

    return max(strategies, key=rank)


def _tried(
    first: Traffic, start: dict[str, Way], strategies: Sequence[str], shares: Mapping[str, float], goal: Goal
) -> list[dict[str, Way]]:
    """Return the safe policy, then all others that are worth a try, the surest first by the half that orders them.

    Each strategy alone is among them, so that no policy is dearer than one of these that keeps the bound.
    """
    steps = policies_to_try(first.kinds, shares, strategies, start, goal.p95_seconds)
    alone = [dict.fromkeys(start, single(name)) for name in strategies]
    others = [ways for ways in [*alone, *steps] if ways != start]
    # (sorted() is stable: of equally sure ones a single strategy is tried first)
    return [start, *sorted(others, key=lambda ways: first.measure(ways, start).p)]
