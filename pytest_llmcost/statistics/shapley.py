"""A change of a sum of products is shared out among its factors, to the last digit and in no order of theirs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def shapley(base: Sequence[Mapping[Cell, Fraction]], cand: Sequence[Mapping[Cell, Fraction]]) -> tuple[Fraction, ...]:
    """Return the share of each factor in the change of `sum over cells of the product of its factors`; exact.

    Each factor's share is the mean, over all orders in which the factors can change from base to cand, of what its
    own change does. The shares sum to the whole change, a factor that is the same on both sides has none, and the
    order in which they are named does not matter. Source: Shapley 1953; statistics.md section 9.

    Args:
        base: By factor, its value in each cell.
        cand: The same factors, in the same order. A cell that one side does not know has the other's value: what
            was not asked has no tokens a call, and its price is not what changed.

    Raises:
        ValueError: If there are not as many factors on both sides, or neither side knows a factor of a cell.
    """
    if len(base) != len(cand):
        raise ValueError(f"base has {len(base)} factors, cand {len(cand)}")
    cells = sorted({cell for factor in (*base, *cand) for cell in factor}, key=repr)
    sides = [(_row(b, c, cells), _row(c, b, cells)) for b, c in zip(base, cand, strict=True)]
    moved = [place for place, (before, now) in enumerate(sides) if before != now]
    totals = [_total(sides, {p for bit, p in enumerate(moved) if which >> bit & 1}) for which in range(2 ** len(moved))]
    shares = {place: _share(bit, len(moved), totals) for bit, place in enumerate(moved)}
    return tuple(shares.get(place, Fraction(0)) for place in range(len(sides)))


def _row(own: Mapping[Cell, Fraction], other: Mapping[Cell, Fraction], cells: Sequence[Cell]) -> list[Fraction]:
    if unknown := [cell for cell in cells if cell not in own and cell not in other]:
        raise ValueError(f"neither side knows a factor of {unknown[0]!r}")
    return [Fraction(own[cell] if cell in own else other[cell]) for cell in cells]


def _total(sides: Sequence[tuple[list[Fraction], list[Fraction]]], changed: set[int]) -> Fraction:
    rows = [now if place in changed else before for place, (before, now) in enumerate(sides)]
    return sum((math.prod(values, start=Fraction(1)) for values in zip(*rows, strict=True)), Fraction(0))


def _share(bit: int, n: int, totals: Sequence[Fraction]) -> Fraction:
    """Return the weighted mean of what factor *bit* adds to each set of the others; *totals* are by set, as bits."""
    own, share = 1 << bit, Fraction(0)
    for others in range(2**n):
        if not others & own:
            size = others.bit_count()
            weight = Fraction(math.factorial(size) * math.factorial(n - size - 1), math.factorial(n))
            share += weight * (totals[others | own] - totals[others])
    return share
