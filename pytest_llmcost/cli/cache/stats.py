"""`llmcost cache stats`: what each cache holds, and what the caches saved a run."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.calls.cache.upkeep.kept import LookedAfter
from pytest_llmcost.calls.cache.upkeep.shared import SharedCache
from pytest_llmcost.cli.cache.here import caches_here
from pytest_llmcost.cli.progress import megabytes
from pytest_llmcost.domain.errors import LlmCostError
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.reports.avoided import Hits

Subparsers = Any  # argparse's own type has no public name

BROKEN = 1
_MOST_MODELS = 5


def add_parser(commands: Subparsers) -> None:
    """Add `stats`."""
    about = "what each cache holds; with --run hits, misses and USD saved, by suite and strategy"
    parser = commands.add_parser("stats", help=about, description=about)
    parser.add_argument("--run", metavar="RUN", type=Path, dest="path", help="a run file: what the caches saved it")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs; of a run also by test")
    parser.set_defaults(run=_stats)


def _stats(arguments: argparse.Namespace) -> int:
    if arguments.path is not None:
        _show_run(arguments)
        return 0
    rows = [_row(cache) for cache in caches_here()]
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            _show(row)
    return BROKEN if any(row["error"] for row in rows) else 0


def _row(cache: LookedAfter) -> dict[str, Any]:
    row: dict[str, Any] = {"cache": cache.name, "kind": cache.origin, "answers": 0, "unreadable": 0, "bytes": 0}
    row |= {"oldest": None, "newest": None, "models": {}, "bounds": "", "error": ""}
    try:
        row["bytes"] = cache.size_bytes
        made, models = [], Counter[str]()
        for one in cache.kept():
            if (answer := one.answer()) is not None:
                made.append(answer.created)
                models[answer.model] += 1
            elif one.why_unreadable():
                row["unreadable"] += 1
        row |= {"answers": len(made), "models": dict(models.most_common())}
        if made:
            row |= {"oldest": _day(min(made)), "newest": _day(max(made))}
        if isinstance(cache, SharedCache):
            row["bounds"] = cache.bounds()
    except LlmCostError as error:  # the other caches are still to be looked at
        row["error"] = str(error)
    return row


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):  # a shared cache may hold any number
        return "unknown"


def _show(row: dict[str, Any]) -> None:
    about = f"{row['answers']:,} answers, {megabytes(row['bytes'])}"
    if row["oldest"]:
        about += f", made from {row['oldest']} to {row['newest']}"
    print(f"{row['kind']} {visible(row['cache'], 300)}: {about}")
    if row["unreadable"]:
        print(f"  {row['unreadable']:,} rows cannot be read: llmcost cache verify")
    models = list(row["models"].items())
    if models:
        more = f", and {len(models) - _MOST_MODELS} more models" if len(models) > _MOST_MODELS else ""
        print("  " + ", ".join(f"{visible(name, 60)} {count:,}" for name, count in models[:_MOST_MODELS]) + more)
    if row["bounds"]:
        print(f"  {visible(row['bounds'], 100)}")
    if row["error"]:
        print(f"  {visible(row['error'], 400)}")


def _show_run(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.reports.avoided import hits_line, hits_of
    from pytest_llmcost.reports.run_file import read_run

    run, _ = read_run(arguments.path)
    whole = hits_of(run.trials)
    strategies = sorted({(trial.suite, trial.strategy) for trial in run.trials})
    of = {name: hits_of([t for t in run.trials if (t.suite, t.strategy) == name]) for name in strategies}
    if not arguments.json:
        print(hits_line("the run", whole))
        for (suite, strategy), hits in of.items():
            print(hits_line(f"  {visible(suite, 200)}::{visible(strategy)}", hits))
        return
    tests = [
        {"suite": t.suite, "strategy": t.strategy, "case": t.case, "trial": t.trial, **_figures(hits_of([t]))}
        for t in run.trials
    ]
    suites = [{"suite": suite, "strategy": strategy, **_figures(hits)} for (suite, strategy), hits in of.items()]
    print(json.dumps({"run": _figures(whole), "suites": suites, "tests": tests}, indent=2))


def _figures(hits: Hits) -> dict[str, Any]:
    return {"calls": hits.calls, "hits": hits.hits, "misses": hits.misses, "saved_usd": float(hits.saved_usd)}
