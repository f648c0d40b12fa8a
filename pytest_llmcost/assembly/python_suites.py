"""Tests in Python join the gate as suites: a function is one, and its parameters are the cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from pytest_llmcost.domain.gate import Gate
from pytest_llmcost.domain.suite import Case, Prompt, StrategySpec, Suite
from pytest_llmcost.domain.trial import Trial

RIGHT = 0.5
"""The score from which an answer counts as right."""


def python_suites(trials: Sequence[Trial], suites: Collection[str]) -> list[Suite]:
    """Return the tests in Python among *trials* as suites: a function is one, its parameters are the cases.

    Args:
        trials: Of the run.
        suites: Paths of the suites that are files.
    """
    by_suite: dict[str, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.suite not in suites and (trial.score is not None or trial.error is not None):
            by_suite[trial.suite].append(trial)
    return [_suite(path, own) for path, own in sorted(by_suite.items())]


def _suite(path: str, trials: Sequence[Trial]) -> Suite:
    cases = {trial.case: Case(trial.case, {}, (), trial.fingerprint) for trial in trials}
    names = sorted({trial.strategy for trial in trials})
    specs = tuple(StrategySpec(name, name, Prompt(), {}, "text", calibrate=False, gate=Gate()) for name in names)
    return Suite(path, path, "", (), specs, (), RIGHT, None, tuple(cases.values()))
