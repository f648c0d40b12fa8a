"""What a task type's cases may go through instead of the safe strategy, and in which order that is worth a try.

Of each type only those ways count that no mixture of two others beats; the way that loses least for each dollar
saved comes first, across all types (docs/policies.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement, pairwise

from pytest_llmcost.domain.policy import PolicyStep, Way
from pytest_llmcost.strategies.learn.samples import Sample, passage
from pytest_llmcost.strategies.learn.traffic import Ways, weighted_percentile

THRESHOLDS = tuple(step / 10 for step in range(9, 0, -1))
"""Coarser than where a single threshold is sought: of a type's few cases, the best of many would be luck."""
GRIDS = {2: THRESHOLDS, 3: THRESHOLDS[::2], 4: THRESHOLDS[::3]}
"""By the number of a cascade's steps, from the safest down; longer ones are not tried."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way of one task type, against the safe strategy, on the cases that the order is taken from.

    Attributes:
        saved: US dollars a request, over all the traffic.
        lost: Score a request, over all the traffic, net of what is gained.
    """

    kind: str
    way: Way
    saved: float
    lost: float


def single(strategy: str) -> Way:
    """Return the way that asks one strategy alone."""
    return (PolicyStep(strategy),)


def policies_to_try(
    kinds: Mapping[str, Sequence[Sample]],
    shares: Mapping[str, float],
    strategies: Sequence[str],
    safe: Ways,
    p95_seconds: float | None,
) -> list[dict[str, Way]]:
    """Return whole policies, the safe one first, each with one more step towards the cheap than the one before.

    Args:
        kinds: Cases by task type.
        shares: Of the traffic, by task type.
        strategies: Names of all.
        safe: Where every type starts.
        p95_seconds: Ways that are slower than this are not gone; None: all may be.
    """
    steps = []
    for kind, samples in kinds.items():
        saved = lost = 0.0
        for one in _efficient(_candidates(kind, samples, shares[kind], strategies, safe[kind], p95_seconds)):
            steps.append((_price(one, saved, lost), kind, one.way))
            saved, lost = one.saved, one.lost
    policies = [dict(safe)]
    for _, kind, way in sorted(steps, key=lambda step: step[:2]):  # (stable: within a type prices only rise)
        policies.append({**policies[-1], kind: way})
    return policies


def _candidates(
    kind: str,
    samples: Sequence[Sample],
    share: float,
    strategies: Sequence[str],
    safe: Way,
    p95_seconds: float | None,
) -> Iterator[Candidate]:
    before = [passage(sample, safe) for sample in samples]
    for way in _possible_ways(samples, strategies):
        gone = [passage(sample, way) for sample in samples]
        if p95_seconds is not None and weighted_percentile([(one.seconds, 1.0) for one in gone], 0.95) > p95_seconds:
            continue
        saved = float(sum(old.usd - new.usd for old, new in zip(before, gone, strict=True)))
        lost = math.fsum(old.score - new.score for old, new in zip(before, gone, strict=True))
        yield Candidate(kind, way, share * saved / len(samples), share * lost / len(samples))


def _possible_ways(samples: Sequence[Sample], strategies: Sequence[str]) -> Iterator[Way]:
    """Yield each strategy alone, and each cascade to ever dearer ones; all but its last have a confidence.

    In one of more than two each is better than the one before it, too, so that they stay few; thresholds never rise.
    """
    alone = {name: [passage(sample, single(name)) for sample in samples] for name in strategies}
    usd = {name: sum(one.usd for one in gone) for name, gone in alone.items()}
    score = {name: math.fsum(one.score for one in gone) for name, gone in alone.items()}
    sure = {
        name
        for name in strategies
        if all(one.confidence is not None for sample in samples for one in sample.outcomes[name])
    }
    yield from map(single, strategies)
    by_cost = sorted(strategies, key=lambda name: usd[name])
    for length, grid in GRIDS.items():
        for *tries, last in combinations(by_cost, length):
            pairs = list(pairwise([*tries, last]))
            is_rising = all(usd[a] < usd[b] and (length == 2 or score[a] < score[b]) for a, b in pairs)
            if is_rising and sure.issuperset(tries):
                for accepts in combinations_with_replacement(grid, length - 1):
                    yield (*map(PolicyStep, tries, accepts), PolicyStep(last))


def _efficient(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    """Yield the lower convex hull of losses over savings, from the safe strategy at nought on."""
    saved = lost = 0.0
    left = list(candidates)
    while left := [one for one in left if one.saved > saved]:
        best = min(left, key=lambda one: (_price(one, saved, lost), -one.saved))
        yield best
        saved, lost = best.saved, best.lost


def _price(candidate: Candidate, saved: float, lost: float) -> float:
    """Return what is lost more for each dollar that is saved more."""
    return (candidate.lost - lost) / (candidate.saved - saved)
