"""`llmcost cache clear`: every answer of a cache deleted, once that is agreed to."""

from __future__ import annotations

import argparse
from typing import Any

from pytest_llmcost.cli.cache.here import add_shared, chosen, is_agreed
from pytest_llmcost.reports.safe import visible

Subparsers = Any  # argparse's own type has no public name


def add_parser(commands: Subparsers) -> None:
    """Add `clear`."""
    about = "delete every answer of this machine's cache, or with --shared of Redis; recordings stay"
    parser = commands.add_parser("clear", help=about, description=about)
    add_shared(parser)
    parser.set_defaults(run=_clear)


def _clear(arguments: argparse.Namespace) -> int:
    for cache in chosen(arguments):
        kept = list(cache.kept())
        answers = sum(not one.is_note for one in kept)
        if not answers:
            print(f"{visible(cache.name, 300)}: empty")
        elif is_agreed(arguments, f"Delete {answers:,} answers of {visible(cache.name, 300)}? They were paid for."):
            cache.remove(kept)
            print(f"{visible(cache.name, 300)}: {answers:,} answers deleted")
        else:
            print(f"{visible(cache.name, 300)}: nothing deleted")
            return 1
    return 0
