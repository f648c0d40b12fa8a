"""`llmcost report`: a stored run, judged anew and told as Markdown or JSON."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.baseline.judged import judged_here
from pytest_llmcost.cli.baseline.merge import missing_from
from pytest_llmcost.cli.project import find_root
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.reports.report_name import why_no_report

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun
    from pytest_llmcost.domain.trial import Run
    from pytest_llmcost.reports.report import Report

Subparsers = Any  # argparse's own type has no public name


def add_parser(groups: Subparsers) -> None:
    """Add `report`."""
    about = "what a stored run comes to against the suites and baselines that are here: Markdown, or JSON"
    parser = groups.add_parser("report", help=about, description=about)
    parser.add_argument("path", metavar="RUN", type=Path, help="a run file (--llm-run=PATH, or .llmcost/runs/...)")
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=_report_path,
        action="append",
        default=[],
        help="write it there, .md or .json by the suffix (repeatable), and print nothing",
    )
    parser.add_argument(
        "--llm-baseline",
        metavar="PATH|git:REF|strategy:NAME",
        help="what to compare with, as for pytest --llm-budget",
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.set_defaults(run=_run)


def _report_path(text: str) -> Path:
    if problem := why_no_report(text):
        raise argparse.ArgumentTypeError(problem)
    return Path(text)


def _run(arguments: argparse.Namespace) -> None:
    from pytest_llmcost.reports.document import document_text
    from pytest_llmcost.reports.markdown import render_markdown
    from pytest_llmcost.reports.report_file import write_report
    from pytest_llmcost.reports.run_file import read_run

    run, notes = read_run(arguments.path)
    judged, warnings = judged_here(run, arguments.llm_baseline)
    report = _report(run, judged, [*notes, *warnings])
    for path in arguments.output:
        try:
            write_report(path, report)
        except OSError as error:
            raise BaselineError(f"{path} cannot be written: {error}.", path=str(path)) from error
    if arguments.json or not arguments.output:
        sys.stdout.write(document_text(report) if arguments.json else render_markdown(report))


def _report(run: Run, judged: JudgedRun, notes: list[str]) -> Report:
    from pytest_llmcost.assembly.reporting import Ending, failed_cases, report_of
    from pytest_llmcost.assembly.settings import read_settings

    spent = sum((row.paid_usd for row in judged.rows), Decimal(0))
    ending = Ending(
        faults=[*judged.faults, *missing_from(judged)],
        notes=[*notes, *judged.notes, *_changed(run, judged)],
        failed_tests=failed_cases(judged.entries),
    )
    settings = read_settings(find_root(Path.cwd()), os.environ)
    return report_of(judged, run.header, settings, spent, ending)


def _changed(run: Run, judged: JudgedRun) -> Iterator[str]:
    """Yield a line on each strategy that is not any more what the run asked."""
    for entry in judged.entries:
        asked = run.header.strategies.get(entry.suite.path, {}).get(entry.spec.name)
        if asked is not None and asked.fingerprint != entry.record.fingerprint:
            yield (
                f"{entry.suite.path}: strategy '{entry.spec.name}' has changed since this run; its verdicts are on "
                "what was asked then"
            )
