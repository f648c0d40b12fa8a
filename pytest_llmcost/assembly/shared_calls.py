"""Calls made once for a strategy, not for a case: they stand with its first trial, whoever asked for them."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pytest_llmcost.domain.trial import Call, Trial


def gathered(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return *trials*, with the calls that those of a strategy share at its first in a run file's order.

    With which trial they are reported is chance, and each process reports its own: so a
    run file is the same however many there were. What several processes paid is added up.
    """
    by_strategy: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        by_strategy[trial.suite, trial.strategy].append(trial)
    return tuple(trial for own in by_strategy.values() for trial in _at_the_first(own))


def _at_the_first(trials: Sequence[Trial]) -> Iterator[Trial]:
    calls: dict[str, Call] = {}
    for trial in trials:
        for call in trial.shared:
            calls[call.key] = _joined(calls[call.key], call) if call.key in calls else call
    first = min(trials, key=lambda trial: (trial.case, trial.trial))
    for trial in trials:
        shared = tuple(calls.values()) if trial is first else ()
        yield dataclasses.replace(trial, shared=shared) if shared != trial.shared else trial


def _joined(one: Call, other: Call) -> Call:
    made = other if one.cached else one
    return dataclasses.replace(made, paid_usd=one.paid_usd + other.paid_usd)
