"""A finished run before its judge: its trials against the baselines, and what it may store in their place."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.left_out import left_out
from pytest_llmcost.assembly.models import Models
from pytest_llmcost.assembly.python_suites import python_suites
from pytest_llmcost.assembly.summing import Entry, entries_of, judge_entries, summary_of
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import ALL_SUITES, Family, Outcome, Verdict
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.baseline import Baseline, baseline_path, read_baseline, write_baseline
from pytest_llmcost.reports.summary import StrategySummary


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run, judged.

    Attributes:
        root: The root directory, below which suites and baselines lie.
        suites: Those of the run and its tests in Python, by path.
        verdicts: None are given where the choice of cases allows none.
        rows: What the table shows.
        faults: What went wrong on the way, to be shown; each fails the run.
        notes: What was not looked at.
        unread: Paths of the suites whose baseline is there and cannot be read.
    """

    root: Path
    suites: tuple[Suite, ...]
    entries: tuple[Entry, ...]
    verdicts: tuple[Verdict, ...]
    rows: tuple[StrategySummary, ...]
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


def judge_run(
    root: Path,
    suites: Mapping[str, Suite],
    trials: Sequence[Trial],
    models: Models,
    *,
    with_verdicts: bool = True,
    selected: Collection[tuple[str, str]] = (),
    family: Family = "run",
) -> JudgedRun:
    """Return a run with its verdicts.

    Args:
        root: The root directory.
        suites: The suites that are files, by path.
        trials: Of the run, in any order.
        models: For today's prices.
        with_verdicts: Whether the choice of cases allows any.
        selected: Suite and strategy of all cases that were to be run: of some there may be no trial.
        family: What tests are corrected for: all of the run, or those of their suite.
    """
    # Workers end in any order; the suites of a run have one.
    ordered = sorted([*suites.values(), *python_suites(trials, suites)], key=lambda suite: suite.path)
    baselines, faults = _baselines(root, ordered)
    entries = tuple(entries_of(ordered, trials, models, baselines, selected))
    verdicts = judge_entries(entries, models, family) if with_verdicts else ()
    verdicts = tuple(_unknown(verdict) if verdict.suite in faults else verdict for verdict in verdicts)
    return JudgedRun(
        root,
        tuple(ordered),
        entries,
        verdicts,
        rows=tuple(summary_of(entry, verdicts) for entry in entries),
        faults=tuple(faults.values()),
        notes=tuple(left_out(root, ordered, entries, baselines)),
        unread=frozenset(faults),
    )


def _baselines(root: Path, suites: Sequence[Suite]) -> tuple[dict[str, Baseline | None], dict[str, str]]:
    """Return the baselines by suite, and why others cannot be read."""
    baselines: dict[str, Baseline | None] = {}
    faults: dict[str, str] = {}
    for suite in suites:
        try:
            baselines[suite.path] = read_baseline(baseline_path(root, suite.path))
        except BaselineError as error:
            faults[suite.path] = str(error)
    return baselines, faults


def _unknown(verdict: Verdict) -> Verdict:
    """Return *verdict*, but for one that would take a baseline that cannot be read for one that is not there."""
    if verdict.outcome is not Outcome.NEW:
        return verdict
    return dataclasses.replace(verdict, outcome=Outcome.INCONCLUSIVE, reason="the baseline cannot be read")


def store_baselines(run: JudgedRun) -> tuple[list[str], list[str]]:
    """Store a run as the baseline of each of its suites; return what was stored, and what was not, with the reason."""
    stored, faults = [], []
    for suite in run.suites:
        target = baseline_path(run.root, suite.path)
        entries = [entry for entry in run.entries if entry.suite.path == suite.path]
        if reason := _refusal(run, suite, entries):
            faults.append(f"baseline of {suite.path} not stored: {reason}")
            continue
        try:
            write_baseline(target, _baseline_of(suite, entries))
            stored.append(f"baseline stored: {target.relative_to(run.root)}. Commit it.")
        except BaselineError as error:
            faults.append(str(error))
    return stored, faults


def _baseline_of(suite: Suite, entries: Sequence[Entry]) -> Baseline:
    return Baseline(
        suite.name,
        {entry.spec.name: entry.record for entry in entries},
        tuple(record for entry in entries for record in entry.records),
    )


def _refusal(run: JudgedRun, suite: Suite, entries: Sequence[Entry]) -> str:
    file = baseline_path(run.root, suite.path).relative_to(run.root)
    if suite.path in run.unread:
        return f"the one that is there cannot be read, so that nobody knows what it held. Mend {file}, or delete it."
    missing = {spec.name for spec in suite.strategies} - {entry.spec.name for entry in entries}
    is_python = "::" in suite.path
    gone = is_python and any(entry.pairing is not None and entry.pairing.removed for entry in entries)
    if missing or gone or any(entry.is_partial for entry in entries):
        return (
            "only part of the suite was run. Run all of it, without -k, -x, --llm-sample, --llm-shard or a path to a "
            "part."
        )
    if any(record.unanswered for entry in entries for record in entry.records):
        return "some cases have no answer. Mend what the failures above say, and run again."
    judged = [v for v in run.verdicts if v.suite in (suite.path, ALL_SUITES)]
    failed = [v for v in judged if v.counts and v.outcome is Outcome.FAIL]
    if failed:
        names = (v.id if v.strategy else f"{v.suite}::{v.id}" for v in failed)
        return (
            f"{', '.join(names)} failed. Mend it; or, where the loss is meant, delete {file} in a "
            "reviewed commit and store anew."
        )
    return ""
