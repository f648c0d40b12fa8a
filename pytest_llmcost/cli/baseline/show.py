"""`llmcost baseline show`: what is stored, and how a suite went from commit to commit."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.project import files_below, find_root
from pytest_llmcost.domain.errors import BaselineError, LlmCostError

if TYPE_CHECKING:
    from pytest_llmcost.assembly.runner import Runner
    from pytest_llmcost.reports.baselines import StoredSuite

Subparsers = Any  # argparse's own type has no public name

UNREAD = 1


def add_parser(commands: Subparsers) -> None:
    """Add `show`."""
    about = "what is stored; of one suite also how it went from commit to commit"
    parser = commands.add_parser("show", help=about, description=about)
    parser.add_argument("suite", nargs="?", metavar="SUITE", help="a suite's path, or its name")
    parser.add_argument("--json", action="store_true", help="as JSON; money in US dollars")
    parser.set_defaults(run=_show)


def _show(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.reports.baselines import baseline_lines, document

    faults: list[str] = []
    suites = list(_stored(find_root(Path.cwd()), arguments.suite, faults))
    if arguments.json:
        print(json.dumps(document(suites), indent=2, ensure_ascii=False))
    elif suites:
        print(*baseline_lines(suites), sep="\n")
    print(*(f"llmcost: {fault}" for fault in faults), sep="\n", end="\n" if faults else "", file=sys.stderr)
    return UNREAD if faults else 0


def _stored(root: Path, wanted: str | None, faults: list[str]) -> Iterator[StoredSuite]:
    """Yield the baselines that are wanted: all, or a suite's with its history; *faults* take why others cannot be."""
    from pytest_llmcost.assembly.reread import runner_of
    from pytest_llmcost.assembly.stored import Stored

    suites = _suites(root)
    if not suites:
        raise BaselineError(
            f"there is no baseline below {root}. pytest --llm-budget --llm-update-baseline stores one.", path=str(root)
        )
    runner = runner_of(root, [])
    stored, found = Stored(root, runner.models), False
    for file, suite in suites.items():
        try:
            one = stored.suite(file, suite, _groups(root, suite, runner), wanted)
        except BaselineError as error:
            faults.append(str(error))
            continue
        if one is not None:
            found = True
            yield one
    if not found and not faults:
        message = f"{wanted}: there is no baseline of such a suite.\nThere are {', '.join(suites.values())}."
        raise BaselineError(message, path=str(wanted))


def _suites(root: Path) -> dict[str, str]:
    """Return the suite of each baseline below *root*, both by their paths."""
    from pytest_llmcost.assembly.sides import is_baseline, suite_of

    files = [file.relative_to(root).as_posix() for file in files_below(root, ("*.jsonl",))]
    return {file: suite_of(file, lambda path: (root / path).is_file()) for file in files if is_baseline(file)}


def _groups(root: Path, suite: str, runner: Runner) -> Mapping[str, str | None]:
    """Return which cases stand or fall together, as far as the suite can be read."""
    from pytest_llmcost.assembly.summing import groups_of

    try:
        return {} if "::" in suite else groups_of(runner.read_suite(root / suite, root))
    except LlmCostError:
        return {}
