"""Several runs of parts of the cases, joined into the run that they are together."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Run, RunHeader, StrategyRecord, Trial

Key = tuple[str, str, str, int]


def merge_runs(runs: Mapping[str, Run]) -> Run:
    """Return one run with the trials of all.

    Args:
        runs: By the name to tell them by; at least one.

    Raises:
        BaselineError: If they are of different commits or strategies, or give different answers to one case.
    """
    trials: dict[Key, tuple[str, Trial]] = {}
    for name, run in runs.items():
        for trial in run.trials:
            key = (trial.suite, trial.strategy, trial.case, trial.trial)
            first, known = trials.setdefault(key, (name, trial))
            if _measured(known) != _measured(trial):
                raise BaselineError(
                    f"{name}: case {trial.case!r} of {trial.suite}::{trial.strategy} is in {first}, too, with another "
                    "outcome. Give each run once, and runs of different parts (--llm-shard=1/3, 2/3, 3/3).",
                    path=name,
                )
    return Run(_header(runs), tuple(trial for _, trial in trials.values()))


def _measured(trial: Trial) -> tuple[object, ...]:
    return trial.fingerprint, trial.score, trial.correct, trial.answer_sha256, trial.error, trial.not_run


def _header(runs: Mapping[str, Run]) -> RunHeader:
    (first_name, first), *others = runs.items()
    for name, run in others:
        if run.header.commit != first.header.commit:
            raise BaselineError(
                f"{name}: a run of commit {run.header.commit}, and {first_name} of {first.header.commit}. "
                "Join runs of one commit.",
                path=name,
            )
    strategies: dict[str, dict[str, StrategyRecord]] = {}
    for name, run in runs.items():
        _add(strategies, name, run.header.strategies)
    started = min(run.header.started for run in runs.values())
    early_stop = max(run.header.early_stop for run in runs.values())
    return dataclasses.replace(first.header, started=started, strategies=strategies, early_stop=early_stop)


def _add(
    strategies: dict[str, dict[str, StrategyRecord]], name: str, more: Mapping[str, Mapping[str, StrategyRecord]]
) -> None:
    for suite, records in more.items():
        own = strategies.setdefault(suite, {})
        for strategy, record in records.items():
            if own.setdefault(strategy, record).fingerprint != record.fingerprint:
                raise BaselineError(
                    f"{name}: strategy '{strategy}' of {suite} differs from the same in an earlier run: another model, "
                    "prompt or parameters. Join runs of one configuration.",
                    path=name,
                )
