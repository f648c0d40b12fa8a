"""A run that was read from its file, judged as the session would have judged it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun
    from pytest_llmcost.domain.suite import Suite
    from pytest_llmcost.domain.trial import Run


def judged_here(run: Run, compared_with: str | None = None) -> tuple[JudgedRun, list[str]]:
    """Return the run against this project's suites, and what there was to warn of.

    Args:
        run: The run.
        compared_with: As `--llm-baseline` takes it; None compares as pytest does without it.

    Raises:
        BaselineError: If the suites are not those that were run.
    """
    from pytest_llmcost.assembly.base.comparison import comparison_of
    from pytest_llmcost.assembly.judging import judge_run
    from pytest_llmcost.assembly.reread import reread

    root = find_root(Path.cwd())
    again = reread(root, run)
    _check_cases(run, again.suites)
    comparison = comparison_of(compared_with, root, os.environ)
    judged = judge_run(
        root,
        again.suites,
        run.trials,
        again.models,
        comparison=comparison,
        extensions=again.runner.extensions,
        family=again.settings.family,
        early_stop=run.header.early_stop,
    )
    return judged, again.warnings


def _check_cases(run: Run, suites: Mapping[str, Suite]) -> None:
    from pytest_llmcost.assembly.notes import some

    known = {(path, case.id): case.fingerprint for path, suite in suites.items() for case in suite.cases}
    for path in suites:
        own = {trial.case: trial.fingerprint for trial in run.trials if trial.suite == path}
        other = [case for case, fingerprint in own.items() if known.get((path, case)) != fingerprint]
        if other:
            shown = some([visible(case, 40) for case in other])
            at = f", or go to its commit {run.header.commit[:10]}" if run.header.commit else ""
            raise BaselineError(
                f"{path}: {len(other)} cases are not what the run asked ({shown}). Run again{at}.", path=path
            )
