"""`llmcost ledger forecast`: where this month ends, and the next one."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pytest_llmcost.cli.ledger.reading import add_options, read


def add_parser(groups: Any) -> None:
    """Add `forecast`."""
    about = "what this month and the next will come to, each with two ranges"
    parser = groups.add_parser("forecast", help=about, description=about)
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_forecast)


def _forecast(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.reports.spending import outlook_document, outlook_lines

    found = read(arguments)
    if arguments.json:
        print(json.dumps(outlook_document(found.outlook), indent=2))
    else:
        print(*outlook_lines(found.outlook, found.settings.budgets), sep="\n")
    return 0
