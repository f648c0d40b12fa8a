"""The suites of a finished run, read again: its file holds neither gates nor groups."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Run


@dataclass(frozen=True, slots=True)
class Reread:
    """What a run was made from, as it is today; suites by path, tests in Python not among them."""

    settings: Settings
    suites: dict[str, Suite]
    runner: Runner
    warnings: list[str]

    @property
    def models(self) -> Models:
        """The project's models."""
        return self.runner.models


def reread(root: Path, run: Run) -> Reread:
    """Return the suites of a run, with this project's models.

    Raises:
        BaselineError: If one is no longer there.
        SuiteError, SettingsError, ExtensionError: If one, or the configuration, is wrong.
    """
    warnings = list[str]()
    runner = runner_of(root, warnings)
    suites = {}
    for path in sorted({trial.suite for trial in run.trials if "::" not in trial.suite}):
        if not (root / path).is_file():
            raise BaselineError(
                f"{path} of the run is not below {root}. Go to pytest's root directory, at the commit of the run.",
                path=path,
            )
        suites[path] = runner.read_suite(root / path, root)
    return Reread(read_settings(root, os.environ), suites, runner, warnings)


def runner_of(root: Path, warnings: list[str]) -> Runner:
    """Return what reads suites and knows prices in *root*; nothing is asked, and *warnings* take what it has to say.

    Raises:
        SettingsError, ExtensionError: If the configuration is wrong.
    """
    return Runner(
        read_settings(root, os.environ),
        mode="replay",
        account=root / "unused",
        warn=warnings.append,
        extensions=installed_extensions(),
    )
