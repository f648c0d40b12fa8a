"""`llmcost ledger report`: where the money went, by day, model, task or whatever calls are named by."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.ledger.reading import add_options
from pytest_llmcost.cli.project import find_root

if TYPE_CHECKING:
    from pytest_llmcost.reports.ledger import LedgerReport

_WHEN = "7d, 24h, 2w, 2026-03-01 or 2026-03-01T12:30"


def add_parser(groups: Any) -> None:
    """Add `report`."""
    about = "USD, calls, tokens, errors, escalations and cache hits, by whatever is named"
    parser = groups.add_parser("report", help=about, description=about)
    parser.add_argument("--since", default="7d", metavar="WHEN", help=f"from when on: {_WHEN} (default: 7d)")
    parser.add_argument("--until", metavar="WHEN", help="until when; a day is the whole of it (default: now)")
    parser.add_argument(
        "--by",
        default="day,model",
        metavar="NAMES",
        help="day, model, task, test, tier, suite, strategy, run, experiment, variant, status, user_hash; "
        "several with commas (default: day,model)",
    )
    add_options(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON, for programs")
    form.add_argument("--csv", action="store_true", help="as CSV, for spreadsheets")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.reports.ledger import report_csv, report_json, report_lines

    report = _report(arguments)
    if arguments.csv:
        print(report_csv(report), end="")
    elif arguments.json:
        print(report_json(report))
    else:
        print(*report_lines(report), sep="\n")


def _report(arguments: argparse.Namespace) -> LedgerReport:
    from pytest_llmcost.assembly.ledger_report import ledger_report, names_of
    from pytest_llmcost.assembly.period import period_of
    from pytest_llmcost.assembly.settings import read_settings
    from pytest_llmcost.assembly.zone import zone_of

    settings = read_settings(find_root(Path.cwd()), os.environ)
    by = names_of(arguments.by)
    period = period_of(arguments.since, arguments.until, zone_of(arguments.zone, os.environ), datetime.now(UTC))
    return ledger_report(settings, arguments.ledger, period, by)
