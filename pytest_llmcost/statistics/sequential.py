"""Evidence that may be looked at after every case: a bet against a claim wins much only where the claim is wrong.

A gambler who bets against "the mean is at most so much" starts with 1 and cannot expect to win where that is true, so
that the chance of ever owning 1/alpha is at most alpha (Ville 1939), however often one looks and whenever one stops.
"""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Sequence

from pytest_llmcost.statistics.checks import check_between, check_counts, check_values
from pytest_llmcost.statistics.intervals import Interval, critical_z

BETS = tuple(0.02 * 49 ** (step / 23) for step in range(24))
"""Shares of the wealth that are staked on each case: 24 gamblers, from 0.02 to 0.98, who pool what they win."""

_MOST_CASES = 2**40
_MOST_KEPT = 1000
"""Values of which the logarithms are kept: right and wrong answers make three, graded ones many."""


class Wealth:
    """What the gamblers own on average, case after case: an e-process against "the mean is at most *bound*".

    A factor is 1 + bet (value - bound)/(bound - lowest). Source: statistics.md section 6; Waudby-Smith and Ramdas
    2024. With bound -M and changes of scores as values it tests "a drop of M or more"; with bound 0 and the changes'
    opposites, "no drop".

    Args:
        bound: The claim: the largest mean.
        lowest: No value is below it.

    Raises:
        ValueError: If *bound* is not above *lowest*.
    """

    def __init__(self, bound: float, lowest: float = -1.0) -> None:
        check_between("bound", bound, lowest, math.inf)
        self._bound = bound
        self._lowest = lowest
        self._logs = [0.0] * len(BETS)
        self._wins: dict[float, list[float]] = {}

    def add(self, value: float) -> None:
        """Let every gambler bet on one more case.

        Raises:
            ValueError: If *value* is NaN, infinite or below the lowest.
        """
        logs = self._wins.get(value) or self._logs_of(value)
        if len(self._wins) < _MOST_KEPT:
            self._wins[value] = logs
        self._logs = list(map(operator.add, self._logs, logs))

    def _logs_of(self, value: float) -> list[float]:
        if not self._lowest - 1e-9 <= value < math.inf:
            raise ValueError(f"value is {value}, must be at least {self._lowest}, and finite")
        win = max(-1.0, (value - self._bound) / (self._bound - self._lowest))
        return [math.log1p(bet * win) for bet in BETS]

    @property
    def log(self) -> float:
        """The wealth as a natural logarithm; -ln(alpha) or more disproves the claim at alpha."""
        return log_mean_exp(self._logs)

    def has_reached(self, log: float) -> bool:
        """Whether the wealth's logarithm is *log* or more; where no gambler alone has so much, at little cost."""
        return max(self._logs) >= log and self.log >= log


def log_wealth(values: Sequence[float], bound: float, lowest: float = -1.0) -> float:
    """Return the logarithm of `Wealth` after all *values*, of which the order does not matter.

    Raises:
        ValueError: If there is no value, one is NaN, infinite or below *lowest*, or *bound* is not above it.
    """
    check_values("values", values)
    check_between("bound", bound, lowest, math.inf)
    if min(values) < lowest - 1e-9:
        raise ValueError(f"values reach {min(values)}, must be at least {lowest}")
    counts = Counter(values)
    return _log_wealth(list(counts), list(counts.values()), bound, lowest)


def sequence_interval(changes: Sequence[float], level: float = 0.90) -> Interval:
    """Return the means of changes, within [-1, 1], that no gambler has disproved: it holds at any stopping time.

    Each end is found to 1e-6 by bisection. Source: Waudby-Smith and Ramdas 2024, a betting confidence sequence.

    Raises:
        ValueError: If there is no change, one is NaN or beyond [-1, 1], or *level* is not above 0 and below 1.
    """
    check_values("changes", changes)
    check_between("level", level, 0, 1)
    if max(map(abs, changes)) > 1 + 1e-9:
        raise ValueError(f"changes reach {max(changes, key=abs)}, must be within -1 and 1")
    enough = -math.log((1 - level) / 2)
    counts = Counter(changes)
    values, times = list(counts), list(counts.values())
    lower = _lower_end(values, times, enough)
    return Interval(lower, -_lower_end([-value for value in values], times, enough), level)


def changes_needed(changes: Sequence[float], margin: float, alpha: float = 0.05, power: float = 0.80) -> int:
    """Return how many cases in all an unchanged system needs until the bets against a drop of *margin* have won.

    The cases to come are taken to be those seen, with one changed and one equal case more, and either sign as
    likely. With groups, give one mean a group; the answer is in groups.

    Args:
        changes: Candidate minus baseline, one a case, at least 1.
        margin: Largest accepted mean drop, above 0 and below 1.
        alpha: Accepted chance of a false pass, above 0 and below 1.
        power: Wanted chance of a pass, above 0 and below 1; reckoned with the normal distribution.

    Raises:
        ValueError: If there is no change, one is NaN or infinite, or another argument is out of range.
    """
    check_values("changes", changes)
    for name, value in (("margin", margin), ("alpha", alpha), ("power", power)):
        check_between(name, value, 0, 1)
    sizes = Counter([*map(abs, changes), 0.0, 1.0])
    growths = [_growth(sizes, margin, bet) for bet in BETS]
    shortfall = critical_z(1 - power)

    def has_won(n: int) -> bool:
        logs = [n * mean - shortfall * math.sqrt(n * variance) for mean, variance in growths]
        return log_mean_exp(logs) >= -math.log(alpha)

    high = 1
    while not has_won(high) and high < _MOST_CASES:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if has_won(middle) else (middle, high)
    return high


def still_needed(log: float, enough: float, n: int) -> float:
    """Return how many more cases the bets need if they go on to win as in the first *n*; infinite where they lose.

    Raises:
        ValueError: If *n* is negative.
    """
    check_counts(n=n)
    return max(0.0, n * (enough / log - 1)) if log > 0 else math.inf


def log_mean_exp(logs: Sequence[float]) -> float:
    """Return the logarithm of the mean of numbers that are given by their logarithms."""
    top = max(logs)
    return top + math.log(math.fsum(math.exp(log - top) for log in logs) / len(logs))


def _log_wealth(values: Sequence[float], times: Sequence[int], bound: float, lowest: float) -> float:
    import numpy as np

    wins = np.maximum(-1.0, (np.asarray(values) - bound) / (bound - lowest))
    return log_mean_exp((np.log1p(np.outer(BETS, wins)) @ np.asarray(times, dtype=float)).tolist())


def _lower_end(values: Sequence[float], times: Sequence[int], enough: float) -> float:
    """Return the largest mean that the bets on more have disproved, or -1 where they have disproved none."""
    n = sum(times)
    low, high = -1.0, math.fsum(value * count for value, count in zip(values, times, strict=True)) / n
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if _log_wealth(values, times, middle, -1.0) >= enough else (low, middle)
    return low


def _growth(sizes: Counter[float], margin: float, bet: float) -> tuple[float, float]:
    """Return mean and variance of a bet's logarithm a case, where changes of these sizes have either sign."""
    wins = [
        (math.log1p(bet * (sign * size + margin) / (1 - margin)), count)
        for size, count in sizes.items()
        for sign in (1, -1)
    ]
    total = 2 * sizes.total()
    mean = math.fsum(win * count for win, count in wins) / total
    return mean, math.fsum((win - mean) ** 2 * count for win, count in wins) / total
