"""A strategy that is run twice and did not change, or lost some of its cases: what a gate then gets to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from random import Random

from pytest_llmcost.gate.pairing import Pair
from pytest_llmcost.gate.records import CaseRecord
from pytest_llmcost.statistics.noise import discordance_of, stranger_by_discordance, strangers, strangers_by_repeats

Scores = tuple[float, ...]
_MOST_KEPT = 20_000
"""Pairs; graded scores make ever new ones."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Two runs of an unchanged strategy: the scores of each case's trials, and by group the luck that spares it."""

    before: Sequence[Scores]
    now: Sequence[Scores]
    luck: Sequence[float]


class Unchanged:
    """Two runs of one strategy, drawn from the trials of a single one.

    Args:
        records: The run's cases, each with a score.
        groups: By case; None stands alone.
        discordance: Share of the cases in which two trials differ, assumed. None where the run's repeats say it.

    Raises:
        ValueError: If there is no case; or no repeat, and no discordance.
    """

    def __init__(
        self, records: Sequence[CaseRecord], groups: Mapping[str, str | None], discordance: float | None
    ) -> None:
        self.records = records
        self.groups = [groups.get(record.case) for record in records]
        self.is_assumed = discordance is not None
        self._trials = [record.scores for record in records]
        if discordance is None:
            self._chances = strangers_by_repeats(self._trials)
        else:
            self._chances = [stranger_by_discordance(self._trials, discordance)] * len(records)
        self._pool = tuple(strangers(self._trials))
        self._pair = lru_cache(_MOST_KEPT)(self._new_pair)  # of right and wrong answers there are few, made once

    @cached_property
    def discordance(self) -> float:
        """The share of the cases in which two trials differ though nothing changed."""
        return discordance_of(self._trials, self._chances)

    @cached_property
    def mean_score(self) -> float:
        """The mean over the cases: the largest drop that there can be."""
        return sum(record.mean_score for record in self.records) / len(self.records)

    @property
    def units(self) -> int:
        """How many cases there are, or groups of them."""
        return len(self._units)

    @property
    def has_groups(self) -> bool:
        """Whether any two cases stand or fall together."""
        return self.units < len(self.records)

    @property
    def trials(self) -> float:
        """Trials a case, on average."""
        return sum(map(len, self._trials)) / len(self._trials)

    @cached_property
    def is_counted(self) -> bool:
        """Whether all that a verdict sees are the numbers of cases lost and won: one trial each, right or wrong."""
        return not self.has_groups and all(len(own) == 1 and own[0] in (0.0, 1.0) for own in self._trials)

    def draw(self, random: Random) -> Drawn:
        """Return two runs in which nothing changed."""
        return Drawn(self._side(random), self._side(random), [random.random() for _ in self._units])

    def pairs(self, drawn: Drawn, drop: float = 0.0) -> tuple[Pair, ...]:
        """Return both runs by case; with a *drop* of the mean score whole groups are lost in the second, for good."""
        chance = drop / self.mean_score if drop else 0.0
        lost = {
            place for places, luck in zip(self._units, drawn.luck, strict=True) if luck < chance for place in places
        }
        now = [(0.0,) * len(own) if place in lost else own for place, own in enumerate(drawn.now)]
        return tuple(map(self._pair, range(len(now)), drawn.before, now))

    @cached_property
    def _units(self) -> list[list[int]]:
        """The places of the cases that stand or fall together."""
        units: dict[object, list[int]] = defaultdict(list)
        for place, group in enumerate(self.groups):
            units[(True, place) if group is None else (False, group)].append(place)
        return list(units.values())

    @cached_property
    def _turning(self) -> list[tuple[list[int], float, int]]:
        """What turns as one, with its stranger's chance and most trials: by repeats a case, where assumed a group."""
        turning = self._units if self.is_assumed else [[place] for place in range(len(self._trials))]
        return [(one, self._chances[one[0]], max(len(self._trials[place]) for place in one)) for one in turning]

    def _side(self, random: Random) -> list[Scores]:
        """Return one run."""
        side: list[Scores] = [()] * len(self._trials)
        uniform, pool = random.random, self._pool
        for places, chance, most in self._turning:
            strange = [pool[int(uniform() * len(pool))] if uniform() < chance else None for _ in range(most)]
            for place in places:
                own = self._trials[place]
                drawn = [own[int(uniform() * len(own))] if score is None else score for score in strange[: len(own)]]
                side[place] = tuple(drawn)
        return side

    def _new_pair(self, place: int, before: Scores, now: Scores) -> Pair:
        name = self.records[place].case
        old, new = (CaseRecord(name, self.records[place].strategy, "", scores, "") for scores in (before, now))
        return Pair(old, new, self.groups[place])
