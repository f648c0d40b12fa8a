"""`llmcost baseline merge`: the runs of a CI matrix, judged as the one run that they are together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.judged import judge_stored, missing_from, read_runs
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import Outcome

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun

Subparsers = Any  # argparse's own type has no public name

FAILED = 1


def add_parser(groups: Subparsers) -> None:
    """Add `baseline`."""
    about = "what runs are compared with"
    parser = groups.add_parser("baseline", help=about, description=about)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    about = "join the runs of --llm-shard=1/N ... N/N, and judge them together; exit 1 if a verdict fails"
    merge = commands.add_parser("merge", help=about, description=about)
    merge.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="run files, one a shard (--llm-run=PATH)")
    merge.add_argument("--output", metavar="PATH", type=Path, help="write the joined run there")
    merge.add_argument("--update", action="store_true", help="store it as the baseline, as --llm-update-baseline does")
    merge.set_defaults(run=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.merge import merge_runs
    from pytest_llmcost.assembly.storing import store_baselines
    from pytest_llmcost.reports.run_file import write_run

    runs, notes = read_runs(arguments.runs)
    merged = merge_runs(runs)
    stored_run = judge_stored(merged)
    judged, warnings = stored_run.judged, stored_run.warnings
    faults = [*judged.faults, *missing_from(judged)]
    if arguments.output:
        try:
            write_run(arguments.output, merged, keep_text=any(trial.expected for trial in merged.trials))
        except OSError as error:
            raise BaselineError(
                f"{arguments.output} cannot be written: {error}.", path=str(arguments.output)
            ) from error
        notes.append(f"{len(runs)} runs joined in {arguments.output}")
    if arguments.update:
        stored, refused = store_baselines(judged)
        notes += stored
        faults += refused
    print(*_lines(judged), "", *(f"note: {text}" for text in warnings), *notes, sep="\n")
    print(*(f"llmcost: {fault}" for fault in faults), sep="\n", end="\n" if faults else "", file=sys.stderr)
    failed = any(verdict.counts and verdict.outcome is Outcome.FAIL for verdict in judged.verdicts)
    return FAILED if faults or failed else 0


def _lines(judged: JudgedRun) -> Iterator[str]:
    from pytest_llmcost.reports.details import detail_lines
    from pytest_llmcost.reports.table import render_table

    if judged.rows:
        yield render_table(judged.rows)
    yield from detail_lines(judged.rows, verbose=False)
