"""What the commands that learn from a run share: their options, the cases, and the policy file that they write."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import inside, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.reports.safe import inert

if TYPE_CHECKING:
    from pytest_llmcost.assembly.learned import Wanted
    from pytest_llmcost.assembly.learning import Lessons

Subparsers = Any  # argparse's own type has no public name
MONTH = 1_000_000


def add_learning_options(parser: argparse.ArgumentParser, *, loss: float, confidence: float) -> None:
    """Add the run and what every command that learns from one takes."""
    parser.add_argument("run_file", metavar="RUN", type=Path, help="a run file in which the strategies share cases")
    parser.add_argument(
        "--loss",
        type=inside,
        default=loss,
        help=f"largest accepted loss of quality: 0.02 is 2 points (default {loss:g})",
    )
    parser.add_argument(
        "--confidence", type=inside, default=confidence, help=f"how sure that has to be (default {confidence:g})"
    )
    parser.add_argument(
        "--holdout", type=inside, metavar="SHARE", default=0.0, help="set a share of the cases aside, to measure on"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the dice that split the cases (default 0)")
    parser.add_argument("--requests", type=whole, default=MONTH, help=f"of a month, for its cost (default {MONTH:,})")
    parser.add_argument("--output", metavar="PATH", type=Path, help="write the policy there, as policies/support.yaml")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")


def wanted_of(arguments: argparse.Namespace, p95_seconds: float | None = None) -> Wanted:
    """Return what is asked of the learning."""
    from pytest_llmcost.assembly.learned import Wanted
    from pytest_llmcost.strategies.learn.routes import Goal

    goal = Goal(arguments.loss, arguments.confidence, p95_seconds)
    return Wanted(goal, arguments.holdout, arguments.seed, arguments.requests)


def read_lessons(run_file: Path, strategies: Sequence[str], by: str) -> tuple[Lessons, list[str]]:
    """Return the cases of a run, and what must be said of it.

    Raises:
        BaselineError, SuiteError, SettingsError: If the run or its suites cannot be used.
    """
    from pytest_llmcost.assembly.learning import lessons_of
    from pytest_llmcost.assembly.reread import reread
    from pytest_llmcost.reports.run_file import read_run

    run, notes = read_run(run_file)
    again = reread(find_root(Path.cwd()), run)
    lessons = lessons_of(run, str(run_file), again.suites, strategies=strategies, by=by)
    return lessons, [*notes, *again.warnings, *lessons.notes]


def show(document: Mapping[str, Any] | None, lines: Iterable[str], notes: Iterable[str]) -> None:
    """Print what was found, as JSON where there is a document."""
    if document is not None:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(*lines, *(f"note: {inert(note)}" for note in notes), sep="\n")


def store(arguments: argparse.Namespace, text: str) -> None:
    """Write the policy where that was asked for."""
    from pytest_llmcost.reports.policy_file import write_policy

    if arguments.output:
        write_policy(arguments.output, text)
        print(f"policy written: {arguments.output}. Commit it.", file=sys.stderr if arguments.json else sys.stdout)
