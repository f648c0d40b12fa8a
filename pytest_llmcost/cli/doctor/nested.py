"""Configuration files below the root: what holds beside and below each, and which are read by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.cli.doctor.finding import OK, WARN, Finding, of_error
from pytest_llmcost.cli.project import OWN_FILE, SHARED_FILE, configuration_of, files_below
from pytest_llmcost.domain.errors import SettingsError

_TOPIC = "configuration"


def nested(root: Path, runner: Runner) -> Iterator[Finding]:
    """Yield what is to be said of each file below *root* that configures this package, or tries to."""
    for file in files_below(root, (OWN_FILE, SHARED_FILE)):
        if file.parent == root:
            continue
        if file.name == OWN_FILE:
            yield _read(file, root, runner)
        elif configuration_of(file.parent) == file:
            text = f"{file}: its [tool.llmcost] is read by nobody, as it is not in the root"
            yield Finding(
                WARN, _TOPIC, text, f"Write what is meant for the suites there to {file.with_name(OWN_FILE)}."
            )


def _read(file: Path, root: Path, runner: Runner) -> Finding:
    try:
        runner.models.at(file.relative_to(root).as_posix())
    except SettingsError as error:
        return of_error(_TOPIC, error)
    return Finding(OK, _TOPIC, f"{file} adds to it, for the suites below it")
