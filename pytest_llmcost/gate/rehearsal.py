"""A gate on trial: simulated runs of a strategy, judged by the gate itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from pytest_llmcost.domain.gate import Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pairing import Pairing
from pytest_llmcost.gate.quality import judge_quality
from pytest_llmcost.gate.unchanged import Unchanged
from pytest_llmcost.statistics.intervals import Interval, wilson

_MOST_KEPT = 250
"""Rounds whose noise is drawn once for every drop."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of simulated runs; its interval is the simulation's own error."""

    hits: int
    rounds: int

    @property
    def value(self) -> float:
        """The share itself."""
        return self.hits / self.rounds

    @property
    def interval(self) -> Interval:
        """Its 90 % interval: what more rounds would narrow."""
        return wilson(self.hits, self.rounds)


class Rehearsal:
    """Judges simulated runs of one strategy.

    Args:
        suite, strategy: Whose they are.
        gate: What they are held to.
        system: Where they come from.
        seed: Equal seeds give equal runs.
    """

    def __init__(self, suite: str, strategy: str, gate: QualityGate, system: Unchanged, seed: int) -> None:
        self._blank = Verdict(suite, strategy, "", Outcome.NEW, "")
        self.gate, self._system = gate, system
        source = f"{seed}:{suite}:{strategy}"  # two strategies of a run have their own luck
        self._draw = lru_cache(_MOST_KEPT)(lambda number: system.draw(Random(f"{source}:{number}")))
        self._known: dict[tuple[int, int, float], Verdict] = {}

    def runs(self, rounds: int, drop: float = 0.0) -> Iterator[Pairing]:
        """Yield simulated runs beside their baselines; the noise of a round is the same at every drop."""
        for number in range(rounds):
            pairs = self._system.pairs(self._draw(number), drop)
            yield Pairing(pairs, (), (), (), (), before=len(pairs), same_strategy=False)

    def judge(self, rounds: int, drop: float = 0.0) -> list[Verdict]:
        """Return the verdicts on so many runs, not yet decided among those of other strategies."""
        return [self._verdict(run) for run in self.runs(rounds, drop)]

    def fails(self, rounds: int, drop: float) -> Rate:
        """Return how often a run fails whose mean score fell by *drop*."""
        return rates(self.judge(rounds, drop))[Outcome.FAIL]

    def _verdict(self, run: Pairing) -> Verdict:
        """Return the gate's verdict; where it depends on counts alone, equal counts are judged once."""
        if not self._system.is_counted:
            return self._judged(run)
        lost = sum(pair.before.scores > pair.now.scores for pair in run.pairs)
        won = sum(pair.before.scores < pair.now.scores for pair in run.pairs)
        right = 0.0 if self.gate.min is None else sum(pair.now.scores[0] for pair in run.pairs)
        if (lost, won, right) not in self._known:
            self._known[lost, won, right] = self._judged(run)
        return self._known[lost, won, right]

    def _judged(self, run: Pairing) -> Verdict:
        return judge_quality(self._blank, self.gate, [pair.now for pair in run.pairs], run)


def rates(judged: Sequence[Verdict]) -> Mapping[Outcome, Rate]:
    """Return how often each outcome comes of verdicts that stand alone in their runs."""
    outcomes = [decide([verdict])[0].outcome for verdict in judged]
    return {outcome: Rate(outcomes.count(outcome), len(outcomes)) for outcome in Outcome}
