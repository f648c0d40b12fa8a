"""Which of the collected cases are run: by strategy, by sample, by shard, by how they did in the last run."""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from pytest_llmcost.assembly.base.comparison import Comparison
from pytest_llmcost.domain.digest import digest
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.pairing import pair_cases
from pytest_llmcost.gate.records import records_of
from pytest_llmcost.plugin.collection import CaseItem
from pytest_llmcost.plugin.python_tests import case_of
from pytest_llmcost.reports.run_file import read_run

Keep = Callable[[CaseItem], bool]
Chosen = Collection[tuple[str, str, str]]
"""Cases as (suite, strategy, case)."""


def select(config: pytest.Config, items: list[pytest.Item], chosen: Chosen | None) -> None:
    """Deselect the cases that the options leave out; tests in Python stay, but for those of another shard.

    Args:
        config: With the options.
        items: Of the session; what is left out is taken from it.
        chosen: By how they did in the last run, where the options ask for that.
    """
    rules = list(_rules(config, items, chosen))
    shard = config.getoption("llm_shard")
    left_out = [
        item
        for item in items
        if not _is_of_shard(item, shard) or (isinstance(item, CaseItem) and not all(keep(item) for keep in rules))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        out = set(left_out)
        items[:] = [item for item in items if item not in out]


def _rules(config: pytest.Config, items: list[pytest.Item], chosen: Chosen | None) -> list[Keep]:
    rules: list[Keep] = []
    if names := config.getoption("llm_strategy"):
        rules.append(lambda item: any(fnmatch.fnmatchcase(item.spec.name, name) for name in names))
    if size := config.getoption("llm_sample"):
        sample = sampled([item for item in items if isinstance(item, CaseItem)], size)
        rules.append(lambda item: (item.suite.path, item.case.id) in sample)
    if chosen is not None:
        rules.append(lambda item: (item.suite.path, item.spec.name, item.case.id) in chosen)
    return rules


def _is_of_shard(item: pytest.Item, shard: tuple[int, int] | None) -> bool:
    if shard is None:
        return True
    part, parts = shard
    if isinstance(item, CaseItem):
        return shard_of(item.case.id, parts) == part
    # A test in Python that asks is a case, too; all others run in every part, as without us.
    return "llm" not in getattr(item, "fixturenames", ()) or shard_of(case_of(item), parts) == part


def shard_of(case: str, parts: int) -> int:
    """Return the part, from 1 to *parts*, that a case is in: told by its id, whatever other cases there are."""
    return int(digest(["shard", case])[:12], 16) % parts + 1


def sampled(items: Collection[CaseItem], size: int) -> set[tuple[str, str]]:
    """Return *size* cases a suite as (suite, case): always the same ones, whatever the order or the strategies."""
    cases: dict[str, set[str]] = defaultdict(set)
    for item in items:
        cases[item.suite.path].add(item.case.id)
    return {(path, case) for path, ids in cases.items() for case in sorted(ids, key=lambda i: digest([path, i]))[:size]}


def chosen_by_outcome(
    config: pytest.Config, runs: Path, compared: Callable[[], Comparison]
) -> tuple[Chosen | None, list[str]]:
    """Return the cases of the last run that `--llm-only` asks for, or None, and what must be said of the run's file.

    Args:
        config: With the options.
        runs: The folder of run files.
        compared: Finds what the runs are held against.

    Raises:
        pytest.UsageError: If there is no such run, or it or a baseline cannot be read.
    """
    outcome = config.getoption("llm_only")
    if not outcome:
        return None, []
    files = sorted(runs.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    if not files:
        raise pytest.UsageError(f"--llm-only={outcome}: there is no last run in {runs}. Run without it first.")
    try:
        run, notes = read_run(files[-1])
        missed = {_key(trial) for trial in run.trials if trial.correct is False}
        return missed if outcome == "missed" else _lost(run.trials, config.rootpath, compared()), notes
    except BaselineError as error:
        raise pytest.UsageError(f"--llm-only={outcome}: {error}") from error


def _key(trial: Trial) -> tuple[str, str, str]:
    return trial.suite, trial.strategy, trial.case


def _lost(trials: Collection[Trial], root: Path, comparison: Comparison) -> set[tuple[str, str, str]]:
    by_strategy: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in trials:
        by_strategy[trial.suite, trial.strategy].append(trial)
    lost = set()
    for (suite, strategy), own in list(by_strategy.items()):
        baseline = comparison.baseline_of(root, suite)
        before = baseline.of(strategy) if baseline else records_of(by_strategy[suite, comparison.strategy])
        pairing = pair_cases(before, records_of(own), same_strategy=False)
        lost |= {(suite, strategy, case) for case in pairing.lost}
    return lost
