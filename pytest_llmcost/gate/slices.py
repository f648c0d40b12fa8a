"""Where quality changed: cases lost and won by tag, group and label, and which of these stand out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_llmcost.domain.change import QualityChange, Slice
from pytest_llmcost.gate.evidence import ALPHA
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.statistics.concentration import p_concentrated
from pytest_llmcost.statistics.multiplicity import holm

Mark = tuple[str, str]
"""A kind of slice and its name: `("tag", "orders")`."""

FEWEST_TURNED = 2
"""Turned cases below which nothing can be said to lie together."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """Cases, and those that turned as the whole did: the four numbers of a table of two by two."""

    turned_within: int
    within: int
    turned: int
    all: int

    @property
    def is_telling(self) -> bool:
        """Whether so many turned cases could stand out at all; where they lie is not looked at."""
        most = min(self.within, self.turned)
        return most >= FEWEST_TURNED and p_concentrated(most, self.within, self.turned, self.all) <= ALPHA

    @property
    def p(self) -> float:
        """The p of "they lie in the slice as often as elsewhere"."""
        return p_concentrated(self.turned_within, self.within, self.turned, self.all)


def quality_change(pairing: Pairing, marks: Mapping[str, Sequence[Mark]]) -> QualityChange:
    """Return where the cases lie that were lost and won.

    Each slice is tested against the rest: were its cases lost more often than the others (won, where quality rose)?
    A drop that lies evenly over all slices is explained by none of them. Which slices are tested hangs on how many
    cases turned and how large a slice is, and not on where they lie, so that Holm's correction holds.

    Args:
        pairing: The cases common to both sides.
        marks: By case, the slices that it is in.
    """
    n, moves = len(pairing.pairs), {pair.now.case: pair.change for pair in pairing.pairs if pair.change}
    members: dict[Mark, list[Pair]] = defaultdict(list)
    for pair in pairing.pairs if moves else ():
        for mark in marks.get(pair.now.case, ()):
            members[mark].append(pair)
    direction = -1 if sum(moves.values()) < 0 else 1
    whole = _units(pairing.pairs, moves, direction)
    tables = {mark: _Counts(*_units(pairs, moves, direction), *whole) for mark, pairs in members.items()}
    p = {mark: table.p for mark, table in tables.items() if table.is_telling}
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    slices = [_slice(mark, pairs, moves, n, adjusted.get(mark)) for mark, pairs in members.items()]
    return QualityChange(
        cases=n,
        lost=sum(change < 0 for change in moves.values()),
        won=sum(change > 0 for change in moves.values()),
        change=sum(moves.values()) / n if n else 0.0,
        slices=tuple(sorted(filter(None, slices), key=lambda one: (-abs(one.change), one.kind, one.name))),
    )


def _slice(mark: Mark, pairs: Iterable[Pair], moves: Mapping[str, float], n: int, p: float | None) -> Slice | None:
    changes = [moves.get(pair.now.case, 0.0) for pair in pairs]
    lost, won = sum(change < 0 for change in changes), sum(change > 0 for change in changes)
    if not lost and not won:
        return None
    return Slice(*mark, len(changes), lost, won, sum(changes) / n, p, holds=p is not None and p <= ALPHA)


def _units(pairs: Iterable[Pair], moves: Mapping[str, float], direction: int) -> tuple[int, int]:
    """Return how many units turned that way, and how many there are: cases, and groups, which count as one."""
    units: dict[tuple[bool, str], float] = defaultdict(float)
    for pair in pairs:
        alone = pair.group is None
        units[alone, pair.now.case if alone else str(pair.group)] += moves.get(pair.now.case, 0.0)
    return sum(change * direction > 0 for change in units.values()), len(units)
