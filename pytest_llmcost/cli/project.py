"""Where a project is: the folder of its configuration, and the suites below a folder."""

from __future__ import annotations

import fnmatch
import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

OWN_FILE = "llmcost.toml"
SHARED_FILE = "pyproject.toml"

SUITE_NAMES = ("bench_*.yaml", "bench_*.yml", "*_bench.yaml", "*_bench.yml")
"""The plugin's patterns, which cannot be imported without pytest; a test holds the two together."""

_PROJECT_ENDS = (".git", SHARED_FILE, "pytest.ini", "pytest.toml")
"""What lies in a project's own folder: pytest's rootdir, too."""

_PASSED_OVER = (".*", "*.egg", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}", "__pycache__")
"""Folders that pytest does not look into either."""
_ENVIRONMENT = "pyvenv.cfg"


def find_root(folder: Path) -> Path:
    """Return the folder of the configuration that holds for *folder*; without any, *folder* itself.

    It is the nearest one from there upwards, but that a `llmcost.toml` may lie below the
    root's: it is that only where no folder above it has a configuration, up to where the
    project ends.
    """
    start = Path(os.path.abspath(folder))
    found = None
    for place in (start, *start.parents):
        if configuration_of(place):
            found = place
        if found and any((place / end).exists() for end in _PROJECT_ENDS):
            break
    return found or start


def configuration_of(folder: Path) -> Path | None:
    """Return the file in *folder* that configures this package, or None.

    A `pyproject.toml` that cannot be read counts: whoever reads the settings says what is wrong with it.
    """
    if (folder / OWN_FILE).is_file():
        return folder / OWN_FILE
    shared = folder / SHARED_FILE
    return shared if shared.is_file() and _has_own_table(shared) else None


def _has_own_table(path: Path) -> bool:
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool")
    except (OSError, ValueError):
        return True
    return isinstance(tools, dict) and "llmcost" in tools


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
