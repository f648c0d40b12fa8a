"""`llmcost ledger alerts`: is spend over plan, whose, and why; for cron and CI."""

from __future__ import annotations

import argparse
import json
import sys
from decimal import Decimal
from typing import Any

from pytest_llmcost.cli.ledger.reading import add_options, read
from pytest_llmcost.cli.numbers import amount

OVER = 1


def add_parser(groups: Any) -> None:
    """Add `alerts`."""
    about = "is spend over budget or forecast, whose, and why; ends with status 1 where it is"
    parser = groups.add_parser("alerts", help=about, description=about)
    parser.add_argument(
        "--tolerance",
        type=amount,
        metavar="X",
        default=Decimal("0.20"),
        help="how far spend may be above its forecast, and a forecast above the budget (default: 0.20, a fifth)",
    )
    parser.add_argument("--webhook", metavar="URL", help="where alerts are posted as JSON, if there are any")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_alerts)


def _alerts(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.spending import price_of
    from pytest_llmcost.assembly.webhook import post
    from pytest_llmcost.costs.alerts import Watch, alerts
    from pytest_llmcost.costs.prices import PriceTable
    from pytest_llmcost.reports.spending import alert_lines, alerts_document

    found = read(arguments)
    plan = found.settings.budgets
    watch = Watch(plan, float(arguments.tolerance), price_of(PriceTable(found.settings.prices, warn=_warn)))
    over = alerts(found.spends, found.outlook, watch)
    document = alerts_document(over, found.outlook, plan)
    if arguments.json:
        print(json.dumps(document, indent=2))
    else:
        print(*alert_lines(over, found.outlook, plan), sep="\n")
    if over and arguments.webhook:
        post(arguments.webhook, document)
    return OVER if over else 0


def _warn(message: str) -> None:
    print(f"llmcost: {message}", file=sys.stderr)
