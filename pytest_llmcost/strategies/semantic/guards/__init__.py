"""What tells two texts apart that an embedding takes for the same."""

from __future__ import annotations

from collections.abc import Callable, Collection

from pytest_llmcost.strategies.semantic.guards import (
    amounts,
    code,
    dates,
    names,
    negation,
    numbers,
    opposites,
    order,
    units,
    words,
)
from pytest_llmcost.strategies.semantic.guards.reading import Reading, read

_CHECKS: dict[str, Callable[[Reading, Reading], bool]] = {
    "numbers": numbers.differ,
    "dates": dates.differ,
    "units": units.differ,
    "negation": negation.differ,
    "opposites": opposites.differ,
    "amounts": amounts.differ,
    "names": names.differ,
    "order": order.differ,
    "code": code.differ,
    "words": words.differ,
}

GUARDS: tuple[str, ...] = tuple(_CHECKS)
"""The guards' names, in the order in which they look."""


def told_apart(first: str, second: str, guards: Collection[str] = GUARDS) -> str | None:
    """Return the first of *guards* that tells two texts apart; `None` if each lets them pass as the same.

    The order of the texts does not matter. Names that are none of `GUARDS` are the caller's to refuse.
    """
    one, other = read(first), read(second)
    return next((name for name, differ in _CHECKS.items() if name in guards and differ(one, other)), None)
