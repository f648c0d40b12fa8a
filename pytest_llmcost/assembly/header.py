"""What a run file says of the run before its first trial: versions, commit, strategies, prices."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from pytest_llmcost import __version__
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.trial import RunHeader, StrategyRecord


def run_header(
    root: Path, started: str, entries: Sequence[Entry], prices_date: str, prices_sha256: str, early_stop: int = 0
) -> RunHeader:
    """Return the header of a run.

    Args:
        root: A folder of the project, for its commit.
        started: ISO 8601, UTC.
        entries: What was run.
        prices_date: Edition of the price table that was used; empty where none was.
        prices_sha256: Its digest.
        early_stop: How many verdicts on quality the run could test at most, if it might stop early; else 0.
    """
    strategies: dict[str, dict[str, StrategyRecord]] = {}
    for entry in entries:
        strategies.setdefault(entry.suite.path, {})[entry.spec.name] = entry.record
    return RunHeader(
        started=started,
        versions={
            "pytest-llmcost": __version__,
            "pytest": version("pytest"),
            "litellm": version("litellm"),
            "python": platform.python_version(),
        },
        commit=_commit(root),
        strategies=strategies,
        prices_date=prices_date,
        prices_sha256=prices_sha256,
        early_stop=early_stop,
    )


def _commit(root: Path) -> str | None:
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
