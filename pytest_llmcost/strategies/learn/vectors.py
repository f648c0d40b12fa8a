"""A threshold for each step of a longer cascade: one half of the cases says what is tried, the other how far to go.

So many thresholds at once leave no order that is fixed beforehand. Source of the way round: Laufer-Goldshtein, Fisch,
Barzilay and Jaakkola 2023, "Efficiently Controlling Multiple Risks with Pareto Testing".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise, product
from typing import NamedTuple

from pytest_llmcost.domain.policy import PolicyStep, Way
from pytest_llmcost.strategies.learn.calibrated import Bound, Calibrated, Tried, is_within, walked
from pytest_llmcost.strategies.learn.samples import Sample

MOST_STEPS = 7
MOST_WAYS = 2000
"""Of a cascade; the more steps, the fewer thresholds of each are tried."""
MOST_THRESHOLDS = 20
LEVELS = 20
"""Of cost, from the last strategy alone down; the way that loses least at each is tried."""


class Mean(NamedTuple):
    """What a way gives on some cases: US dollars and loss of a case."""

    usd: float
    loss: float


def calibrate_vectors(
    ordered: Sequence[Sample], tested: Sequence[Sample], steps: Sequence[str], bound: Bound
) -> Calibrated:
    """Return the cascade through *steps*, or some of them, with the lowest cost that is shown to keep *bound*.

    Args:
        ordered: The half that says what is tried, and in which order.
        tested: The half that says how far to go, at least one case.
        steps: Names of the strategies in the order in which they are asked, from 2 to `MOST_STEPS` of them; all but
            the last have a confidence in some case. The loss is measured against the last.
        bound: What it may lose.
    """
    alone: Way = (PolicyStep(steps[-1]),)
    ways = list(possible_ways(ordered, steps)) if ordered else [alone]
    first, everything = _Seen(ordered, bound.is_net), [*ordered, *tested]
    worth = worth_trying({way: first.mean(way) for way in ways}, alone) if ordered else []
    # What looks best is chosen, and judged, by all cases.
    whole = _Seen(everything, bound.is_net)
    within = [(one, way) for way in ways if is_within((one := whole.mean(way)).loss, bound)]
    naive = min(within, key=lambda found: found[0])[1]
    looks_best = Tried(everything, alone, bound).point(naive)
    return walked(steps, bound, Tried(tested, alone, bound), [alone, *worth], looks_best, len(ordered))


def possible_ways(samples: Sequence[Sample], steps: Sequence[str]) -> Iterator[Way]:
    """Yield the last step alone, and each cascade to it: thresholds never rise, and a step may be left out.

    A step's thresholds are quantiles of its confidence among *samples*, and 0, which accepts every answer.
    """
    *tries, last = steps
    count = min(MOST_THRESHOLDS, int(MOST_WAYS ** (1 / len(tries))) - 1)
    grids = [(None, *_quantiles(samples, name, count)) for name in tries]
    for accepts in product(*grids):
        taken = [PolicyStep(name, accept) for name, accept in zip(tries, accepts, strict=True) if accept is not None]
        if all((before.accept or 0.0) >= (after.accept or 0.0) for before, after in pairwise(taken)):
            yield (*taken, PolicyStep(last))


def _quantiles(samples: Sequence[Sample], strategy: str, count: int) -> list[float]:
    """Return at most *count* thresholds that are passed by about equally many answers more each, with three digits."""
    told = sorted(one.confidence or 0.0 for sample in samples for one in sample.outcomes[strategy])
    return sorted({0.0, *(_rounded_down(told[len(told) * place // count]) for place in range(1, count))})


def _rounded_down(confidence: float) -> float:
    rounded = round(confidence, 3)
    return rounded if rounded <= confidence else round(rounded - 0.001, 3)


def worth_trying(means: Mapping[Way, Mean], alone: Way) -> list[Way]:
    """Return what is worth a try, the dearest first.

    Of the ways that cost about as much the one that loses least is taken, and none beside which a cheaper one loses
    less.

    Args:
        means: What each way gives.
        alone: The last strategy alone, which is among them; nothing is tried that does not cost less.
    """
    dear = means[alone].usd
    cheaper = [(one.loss, one.usd, len(way), way) for way, one in means.items() if one.usd < dear]
    lowest = min((usd for _, usd, *_ in cheaper), default=0.0)
    best: dict[int, tuple[float, float, int, Way]] = {}
    for one in cheaper:
        level = min(LEVELS - 1, int(LEVELS * (dear - one[1]) / (dear - lowest)))
        best[level] = min(best.get(level, one), one, key=lambda found: found[:3])
    taken: list[Way] = []
    least = math.inf
    for _, (loss, _, _, way) in sorted(best.items(), reverse=True):
        if loss <= least:
            taken.append(way)
            least = loss
    return taken[::-1]


class _Seen:
    """What any way gives on some cases: thousands are looked at, and most end as another one does."""

    def __init__(self, samples: Sequence[Sample], is_net: bool) -> None:
        self._samples, self._is_net = samples, is_net
        self._known: dict[Way, list[tuple[float, float]]] = {}

    def mean(self, way: Way) -> Mean:
        """Return the mean of the cases; of a case with several trials it is the mean of these that is lost."""
        changes = [
            (old - new, usd) for (old, _), (new, usd) in zip(self._trials(way[-1:]), self._trials(way), strict=True)
        ]
        if len(changes) > len(self._samples):
            changes = list(self._by_case(changes))
        lost = math.fsum(change if self._is_net else max(0.0, change) for change, _ in changes)
        return Mean(math.fsum(usd for _, usd in changes) / len(changes), lost / len(changes))

    def _by_case(self, trials: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
        left = iter(trials)
        for sample in self._samples:
            own = list(islice(left, len(next(iter(sample.outcomes.values())))))
            yield math.fsum(change for change, _ in own) / len(own), math.fsum(usd for _, usd in own) / len(own)

    def _trials(self, way: Way) -> list[tuple[float, float]]:
        """Return score and US dollars of each trial."""
        if way not in self._known:
            step, rest = way[0], way[1:]
            own = [one for sample in self._samples for one in sample.outcomes[step.use]]
            if step.accept is None:
                found = [(one.score, float(one.usd)) for one in own]
            else:
                found = [
                    (one.score, float(one.usd))
                    if (one.confidence or 0.0) >= step.accept
                    else (score, float(one.usd) + usd)
                    for one, (score, usd) in zip(own, self._trials(rest), strict=True)
                ]
            self._known[way] = found
        return self._known[way]
