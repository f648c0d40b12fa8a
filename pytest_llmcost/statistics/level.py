"""What a day is like now: its level, trend and weekday, by medians, so that neither an outlier nor an old step counts.

A day is level x growth x weekday x noise. Weekdays' factors are medians of a day's share of the seven days around it;
trend is the median of all slopes (Theil 1950, Sen 1968) of the logarithms, less what chance alone would show, and
damped (Gardner and McKenzie 1985); a step is found where two medians fit better than one line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

WEEK = 7
DAMPING = 0.98
"""Of a day's growth this share is left on the next day: a trend of today is no trend for ever."""

_MEMORY = 8 * WEEK  # days that tell of weekdays and steps
_TREND, _FEWEST_FOR_TREND = 6 * WEEK, 2 * WEEK  # days that tell of the trend
_LEVEL = 2 * WEEK  # days that tell of the level
_NEAR = 4 * WEEK  # among so many days a step of a few days ago stands out
_SIDE = 4  # a step needs so many days on either side
_STEP = 0.75  # of the line's distance from the days is left by two medians where there is a step
_NOISES = 4.0  # a step is so many times the noise
_LEAST_STEP = 0.02  # days without any noise have no steps that matter below this
_RARE = 0.05  # a weekday with less of an average day tells nothing of the level
_DOUBT = 4.0  # a trend under two standard errors (the root of this) is taken for chance
_MOST = 4.0  # an outlier counts as so many days in what the coming days will come to
_OF_A_MEDIAN = math.pi / 2  # its variance, by that of a mean
_TINY = 0.01  # of the median: the least a day counts as, since nothing has no logarithm


@dataclass(frozen=True, slots=True)
class Level:
    """Days as they would go on.

    Attributes:
        usual: What the last day would have been, were it of no weekday and without noise.
        growth: Of its logarithm, a day, at the end.
        factors: By day of the week, that of the first value being 0; their mean is 1.
        length: How many values it was found from.
        steps: At which places of the values the level changed at once.
        doubt: By how much more the logarithm of `usual` varies than usually, the last step being of late.
    """

    usual: float
    growth: float
    factors: tuple[float, ...]
    length: int
    steps: tuple[int, ...] = ()
    doubt: float = 0.0

    def ahead(self, days: int) -> list[float]:
        """Return what is expected of each of the next days."""
        found, grown, growth = [], 0.0, self.growth
        for place in range(self.length, self.length + days):
            growth *= DAMPING
            grown += growth
            found.append(self.usual * math.exp(grown) * self.factors[place % WEEK])
        return found


def level_of(values: Sequence[float]) -> Level:
    """Return the level that daily *values* have at their end; two weeks of them at least."""
    import numpy as np

    days = np.asarray(values, dtype=np.float64)
    start = max(0, len(days) - _MEMORY)
    factors = _factors(days, start)
    weights = factors[np.arange(start, len(days)) % WEEK]
    telling = weights > _RARE
    places, plain = np.arange(start, len(days), dtype=np.float64)[telling], days[start:][telling] / weights[telling]
    usual = float(np.median(plain))
    if usual <= 0:  # most days have no spend: there is neither trend nor step to be seen
        return Level(float(np.mean(days[start:])), 0.0, (1.0,) * WEEK, len(days))
    logs = np.log(np.maximum(plain, _TINY * usual))
    steps = _steps(places, logs)
    since = steps[-1] if steps else 0
    growth, noise = _growth(places[since:], logs[since:])
    at_end = logs[since:] + growth * (len(days) - 1 - places[since:])
    recent = at_end[-_LEVEL:]
    doubt = _OF_A_MEDIAN * noise**2 * (1 / len(recent) - 1 / _LEVEL)
    top = math.exp(float(np.median(recent))) * _excess(at_end[-_TREND:])
    return Level(top, growth, tuple(factors.tolist()), len(days), tuple(int(places[at]) for at in steps), doubt)


def _excess(logs: NDArray[float64]) -> float:
    """Return the mean over the median: what outliers add to the days' sum, each of them as `_MOST` usual days."""
    import numpy as np

    return float(np.mean(np.minimum(np.exp(logs - np.median(logs)), _MOST)))


def _factors(days: NDArray[float64], start: int) -> NDArray[float64]:
    """Return what a day of each weekday is of an average one; 1 for all where nothing was spent."""
    import numpy as np

    weeks = np.convolve(days[start:], np.ones(WEEK), "valid")
    middles = days[start + WEEK // 2 : start + WEEK // 2 + len(weeks)]
    shares: list[list[float]] = [[] for _ in range(WEEK)]
    for at, (day, week) in enumerate(zip(middles.tolist(), weeks.tolist(), strict=True)):
        if week > 0:
            shares[(start + WEEK // 2 + at) % WEEK].append(WEEK * day / week)
    found = np.array([median(own) if own else 1.0 for own in shares])
    return found / found.mean() if found.any() else np.ones(WEEK)


def _steps(places: NDArray[float64], logs: NDArray[float64]) -> list[int]:
    """Return before which of the days the level changed at once, in order; among the last ones also a young change."""
    steps: list[int] = []
    for memory in (len(logs), _NEAR):
        start = max([0, len(logs) - memory, *steps])
        while (at := _step(places[start:], logs[start:])) is not None:
            start += at
            steps.append(start)
    return steps


def _step(places: NDArray[float64], logs: NDArray[float64]) -> int | None:
    """Return where two medians fit much better than one line, and are far apart."""
    import numpy as np

    if len(logs) < 2 * _SIDE:
        return None
    splits = range(_SIDE, len(logs) - _SIDE + 1)
    costs = [_distance(logs[:at]) + _distance(logs[at:]) for at in splits]
    least = min(costs)
    at = splits[costs.index(least)]
    jump = abs(float(np.median(logs[at:]) - np.median(logs[:at])))
    is_far = jump > max(_NOISES * least / len(logs), _LEAST_STEP)
    return at if is_far and least < _STEP * _distance(logs - _slope(places, logs) * places) else None


def _distance(logs: NDArray[float64]) -> float:
    """Return how far the values are from their median in all."""
    ordered: list[float] = sorted(logs.tolist())
    half = len(ordered) // 2
    return math.fsum(ordered[len(ordered) - half :]) - math.fsum(ordered[:half])


def _growth(places: NDArray[float64], logs: NDArray[float64]) -> tuple[float, float]:
    """Return growth a day, less what chance would show, and the noise of a day (a standard deviation)."""
    import numpy as np

    places, logs = places[-_TREND:], logs[-_TREND:]
    slope = _slope(places, logs) if len(logs) >= _FEWEST_FOR_TREND else 0.0
    rest = logs - slope * places
    noise = 1.4826 * float(np.median(np.abs(rest - np.median(rest))))
    if not slope:
        return 0.0, noise
    error = noise / math.sqrt(float(np.sum((places - places.mean()) ** 2)))
    return slope * max(0.0, 1 - _DOUBT * (error / slope) ** 2), noise


def _slope(places: NDArray[float64], logs: NDArray[float64]) -> float:
    import numpy as np

    first, second = np.triu_indices(len(logs), 1)
    return float(np.median((logs[second] - logs[first]) / (places[second] - places[first])))
