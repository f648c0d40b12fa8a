"""`llmcost ledger`: what the log of calls says about spend."""

from __future__ import annotations

from typing import Any

from pytest_llmcost.cli.ledger import alerts, forecast, report

COMMANDS = (report, forecast, alerts)


def add_parser(groups: Any) -> None:
    """Add `ledger`, with its commands."""
    about = "what the ledger says: where the money went, where the month ends, and what is over plan"
    parser = groups.add_parser("ledger", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
