"""Where a project is: the folder of its configuration."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

OWN_FILE = "llmcost.toml"
SHARED_FILE = "pyproject.toml"

_PROJECT_ENDS = (".git", SHARED_FILE, "pytest.ini", "pytest.toml")
"""What lies in a project's own folder: pytest's rootdir, too."""


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
