"""`llmcost prompt diff`: tokens and USD between two prompts."""

from __future__ import annotations

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from pytest_llmcost.cli.numbers import amount, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.reports.safe import inert

Subparsers = Any  # argparse's own type has no public name
MONTH = 1_000_000
HOUR_USD = Decimal(100)


def add_parser(commands: Subparsers) -> None:
    """Add `prompt diff`."""
    about = "tokens, USD a call and a year, and pay-back between two prompts; asks nobody"
    parser: argparse.ArgumentParser = commands.add_parser("diff", help=about, description=about)
    parser.add_argument("before", metavar="A", help="a prompt's file, or SUITE::STRATEGY, mean over its cases")
    parser.add_argument("now", metavar="B", help="another")
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="M",
        help="who reads them (repeatable; default: the strategies')",
    )
    parser.add_argument("--month", type=whole, metavar="REQUESTS", default=MONTH, help=f"(default: {MONTH:,})")
    parser.add_argument(
        "--hour-usd", type=amount, metavar="USD", default=HOUR_USD, help=f"of an hour's work (default: {HOUR_USD})"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.prompts.diffing import diff
    from pytest_llmcost.assembly.reread import runner_of
    from pytest_llmcost.reports.prompt_diff import diff_document, diff_lines

    root, warnings = find_root(Path.cwd()), list[str]()
    texts = (arguments.before, arguments.now)
    found = diff(texts, arguments.model, runner_of(root, warnings), root, arguments.month, arguments.hour_usd)
    notes = [*found.notes, *warnings]
    if arguments.json:
        print(json.dumps({**diff_document(found), "notes": notes}, indent=2, ensure_ascii=False))
        return 0
    print(*diff_lines(found), sep="\n")
    print(*(f"llmcost: {inert(note)}" for note in notes), sep="\n", end="\n" if notes else "", file=sys.stderr)
    return 0
