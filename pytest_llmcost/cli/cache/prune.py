"""`llmcost cache prune`: old answers deleted, and those not used lately where a cache is too large."""

from __future__ import annotations

import argparse
import time
from typing import Any

from pytest_llmcost.calls.cache.layers import DAY_SECONDS
from pytest_llmcost.calls.cache.upkeep.kept import CacheError, LookedAfter
from pytest_llmcost.calls.cache.upkeep.pruning import older_than
from pytest_llmcost.cli.cache.here import add_shared, chosen, is_agreed, settings_here
from pytest_llmcost.cli.numbers import amount
from pytest_llmcost.reports.safe import visible

Subparsers = Any  # argparse's own type has no public name


def add_parser(commands: Subparsers) -> None:
    """Add `prune`."""
    about = "delete answers that are too old, or not used for the longest time; refuses while a run uses the cache"
    parser = commands.add_parser("prune", help=about, description=about)
    parser.add_argument(
        "--older-than", metavar="DAYS", type=amount, help="answers made longer ago (default: cache_ttl_days)"
    )
    parser.add_argument(
        "--max-mb", metavar="MB", type=amount, help="what a folder may hold (default: cache_max_mb); not for Redis"
    )
    add_shared(parser)
    parser.set_defaults(run=_prune)


def _prune(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.assembly.caches import MEGABYTE  # here, so that --help needs no database
    from pytest_llmcost.calls.cache.upkeep.disk import DiskCache

    settings = settings_here()
    days = settings.cache_ttl_days if arguments.older_than is None else float(arguments.older_than)
    most = settings.cache_max_mb if arguments.max_mb is None else float(arguments.max_mb)
    if not days and arguments.older_than is None and (arguments.shared or not most):
        raise CacheError("nothing says what to delete.\nGive --older-than=DAYS or --max-mb=MB, or set cache_ttl_days.")
    by_age = bool(days) or arguments.older_than is not None
    for cache in chosen(arguments):
        deleted = _by_age(cache, days, arguments) if by_age else 0
        if isinstance(cache, DiskCache) and most:
            deleted += cache.shrink(int(most * MEGABYTE), time.time())
        print(f"{visible(cache.name, 300)}: {deleted:,} entries deleted")


def _by_age(cache: LookedAfter, days: float, arguments: argparse.Namespace) -> int:
    old = older_than(cache.kept(), time.time() - days * DAY_SECONDS)
    name = visible(cache.name, 300)
    question = f"Delete {len(old):,} entries of {name}, which runs on other machines may be using?"
    if not old or (arguments.shared and not is_agreed(arguments, question)):
        return 0
    return cache.remove(old)
