"""What the commands that learn from a run share: their options, the cases, and the policy file that they write."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.project import find_root
from pytest_llmcost.reports.safe import inert

if TYPE_CHECKING:
    from pytest_llmcost.assembly.learning import Lessons
    from pytest_llmcost.strategies.learn.samples import Sample

Subparsers = Any  # argparse's own type has no public name
MONTH = 1_000_000


def add_learning_options(parser: argparse.ArgumentParser, *, loss: float, confidence: float) -> None:
    """Add the run and what every command that learns from one takes."""
    parser.add_argument("run_file", metavar="RUN", type=Path, help="a run file in which the strategies share cases")
    parser.add_argument(
        "--loss",
        type=share,
        default=loss,
        help=f"largest accepted loss of quality; 0.02 is 2 points (default {loss:g})",
    )
    parser.add_argument(
        "--confidence", type=share, default=confidence, help=f"how sure that has to be (default {confidence:g})"
    )
    parser.add_argument(
        "--holdout", type=share, metavar="SHARE", help="set a share of the cases aside, and measure there"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the dice that split the cases (default 0)")
    parser.add_argument("--requests", type=_count, default=MONTH, help=f"a month's, for its cost (default {MONTH:,})")
    parser.add_argument("--output", metavar="PATH", type=Path, help="write the policy there, as policies/support.yaml")
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")


def share(text: str) -> float:
    """Return a share above 0 and below 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: a number above 0 and below 1 is needed, as 0.02")
    return value


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 1 up is needed")
    return int(text)


@dataclass(frozen=True, slots=True)
class Material:
    """What is learned from, and the cases that were set aside to measure on."""

    lessons: Lessons
    learned_from: Sequence[Sample]
    held: Sequence[Sample]
    notes: Sequence[str]


def read_material(arguments: argparse.Namespace, strategies: Sequence[str], by: str) -> Material:
    """Return the cases of the run.

    Raises:
        BaselineError, SuiteError, SettingsError: If the run or its suites cannot be used.
    """
    from pytest_llmcost.assembly.learning import lessons_of
    from pytest_llmcost.assembly.reread import reread
    from pytest_llmcost.reports.run_file import read_run
    from pytest_llmcost.strategies.learn.samples import halves

    run, notes = read_run(arguments.run_file)
    again = reread(find_root(Path.cwd()), run)
    lessons = lessons_of(run, str(arguments.run_file), again.suites, strategies=strategies, by=by)
    held, rest = (
        halves(lessons.samples, arguments.seed, arguments.holdout) if arguments.holdout else ([], lessons.samples)
    )
    return Material(lessons, rest, held, [*notes, *again.warnings, *lessons.notes])


def conclude(
    arguments: argparse.Namespace,
    text: str,
    notes: Sequence[str],
    document: Callable[[], Mapping[str, Any]],
    lines: Callable[[], Sequence[str]],
) -> int:
    """Write the policy where that was asked for, and show what was found."""
    from pytest_llmcost.reports.policy_file import write_policy

    if arguments.output:
        write_policy(arguments.output, text)
    if arguments.json:
        print(json.dumps(document(), indent=2, ensure_ascii=False))
    else:
        print(*lines(), sep="\n")
        print(*(f"note: {inert(note)}" for note in notes), sep="\n", end="\n" if notes else "")
    if arguments.output:
        print(f"policy written: {arguments.output}. Commit it.", file=sys.stderr if arguments.json else sys.stdout)
    return 0
