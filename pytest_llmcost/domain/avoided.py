"""Calls that did not have to be made, and what spared them: one way to count for caches, and for every strategy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

RECORDINGS, LOCAL, SHARED = "recordings", "local cache", "shared cache"
"""Caches of exact requests, as users read it."""
IN_FLIGHT = "identical calls in flight"
UNNAMED = "cache"
"""Of runs stored by versions that did not note which cache answered."""


@dataclass(frozen=True, slots=True)
class Avoided:
    """What one kind of saving spared.

    Attributes:
        by: What spared it, as users read it: `local cache`, `semantic cache`, `cascade`, ...
        calls: How many calls were not made.
        usd: What they would have cost, less what was spent in their place; None where that is not known.
    """

    by: str
    calls: int
    usd: Decimal | None


def joined(several: Iterable[Avoided]) -> tuple[Avoided, ...]:
    """Return one of each kind, in the order in which they first came; one unknown amount leaves its sum unknown."""
    kinds: dict[str, Avoided] = {}
    for one in several:
        before = kinds.get(one.by, Avoided(one.by, 0, Decimal(0)))
        usd = None if before.usd is None or one.usd is None else before.usd + one.usd
        kinds[one.by] = Avoided(one.by, before.calls + one.calls, usd)
    return tuple(one for one in kinds.values() if one.calls)
