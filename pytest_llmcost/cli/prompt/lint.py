"""`llmcost prompt lint`: filler, repetition, verbose JSON and idle examples, each with its price."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.numbers import amount, whole
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.reports.safe import inert

if TYPE_CHECKING:
    from pytest_llmcost.assembly.runner import Runner
    from pytest_llmcost.reports.prompt_lint import Linted

Subparsers = Any  # argparse's own type has no public name
MONTH = 1_000_000

_EXAMPLES = """\
examples:
  llmcost prompt lint prompts/triage.txt --model openai/gpt-4o-mini
  llmcost prompt lint bench_triage.yaml --fix          (writes bench_triage_lean.yaml, with both side by side)
  llmcost prompt lint bench_triage.yaml --budget-usd 0.50          (leaves each example out, and asks again)
"""


def add_parser(commands: Subparsers) -> None:
    """Add `prompt lint`."""
    about = "what a prompt, or those of a suite, could do without; asks nobody, but for examples with a budget"
    parser: argparse.ArgumentParser = commands.add_parser(
        "lint", help=about, description=about, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "target", metavar="FILE|SUITE", help="a prompt, or a suite (.yaml, .yml); SUITE::STRATEGY: of that one alone"
    )
    parser.add_argument("--model", metavar="M", default="", help="who reads it (of a suite: instead of its own models)")
    parser.add_argument("--month", type=whole, metavar="REQUESTS", default=MONTH, help=f"(default: {MONTH:,})")
    parser.add_argument("--fix", action="store_true", help="write a leaner variant beside the original")
    parser.add_argument(
        "--budget-usd", type=amount, metavar="X", help="of a suite: leave each example out and ask, for X at most"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.prompts.diffing import OF_STRATEGY, SUITES

    path, _, strategy = arguments.target.partition(OF_STRATEGY)
    is_suite = path.endswith(SUITES)
    if arguments.budget_usd is not None and not is_suite:
        raise SettingsError("--budget-usd needs a suite: only its cases can tell what an example adds.", key="budget")
    warnings: list[str] = []
    with _runner(warnings) as (runner, root):
        if is_suite:
            found, written = _suite(arguments, Path(path), strategy, runner, root)
        else:
            found, written = _file(arguments, Path(arguments.target), runner, root)
    _show(arguments, found, written, [*found.notes, *warnings])
    return 0


@contextmanager
def _runner(warnings: list[str]) -> Iterator[tuple[Runner, Path]]:
    from pytest_llmcost.assembly.extensions.found import installed_extensions
    from pytest_llmcost.assembly.runner import Runner
    from pytest_llmcost.assembly.settings import read_settings

    root = find_root(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="llmcost-") as folder:
        runner = Runner(
            read_settings(root, os.environ),
            mode="auto",
            account=Path(folder, "account.sqlite"),
            warn=warnings.append,
            extensions=installed_extensions(),
        )
        try:
            yield runner, root
        finally:
            runner.close()


def _file(arguments: argparse.Namespace, path: Path, runner: Runner, root: Path) -> tuple[Linted, list[str]]:
    from pytest_llmcost.assembly.prompts.linting import Linting
    from pytest_llmcost.assembly.prompts.mending import mend_file
    from pytest_llmcost.assembly.prompts.metering import Meters
    from pytest_llmcost.suites.lint.passages import passage_of_file

    passage = passage_of_file(path)
    linting = Linting(Meters(runner.models, root), arguments.month, arguments.model)
    (looked,) = linting.look([passage])
    written: list[str] = []
    leaner = linting.leaner_text(looked)
    if arguments.fix and leaner != passage.text:
        written = list(mend_file(path, leaner, arguments.model or "MODEL"))
    return linting.of_file(looked), written


def _suite(
    arguments: argparse.Namespace, path: Path, strategy: str, runner: Runner, root: Path
) -> tuple[Linted, list[str]]:
    from pytest_llmcost.assembly.prompts.leave_out import leave_out
    from pytest_llmcost.assembly.prompts.linting import Linting, only
    from pytest_llmcost.assembly.prompts.mending import mend_suite
    from pytest_llmcost.assembly.prompts.metering import Meters
    from pytest_llmcost.calls.money import usd_text
    from pytest_llmcost.suites.lint.passages import passages_of_suite

    suite = runner.read_suite(path, root)
    asked = suite if not strategy else only(suite, strategy)
    linting = Linting(Meters(runner.models, root), arguments.month, arguments.model, suite.path)
    looked = linting.look(passages_of_suite(asked, path, root))
    found = linting.of_suite(asked, looked)
    if arguments.budget_usd is not None:
        meters = {spec.name: linting.meter_of(spec.model) for spec in asked.strategies if spec.plan is None}
        left = leave_out(asked, path, root, runner, meters, arguments.month, arguments.budget_usd)
        examples = tuple(left)
        spent = f"spent {usd_text(runner.spent(), 2)} of {usd_text(arguments.budget_usd, 2)}"
        none = [] if examples else ["no strategy that asks one model shows examples: there is none to leave out"]
        found = dataclasses.replace(found, examples=examples, notes=(*found.notes, *none, spent))
    written = list(mend_suite(asked, path, root, linting, looked, runner)) if arguments.fix else []
    return found, written


def _show(arguments: argparse.Namespace, found: Linted, written: list[str], notes: list[str]) -> None:
    from pytest_llmcost.reports.prompt_lint import lint_document, lint_lines

    if arguments.json:
        print(json.dumps({**lint_document(found), "notes": notes, "written": written}, indent=2, ensure_ascii=False))
        return
    print(*lint_lines(found), *map(inert, written), sep="\n")
    print(*(f"llmcost: {inert(note)}" for note in notes), sep="\n", end="\n" if notes else "", file=sys.stderr)
