"""`llmcost init`: from nothing, or from a table, to a first suite."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_llmcost.cli.project import suite_files

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `init`."""
    about = "write a first suite and a configuration; nothing that is there is overwritten"
    parser = groups.add_parser("init", help=about, description=about)
    parser.add_argument("--csv", metavar="FILE", help="a table with a header: its rows become the cases")
    parser.add_argument("--text", metavar="COLUMN", help="the column to ask about (default: told by its name)")
    parser.add_argument("--expected", metavar="COLUMN", help="the column of right answers (default: told by its name)")
    parser.add_argument(
        "--model", metavar="NAME", help="who is asked (default: a provider whose key is set, else local/smollm2-135m)"
    )
    parser.add_argument("--folder", metavar="PATH", default=".", help="where to write (default: here)")
    parser.add_argument(
        "--force", action="store_true", help="overwrite what is written; a configuration is always kept"
    )
    parser.add_argument(
        "--ci",
        nargs="?",
        const="github",
        choices=("github", "gitlab"),
        help="write what runs the gate on pull requests (default: github); a first suite only where there is none",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.cli.init.ci.write import write_ci  # here, so that --help needs none of it
    from pytest_llmcost.cli.init.write import write_first_suite

    folder = Path(arguments.folder)
    if not arguments.ci or arguments.csv or not any(suite_files(folder)):
        write_first_suite(arguments)
    if arguments.ci:
        write_ci(arguments.ci, folder, force=arguments.force)
