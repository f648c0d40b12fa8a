"""What the coming days will come to, and how far off that may be: as far as it would have been in the past.

The errors of *sums* are measured, not those of days: from many earlier days the same method forecasts the days that
followed, 1, 3, 7, 14 and 28 together, and is compared with what came. So correlated errors, a wrong level and a wrong
trend are in the interval as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmcost.statistics.checks import check_values
from pytest_llmcost.statistics.level import WEEK, Level, level_of
from pytest_llmcost.statistics.student import critical_t

FEWEST_DAYS = 3 * WEEK
"""A forecast needs so many days: each weekday thrice."""

MOST_DAYS = 26 * WEEK
"""Older days tell nothing."""

LEVELS = (0.80, 0.95)

_HORIZONS = (1, 3, 7, 14, 28)
_FEWEST_ORIGINS = 4
_EVERY = 3  # days between two origins: the errors of neighbours are the same
_LEAST = 0.02  # of what was forecast: the least that came counts as, since nothing has no logarithm


@dataclass(frozen=True, slots=True)
class Prediction:
    """What some days will come to; no bound is negative.

    Attributes:
        expected: The most likely sum.
        low80, high80: With a chance of 80 % it is between them; so `low95` and `high95` with one of 95 %.
    """

    expected: float
    low80: float
    high80: float
    low95: float
    high95: float

    def plus(self, spent: float) -> Prediction:
        """Return the same with an amount that is known."""
        return Prediction(*(spent + end for end in (self.expected, self.low80, self.high80, self.low95, self.high95)))


@dataclass(frozen=True, slots=True)
class Forecast:
    """How days would go on.

    Attributes:
        level: At the end of the days that are known.
        variances: By number of days that are summed, the mean squared error of the logarithm of such a sum.
        windows: How many spans of the longest such number the past holds: how well that one is known.
    """

    level: Level
    variances: dict[int, float]
    windows: dict[int, float]

    def sum_of(self, skipped: int, days: int) -> Prediction:
        """Return what *days* days come to, of which the first comes after *skipped* others.

        The level may wander meanwhile as it did so far: the error of days that are farther off is that of a longer
        sum, `3 x skipped + days` (a random walk's mean over them has that variance).
        """
        expected = math.fsum(self.level.ahead(skipped + days)[skipped:])
        ends = []
        for level in LEVELS:
            ratio = self._ratio(3 * skipped + days, level)
            ends += [expected / ratio, expected * ratio]
        return Prediction(expected, *ends)

    def exceeded_by_chance(self, days: int, chance: float) -> float:
        """Return what the next *days* days exceed with that *chance*, below 0.5, if all goes on as it did."""
        return math.fsum(self.level.ahead(days)) * self._ratio(days, 1 - 2 * chance)

    def _ratio(self, days: int, level: float) -> float:
        if not self.variances:  # nothing was ever spent that could have been forecast
            return 1.0
        variance, freedom = self._error(days)
        return math.exp(critical_t(level, freedom) * math.sqrt(variance + self.level.doubt))

    def _error(self, days: int) -> tuple[float, float]:
        known = sorted(self.variances)
        above = next((horizon for horizon in known if horizon >= days), known[-1])
        below = max((horizon for horizon in known if horizon <= days), default=known[0])
        if above == below:  # one of them, or farther than was measured, where it grows as a random walk does
            return self.variances[above] * max(1.0, days / above), self.windows[above]
        share = math.log(days / below) / math.log(above / below)
        return (1 - share) * self.variances[below] + share * self.variances[above], self.windows[above]


def forecast(values: Sequence[float]) -> Forecast | None:
    """Return how daily *values* would go on, or None where there are fewer than `FEWEST_DAYS`.

    Args:
        values: One a day, the last whole day's last; days without spend are 0.

    Raises:
        ValueError: If a value is negative, NaN or infinite.
    """
    days = [float(value) for value in values[-MOST_DAYS:]]
    if len(days) < FEWEST_DAYS:
        return None
    check_values("values", days)
    if min(days) < 0:
        raise ValueError(f"values hold {min(days)}, must be 0 or more")
    level = level_of(days)
    variances, windows = {}, {}
    past = [(origin, level_of(days[:origin])) for origin in _origins(len(days))]
    for horizon in _HORIZONS:
        errors = list(_errors(days, past, horizon, level.steps))
        if len(errors) >= _FEWEST_ORIGINS:
            variances[horizon] = sum(error * error for error in errors) / len(errors)
            windows[horizon] = max(2.0, len(errors) * _EVERY / max(horizon, _EVERY))
    return Forecast(level, variances, windows)


def _origins(n: int) -> range:
    return range(n - 1, max(2 * WEEK, min(4 * WEEK, n // 2)) - 1, -_EVERY)


def _errors(
    days: Sequence[float], past: Sequence[tuple[int, Level]], horizon: int, steps: Sequence[int]
) -> Iterator[float]:
    """Yield the logarithms of what came over what was forecast, but for spans in which the level changed at once."""
    for origin, level in past:
        if origin + horizon > len(days) or any(origin - 3 <= step < origin + horizon for step in steps):
            continue
        expected, came = math.fsum(level.ahead(horizon)), math.fsum(days[origin : origin + horizon])
        if expected > 0:
            yield math.log(max(came / expected, _LEAST))
