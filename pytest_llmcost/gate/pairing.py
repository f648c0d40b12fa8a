"""Paired or it did not happen: only the same cases, asked in the same way, are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_llmcost.gate.records import CaseRecord

FEWEST_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """One case on both sides.

    Attributes:
        group: As today's suite says; None stands alone.
    """

    before: CaseRecord
    now: CaseRecord
    group: str | None = None

    @property
    def change(self) -> float:
        """Mean score now less mean score before; means that differ by rounding alone are equal."""
        now, before = self.now.mean_score, self.before.mean_score
        return 0.0 if now == before else round(now - before, 12)

    @property
    def is_right_or_wrong(self) -> bool:
        """Whether the mean scores of both sides are 0 or 1."""
        return self.now.mean_score in (0.0, 1.0) and self.before.mean_score in (0.0, 1.0)


@dataclass(frozen=True)
class Pairing:
    """A run's cases of one strategy beside its baseline's.

    Attributes:
        pairs: Same case, same fingerprint, a score on both sides.
        changed: Cases whose input, expected answer or scoring differs from the baseline's.
        added, removed: Cases on one side only.
        unanswered: Cases that this run could not measure.
        before: How many cases the baseline holds.
        same_strategy: Whether model, prompt, params and examples are the baseline's.
    """

    pairs: tuple[Pair, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    unanswered: tuple[str, ...]
    before: int
    same_strategy: bool

    @property
    def too_few(self) -> bool:
        """Whether there are too few common cases for any conclusion."""
        return len(self.pairs) < FEWEST_PAIRS or 2 * len(self.pairs) < self.before

    @property
    def is_unchanged(self) -> bool:
        """Whether the difference is exactly nothing: same strategy, same answers."""
        return self.same_strategy and all(pair.before.answers == pair.now.answers for pair in self.pairs)

    @cached_property
    def changes(self) -> tuple[float, ...]:
        """The change of each pair."""
        return tuple(pair.change for pair in self.pairs)

    @cached_property
    def groups(self) -> tuple[str | None, ...]:
        """The group of each pair; None where no other pair shares it."""
        groups = [pair.group for pair in self.pairs]
        sizes = Counter(groups)
        return tuple(group if sizes[group] > 1 else None for group in groups)

    @cached_property
    def has_groups(self) -> bool:
        """Whether any two pairs stand or fall together."""
        return any(group is not None for group in self.groups)

    @property
    def trials(self) -> tuple[int, int]:
        """Trials of a case before and now, the most of any."""
        pairs = self.pairs
        return max(len(pair.before.scores) for pair in pairs), max(len(pair.now.scores) for pair in pairs)

    @cached_property
    def lost(self) -> tuple[str, ...]:
        """Ids of the cases that score lower than before."""
        return tuple(pair.now.case for pair, change in zip(self.pairs, self.changes, strict=True) if change < 0)

    @cached_property
    def won(self) -> tuple[str, ...]:
        """Ids of the cases that score higher than before."""
        return tuple(pair.now.case for pair, change in zip(self.pairs, self.changes, strict=True) if change > 0)


def pair_cases(
    before: Sequence[CaseRecord],
    now: Sequence[CaseRecord],
    *,
    same_strategy: bool,
    groups: Mapping[str, str | None] | None = None,
) -> Pairing:
    """Return the common cases of two sides, in the order of *now*, and what stands apart.

    Args:
        before: The baseline's side.
        now: This run's side.
        same_strategy: Whether both were asked of the same strategy.
        groups: By case, today's group. Which cases resemble each other is a matter of their inputs, which are the
            same on both sides: it holds for the baseline too, whatever the suite said when that was stored.
    """
    old, groups = {record.case: record for record in before}, groups or {}
    common = [Pair(old[record.case], record, groups.get(record.case)) for record in now if record.case in old]
    same = [pair for pair in common if pair.before.fingerprint == pair.now.fingerprint]
    here = {record.case for record in now}
    return Pairing(
        pairs=tuple(pair for pair in same if pair.now.is_scored and pair.before.is_scored),
        changed=tuple(pair.now.case for pair in common if pair.before.fingerprint != pair.now.fingerprint),
        added=tuple(record.case for record in now if record.case not in old),
        removed=tuple(case for case in old if case not in here),
        unanswered=tuple(record.case for record in now if record.unanswered),
        before=len(before),
        same_strategy=same_strategy,
    )
