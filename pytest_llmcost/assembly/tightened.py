"""A nearer configuration file may hold suites to more than those above it, and never to less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Place = tuple[str, ...]

_FLOORS = frozenset({"min"})
_CAPS = frozenset(
    {"margin", "max_usd_per_case", "max_increase", "max_rate", "p95_seconds", "ttft_p95_seconds", "budget_usd"}
)
_BY_RANK: Mapping[str, tuple[Any, ...]] = {
    "fail": (False, True),
    "anytime": (True, False),  # (the bets alone need a larger drop, or more cases, to fail)
    "fail_on": ("beyond_margin", "drop_of_margin", "any_drop"),
}
"""What each value of a key holds a suite to, the least first."""


def loosened(nearer: Mapping[str, Any], above: Mapping[str, Any]) -> Iterator[Place]:
    """Yield the keys of a suite's defaults that hold it to less than *above* does.

    What *above* does not say is nobody's bound; what is no number is told when a suite is read.

    Args:
        nearer: `gate` and `budget_usd`, as far as they are stated.
        above: The same, of the files above.
    """
    for key, bound in above.items():
        if key in nearer:
            yield from _looser(nearer[key], bound, (key,))


def _looser(own: Any, bound: Any, place: Place) -> Iterator[Place]:
    if isinstance(bound, Mapping):
        if own is False and bound:  # gate: false
            yield place
        elif isinstance(own, Mapping):
            for key in bound.keys() & own.keys():
                yield from _looser(own[key], bound[key], (*place, key))
    elif _is_looser(place[-1], own, bound):
        yield place


def _is_looser(key: str, own: Any, bound: Any) -> bool:
    ranks = _BY_RANK.get(key)
    if ranks:
        return own in ranks and bound in ranks and ranks.index(own) < ranks.index(bound)
    try:
        number, limit = float(own), float(bound)
    except (TypeError, ValueError):
        return False
    return (key in _FLOORS and number < limit) or (key in _CAPS and number > limit)
