"""`llmcost cache`: what is kept, thinned, cleared, verified, exported for git; a semantic cache's threshold."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.cli.cache import calibrate, clear, export, prune, stats, verify

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `cache`."""
    about = "answers that were paid for: the project's caches"
    parser = groups.add_parser("cache", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (stats, prune, clear, verify, export, calibrate):
        command.add_parser(commands)
