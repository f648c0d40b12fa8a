"""From which similarity on an earlier answer may stand: the threshold with most hits whose wrong ones are bounded.

The threshold that looks best on the hits it is judged by is wrong more often than that (docs/semantic_cache.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.domain.semantic import DEFAULT_THRESHOLD, GUARD_NAMES, Lookup
from pytest_llmcost.statistics.calibration import clopper_pearson, harm_p, passing
from pytest_llmcost.statistics.clusters import count_groups, group_means
from pytest_llmcost.statistics.intervals import Interval
from pytest_llmcost.statistics.paired import fewest_provable_cases
from pytest_llmcost.strategies.learn.samples import Outcome

THRESHOLDS = tuple(step / 100 for step in range(100, 69, -1))
"""Fixed before any answer is seen, from the safest down."""

Pair = tuple[str, str]
"""A case, and the earlier one whose answer it is given."""


@dataclass(frozen=True, slots=True)
class Reused:
    """A case that was given an earlier one's answer.

    Attributes:
        own: What the strategy itself answers.
        score, is_right: Of the earlier answer, as an answer to this case.
    """

    own: Outcome
    score: float
    is_right: bool

    @property
    def is_wrong_hit(self) -> bool:
        """Whether the cache gave a wrong answer where the strategy's own is right."""
        return self.own.is_right and not self.is_right

    @property
    def loss(self) -> float:
        """What the score loses, 0..1."""
        return max(0.0, self.own.score - self.score)


@dataclass(frozen=True, slots=True)
class Walk:
    """One suite's traffic, ready to be walked.

    Attributes:
        suite: Its path.
        cases: Its cases, in order.
        own: What the strategy answers to each, where that is known.
        groups: The group of each case that has one: such cases are wrong together.
        look_up: What looking up each case comes to, by threshold and guards.
    """

    suite: str
    cases: Sequence[str]
    own: Mapping[str, Outcome]
    groups: Mapping[str, str]
    look_up: Callable[[float, Collection[str]], Sequence[Lookup]]

    def hits(self, threshold: float, guards: Collection[str]) -> list[Pair]:
        """Return the cases that are given an earlier answer, each with whose."""
        found = zip(self.cases, self.look_up(threshold, guards), strict=True)
        return [(case, lookup.source) for case, lookup in found if lookup.source]


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold gives.

    Attributes:
        hits: How many answers came from the cache; `compared`: of how many it is known whether they are wrong hits.
        units: Those by the earlier answer that they were given, or the group that they are of: wrong together.
        wrong: Wrong hits; `interval`: of their share of the compared ones, Clopper-Pearson, 90 %.
        hit_rate: Of all requests; `saved`: share of the cost.
        loss: Mean loss of a unit's score, which is what is bounded; `p`: of "it is the bound or more".
    """

    threshold: float
    hits: int
    compared: int
    units: int
    wrong: int
    interval: Interval | None
    hit_rate: float
    saved: float
    saved_usd: Decimal
    loss: float
    p: float


@dataclass(frozen=True, slots=True)
class GuardEffect:
    """What hits there would be without one guard (empty: with all of them), at one threshold."""

    guard: str
    hits: int
    compared: int
    wrong: int


@dataclass(frozen=True, slots=True)
class CalibratedCache:
    """The thresholds of a semantic cache, tried one after another.

    Attributes:
        requests: How many cases the traffic has.
        points: From the safest down.
        first: The place of the first that has enough hits for any guarantee; None where none has.
        kept: How many from there on are shown to keep the bound, all at once.
        chosen: The one of those that saves most; None where there is none.
        needed: Units without which even no wrong hit shows nothing.
    """

    strategy: str
    loss: float
    confidence: float
    requests: int
    points: tuple[Point, ...]
    first: int | None
    kept: int
    chosen: Point | None
    needed: int

    @property
    def looked_at(self) -> float:
        """The threshold that guards are shown at: the chosen one, or what a suite has that says nothing."""
        return DEFAULT_THRESHOLD if self.chosen is None else self.chosen.threshold

    @property
    def missing(self) -> int:
        """How many more units it takes for any guarantee at all, at the threshold that has most."""
        return max(0, self.needed - max(point.units for point in self.points))


Way = tuple[float, tuple[str, ...]]
"""A threshold, and the guards that are on."""

ALL_GUARDS: tuple[Way, ...] = tuple((threshold, GUARD_NAMES) for threshold in THRESHOLDS)


def without_each(threshold: float) -> dict[str, Way]:
    """Return the ways with all guards (under an empty name), and with all but one, by that one's name."""
    rest = {name: tuple(other for other in GUARD_NAMES if other != name) for name in GUARD_NAMES}
    return {name: (threshold, guards) for name, guards in {"": GUARD_NAMES, **rest}.items()}


