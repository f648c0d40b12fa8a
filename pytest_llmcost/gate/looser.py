"""Of two values of one bound, which holds a suite to less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def is_looser(key: str, own: Any, bound: Any) -> bool:
    """Return whether *own* holds a suite to less than *bound* does; what is neither number nor known word does not.

    Args:
        key: The bound's own, without those above it.
        own: Its value in one place.
        bound: Its value in the other.
    """
    ranks = _BY_RANK.get(key)
    if ranks:
        return own in ranks and bound in ranks and ranks.index(own) < ranks.index(bound)
    try:
        number, limit = float(own), float(bound)
    except (TypeError, ValueError):
        return False
    return (key in _FLOORS and number < limit) or (key in _CAPS and number > limit)
