"""The caches of the project that a command is typed in, and the question before something is deleted."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llmcost.calls.cache.upkeep.kept import CacheError, LookedAfter
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.avoided import LOCAL, SHARED

if TYPE_CHECKING:
    from pytest_llmcost.assembly.settings import Settings


def settings_here() -> Settings:
    """Return the settings of the project that the working directory lies in.

    Raises:
        SettingsError: If they are wrong.
    """
    from pytest_llmcost.assembly.settings import read_settings  # here, so that --help needs none of it

    return read_settings(find_root(Path.cwd()), os.environ)


def caches_here() -> list[LookedAfter]:
    """Return all caches of this project, in the order in which they are read."""
    from pytest_llmcost.assembly.caches import looked_after

    return looked_after(settings_here())


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Let a command that deletes name the shared cache, which it leaves alone otherwise."""
    parser.add_argument("--shared", action="store_true", help="the shared cache (Redis) instead of this machine's")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def chosen(arguments: argparse.Namespace) -> list[LookedAfter]:
    """Return the caches that a command may delete from: this machine's, or with `--shared` the others.

    Raises:
        CacheError: If there is none.
    """
    origin = SHARED if arguments.shared else LOCAL
    found = [cache for cache in caches_here() if cache.origin == origin]
    if not found:
        raise CacheError(f"this project has no {origin}: see `cache` in its configuration.")
    return found


def is_agreed(arguments: argparse.Namespace, question: str) -> bool:
    """Ask, unless `--yes` was said; where nobody can be asked, refuse.

    Raises:
        CacheError: If there is no terminal to ask on.
    """
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise CacheError(f"{question}\nSay --yes: there is nobody to ask.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