def pairs_of(walks: Sequence[Walk], ways: Iterable[Way]) -> list[tuple[str, Pair]]:
    """Return every pair that one of *ways* makes a hit, with its suite: what has to be scored."""
    ways = tuple(ways)
    return list(dict.fromkeys((walk.suite, pair) for walk in walks for way in ways for pair in walk.hits(*way)))


def calibrate_cache(
    strategy: str,
    walks: Sequence[Walk],
    scored: Mapping[tuple[str, Pair], Reused],
    *,
    loss: float,
    confidence: float,
) -> CalibratedCache:
    """Return the threshold that saves most, of those that are shown to give wrong hits in less than *loss* of hits.

    The chance that it gives more is at most 1 - *confidence*. Thresholds with too few hits to show anything are
    passed over: how many there are depends on the questions alone, not on what was answered. From there on each is
    tested by its p-value, and the walk ends at the first that is not shown.

    Args:
        strategy: Whose answers are cached.
        walks: The traffic of each suite.
        scored: What is known of the pairs of `pairs_of`.
        loss: The largest accepted share of wrong hits among the hits, above 0 and below 1.
        confidence: Above 0 and below 1.
    """
    needed = fewest_provable_cases(loss, 1 - confidence)
    points = tuple(_point(threshold, walks, scored, loss) for threshold in THRESHOLDS)
    first = next((place for place, point in enumerate(points) if point.units >= needed), None)
    kept = 0 if first is None else passing((point.p for point in points[first:]), 1 - confidence)
    shown = points[first : first + kept] if first is not None else ()
    chosen = max(shown, key=lambda point: (point.saved_usd, point.hits, point.threshold), default=None)
    return CalibratedCache(
        strategy,
        loss,
        confidence,
        requests=sum(len(walk.cases) for walk in walks),
        points=points,
        first=first,
        kept=kept,
        chosen=chosen,
        needed=needed,
    )


def _point(threshold: float, walks: Sequence[Walk], scored: Mapping[tuple[str, Pair], Reused], loss: float) -> Point:
    hits = [(walk, pair) for walk in walks for pair in walk.hits(threshold, GUARD_NAMES)]
    known = [(walk, pair, scored[walk.suite, pair]) for walk, pair in hits if (walk.suite, pair) in scored]
    units = [(walk.suite, *_unit(walk, pair)) for walk, pair, _ in known]
    means = group_means([one.loss for *_, one in known], units) if known else []
    wrong = sum(one.is_wrong_hit for *_, one in known)
    all_usd = sum((one.usd for walk in walks for one in walk.own.values()), Decimal(0))
    saved_usd = sum((walk.own[case].usd for walk, (case, _) in hits if case in walk.own), Decimal(0))
    return Point(
        threshold=threshold,
        hits=len(hits),
        compared=len(known),
        units=count_groups(units),
        wrong=wrong,
        interval=clopper_pearson(wrong, len(known)) if known else None,
        hit_rate=len(hits) / sum(len(walk.cases) for walk in walks),
        saved=float(saved_usd / all_usd) if all_usd else 0.0,
        saved_usd=saved_usd,
        loss=math.fsum(means) / len(means) if means else 0.0,
        p=harm_p(means, loss) if means else 1.0,
    )


def _unit(walk: Walk, pair: Pair) -> tuple[str, str]:
    case, source = pair
    return ("group", walk.groups[case]) if case in walk.groups else ("source", source)


def effects_of(
    walks: Sequence[Walk], scored: Mapping[tuple[str, Pair], Reused], threshold: float
) -> tuple[GuardEffect, ...]:
    """Return what hits there would be at *threshold* with all guards, and without each of them."""
    return tuple(_effect(name, way, walks, scored) for name, way in without_each(threshold).items())


def _effect(name: str, way: Way, walks: Sequence[Walk], scored: Mapping[tuple[str, Pair], Reused]) -> GuardEffect:
    hits = pairs_of(walks, [way])
    known = [scored[key] for key in hits if key in scored]
    return GuardEffect(name, len(hits), len(known), sum(one.is_wrong_hit for one in known))
