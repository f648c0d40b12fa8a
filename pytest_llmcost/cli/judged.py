"""Stored runs, read and judged against this project's suites and baselines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun
    from pytest_llmcost.assembly.settings import Settings
    from pytest_llmcost.domain.suite import Suite
    from pytest_llmcost.domain.trial import Run


def read_runs(paths: Sequence[Path]) -> tuple[dict[str, Run], list[str]]:
    """Return the runs by path, and what had to be said of their files.

    Raises:
        BaselineError: If one is named twice, or is no run.
    """
    from pytest_llmcost.reports.run_file import read_run

    runs: dict[str, Run] = {}
    notes: list[str] = []
    for path in paths:
        if str(path) in runs:
            raise BaselineError(f"{path} is named twice. Name each run once.", path=str(path))
        runs[str(path)], said = read_run(path)
        notes += said
    return runs, notes


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run from its file, judged.

    Attributes:
        warnings: What there was to warn of while the suites were read.
    """

    judged: JudgedRun
    settings: Settings
    warnings: Sequence[str]


def judge_stored(run: Run, compared_with: str | None = None) -> StoredRun:
    """Return a run against this project's suites and baselines.

    Args:
        run: All of it.
        compared_with: As `--llm-baseline` has it; by default what a run here would be compared with.

    Raises:
        BaselineError: If a suite of the run is not here, or nothing to compare with.
        SettingsError, SuiteError: If the configuration or a suite is wrong.
    """
    from pytest_llmcost.assembly.base.comparison import comparison_of
    from pytest_llmcost.assembly.extensions.found import installed_extensions
    from pytest_llmcost.assembly.judging import judge_run
    from pytest_llmcost.assembly.runner import Runner
    from pytest_llmcost.assembly.settings import read_settings

    root = find_root(Path.cwd())
    warnings: list[str] = []
    settings, extensions = read_settings(root, os.environ), installed_extensions()
    comparison = comparison_of(compared_with, root, os.environ)
    runner = Runner(
        settings,
        mode="replay",
        account=root / "unused",
        warn=warnings.append,
        extensions=extensions,
    )
    suites = {}
    for path in sorted({trial.suite for trial in run.trials if "::" not in trial.suite}):
        if not (root / path).is_file():
            raise BaselineError(
                f"{path} of the run is not below {root}. Go to pytest's root directory, at the commit of the run.",
                path=path,
            )
        suites[path] = runner.read_suite(root / path, root)
    _refuse_gone(run, suites)
    judged = judge_run(root, suites, run.trials, runner.models, comparison=comparison, extensions=extensions)
    return StoredRun(judged, settings, warnings)


def _refuse_gone(run: Run, suites: Mapping[str, Suite]) -> None:
    known = {
        (suite.path, spec.name, case.id)
        for suite in suites.values()
        for spec in suite.strategies
        for case in suite.cases
    }
    for trial in run.trials:
        if trial.suite in suites and (trial.suite, trial.strategy, trial.case) not in known:
            what = f"case '{visible(trial.case)}' by '{visible(trial.strategy)}'"
            raise BaselineError(
                f"{trial.suite}: {what} is in the run, and no longer in the suite.\n"
                f"Go to the commit of the run: git checkout {run.header.commit or '(not known)'}",
                path=trial.suite,
            )


def missing_from(judged: JudgedRun) -> Iterator[str]:
    """Yield what is missing for a verdict on the whole: a part that was lost must not pass for it."""
    for suite in judged.suites:
        asked = {trial.case for entry in judged.entries if entry.suite is suite for trial in entry.trials}
        missing = [case.id for case in suite.cases if case.id not in asked]
        if missing:
            some = ", ".join(map(visible, missing[:5])) + (", ..." if len(missing) > 5 else "")
            yield f"{suite.path}: {len(missing)} cases are in no run ({some}). Name the runs of all shards."
    not_run = sum(bool(trial.not_run) for entry in judged.entries for trial in entry.trials)
    if not_run:
        yield f"{not_run} cases were not run: the budget of their shard was reached"
