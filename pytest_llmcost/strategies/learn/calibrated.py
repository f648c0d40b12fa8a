"""The ways that were tried one after another, from the safest on, up to the last that is shown to lose little enough.

The way that looks best on the cases it is judged by loses more than that about every second time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.policy import Way
from pytest_llmcost.statistics.calibration import cases_to_show, harm_p, net_loss_p, passing
from pytest_llmcost.statistics.clusters import count_groups, group_means
from pytest_llmcost.statistics.paired import fewest_provable_cases
from pytest_llmcost.strategies.learn.samples import Sample, asked_shares, passage, units_of

_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Point:
    """What a way gives on the cases.

    Attributes:
        way: The steps; a single one is the last strategy alone.
        escalated: Share of cases that the first answer does not settle; of the last strategy alone all of them.
        quality: Mean score.
        usd, seconds: Of a case, as if nothing were cached.
        naive_usd: What a case would cost if only the answering step had to be paid: the usual mistake.
        loss: Mean loss against the last strategy, without what is gained, or with it (`net`).
        p: Of "the loss is the bound or more".
    """

    way: Way
    escalated: float
    quality: float
    usd: Decimal
    naive_usd: Decimal
    seconds: float
    loss: float
    p: float

    @property
    def threshold(self) -> float | None:
        """Least confidence at which the first answer stands; None where the last strategy answers everything."""
        return self.way[0].accept


@dataclass(frozen=True, slots=True)
class Bound:
    """What a way may lose.

    Attributes:
        loss: The largest accepted mean loss, above 0 and below 1.
        confidence: How sure that has to be, above 0 and below 1.
        is_net: Whether cases that an earlier strategy answers better make up for others.
    """

    loss: float
    confidence: float
    is_net: bool


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The thresholds of a cascade, tried one after another.

    Attributes:
        steps: Names of its strategies, in the order in which they are asked; the loss is measured against the last.
        cases: That the ways were tested on; `ordered` are those before them that only said what to try.
        points: From the safest: the last strategy alone, then what is tried.
        kept: How many of them are shown to keep the bound, all at once; of the first nothing has to be shown.
        chosen: The cheapest of those; `asked` is in which share of the cases each of its steps is asked.
        naive: The cheapest whose loss on the very cases that it is chosen by is within the bound.
        units: Cases to test on, or groups of them where they have some.
        needed: Units without which even no loss at all shows nothing.
    """

    steps: tuple[str, ...]
    bound: Bound
    cases: int
    ordered: int
    units: int
    needed: int
    points: tuple[Point, ...]
    kept: int
    chosen: Point
    asked: tuple[float, ...]
    naive: Point

    @property
    def safe(self) -> Point:
        """The last strategy alone."""
        return self.points[0]

    @property
    def cascade(self) -> Point | None:
        """The cheapest cascade that is shown to keep the bound, even where the last strategy alone costs less."""
        return min(self.points[1 : self.kept], key=by_cost) if self.kept > 1 else None

    @property
    def is_too_few(self) -> bool:
        """Whether there are too few cases for any guarantee."""
        return self.units < self.needed

    def in_all(self, units: int) -> int:
        """Return about how many it takes, of all, to have so many to test on: half of them may say what to try."""
        return 2 * units if self.ordered else units

    def needed_for(self, point: Point) -> int | None:
        """Return about how many cases to test on would show *point*, if it loses no more than here; None: none."""
        bound = self.bound
        return None if point.loss >= bound.loss else cases_to_show(point.loss, bound.loss, 1 - bound.confidence)


class Tried:
    """Cases that ways are tried on, beside the last strategy alone."""

    def __init__(self, samples: Sequence[Sample], safe: Way, bound: Bound) -> None:
        self.samples, self._bound = samples, bound
        self._safe = [passage(sample, safe).score for sample in samples]
        self.units = units_of(samples)

    def losses(self, scores: Sequence[float]) -> list[float]:
        """Return what each case loses."""
        lost = [alone - score for alone, score in zip(self._safe, scores, strict=True)]
        return lost if self._bound.is_net else [max(0.0, one) for one in lost]

    def point(self, way: Way) -> Point:
        """Return what *way* gives."""
        gone = [passage(sample, way) for sample in self.samples]
        losses = self.losses([one.score for one in gone])
        means, count = group_means(losses, self.units), len(gone)
        loss = self._bound.loss
        return Point(
            way=way,
            escalated=1.0 if len(way) == 1 else math.fsum(one.escalated for one in gone) / count,
            quality=math.fsum(one.score for one in gone) / count,
            usd=sum((one.usd for one in gone), Decimal(0)) / count,
            naive_usd=sum((one.answering_usd for one in gone), Decimal(0)) / count,
            seconds=math.fsum(one.seconds for one in gone) / count,
            loss=math.fsum(losses) / count,
            p=net_loss_p([-mean for mean in means], loss) if self._bound.is_net else harm_p(means, loss),
        )


def walked(
    steps: Sequence[str], bound: Bound, tried: Tried, ways: Sequence[Way], naive: Point | None = None, ordered: int = 0
) -> Calibrated:
    """Return how far the walk along *ways* gets: to the last before the first that is not shown to keep the bound.

    Args:
        steps: The cascade's strategies.
        bound: What a way may lose.
        tried: The cases to test on.
        ways: The last strategy alone, then what is tried, in an order that these cases did not choose.
        naive: What looks best; None: of these ways, on these cases.
        ordered: How many other cases said what to try.
    """
    delta = 1 - bound.confidence
    points = [tried.point(way) for way in ways]
    kept = 1 + passing((point.p for point in points[1:]), delta)
    chosen = min(points[:kept], key=by_cost)
    return Calibrated(
        steps=tuple(steps),
        bound=bound,
        cases=len(tried.samples),
        ordered=ordered,
        units=count_groups(tried.units),
        needed=fewest_provable_cases(bound.loss, delta),
        points=tuple(points),
        kept=kept,
        chosen=chosen,
        asked=asked_shares(tried.samples, chosen.way),
        naive=naive or min((point for point in points if is_within(point.loss, bound)), key=by_cost),
    )


def is_within(loss: float, bound: Bound) -> bool:
    """Return whether an observed loss is no more than the bound."""
    return loss <= bound.loss + _TIE


def by_cost(point: Point) -> tuple[Decimal, float]:
    """Return what the cheapest has least of; of equally cheap ones that which escalates less."""
    return point.usd, point.escalated
