"""`llmcost cache calibrate`: from which similarity on an earlier answer may stand."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_llmcost.cli.learning import show
from pytest_llmcost.cli.numbers import inside
from pytest_llmcost.cli.project import find_root

Subparsers = Any  # argparse's own type has no public name


def add_parser(commands: Subparsers) -> None:
    """Add `calibrate`."""
    about = "find the threshold of a semantic cache that saves most and whose wrong hits stay within a bound"
    parser = commands.add_parser("calibrate", help=about, description=about)
    parser.add_argument("run_file", metavar="RUN", type=Path, help="a run of a strategy without a semantic cache")
    parser.add_argument(
        "--loss", type=inside, default=0.02, help="largest accepted share of wrong hits among the hits (default 0.02)"
    )
    parser.add_argument("--confidence", type=inside, default=0.95, help="how sure that has to be (default 0.95)")
    parser.add_argument("--strategy", metavar="NAME", help="whose answers are cached (default: the only one)")
    parser.add_argument("--namespace", metavar="FIELD", default="", help="where it differs no answers are shared")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_calibrate)


def _calibrate(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.semantic_calibration import calibrate_run
    from pytest_llmcost.reports.run_file import read_run
    from pytest_llmcost.reports.semantic import cache_document, cache_lines

    run, notes = read_run(arguments.run_file)
    found, effects, told = calibrate_run(
        find_root(Path.cwd()),
        run,
        str(arguments.run_file),
        strategy=arguments.strategy,
        namespace=arguments.namespace,
        loss=arguments.loss,
        confidence=arguments.confidence,
    )
    notes += told
    show(cache_document(found, effects, notes) if arguments.json else None, cache_lines(found, effects), notes)
    return 0
