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
    by_cell = [_shares([(before[at], now[at]) for before, now in sides]) for at in range(len(cells))]
    return tuple(sum(shares, Fraction(0)) for shares in zip(*by_cell, strict=True)) or (Fraction(0),) * len(base)


def _row(own: Mapping[Cell, Fraction], other: Mapping[Cell, Fraction], cells: Sequence[Cell]) -> list[Fraction]:
    if unknown := [cell for cell in cells if cell not in own and cell not in other]:
        raise ValueError(f"neither side knows a factor of {unknown[0]!r}")
    return [Fraction(own[cell] if cell in own else other[cell]) for cell in cells]


def _shares(factors: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    """Return the share of each factor in the change of one product, in whole numbers until the end.

    What a factor's change adds to a set of the others is that change times a product of the others, in which those
    of the set are the later ones. The products for all sets of k of them sum to the coefficient of x^k in the product
    of `before + now x` over the others, and a set of k comes first in k! (n - 1 - k)! of the n! orders.
    """
    scales = [math.lcm(before.denominator, now.denominator) for before, now in factors]
    whole = [(int(before * scale), int(now * scale)) for (before, now), scale in zip(factors, scales, strict=True)]
    moved = [place for place, (before, now) in enumerate(whole) if before != now]
    still = math.prod(before for before, now in whole if before == now)
    n, shares = len(moved), [Fraction(0)] * len(factors)
    for place in moved:
        sums = _sums_of_products([whole[other] for other in moved if other != place])
        mean = sum(math.factorial(k) * math.factorial(n - 1 - k) * one for k, one in enumerate(sums))
        before, now = whole[place]
        shares[place] = Fraction((now - before) * still * mean, math.factorial(n) * math.prod(scales))
    return shares


def _sums_of_products(pairs: Sequence[tuple[int, int]]) -> list[int]:
    """Return, by k, the sum over all sets of k pairs of the product of their seconds and the others' firsts."""
    sums = [1]
    for first, second in pairs:
        sums = [first * here + second * below for here, below in zip([*sums, 0], [0, *sums], strict=True)]
    return sums
