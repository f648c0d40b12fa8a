"""How often would this gate fail if nothing changed, what can it detect, and what would more take (A/A)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from pytest_llmcost.domain.gate import Family, Outcome, QualityGate, Verdict
from pytest_llmcost.gate.decide import decide
from pytest_llmcost.gate.pooled import Compared, judge_pooled
from pytest_llmcost.gate.rehearsal import Rate, Rehearsal, rates
from pytest_llmcost.gate.unchanged import Unchanged
from pytest_llmcost.statistics.clusters import group_means
from pytest_llmcost.statistics.power import cases_needed, graded_cases_needed

POWER = 0.80
FINEST_DROP = 0.005
MOST_TRIALS = 50
"""Trials a case beyond which nobody would go to make up for cases."""
FULL_ROUNDS, SLOW_ROUNDS = 1000, 200
"""Of verdicts that depend on counts alone, and of those that are reached anew in each round."""
_MANY = 10**6
"""Cases of which the share that turned is known for sure."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A strategy of a suite whose gate is asked after.

    Attributes:
        suite: Its path; `title` is its name for display.
        usd_per_trial: As if nothing were cached, in US dollars.
    """

    suite: str
    title: str
    strategy: str
    gate: QualityGate
    system: Unchanged
    usd_per_trial: Decimal


@dataclass(frozen=True, slots=True)
class Needed:
    """What an unchanged system needs so as to pass in about 80 % of runs; money in US dollars a run.

    Attributes:
        margin: The drop that it has to exclude.
        cases: In all, those that are there included.
        groups: The same in groups; 0 where there are none.
        trials: Trials a case, with the cases that are there; None where no number of them will do.
        cases_usd, trials_usd: What a run of so many costs.
    """

    margin: float
    cases: int
    groups: int
    trials: int | None
    cases_usd: Decimal
    trials_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gate does when nothing changed, and what it can detect.

    Attributes:
        fails, inconclusive, passes: Of runs in which nothing changed, each alone in its run.
        drop: The smallest drop that fails in 80 % of runs, to half a point; None where no drop does.
        caught: How often it fails in the simulation; None without a drop.
        needed: For the gate's margin, and for another that was asked after.
    """

    subject: Subject
    fails: Rate
    inconclusive: Rate
    passes: Rate
    drop: float | None
    caught: Rate | None
    needed: tuple[Needed, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """All strategies of a run, and how often it fails as a whole: its verdicts are corrected for their number."""

    each: tuple[Answer, ...]
    run_fails: Rate


def answer(
    subjects: Sequence[Subject],
    *,
    margin: float | None = None,
    rounds: int | None = None,
    seed: int = 0,
    family: Family = "run",
) -> Answers:
    """Return how the gates of a run behave when nothing changed.

    Args:
        subjects: At least one.
        margin: Above 0 and below 1: one that is wished for, beside the gates' own.
        rounds: Simulated runs; by default 1,000 where equal runs are judged once, else 200.
        seed: Equal seeds give equal answers.
        family: What the verdicts of a run are corrected for, as of `decide`.
    """
    each, rehearsals, verdicts = [], [], []
    for subject in subjects:
        rehearsal = Rehearsal(subject.suite, subject.strategy, subject.gate, subject.system, seed)
        judged = rehearsal.judge(rounds or (FULL_ROUNDS if subject.system.is_counted else SLOW_ROUNDS))
        each.append(_answer(subject, rehearsal, judged, margin))
        rehearsals.append(rehearsal)
        verdicts.append(judged)
    return Answers(tuple(each), _run_fails(rehearsals, verdicts, family))


def _run_fails(rehearsals: Sequence[Rehearsal], verdicts: Sequence[Sequence[Verdict]], family: Family) -> Rate:
    """Return how often a run fails of which nothing changed, by one of its verdicts or by that on all suites."""
    rounds = min(map(len, verdicts))
    runs = zip(*(rehearsal.runs(rounds) for rehearsal in rehearsals), strict=True)
    failed = 0
    for judged, compared in zip(zip(*verdicts, strict=False), runs, strict=False):  # as many as the fewest rounds
        every = zip(judged, rehearsals, compared, strict=True)
        tested = [Compared(verdict, one.gate, run) for verdict, one, run in every if verdict.basis == "test"]
        pooled = judge_pooled(tested)
        decided = decide(judged if pooled is None else [*judged, pooled], family)
        failed += any(verdict.outcome is Outcome.FAIL for verdict in decided)
    return Rate(failed, rounds)


def _answer(subject: Subject, rehearsal: Rehearsal, judged: Sequence[Verdict], margin: float | None) -> Answer:
    alone = rates(judged)
    few = max(len(judged) // 4, min(len(judged), 100))  # a search for the drop judges as many six times or more
    drop, caught = _smallest_drop(rehearsal, subject.gate.margin, subject.system.mean_score, few)
    return Answer(
        subject,
        alone[Outcome.FAIL],
        alone[Outcome.INCONCLUSIVE],
        alone[Outcome.PASS],
        drop,
        caught,
        tuple(_needed(subject, rehearsal, margin)),
    )


def _smallest_drop(
    rehearsal: Rehearsal, margin: float, largest: float, rounds: int
) -> tuple[float | None, Rate | None]:
    """Return by bisection the smallest drop that fails in 80 % of *rounds* runs, and how often it does."""
    low, high = 0.0, min(max(margin, FINEST_DROP), largest)
    while (caught := rehearsal.fails(rounds, high)).value < POWER:
        if high == largest:
            return None, None
        low, high = high, min(2 * high, largest)
    while high - low > FINEST_DROP:
        middle = (low + high) / 2
        found = rehearsal.fails(rounds, middle)
        if found.value < POWER:
            low = middle
        else:
            high, caught = middle, found
    return high, caught


def _needed(subject: Subject, rehearsal: Rehearsal, wished: float | None) -> Iterator[Needed]:
    """Yield what each margin takes, by the formula that verdicts use to say what would settle them."""
    system = subject.system
    variance = _variance(rehearsal)
    for margin in sorted({subject.gate.margin, wished or subject.gate.margin} - {0.0}, reverse=True):
        if system.is_counted:
            turned = round(system.discordance * _MANY / 2)
            units = cases_needed(turned, turned, _MANY, margin)
        else:
            units = _graded_needed(variance, margin)
        cases = math.ceil(units * len(system.records) / system.units)
        trials = _trials_needed(variance, margin, system, units)
        usd = subject.usd_per_trial
        yield Needed(
            margin,
            cases,
            units if system.has_groups else 0,
            trials,
            cases * Decimal(system.trials) * usd,
            None if trials is None else trials * len(system.records) * usd,
        )


def _variance(rehearsal: Rehearsal) -> float:
    """Return the variance of a case's change, or a group's, as simulated runs show it; their mean is 0."""
    means = [mean for run in islice(rehearsal.runs(50), 50) for mean in group_means(run.changes, run.groups)]
    return math.fsum(mean * mean for mean in means) / len(means)


def _graded_needed(variance: float, margin: float) -> int:
    """Return what `graded_cases_needed` says of changes with that variance: two such changes will do."""
    half = math.sqrt(variance / 2)
    return graded_cases_needed((half, -half), margin)


def _trials_needed(variance: float, margin: float, system: Unchanged, units: int) -> int | None:
    """Return the trials a case that make up for cases: they divide the noise, and leave what a margin takes anyway."""
    if units <= system.units:
        return math.ceil(system.trials)
    more = range(math.floor(system.trials) + 1, MOST_TRIALS + 1)
    return next((k for k in more if _graded_needed(variance * system.trials / k, margin) <= system.units), None)
