"""`llmcost baseline update`: a finished run becomes the baseline, also one whose trade-off is accepted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llmcost.cli.baseline.judged import judged_here
from pytest_llmcost.domain.errors import BaselineError, SettingsError
from pytest_llmcost.domain.gate import Outcome
from pytest_llmcost.reports.safe import visible

if TYPE_CHECKING:
    from pytest_llmcost.assembly.judging import JudgedRun
    from pytest_llmcost.assembly.storing import Acceptance
    from pytest_llmcost.domain.trial import Run

Subparsers = Any  # argparse's own type has no public name

REFUSED = 1
LONGEST_REASON = 500


def add_parser(commands: Subparsers) -> None:
    """Add `update`."""
    about = "store a finished run as the baseline; what failed in it has to be accepted, with a reason"
    parser = commands.add_parser("update", help=about, description=about)
    parser.add_argument("run_file", metavar="RUN", type=Path, help="a run file, as in .llmcost/runs/")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="SUITE[:METRIC]",
        help="a suite's loss that is meant: of one metric, or of all that failed (repeatable)",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is accepted; kept in the baseline")
    parser.set_defaults(run=_update)


def _update(arguments: argparse.Namespace) -> int:
    from pytest_llmcost.assembly.storing import store_baselines
    from pytest_llmcost.reports.run_file import read_run

    reason = " ".join(arguments.reason.split())
    if bool(reason) != bool(arguments.accept):
        raise SettingsError(
            "--accept and --reason go together: --accept says which loss is meant, --reason why.", key="--reason"
        )
    if len(reason) > LONGEST_REASON:
        message = f"--reason has {len(reason)} characters: at most {LONGEST_REASON} are kept. Say it shorter."
        raise SettingsError(message, key="--reason")
    run, notes = read_run(arguments.run_file)
    judged, warnings = judged_here(run)
    _check_strategies(run, judged)
    acceptance = _acceptance(arguments.accept, reason, judged)
    stored, refused = store_baselines(judged, arguments.run_file, acceptance)
    accepted = _accepted_lines(judged, acceptance) if stored else ()
    print(*notes, *(f"note: {text}" for text in warnings), *accepted, *stored, sep="\n")
    faults = [*judged.faults, *refused]
    print(*(f"llmcost: {fault}" for fault in faults), sep="\n", end="\n" if faults else "", file=sys.stderr)
    return REFUSED if faults else 0


def _check_strategies(run: Run, judged: JudgedRun) -> None:
    """Refuse a run of strategies that are others by now: its baseline would claim to be theirs."""
    for entry in judged.entries:
        recorded = run.header.strategies.get(entry.suite.path, {}).get(entry.spec.name)
        if recorded is not None and recorded.fingerprint != entry.record.fingerprint:
            raise BaselineError(
                f"{entry.suite.path}::{visible(entry.spec.name)} is another strategy by now than the run asked (its "
                "model, prompt or parameters).\nRun again, and store that.",
                path=entry.suite.path,
            )


def _acceptance(texts: Sequence[str], reason: str, judged: JudgedRun) -> Acceptance:
    from pytest_llmcost.assembly.storing import Acceptance

    return Acceptance(frozenset(one for text in texts for one in _meant(text, judged)), reason)


def _meant(text: str, judged: JudgedRun) -> set[tuple[str, str]]:
    """Return suite and metric of all that *text* accepts: SUITE, or SUITE:METRIC; by path or name."""
    failed = [v for v in judged.verdicts if v.counts and v.outcome is Outcome.FAIL]
    names = {suite.path: suite.name for suite in judged.suites}
    meant = {
        (v.suite, v.metric)
        for v in failed
        if any(text in (name, f"{name}:{v.metric}") for name in (v.suite, names.get(v.suite)))
    }
    if meant:
        return meant
    losses = ", ".join(dict.fromkeys(f"{v.suite}:{v.metric}" for v in failed)) or "nothing"
    raise SettingsError(f"--accept {visible(text, 200)}: this is no loss of the run. {losses} failed.", key="--accept")


def _accepted_lines(judged: JudgedRun, acceptance: Acceptance) -> Iterator[str]:
    for v in judged.verdicts:
        if v.counts and v.outcome is Outcome.FAIL and (v.suite, v.metric) in acceptance.metrics:
            yield f"accepted: {visible(v.suite, 200)}::{visible(v.id, 200)}: {visible(v.reason, 400)}"
