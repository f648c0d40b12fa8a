"""`llmcost baseline`: what runs are compared with, shown, stored from finished runs, and joined from shards."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.cli.baseline import merge, show, update

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `baseline`."""
    about = "what runs are compared with"
    parser = groups.add_parser("baseline", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (show, update, merge):
        command.add_parser(commands)
