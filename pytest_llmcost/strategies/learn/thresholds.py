"""From which confidence on the cheap answer may stand: the cheapest threshold that is shown to lose little enough.

The threshold that looks best on the cases it is judged by loses more than that about every second time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.policy import PolicyStep, Way
from pytest_llmcost.statistics.calibration import cases_to_show, harm_p, net_loss_p, passing
from pytest_llmcost.statistics.clusters import count_groups, group_means
from pytest_llmcost.statistics.paired import fewest_provable_cases
from pytest_llmcost.strategies.learn.samples import Passage, Sample, Unit, passage, units_of

THRESHOLDS = tuple(step / 50 for step in range(50, -1, -1))
"""Fixed before any case is seen, from the safest down."""
_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Point:
    """What a way gives on the cases.

    Attributes:
        threshold: Least confidence at which the cheap answer stands; None where the dear one answers everything.
        way: The steps.
        escalated: Share of cases that the cheap answer does not settle.
        quality: Mean score.
        usd, seconds: Of a case, as if nothing were cached.
        loss: Mean loss against the dear strategy, without what is gained, or with it (`net`).
        p: Of "the loss is the bound or more".
    """

    threshold: float | None
    way: Way
    escalated: float
    quality: float
    usd: Decimal
    seconds: float
    loss: float
    p: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The thresholds of a cascade of two, tried one after another.

    Attributes:
        points: From the safest: the dear strategy alone, then the thresholds from 1 down.
        kept: How many of them are shown to keep the bound, all at once; of the first nothing has to be shown.
        chosen: The cheapest of those.
        naive: The cheapest whose loss on these very cases is within the bound.
        cheap_usd: Of a try of the cheap strategy.
        units: Cases, or groups of them where they have some.
        needed: Units without which even no loss at all shows nothing.
    """

    cheap: str
    dear: str
    loss: float
    confidence: float
    is_net: bool
    cases: int
    units: int
    needed: int
    points: tuple[Point, ...]
    kept: int
    chosen: Point
    naive: Point
    cheap_usd: Decimal

    @property
    def safe(self) -> Point:
        """The dear strategy alone."""
        return self.points[0]

    @property
    def cascade(self) -> Point | None:
        """The cheapest threshold that is shown to keep the bound, even where the dear strategy alone costs less."""
        return min(self.points[1 : self.kept], key=_by_cost) if self.kept > 1 else None

    @property
    def is_too_few(self) -> bool:
        """Whether there are too few cases for any guarantee."""
        return self.units < self.needed

    def needed_for(self, point: Point) -> int | None:
        """Return about how many cases would show *point*, if it loses no more than here; None: none would."""
        return None if point.loss >= self.loss else cases_to_show(point.loss, self.loss, 1 - self.confidence)

    def naive_cost(self, point: Point) -> Decimal:
        """Return what a request would cost if the first try of an escalated one were free: the usual mistake."""
        return point.usd - Decimal(repr(point.escalated)) * self.cheap_usd


@dataclass(frozen=True, slots=True)
class Tried:
    """The cases that thresholds are tried on, and what the dear strategy alone gives."""

    samples: Sequence[Sample]
    safe: Sequence[Passage]
    units: Sequence[Unit]
    bound: float
    is_net: bool

    def point(self, threshold: float | None, way: Way) -> Point:
        """Return what *way* gives."""
        gone = [passage(sample, way) for sample in self.samples]
        diffs = [one.score - alone.score for one, alone in zip(gone, self.safe, strict=True)]
        losses = [-diff if self.is_net else max(0.0, -diff) for diff in diffs]
        means, count = group_means(losses, self.units), len(gone)
        return Point(
            threshold=threshold,
            way=way,
            escalated=1.0 if threshold is None else sum(one.escalated for one in gone) / count,
            quality=math.fsum(one.score for one in gone) / count,
            usd=sum((one.usd for one in gone), Decimal(0)) / count,
            seconds=math.fsum(one.seconds for one in gone) / count,
            loss=math.fsum(losses) / count,
            p=net_loss_p([-mean for mean in means], self.bound) if self.is_net else harm_p(means, self.bound),
        )


def calibrate_thresholds(
    samples: Sequence[Sample], cheap: str, dear: str, *, loss: float, confidence: float, net: bool = False
) -> Calibrated:
    """Return the cascade from *cheap* to *dear* with the lowest cost that is shown to lose at most *loss*.

    The chance that it loses more is at most 1 - *confidence*: thresholds are tried from the safest down, each by
    its p-value, and the walk ends at the first that is not shown (docs/policies.md).

    Args:
        samples: Cases that both answered, at least one; those of the cheap strategy have a confidence.
        cheap: Asked first.
        dear: Asked where the first is not sure enough; the loss is measured against it.
        loss: The largest accepted mean loss, above 0 and below 1.
        confidence: Above 0 and below 1.
        net: Whether cases that the cheap strategy answers better make up for others.
    """
    delta = 1 - confidence
    safe = [passage(sample, way_of(cheap, dear, None)) for sample in samples]
    tried = Tried(samples, safe, units_of(samples), loss, net)
    points = [tried.point(threshold, way_of(cheap, dear, threshold)) for threshold in (None, *THRESHOLDS)]
    kept = 1 + passing((point.p for point in points[1:]), delta)
    within = [point for point in points if point.loss <= loss + _TIE]
    return Calibrated(
        cheap=cheap,
        dear=dear,
        loss=loss,
        confidence=confidence,
        is_net=net,
        cases=len(samples),
        units=count_groups(tried.units),
        needed=fewest_provable_cases(loss, delta),
        points=tuple(points),
        kept=kept,
        chosen=min(points[:kept], key=_by_cost),
        naive=min(within, key=_by_cost),
        cheap_usd=sum((passage(sample, (PolicyStep(cheap),)).usd for sample in samples), Decimal(0)) / len(samples),
    )


def way_of(cheap: str, dear: str, threshold: float | None) -> Way:
    """Return the steps; a threshold of None asks the dear strategy alone."""
    return (PolicyStep(dear),) if threshold is None else (PolicyStep(cheap, threshold), PolicyStep(dear))


def _by_cost(point: Point) -> tuple[Decimal, float]:
    return point.usd, point.escalated
