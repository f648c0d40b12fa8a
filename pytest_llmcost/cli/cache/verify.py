"""`llmcost cache verify`: every row read as a run would read it, and those named that cannot be."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from pytest_llmcost.calls.cache.upkeep.kept import CacheError, Kept, LookedAfter
from pytest_llmcost.cli.cache.here import caches_here
from pytest_llmcost.domain.avoided import RECORDINGS
from pytest_llmcost.domain.errors import LlmCostError
from pytest_llmcost.reports.safe import visible

Subparsers = Any  # argparse's own type has no public name

BROKEN = 1
_MOST_SHOWN = 20


def add_parser(commands: Subparsers) -> None:
    """Add `verify`."""
    about = "name the rows that no run can read: torn, planted, of another version; exit 1 where there are any"
    parser = commands.add_parser("verify", help=about, description=about)
    parser.add_argument("--set-aside", action="store_true", help="put them where no run reads them; recordings stay")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    reports = [_verified(cache, sets_aside=arguments.set_aside) for cache in caches_here()]
    if arguments.json:
        print(json.dumps(reports, indent=2))
    else:
        for report in reports:
            _show(report)
    is_broken = any(report["error"] or (report["faults"] and not report["set_aside"]) for report in reports)
    return BROKEN if is_broken else 0


def _verified(cache: LookedAfter, *, sets_aside: bool) -> dict[str, Any]:
    report: dict[str, Any] = {"cache": cache.name, "kind": cache.origin, "rows": 0}
    report |= {"faults": [], "set_aside": "", "error": ""}
    try:
        faulty: list[Kept] = []
        for one in cache.kept():
            report["rows"] += 1
            if fault := one.why_unreadable():
                faulty.append(one)
                report["faults"].append({"key": one.key, "place": one.place, "fault": fault})
        if faulty and sets_aside and cache.origin != RECORDINGS:
            report["set_aside"] = _set_aside(cache, faulty)
    except LlmCostError as error:  # the other caches are still to be looked at
        report["error"] = str(error)
    return report


def _set_aside(cache: LookedAfter, faulty: Sequence[Kept]) -> str:
    # A fault may have been mended meanwhile, by a run that stored the answer anew: only rows still wrong are moved.
    wrong = {one.key for one in faulty}
    now = [one for one in cache.kept() if one.key in wrong and one.why_unreadable()]
    if not now:
        raise CacheError(f"{cache.name}: what was wrong is gone.")
    return cache.set_aside(now)


def _show(report: dict[str, Any]) -> None:
    faults = report["faults"]
    state = f"{len(faults):,} cannot be read" if faults else "all can be read"
    print(f"{report['kind']} {visible(report['cache'], 300)}: {report['rows']:,} rows, {state}")
    for fault in faults[:_MOST_SHOWN]:
        print(f"  {visible(fault['place'] or fault['key'], 80)}: {visible(fault['fault'], 200)}")
    if len(faults) > _MOST_SHOWN:
        print(f"  and {len(faults) - _MOST_SHOWN} more (--json names all)")
    if report["set_aside"]:
        print(f"  set aside: {visible(report['set_aside'], 300)}")
    if report["error"]:
        print(f"  {visible(report['error'], 400)}")
