"""A change is held to the gate of its base: its own suite, with the bounds that the base states.

What the base does not know, a new suite, strategy or case, is held to what the change says of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from pytest_llmcost.domain.suite import Case, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial


def held_to(now: Suite, base: Suite) -> Suite:
    """Return the suite *now* with gates, quarantines, thresholds and what has to pass as *base* has them.

    A case that differs in its threshold alone has the base's fingerprint, too: its scores are comparable.
    """
    specs, cases = {spec.name: spec for spec in base.strategies}, {case.id: case for case in base.cases}
    return dataclasses.replace(
        now,
        strategies=tuple(_strategy(spec, specs.get(spec.name)) for spec in now.strategies),
        cases=tuple(_case(case, now, cases.get(case.id), base) for case in now.cases),
    )


def _strategy(now: StrategySpec, base: StrategySpec | None) -> StrategySpec:
    return now if base is None else dataclasses.replace(now, gate=base.gate)


def _case(case: Case, suite: Suite, before: Case | None, base: Suite) -> Case:
    if before is None:
        return case
    is_comparable = asks_the_same(case, before) and expects_the_same(case, suite, before, base)
    return dataclasses.replace(
        case,
        fingerprint=before.fingerprint if is_comparable else case.fingerprint,
        must_pass=_must_pass(case, suite, before, base),
        quarantine=before.quarantine,
        threshold=base.threshold_of(before),
    )


def _must_pass(case: Case, suite: Suite, before: Case, base: Suite) -> bool | int:
    if not has_to_pass(before, base):
        # A number that the change's fewer trials cannot reach asks for all of them.
        return before.must_pass and min(before.must_pass, suite.repeats)
    # Where the change's own test does not fail any more, a verdict on all trials takes its place.
    is_as_hard = suite.threshold_of(case) >= base.threshold_of(before)
    is_tested = has_to_pass(case, suite) and not case.quarantine and is_as_hard
    return True if is_tested else suite.repeats


def has_to_pass(case: Case, suite: Suite) -> bool:
    """Whether a wrong answer is a failed test."""
    return bool(suite.strict if case.strict is None else case.strict) or case.must_pass is True


def asks_the_same(case: Case, before: Case) -> bool:
    """Whether the case's input is what it was."""
    return case.fields == before.fields


def expects_the_same(case: Case, suite: Suite, before: Case, base: Suite) -> bool:
    """Whether the same answers are right as before, scored in the same way; a threshold is no part of it."""
    scorers = suite.scorer_of(case), base.scorer_of(before)
    return case.expected == before.expected and scorers[0] == scorers[1] and set(suite.labels) == set(base.labels)


def retold(trials: Iterable[Trial], now: Mapping[str, Suite], held: Mapping[str, Suite]) -> Iterator[Trial]:
    """Yield the trials as the suites in *held* see them: with their fingerprints, and right from their thresholds.

    Args:
        trials: Of the run.
        now: Its suites, by path.
        held: Those of them that are held to a base, by path, as `held_to` returns them.
    """
    differing = {
        (path, own.id, own.fingerprint): (case.fingerprint, suite.threshold_of(case))
        for path, suite in held.items()
        for case, own in zip(suite.cases, now[path].cases, strict=True)
        if (case.fingerprint, suite.threshold_of(case)) != (own.fingerprint, now[path].threshold_of(own))
    }
    for trial in trials:
        told = differing.get((trial.suite, trial.case, trial.fingerprint))
        if told is None:
            yield trial
        else:
            correct = None if trial.score is None else trial.score >= told[1]
            yield dataclasses.replace(trial, fingerprint=told[0], correct=correct)
