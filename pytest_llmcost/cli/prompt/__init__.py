"""`llmcost prompt`: what a prompt could do without, and what another wording would save."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.cli.prompt import diff, lint

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `prompt` and its commands."""
    group = groups.add_parser("prompt", help="waste in a prompt; tokens and USD a year between two prompts")
    commands = group.add_subparsers(title="commands", metavar="COMMAND", required=True)
    lint.add_parser(commands)
    diff.add_parser(commands)
