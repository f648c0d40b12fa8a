"""Input that no honest number can be made from is refused, by name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def check_values(name: str, values: Sequence[float], *, at_least: int = 1) -> None:
    """Refuse *values* that are too few, NaN or infinite.

    Raises:
        ValueError: Naming *name*, and the value and its place where one is at fault.
    """
    if len(values) < at_least:
        raise ValueError(f"{name}: {len(values)} given, at least {at_least} needed")
    if not math.isfinite(sum(values)):  # one pass at C speed; only a fault is looked for one by one
        for place, value in enumerate(values):
            if not math.isfinite(value):
                raise ValueError(f"{name}[{place}] is {value}, must be a finite number")


def check_same_length(**named: Sequence[object]) -> None:
    """Refuse sequences that cannot be paired one to one.

    Raises:
        ValueError: Naming them all, with their lengths.
    """
    if len({len(values) for values in named.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(values)}" for name, values in named.items())
        raise ValueError(f"not of one length: {lengths}")


def check_between(name: str, value: float, low: float, high: float) -> None:
    """Refuse a *value* that is not strictly between *low* and *high*; NaN never is.

    Raises:
        ValueError: Naming *name*.
    """
    if not low < value < high:
        raise ValueError(f"{name} is {value}, must be above {low} and below {high}")


def check_margin(margin: float) -> None:
    """Refuse a margin outside [0, 1): the largest accepted drop, as a share of 1.

    Raises:
        ValueError: Naming `margin`.
    """
    if not 0 <= margin < 1:
        raise ValueError(f"margin is {margin}, must be at least 0 and below 1")


def check_counts(**counts: int) -> None:
    """Refuse counts that are negative, NaN or infinite.

    Raises:
        ValueError: Naming the first one at fault.
    """
    for name, count in counts.items():
        if not 0 <= count < math.inf:
            raise ValueError(f"{name} is {count}, must be a count of 0 or more")


def check_pairs(losses: int, gains: int, n: int) -> None:
    """Refuse discordant counts that do not fit into *n* pairs, or no pairs at all.

    Raises:
        ValueError: Naming the argument at fault.
    """
    check_counts(losses=losses, gains=gains, n=n)
    if n == 0:
        raise ValueError("n is 0, at least 1 pair needed")
    if losses + gains > n:
        raise ValueError(f"losses + gains is {losses + gains}, more than n, {n}")


def check_probabilities(name: str, values: Iterable[float]) -> None:
    """Refuse *values* outside [0, 1].

    Raises:
        ValueError: Naming *name*, the value and its place.
    """
    for place, value in enumerate(values):
        if not 0 <= value <= 1:
            raise ValueError(f"{name}[{place}] is {value}, must be between 0 and 1")
