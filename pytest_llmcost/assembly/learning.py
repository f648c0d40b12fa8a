"""From a finished run to what can be learned from it: the cases that all strategies answered, each with its type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.notes import counted
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.policy import GROUP, SUITE, kinds_of, request_of
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.strategies.learn.samples import Outcome, Sample

Key = tuple[str, str]
"""Suite path and case."""
ByStrategy = Mapping[str, Sequence[Trial]]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a run has to teach.

    Attributes:
        strategies: Names of those that answered all of the samples.
        notes: What was left out, and why.
    """

    run: Run
    strategies: tuple[str, ...]
    samples: tuple[Sample, ...]
    notes: tuple[str, ...]


def lessons_of(
    run: Run, path: str, suites: Mapping[str, Suite], *, strategies: Sequence[str] = (), by: str = SUITE
) -> Lessons:
    """Return the cases of *run* that several strategies answered.

    Args:
        run: The run.
        path: Its file, for messages.
        suites: By path, as they are today: groups, quarantine and the fields that tell the task type.
        strategies: Names of those that are wanted; none: all that every suite of the run has.
        by: What tells a case's task type: a field, `suite`, `tags` or `group`.

    Raises:
        BaselineError: If there are no two such strategies, they have no case in common, a confidence is none, or no
            case has such a type.
    """
    by_case = _by_case(run.trials)
    names = tuple(strategies) or _common(by_case)
    _check_names(names, by_case, path)
    wanted = {key: own for key, own in by_case.items() if all(name in own for name in names)}
    left_out: Counter[str] = Counter()
    if missing := len(by_case) - len(wanted):
        left_out[f"not asked of {' and '.join(names)} alike"] = missing
    described = {(suite.path, case.id): case for suite in suites.values() for case in suite.cases}
    samples = []
    for key, own in sorted(wanted.items()):
        trials, case = {name: own[name] for name in names}, described.get(key)
        kind = _kind(key[0], case, by)
        if reason := _why_left_out(trials, case, key[0] in suites, kind, by):
            left_out[reason] += 1
        else:
            outcomes = {name: tuple(_outcome(trial, path) for trial in several) for name, several in trials.items()}
            # Within a task type its cases are drawn one by one, also where the type is the group.
            group = case.group if case is not None and by != GROUP else None
            samples.append(Sample(*key, kind, group, outcomes))
    if not samples:
        said = "; ".join(f"{reason} ({count})" for reason, count in left_out.items()) or "it is empty"
        raise BaselineError(f"{path}: there is no case to learn from: {said}.", path=path)
    notes = [f"{counted(count, 'case')} left out: {reason}" for reason, count in left_out.items()]
    return Lessons(run, names, tuple(samples), tuple(notes))


def _by_case(trials: Sequence[Trial]) -> dict[Key, dict[str, list[Trial]]]:
    found: dict[Key, dict[str, list[Trial]]] = defaultdict(lambda: defaultdict(list))
    for trial in sorted(trials, key=lambda one: one.trial):
        found[trial.suite, trial.case][trial.strategy].append(trial)
    return found


def _common(by_case: Mapping[Key, ByStrategy]) -> tuple[str, ...]:
    """Return the strategies that all suites have; a test in Python, which has others, stands back where it must."""
    by_suite: dict[str, set[str]] = defaultdict(set)
    for (suite, _), own in by_case.items():
        by_suite[suite] |= own.keys()
    files = [names for suite, names in by_suite.items() if "::" not in suite]
    return tuple(sorted(set.intersection(*(files or by_suite.values())))) if by_suite else ()


def _check_names(names: Sequence[str], by_case: Mapping[Key, ByStrategy], path: str) -> None:
    asked = {name for own in by_case.values() for name in own}
    unknown = [name for name in names if name not in asked]
    if unknown or len(names) < 2:
        what = f"strategy {unknown[0]!r} is not in the run" if unknown else "no two strategies answered the same cases"
        there = ", ".join(sorted(asked)) or "none"
        raise BaselineError(
            f"{path}: {what}. There are: {there}.\nRun the strategies on the same cases, without --llm-strategy.",
            path=path,
        )


def _kind(suite: str, case: Case | None, by: str) -> str:
    """Return the task type of a case; empty where it has none. A test in Python has no fields."""
    if case is None:
        return suite if by == SUITE else ""
    return next(iter(kinds_of(request_of(case, suite), by)), "")


def _why_left_out(trials: ByStrategy, case: Case | None, is_suite_known: bool, kind: str, by: str) -> str:
    """Return why nothing is learned from a case; empty where something is."""
    first, *others = trials.values()
    if any(trial.score is None for several in trials.values() for trial in several):
        return "one of them gave no answer, or none that has a score"
    if any(len(several) != len(first) for several in others):
        return "not as many trials of each"
    if is_suite_known and case is None:
        return "no longer in the suite"
    if case is not None and case.fingerprint != first[0].fingerprint:
        return "changed since the run"
    if case is not None and case.quarantine:
        return "in quarantine"
    return "" if kind else f"it has no {by}; such requests go the safe way"


def _outcome(trial: Trial, path: str) -> Outcome:
    confidence = trial.confidence
    # (a run file may have been made elsewhere; NaN is no number from 0 to 1 either)
    if confidence is not None and not (type(confidence) in (int, float) and 0 <= confidence <= 1):
        raise BaselineError(
            f"{path}: the confidence of {trial.suite}::{trial.strategy}::{trial.case} is {confidence!r}: a number from "
            "0 to 1 is needed.\nMend what tells it, and run again.",
            path=path,
        )
    assert trial.score is not None
    return Outcome(
        score=float(trial.score),
        is_right=bool(trial.correct),
        usd=trial.usd,
        seconds=trial.seconds,
        tokens=trial.usage.total_tokens,
        confidence=confidence,
    )


def by_cost(samples: Sequence[Sample], strategies: Sequence[str]) -> list[str]:
    """Return the strategies, the cheapest first."""
    usd: dict[str, Decimal] = {
        name: sum((one.usd for sample in samples for one in sample.outcomes[name]), Decimal(0)) for name in strategies
    }
    return sorted(strategies, key=lambda name: (usd[name], name))


def told_confidence(samples: Sequence[Sample], strategy: str, path: str) -> Iterator[str]:
    """Yield what must be said of answers of *strategy* that have no confidence.

    Raises:
        BaselineError: If none has.
    """
    without = sum(any(one.confidence is None for one in sample.outcomes[strategy]) for sample in samples)
    if all(one.confidence is None for sample in samples for one in sample.outcomes[strategy]):
        raise BaselineError(
            f"{path}: no answer of {strategy!r} has a confidence. Give the strategy one, and run again: parse: label "
            "where the model\nlists token probabilities, or confidence: {json: field}, {agreement: 3}, ...",
            path=path,
        )
    if without:
        yield f"{counted(without, 'case')} without a confidence of {strategy}: a cascade escalates them, but at 0"
