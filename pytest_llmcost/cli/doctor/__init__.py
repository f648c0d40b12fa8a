"""`llmcost doctor`: what is installed, configured, priced and within reach, and what to do about the rest."""

from __future__ import annotations

import argparse
from typing import Any

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `doctor`."""
    about = "look at a project: versions, keys, configuration, prices, models, cache, suites; exit 1 if one is broken"
    parser = groups.add_parser("doctor", help=about, description=about)
    parser.add_argument("--folder", metavar="PATH", default=".", help="the project, or a part of it (default: here)")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.add_argument(
        "--online",
        action="store_true",
        help="also ask each configured api_base for its /models, without a key; nothing else is connected to",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.cli.doctor.examine import examine_and_show  # here, so that --help needs none of it

    return examine_and_show(arguments)
