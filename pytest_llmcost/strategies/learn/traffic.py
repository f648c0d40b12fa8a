"""Cases stand for traffic: each task type counts by its share of the requests, however many cases it has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.policy import Way
from pytest_llmcost.statistics.calibration import net_loss_p
from pytest_llmcost.statistics.clusters import group_means
from pytest_llmcost.strategies.learn.samples import Passage, Sample, by_kind, passage, units_of

Ways = Mapping[str, Way]
"""By task type."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A policy on some cases, weighted as the traffic is.

    Attributes:
        usd, tokens: Of a request, as if nothing were cached.
        loss: Net of what is gained, against the safe strategy.
        p: Of "the loss is the bound or more".
    """

    quality: float
    usd: Decimal
    tokens: float
    p50_seconds: float
    p95_seconds: float
    loss: float
    p: float


class Traffic:
    """Some cases, and what share of the requests each task type has.

    Args:
        samples: At least one of each task type that has a share.
        shares: By task type; their sum is 1.
        bound: The largest accepted mean loss.
    """

    def __init__(self, samples: Sequence[Sample], shares: Mapping[str, float], bound: float) -> None:
        self.kinds = by_kind(samples)
        self._bound = bound
        self._shares = {kind: shares.get(kind, 0.0) for kind in self.kinds}
        self._weights = {kind: share * len(samples) / len(self.kinds[kind]) for kind, share in self._shares.items()}
        self._units = units_of([sample for own in self.kinds.values() for sample in own])
        self._known: dict[tuple[str, Way], list[Passage]] = {}

    def all_by(self, way: Way) -> dict[str, Way]:
        """Return the policy that sends everything one way."""
        return dict.fromkeys(self.kinds, way)

    def measure(self, ways: Ways, safe: Ways) -> Measured:
        """Return what *ways* give, against the policy *safe*."""
        gone = {kind: self._gone(kind, ways[kind]) for kind in self.kinds}
        diffs = [
            self._weights[kind] * (new.score - old.score)
            for kind, own in gone.items()
            for new, old in zip(own, self._gone(kind, safe[kind]), strict=True)
        ]
        moved = [self._weights[kind] for kind in self.kinds if ways[kind] != safe[kind]]
        timed = [(one.seconds, self._weights[kind]) for kind, own in gone.items() for one in own]
        return Measured(
            quality=math.fsum(self._shares[kind] * _mean([one.score for one in own]) for kind, own in gone.items()),
            usd=sum((Decimal(repr(self._shares[kind])) * _mean_usd(own) for kind, own in gone.items()), Decimal(0)),
            tokens=math.fsum(self._shares[kind] * _mean([one.tokens for one in own]) for kind, own in gone.items()),
            p50_seconds=weighted_percentile(timed, 0.50),
            p95_seconds=weighted_percentile(timed, 0.95),
            loss=0.0 - math.fsum(diffs) / len(diffs),
            p=net_loss_p(group_means(diffs, self._units), self._bound, max([1.0, *moved])),
        )

    def _gone(self, kind: str, way: Way) -> list[Passage]:
        key = (kind, way)
        if key not in self._known:
            self._known[key] = [passage(sample, way) for sample in self.kinds[kind]]
        return self._known[key]


def shares_of(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the share of each task type among the cases."""
    return {kind: len(own) / len(samples) for kind, own in by_kind(samples).items()}


def weighted_percentile(values: Sequence[tuple[float, float]], share: float) -> float:
    """Return the smallest value that at least *share* of the weight does not exceed (nearest rank).

    Args:
        values: Each with its weight, at least one.
        share: Above 0, at most 1.
    """
    needed = share * math.fsum(weight for _, weight in values) * (1 - 1e-12)
    reached = 0.0
    ordered = sorted(values)
    for value, weight in ordered:
        reached += weight
        if reached >= needed:
            return value
    return ordered[-1][0]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _mean_usd(passages: Sequence[Passage]) -> Decimal:
    return sum((one.usd for one in passages), Decimal(0)) / len(passages)
