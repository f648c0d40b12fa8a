"""A nearer configuration file may hold suites to more than those above it, and never to less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_llmcost.gate.looser import is_looser

Place = tuple[str, ...]


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
    elif is_looser(place[-1], own, bound):
        yield place
