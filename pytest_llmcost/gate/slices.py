"""Where quality changed: cases lost and won by tag, group and label, and which of these surely changed."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pytest_llmcost.domain.change import QualityChange, Slice
from pytest_llmcost.gate.evidence import ALPHA, evidence_of
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.statistics.clusters import count_groups
from pytest_llmcost.statistics.multiplicity import holm
from pytest_llmcost.statistics.paired import mcnemar_midp

Mark = tuple[str, str]
"""A kind of slice and its name: `("tag", "orders")`."""

FEWEST_CHANGED = 5
"""Changed cases, or groups, below which no two-sided p can be 0.05: of five that all got worse it is 0.03."""


def quality_change(pairing: Pairing, marks: Mapping[str, Sequence[Mark]]) -> QualityChange:
    """Return where the cases lie that were lost and won.

    Each slice is tested by itself: do its cases get worse, or better, more often than the toss of a coin would
    have it? Which slices are tested hangs on how many of their cases changed, and not on where to, so that Holm's
    correction for their number holds.

    Args:
        pairing: The cases common to both sides.
        marks: By case, the slices that it is in.
    """
    n, changed = len(pairing.pairs), {pair.now.case: pair for pair in pairing.pairs if pair.change}
    members: dict[Mark, list[Pair]] = defaultdict(list)
    for pair in pairing.pairs:
        for mark in marks.get(pair.now.case, ()):
            members[mark].append(pair)
    within = {mark: [pair for pair in pairs if pair.now.case in changed] for mark, pairs in members.items()}
    is_simple = not pairing.has_groups and all(pair.is_right_or_wrong for pair in changed.values())
    p = {
        mark: _p_of_counts(*_turned(pairs)) if is_simple else _p_of_pairs(pairing, members[mark])
        for mark, pairs in within.items()
        if len(members[mark]) < n and count_groups([pair.group for pair in pairs]) >= FEWEST_CHANGED
    }
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    slices = [_slice(mark, len(members[mark]), own, n, adjusted.get(mark)) for mark, own in within.items() if own]
    slices.sort(key=lambda one: (-abs(one.change), one.kind, one.name))
    lost, won = _turned(list(changed.values()))
    return QualityChange(n, lost, won, _sum(changed.values()) / n if n else 0.0, tuple(slices))


def _slice(mark: Mark, size: int, changed: Sequence[Pair], n: int, p: float | None) -> Slice:
    lost, won = _turned(changed)
    return Slice(*mark, size, lost, won, _sum(changed) / n, p, holds=p is not None and p <= ALPHA)


def _turned(changed: Sequence[Pair]) -> tuple[int, int]:
    lost = sum(pair.change < 0 for pair in changed)
    return lost, len(changed) - lost


def _sum(changed: Iterable[Pair]) -> float:
    return sum(pair.change for pair in changed)


def _p_of_counts(lost: int, won: int) -> float:
    """Return the two-sided p of "it did not change", by the test of right and wrong answers."""
    return min(1.0, 2 * min(mcnemar_midp(lost, won), mcnemar_midp(won, lost)))


def _p_of_pairs(pairing: Pairing, pairs: Sequence[Pair]) -> float:
    """Return the same of graded scores, trials and groups."""
    turned_round = [dataclasses.replace(pair, before=pair.now, now=pair.before) for pair in pairs]
    sides = (dataclasses.replace(pairing, pairs=tuple(side)) for side in (pairs, turned_round))
    return min(1.0, 2 * min(evidence_of(side, margin=0.0).p for side in sides))
