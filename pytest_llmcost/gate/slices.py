"""Where quality changed: cases lost and won by tag, group and label, and which of these surely changed."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pytest_llmcost.domain.change import QualityChange, Slice
from pytest_llmcost.gate.evidence import ALPHA, evidence_of
from pytest_llmcost.gate.pairing import Pair, Pairing
from pytest_llmcost.statistics.clusters import count_groups
from pytest_llmcost.statistics.multiplicity import holm

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
    slices: dict[Mark, list[Pair]] = defaultdict(list)
    for pair in pairing.pairs:
        for mark in marks.get(pair.now.case, ()):
            slices[mark].append(pair)
    counted = [(_counted(mark, pairs, len(pairing.pairs)), pairs) for mark, pairs in slices.items()]
    counted = [(one, pairs) for one, pairs in counted if one.lost or one.won]
    tested = {place: _p(pairing, pairs) for place, (one, pairs) in enumerate(counted) if _is_testable(pairing, pairs)}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    found = [
        dataclasses.replace(one, p=adjusted.get(place), holds=adjusted.get(place, 1.0) <= ALPHA)
        for place, (one, _) in enumerate(counted)
    ]
    return QualityChange(
        cases=len(pairing.pairs),
        lost=len(pairing.lost),
        won=len(pairing.won),
        change=_mean(pairing.changes, len(pairing.pairs)),
        slices=tuple(sorted(found, key=lambda one: (-abs(one.change), one.kind, one.name))),
    )


def _counted(mark: Mark, pairs: Sequence[Pair], of: int) -> Slice:
    changes = [pair.change for pair in pairs]
    lost, won = sum(change < 0 for change in changes), sum(change > 0 for change in changes)
    return Slice(*mark, cases=len(pairs), lost=lost, won=won, change=_mean(changes, of))


def _is_testable(pairing: Pairing, pairs: Sequence[Pair]) -> bool:
    """Whether a slice is a part of the whole that could show anything."""
    changed = [pair.group for pair in pairs if pair.change]
    return len(pairs) < len(pairing.pairs) and count_groups(changed) >= FEWEST_CHANGED


def _p(pairing: Pairing, pairs: Sequence[Pair]) -> float:
    """Return the two-sided p of "it did not change", by the tests that verdicts are given by."""
    return min(1.0, 2 * min(_p_worse(pairing, pairs), _p_worse(pairing, list(_turned_round(pairs)))))


def _p_worse(pairing: Pairing, pairs: Sequence[Pair]) -> float:
    return evidence_of(dataclasses.replace(pairing, pairs=tuple(pairs)), margin=0.0).p


def _turned_round(pairs: Sequence[Pair]) -> Iterator[Pair]:
    for pair in pairs:
        yield dataclasses.replace(pair, before=pair.now, now=pair.before)


def _mean(changes: Sequence[float], of: int) -> float:
    return sum(changes) / of if of else 0.0
