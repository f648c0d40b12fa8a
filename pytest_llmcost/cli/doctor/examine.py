"""What `llmcost doctor` does: look at one thing after the other, and go on as long as there is anything to look at."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from pytest_llmcost.assembly.extensions.added import NONE
from pytest_llmcost.assembly.extensions.found import installed_extensions
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.cli.doctor.cache import caches
from pytest_llmcost.cli.doctor.environment import env_files, keys, variables
from pytest_llmcost.cli.doctor.extensions import added
from pytest_llmcost.cli.doctor.finding import BAD, OK, WARN, Finding, of_error
from pytest_llmcost.cli.doctor.installed import installed
from pytest_llmcost.cli.doctor.named import find_named, local_models, missing_keys, priced
from pytest_llmcost.cli.doctor.nested import nested
from pytest_llmcost.cli.doctor.policies import policies
from pytest_llmcost.cli.doctor.suites import SuitesBelow
from pytest_llmcost.cli.project import configuration_of, find_root
from pytest_llmcost.domain.errors import ExtensionError, SettingsError
from pytest_llmcost.reports.safe import inert

BROKEN = 1


def examine_and_show(arguments: argparse.Namespace) -> int:
    """Print what is found and return the exit status: 1 if something is broken.

    Raises:
        SettingsError: If there is no such folder.
    """
    folder = Path(arguments.folder)
    if not folder.is_dir():
        raise SettingsError(f"--folder {folder}: there is no such folder.", key="--folder")
    findings = list(examine(folder, os.environ, is_online=arguments.online))
    is_broken = any(finding.level == BAD for finding in findings)
    if arguments.json:
        print(json.dumps({"ok": not is_broken, "findings": [dataclasses.asdict(f) for f in findings]}, indent=2))
    else:
        print(*(inert(finding.lines()) for finding in findings), sep="\n")
    return BROKEN if is_broken else 0


def examine(folder: Path, environment: Mapping[str, str], *, is_online: bool = False) -> Iterator[Finding]:
    """Yield what is to be known of the project at *folder*; nothing is changed, nor connected to unless *is_online*."""
    root = find_root(folder)
    yield from installed()
    yield from keys(environment)
    yield from env_files([Path(os.path.abspath(folder)), root])
    yield from variables(environment)
    said: list[str] = []
    extensions = NONE
    try:
        extensions = installed_extensions()
    except ExtensionError as error:
        yield of_error("extension", error)
    yield from added(extensions, root)
    try:
        settings = read_settings(root, environment)
        runner = Runner(settings, mode="replay", account=root / "unused", warn=said.append, extensions=extensions)
    except SettingsError as error:
        yield of_error("configuration", error)
        yield Finding(WARN, "configuration", "prices, models, cache and suites are looked at once it can be read")
        return
    yield _in_force(root)
    yield from nested(root, runner)
    yield from _project(Path(os.path.abspath(folder)), settings, runner, environment, is_online=is_online)
    yield from (Finding(WARN, "price", message) for message in said)


def _in_force(root: Path) -> Finding:
    path = configuration_of(root)
    if path is None:
        return Finding(OK, "configuration", f"none at {root} or above: the defaults hold", "llmcost init writes one.")
    return Finding(OK, "configuration", str(path))


def _project(
    folder: Path, settings: Settings, runner: Runner, environment: Mapping[str, str], *, is_online: bool
) -> Iterator[Finding]:
    suites = SuitesBelow(folder, settings.root, runner)
    named = find_named([*(("", name) for name in runner.models), *suites.models()], runner)
    yield from priced(named)
    yield from missing_keys(named, runner, environment)
    yield from local_models(named, settings)
    yield from caches(settings)
    yield from suites.findings
    yield from policies(folder, settings.root, suites.good)
    if is_online:
        from pytest_llmcost.cli.doctor.reach import reached

        bases = [endpoint.api_base for one in named for endpoint in one.endpoints]
        yield from reached(base for base in bases if base)
