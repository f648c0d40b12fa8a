"""An alarm that may watch for ever: while all is well it is false at most once in so many reports, on average.

Gamblers bet against "all is well" with every report, and a new one starts with each, so that what was long ago good
does not hide what is bad now. Their wealth rises by at most one a report while all is well, so that it takes 1/alpha
reports on average, or more, until they own 1/alpha. Source: Shin, Ramdas and Rinaldo 2022, "E-detectors", the
Shiryaev-Roberts kind; bets as in Waudby-Smith and Ramdas 2024.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_llmcost.statistics.checks import check_between

STAKES = tuple(0.02 * 49 ** (step / 11) for step in range(12))
"""Shares of the wealth that are staked on each report: twelve gamblers, who pool what they win."""

Wealth = tuple[float, ...]
"""What the gamblers of each stake own together."""
NOTHING: Wealth = (0.0,) * len(STAKES)


def too_many(wealth: Sequence[float], value: float, bound: float) -> Wealth:
    """Return the wealth after one more report, where "all is well" is "the mean is *bound* or less".

    Args:
        wealth: Before; `NOTHING` at the start.
        value: Within 0..1; a failure is 1.
        bound: Above 0 and below 1.

    Raises:
        ValueError: If an argument is out of range.
    """
    _check(value, bound)
    return _after(wealth, (value - bound) / bound)


def too_few(wealth: Sequence[float], value: float, bound: float) -> Wealth:
    """Return the wealth after one more report, where the claim is "the mean is *bound* or more"; as `too_many`."""
    _check(value, bound)
    return _after(wealth, (bound - value) / (1 - bound))


def is_alarm(wealth: Sequence[float], alpha: float) -> bool:
    """Return whether the gamblers own 1/alpha: if the claim holds, that takes 1/alpha reports on average, or more.

    Raises:
        ValueError: If *alpha* is not above 0 and below 1.
    """
    check_between("alpha", alpha, 0, 1)
    return math.fsum(wealth) / len(STAKES) >= 1 / alpha


def no_more_than_needed(wealth: Sequence[float], alpha: float) -> Wealth:
    """Return the wealth without what an alarm does not need, so that one that has to wait is not louder by the day.

    False alarms only become rarer by it, and what is reported while nobody acts can still take the alarm back.
    """
    owned = math.fsum(wealth) / len(STAKES)
    return tuple(wealth) if owned * alpha <= 1 else tuple(one / (owned * alpha) for one in wealth)


def _after(wealth: Sequence[float], gain: float) -> Wealth:
    return tuple((owned + 1) * (1 + stake * gain) for owned, stake in zip(wealth, STAKES, strict=True))


def _check(value: float, bound: float) -> None:
    check_between("bound", bound, 0, 1)
    if not 0 <= value <= 1:
        raise ValueError(f"value is {value}, must be between 0 and 1")
