"""`llmcost cache`: the threshold of a semantic cache."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.cli.cache import calibrate

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `cache`."""
    about = "answers that were paid for: the project's caches"
    parser = groups.add_parser("cache", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (calibrate,):
        command.add_parser(commands)
