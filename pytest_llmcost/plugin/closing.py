"""The end of a run, in the controller: judged, stored, shown, and answered for in the exit status."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.assembly.header import run_header
from pytest_llmcost.assembly.summing import Entry, entries_of, judge_entries, summary_of
from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.gate.baseline import Baseline, baseline_path, read_baseline, write_baseline
from pytest_llmcost.gate.quality import unprovable
from pytest_llmcost.plugin.options import is_by_outcome
from pytest_llmcost.plugin.python_tests import python_suites
from pytest_llmcost.plugin.verdicts import emit, fails
from pytest_llmcost.plugin.xdist import has_workers
from pytest_llmcost.reports.details import detail_lines, next_commands
from pytest_llmcost.reports.summary import StrategySummary
from pytest_llmcost.reports.table import render_table, usd

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin

UNJUDGED = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
"""How a session may end so that a verdict would say nothing."""


@dataclass
class Closing:
    """One run at its end."""

    active: ActivePlugin
    suites: tuple[Suite, ...]
    entries: tuple[Entry, ...]
    verdicts: tuple[Verdict, ...] = ()
    rows: tuple[StrategySummary, ...] = ()
    spent: Decimal = Decimal(0)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, active: ActivePlugin, session: pytest.Session) -> Closing:
        """Return the run as it was tallied, with verdicts where it can be judged."""
        assert active.tally is not None, "only the controller closes a run"
        # Workers end in any order; the suites of a run have one.
        trials, models = active.tally.trials, active.runner.models
        suites = sorted([*active.suites.values(), *python_suites(trials, active.suites)], key=lambda suite: suite.path)
        active.runner.settle_accounts()
        faults = list(active.tally.faults)
        baselines = dict(_read_baselines(active, suites, faults))
        entries = tuple(entries_of(suites, trials, models, baselines))
        closing = cls(active, tuple(suites), entries, faults=faults, spent=active.runner.spent())
        if session.exitstatus not in UNJUDGED and not is_by_outcome(active.config):
            closing.verdicts = judge_entries(entries, models)
        closing.rows = tuple(summary_of(entry, closing.verdicts) for entry in entries)
        return closing

    def finish(self, session: pytest.Session) -> None:
        """Report the verdicts, store run and baselines, and set the exit status."""
        strict = self.active.config.getoption("llm_inconclusive") == "fail"
        emit(self.active.config, session, self.verdicts, inconclusive_fails=strict)
        self._store_run()
        if self.active.config.getoption("llm_update_baseline"):
            self._store_baselines()
        failed = any(fails(verdict, inconclusive_fails=strict) for verdict in self.verdicts)
        if session.exitstatus == pytest.ExitCode.OK and (failed or self.faults or self._not_run):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def _not_run(self) -> list[Trial]:
        return [trial for entry in self.entries for trial in entry.trials if trial.not_run]

    def _store_run(self) -> None:
        tally = self.active.tally
        if tally is None or tally.writer is None:
            return
        prices = self.active.runner.prices
        header = run_header(self.active.settings.root, tally.started, self.entries, prices.date, prices.digest)
        run = Run(header, tuple(tally.trials))
        try:
            tally.writer.finish(run)
            self.notes.append(f"run stored in {os.path.relpath(tally.path, self.active.config.invocation_params.dir)}")
        except OSError as error:
            self.faults.append(f"the run file {tally.path} cannot be written: {error}")

    def _store_baselines(self) -> None:
        for suite in self.suites:
            path = suite.path
            entries = [entry for entry in self.entries if entry.suite.path == path]
            refusal = self._refusal(suite, entries)
            if refusal:
                self.faults.append(f"baseline of {path} not stored: {refusal}")
                continue
            stored = Baseline(
                suite.name,
                {entry.spec.name: entry.record for entry in entries},
                tuple(record for entry in entries for record in entry.records),
            )
            target = baseline_path(self.active.config.rootpath, path)
            try:
                write_baseline(target, stored)
                self.notes.append(f"baseline stored: {target.relative_to(self.active.config.rootpath)}. Commit it.")
            except BaselineError as error:
                self.faults.append(str(error))

    def _refusal(self, suite: Suite, entries: list[Entry]) -> str:
        missing = {spec.name for spec in suite.strategies} - {entry.spec.name for entry in entries}
        is_python = "::" in suite.path
        gone = is_python and any(entry.pairing is not None and entry.pairing.removed for entry in entries)
        if missing or gone or any(entry.is_partial for entry in entries):
            return "only part of the suite was run. Run all of it, without -k, -x, --llm-sample or a path to a part."
        if any(record.unanswered for entry in entries for record in entry.records):
            return "some cases have no answer. Mend what the failures above say, and run again."
        failed = [v for v in self.verdicts if v.suite == suite.path and v.counts and v.outcome is Outcome.FAIL]
        if failed:
            names = ", ".join(v.id for v in failed)
            file = baseline_path(self.active.config.rootpath, suite.path).relative_to(self.active.config.rootpath)
            return (
                f"{names} failed. Mend it; or, where the loss is meant, delete {file} in a reviewed commit "
                "and store anew."
            )
        return ""

    def show(self, terminal: pytest.TerminalReporter) -> None:
        """Write the table, what decided, what was stored, and the next command."""
        if not self.rows and not self.faults:
            return
        terminal.section("llmcost", cyan=True)
        if self.rows:
            terminal.write_line(render_table(self.rows))
        for line in detail_lines(self.rows, verbose=terminal.verbosity > 0):
            terminal.write_line(line)
        terminal.write_line("")
        for line in self._closing_lines():
            terminal.write_line(line)
        for fault in self.faults:
            terminal.write_line(f"llmcost: {fault}", red=True)

    def _closing_lines(self) -> Iterator[str]:
        calls = [c for entry in self.entries for t in entry.trials for c in (*t.calls, *t.shared)]
        cached = sum(call.cached for call in calls)
        cap = self.active.cap_usd
        yield f"spent ${usd(self.spent)} of {usd_text(cap, 2)}; {len(calls)} calls, {cached} of them from the cache"
        if self._not_run:
            yield f"{len(self._not_run)} cases were not run: budget reached ({usd_text(cap, 2)})"
        if is_by_outcome(self.active.config):
            yield "no verdict: the cases were chosen by how they did before, which is no fair comparison"
        yield from (f"note: {warning}" for warning in self.active.warnings)
        if has_workers(self.active.config):  # elsewhere it is said at collection
            yield from (f"note: {line}" for line in too_small(self.active.suites.values()))
        yield from self.notes
        if not self.active.config.getoption("llm_update_baseline"):
            yield from next_commands(self.rows)


def _read_baselines(
    active: ActivePlugin, suites: list[Suite], faults: list[str]
) -> Iterator[tuple[str, Baseline | None]]:
    for suite in suites:
        try:
            yield suite.path, read_baseline(baseline_path(active.config.rootpath, suite.path))
        except BaselineError as error:
            faults.append(str(error))


def too_small(suites: Iterable[Suite]) -> Iterator[str]:
    """Yield a line on every suite and margin that its cases can never prove."""
    for suite in suites:
        margins = {spec.gate.quality.margin for spec in suite.strategies if spec.gate is not None}
        for margin in sorted(margins):
            if said := unprovable(len(suite.cases), margin):
                yield f"{suite.path}: {said}"
