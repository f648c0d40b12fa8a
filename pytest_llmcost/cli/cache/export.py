"""`llmcost cache export`: answers as recordings that people review and share through git."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_llmcost.cli.cache.here import settings_here
from pytest_llmcost.reports.safe import visible

Subparsers = Any  # argparse's own type has no public name


def add_parser(commands: Subparsers) -> None:
    """Add `export`."""
    about = "write answers as recordings, JSON Lines sorted by request, into a folder for git; what is there is kept"
    parser = commands.add_parser("export", help=about, description=about)
    parser.add_argument("--to", metavar="FOLDER", type=Path, required=True, help="what `recordings` names")
    parser.add_argument(
        "--run",
        metavar="RUN",
        type=Path,
        action="append",
        default=[],
        dest="runs",
        help="only what this run used (repeatable); default: every answer of the caches",
    )
    parser.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.assembly.recording import export
    from pytest_llmcost.reports.run_file import read_run

    runs = [read_run(path)[0] for path in arguments.runs]
    exported = export(settings_here(), arguments.to, runs)
    path = visible(str(exported.path), 300)
    print(f"{exported.answers:,} answers in {path}, {exported.added:,} of them new or changed")
    if exported.redacted:
        print(f"{exported.redacted:,} of them are redacted: replayed, they are read as [redacted]")
    if exported.missing:
        print(f"{exported.missing:,} answers of the run are in no cache")
    if exported.unreadable:
        print(f"{exported.unreadable:,} rows cannot be read, and are left out: llmcost cache verify")
