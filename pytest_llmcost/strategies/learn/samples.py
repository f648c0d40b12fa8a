"""What each strategy did on a case is enough to know what any way through them would have done: nothing is asked."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from pytest_llmcost.domain.policy import Way


@dataclass(frozen=True, slots=True)
class Outcome:
    """One strategy on one case, one trial.

    Attributes:
        score: 0..1.
        is_right: Whether the score reached the suite's threshold.
        usd: As if nothing were cached.
        tokens: Input and output.
        confidence: 0..1, or None where the answer has none.
    """

    score: float
    is_right: bool
    usd: Decimal
    seconds: float
    tokens: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A case that all strategies answered.

    Attributes:
        kind: Its task type; empty where it has none.
        group: Cases of one group stand or fall together; None is a group of its own.
        outcomes: By strategy, its trials in order; of all strategies as many.
    """

    suite: str
    case: str
    kind: str
    group: str | None
    outcomes: Mapping[str, tuple[Outcome, ...]]


class Passage(NamedTuple):
    """What becomes of a case that goes a way; the mean of its trials.

    Attributes:
        usd: Of all steps that were tried; `answering_usd` of the last of them alone.
        escalated: Share of the trials that the first step did not answer.
    """

    score: float
    usd: Decimal
    seconds: float
    tokens: float
    escalated: float
    answering_usd: Decimal


def passage(sample: Sample, way: Way) -> Passage:
    """Return what *way* would have given: every step that is tried costs its money and its time."""
    trials = [_trial(sample, way, trial) for trial in range(len(sample.outcomes[way[0].use]))]
    if len(trials) == 1:  # as it nearly always is, and this is called a million times
        return trials[0]
    return Passage(
        score=math.fsum(one.score for one in trials) / len(trials),
        usd=sum((one.usd for one in trials), Decimal(0)) / len(trials),
        seconds=math.fsum(one.seconds for one in trials) / len(trials),
        tokens=math.fsum(one.tokens for one in trials) / len(trials),
        escalated=math.fsum(one.escalated for one in trials) / len(trials),
        answering_usd=sum((one.answering_usd for one in trials), Decimal(0)) / len(trials),
    )


def asked_shares(samples: Sequence[Sample], way: Way) -> tuple[float, ...]:
    """Return for each step of *way* in which share of the trials of *samples* it is asked; the first always is."""
    counts = [
        len(_asked(sample, way, trial)) for sample in samples for trial in range(len(sample.outcomes[way[0].use]))
    ]
    return tuple(sum(count > place for count in counts) / len(counts) for place in range(len(way)))


def _trial(sample: Sample, way: Way, trial: int) -> Passage:
    first, *others = _asked(sample, way, trial)
    usd, seconds, tokens, last = first.usd, first.seconds, first.tokens, first
    for last in others:
        usd += last.usd
        seconds += last.seconds
        tokens += last.tokens
    return Passage(last.score, usd, seconds, tokens, float(bool(others)), last.usd)


def _asked(sample: Sample, way: Way, trial: int) -> list[Outcome]:
    """Return the steps that are tried; as when it is really asked, an answer without a confidence has none at all."""
    outcomes = []
    for step in way:
        outcome = sample.outcomes[step.use][trial]
        outcomes.append(outcome)
        if step.accept is not None and (outcome.confidence or 0.0) >= step.accept:
            break
    return outcomes


def by_kind(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Return the samples of each task type, types in alphabetical order."""
    found: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        found[sample.kind].append(sample)
    return dict(sorted(found.items()))


def halves(samples: Sequence[Sample], seed: int, share: float = 0.5) -> tuple[list[Sample], list[Sample]]:
    """Return two parts, the first with about *share* of each task type's cases; groups are kept together.

    The split depends on the cases and the seed, and not on the order in which they come.
    """
    first: list[Sample] = []
    second: list[Sample] = []
    for kind, own in by_kind(samples).items():
        units: dict[tuple[str, str, bool], list[Sample]] = defaultdict(list)
        for sample in sorted(own, key=lambda one: (one.suite, one.case)):
            key = (sample.suite, sample.group or sample.case, sample.group is not None)
            units[key].append(sample)
        shuffled = list(units.values())
        random.Random(f"{seed} {kind}").shuffle(shuffled)
        wanted = share * len(own)
        taken = 0
        for unit in shuffled:
            # Of an odd number the second part gets the middle one: it has to prove something.
            part = first if taken + len(unit) <= wanted else second
            part += unit
            taken += len(unit) if part is first else 0
    return first, second


Unit = tuple[str, str] | None
"""The suite and the name of a group; None is a case that stands alone."""


def units_of(samples: Sequence[Sample]) -> list[Unit]:
    """Return the group of each sample, those of different suites told apart; None stands alone."""
    return [None if sample.group is None else (sample.suite, sample.group) for sample in samples]
