"""`llmcost baseline merge`: the runs of a CI matrix, judged as the one run that they are together."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.baseline.judged import judged_here
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun
    from pytest_llmcost.domain.trial import Run

Subparsers = Any  # argparse's own type has no public name

FAILED = 1


def add_parser(commands: Subparsers) -> None:
    """Add `merge`."""
    about = "join the runs of --llm-shard=1/N ... N/N, and judge them together; exit 1 if a verdict fails"
    merge = commands.add_parser("merge", help=about, description=about)
    merge.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="run files, one a shard (--llm-run=PATH)")
    merge.add_argument("--output", metavar="PATH", type=Path, help="write the joined run there")
    merge.add_argument("--update", action="store_true", help="store it as the baseline, as --llm-update-baseline does")
    merge.add_argument(
        "--llm-baseline", metavar="PATH|git:REF|strategy:NAME", help="what to compare with, as for pytest --llm-budget"
    )
    merge.set_defaults(run=_merge)


def _merge(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.merge import merge_runs
    from pytest_llmcost.assembly.storing import store_baselines
    from pytest_llmcost.assembly.too_small import too_small_to_tell
    from pytest_llmcost.reports.run_file import write_run

    runs, notes = _read(arguments.runs)
    merged = merge_runs(runs)
    judged, warnings = judged_here(merged, arguments.llm_baseline)
    warnings += too_small_to_tell(judged)
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
        stored, refused = store_baselines(judged, arguments.output)
        notes += stored
        faults += refused
    print(*_lines(judged), "", *(f"note: {text}" for text in warnings), *notes, sep="\n")
    print(*(f"llmcost: {fault}" for fault in faults), sep="\n", end="\n" if faults else "", file=sys.stderr)
    failed = any(verdict.counts and verdict.outcome is Outcome.FAIL for verdict in judged.verdicts)
    return FAILED if faults or failed else 0


def _read(paths: Sequence[Path]) -> tuple[dict[str, Run], list[str]]:
    from pytest_llmcost.reports.run_file import read_run

    runs: dict[str, Run] = {}
    notes: list[str] = []
    for path in paths:
        if str(path) in runs:
            raise BaselineError(f"{path} is named twice. Name each run once.", path=str(path))
        runs[str(path)], said = read_run(path)
        notes += said
    return runs, notes


def missing_from(judged: JudgedRun) -> Iterator[str]:
    """Yield what is missing for a verdict on the whole: a part that was lost must not pass for it."""
    from pytest_llmcost.assembly.notes import some

    for suite in judged.suites:
        asked = {trial.case for entry in judged.entries if entry.suite.path == suite.path for trial in entry.trials}
        missing = [case.id for case in suite.cases if case.id not in asked]
        if missing:
            shown = some([visible(case) for case in missing])
            yield f"{suite.path}: {len(missing)} cases are in no run ({shown}). Name the runs of all shards."
    not_run = sum(bool(trial.not_run) and not trial.is_needless for entry in judged.entries for trial in entry.trials)
    if not_run:
        yield f"{not_run} cases were not run: the budget of their shard was reached"


def _lines(judged: JudgedRun) -> Iterator[str]:
    from pytest_llmcost.reports.altered import altered_lines
    from pytest_llmcost.reports.details import detail_lines, pooled_lines
    from pytest_llmcost.reports.table import render_table

    if judged.rows:
        yield render_table(judged.rows)
    yield from detail_lines(judged.rows, verbose=False)
    yield from pooled_lines(judged.verdicts)
    yield from altered_lines(judged.alterations, judged.compared_with)
