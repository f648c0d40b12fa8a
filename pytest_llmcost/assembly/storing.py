"""A judged run becomes the baseline of its suites, if it is whole and nothing of it failed that nobody accepted."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.summing import Entry, quarantined
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import ALL_SUITES, Outcome, Verdict
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.gate.baseline import Baseline, baseline_path, write_baseline
from pytest_llmcost.gate.baseline_header import Accepted
from pytest_llmcost.gate.records import records_of


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Losses that somebody accepts.

    Attributes:
        metrics: As (suite's path, metric).
        reason: Why, for all of them.
    """

    metrics: frozenset[tuple[str, str]] = frozenset()
    reason: str = ""


def store_baselines(
    run: JudgedRun, run_file: Path | None = None, acceptance: Acceptance = Acceptance()
) -> tuple[list[str], list[str]]:
    """Store a run as the baseline of each of its suites; return what was stored, and what was not, with the reason.

    Args:
        run: The run.
        run_file: Where it is kept, for the command that accepts a loss.
        acceptance: What may be stored although it failed.
    """
    stored, faults = [], []
    for suite in run.suites:
        target = baseline_path(run.root, suite.path)
        entries = [entry for entry in run.entries if entry.suite.path == suite.path]
        judged = [v for v in run.verdicts if v.suite in (suite.path, ALL_SUITES)]
        failed = [v for v in judged if v.counts and v.outcome is Outcome.FAIL]
        losses = [v for v in failed if (suite.path, v.metric) in acceptance.metrics]
        baseline, before = _baseline_of(run, suite, entries), run.there.get(suite.path)
        if reason := _refusal(run, suite, entries, baseline, [v for v in failed if v not in losses], run_file):
            faults.append(f"baseline of {suite.path} not stored: {reason}")
            continue
        accepted = _accepted(before, losses, acceptance.reason, baseline)
        try:
            whole = dataclasses.replace(baseline, accepted=accepted)
            write_baseline(target, whole, replaces=before.sha256 if before else "")
            stored.append(f"baseline stored: {target.relative_to(run.root)}. Commit it.")
        except BaselineError as error:
            faults.append(str(error))
    return stored, faults


def _baseline_of(run: JudgedRun, suite: Suite, entries: Sequence[Entry]) -> Baseline:
    """Return the run as this very suite sees it, whatever gate it was held to."""
    out = quarantined(suite)
    trials: dict[str, list[Trial]] = {entry.spec.name: [] for entry in entries}
    for trial in run.trials:
        if trial.suite == suite.path and trial.strategy in trials and trial.case not in out:
            trials[trial.strategy].append(trial)
    records = tuple(record for own in trials.values() for record in records_of(own))
    return Baseline(suite.name, {entry.spec.name: entry.record for entry in entries}, records)


def _accepted(before: Baseline | None, losses: Collection[Verdict], reason: str, now: Baseline) -> tuple[Accepted, ...]:
    """Return what is accepted of today's strategies, also by earlier baselines; of one metric the latest."""
    known = {(one.strategy, one.metric): one for one in (before.accepted if before else ())}
    new = {(v.strategy, v.metric): Accepted(v.strategy, v.metric, v.estimate, reason) for v in losses}
    return tuple(one for one in (known | new).values() if one.strategy in now.strategies)


def _refusal(
    run: JudgedRun,
    suite: Suite,
    entries: Sequence[Entry],
    baseline: Baseline,
    failed: Sequence[Verdict],
    run_file: Path | None,
) -> str:
    file = baseline_path(run.root, suite.path).relative_to(run.root)
    if suite.path not in run.there:
        return f"the one that is there cannot be read, so that nobody knows what it held. Mend {file}, or delete it."
    if run.comparison.strategy:
        return f"it was compared with {run.comparison.name} alone. Run again, without --llm-baseline."
    if any(entry.not_needed for entry in entries):
        return (
            "the run was stopped early, and a baseline holds every case. Run it without --llm-early-stop: what was "
            "asked is in the cache."
        )
    missing = {spec.name for spec in suite.strategies} - {entry.spec.name for entry in entries}
    is_python = "::" in suite.path
    gone = is_python and any(entry.pairing is not None and entry.pairing.removed for entry in entries)
    if missing or gone or any(entry.is_partial for entry in entries):
        return (
            "only part of the suite was run. Run all of it, without -k, -x, --llm-sample, --llm-shard or a path to a "
            "part."
        )
    if any(record.unanswered for record in baseline.records):
        return "some cases have no answer. Mend what the failures above say, and run again."
    if failed:
        return (
            f"{', '.join(map(_named, failed))} failed. Mend it; or, where the loss is meant, accept it:\n"
            f"{accepting_command(suite.path, failed, run_file)}"
        )
    return ""


def _named(verdict: Verdict) -> str:
    return f"{ALL_SUITES}::{verdict.id}" if verdict.suite == ALL_SUITES else verdict.id


def accepting_command(suite: str, failed: Sequence[Verdict], run_file: Path | None) -> str:
    """Return the command that stores a run although *failed* did, to be typed in the root directory."""
    metrics = dict.fromkeys(verdict.metric for verdict in failed)
    accepts = " ".join(f"--accept {shlex.quote(f'{suite}:{metric}')}" for metric in metrics)
    run = shlex.quote(str(run_file)) if run_file else "RUN"
    return f"llmcost baseline update {run} {accepts} --reason '...'"
