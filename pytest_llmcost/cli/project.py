"""Where a project is, and the suites below a folder."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_llmcost.assembly.root import OWN_FILE, SHARED_FILE, configuration_of, find_root

__all__ = ["OWN_FILE", "SHARED_FILE", "configuration_of", "files_below", "find_root", "suite_files"]

SUITE_NAMES = ("bench_*.yaml", "bench_*.yml", "*_bench.yaml", "*_bench.yml")
"""The plugin's patterns, which cannot be imported without pytest; a test holds the two together."""

_PASSED_OVER = (".*", "*.egg", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__")
"""Folders that pytest does not look into either."""
_ENVIRONMENT = "pyvenv.cfg"


def suite_files(folder: Path) -> Iterator[Path]:
    """Yield every file below *folder* that is a suite by its name, in order."""
    yield from files_below(folder, SUITE_NAMES)


def files_below(folder: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """Yield every file below *folder* of such a name, in order, where pytest would look, too."""
    for place, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if not _is_passed_over(Path(place, name)))
        for name in sorted(files):
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                yield Path(place, name)


def _is_passed_over(folder: Path) -> bool:
    named = any(fnmatch.fnmatchcase(folder.name, pattern) for pattern in _PASSED_OVER)
    return named or (folder / _ENVIRONMENT).exists()
