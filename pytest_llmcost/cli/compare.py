"""`llmcost compare`: runs, baselines, commits and strategies beside each other."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import amount, share, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import SettingsError, SuiteError

if TYPE_CHECKING:
    from pytest_llmcost.assembly.runner import Runner
    from pytest_llmcost.domain.suite import Suite

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `compare`."""
    about = "put runs, baselines, commits or strategies beside each other: who is not worse, who saves, and why"
    parser: argparse.ArgumentParser = groups.add_parser("compare", help=about, description=about)
    parser.add_argument(
        "sides",
        nargs="+",
        metavar="SIDE",
        help="a run file, a baseline, a folder of either, git:REF, or shards of one run with commas between them; "
        "::STRATEGY behind it takes that strategy alone. Of one SIDE all strategies are compared with each other",
    )
    parser.add_argument(
        "--quality", type=share, metavar="Q", help="name the cheapest and the fastest strategy of that quality, 0..1"
    )
    parser.add_argument(
        "--usd", type=amount, metavar="USD", help="name the best strategy that a month of --month requests pays for"
    )
    parser.add_argument("--month", type=whole, metavar="REQUESTS", help="requests a month, for --usd")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.compare.comparing import compare
    from pytest_llmcost.assembly.compare.sides import read_sides
    from pytest_llmcost.assembly.reread import runner_of
    from pytest_llmcost.domain.comparison import Allowance
    from pytest_llmcost.reports.comparison import comparison_lines
    from pytest_llmcost.reports.comparison_document import comparison_document

    root, warnings = find_root(Path.cwd()), list[str]()
    sides, runner = read_sides(arguments.sides, root), runner_of(root, warnings)
    if (arguments.usd is None) != (arguments.month is None):
        raise SettingsError("--usd and --month go together: USD, and requests, a month.", key="usd")
    allowance = None if arguments.usd is None else Allowance(float(arguments.usd), arguments.month)
    quality = None if arguments.quality is None else float(arguments.quality)
    found = compare(sides, runner.models, lambda path: _suite(runner, root, path), quality, allowance)
    found = dataclasses.replace(found, notes=(*found.notes, *warnings))
    if arguments.json:
        print(json.dumps(comparison_document(found), indent=2, ensure_ascii=False))
    else:
        print(*comparison_lines(found), sep="\n")
    return 0


def _suite(runner: Runner, root: Path, path: str) -> tuple[Suite | None, str]:
    """Return the suite of that path, or None and what follows from that; a test in Python has no file to look into."""
    if "::" in path:
        return None, ""
    if not (root / path).is_file():
        return None, f"{path} is not below {root}: the margin is the default, and groups and tags are not known"
    try:
        return runner.read_suite(root / path, root), ""
    except (SuiteError, SettingsError) as error:
        first = str(error).partition("\n")[0]
        return None, f"{first} So the margin is the default, and groups and tags are not known."
