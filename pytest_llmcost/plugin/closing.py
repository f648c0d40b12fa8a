"""The end of a run, in the controller: judged, stored, shown, and answered for in the exit status."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.assembly.extensions.reporting import make_reports
from pytest_llmcost.assembly.header import run_header
from pytest_llmcost.assembly.judging import JudgedRun, judge_run, store_baselines
from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Run, Trial
from pytest_llmcost.gate.quality import unprovable
from pytest_llmcost.plugin.options import why_unjudged
from pytest_llmcost.plugin.verdicts import emit, fails
from pytest_llmcost.plugin.xdist import has_workers
from pytest_llmcost.reports.details import detail_lines, next_commands
from pytest_llmcost.reports.table import render_table, usd

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin

UNJUDGED = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
"""How a session may end so that a verdict would say nothing."""


@dataclass
class Closing:
    """One run at its end."""

    active: ActivePlugin
    run: JudgedRun
    spent: Decimal
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, active: ActivePlugin, session: pytest.Session) -> Closing:
        """Return the run as it was tallied, with verdicts where it can be judged."""
        assert active.tally is not None, "only the controller closes a run"
        active.runner.settle_accounts()
        with_verdicts = session.exitstatus not in UNJUDGED and not why_unjudged(active.config)
        models, trials = active.runner.models, active.tally.trials
        run = judge_run(active.config.rootpath, active.suites, trials, models, with_verdicts=with_verdicts)
        return cls(active, run, active.runner.spent(), faults=[*active.tally.faults, *run.faults])

    def finish(self, session: pytest.Session) -> None:
        """Report the verdicts, store run and baselines, and set the exit status."""
        strict = self.active.config.getoption("llm_inconclusive") == "fail"
        emit(self.active.config, session, self.run.verdicts, inconclusive_fails=strict)
        self._store_run()
        if self.active.config.getoption("llm_update_baseline"):
            stored, faults = store_baselines(self.run)
            self.notes += stored
            self.faults += faults
        reports, keep_text = self.active.extensions.reports, self.active.settings.keep_text
        self.faults += make_reports(reports, self._whole, self.run.verdicts, keep_text=keep_text)
        failed = any(fails(verdict, inconclusive_fails=strict) for verdict in self.run.verdicts)
        if session.exitstatus == pytest.ExitCode.OK and (failed or self.faults or self._not_run):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def _not_run(self) -> list[Trial]:
        return [trial for entry in self.run.entries for trial in entry.trials if trial.not_run]

    @cached_property
    def _whole(self) -> Run:
        tally, prices = self.active.tally, self.active.runner.prices
        assert tally is not None, "only the controller closes a run"
        header = run_header(self.active.settings.root, tally.started, self.run.entries, prices.date, prices.digest)
        return Run(header, tuple(tally.trials))

    def _store_run(self) -> None:
        tally = self.active.tally
        if tally is None or tally.writer is None:
            return
        try:
            tally.writer.finish(self._whole)
            self.notes.append(f"run stored in {os.path.relpath(tally.path, self.active.config.invocation_params.dir)}")
        except OSError as error:
            self.faults.append(f"the run file {tally.path} cannot be written: {error}")

    def show(self, terminal: pytest.TerminalReporter) -> None:
        """Write the table, what decided, what was stored, and the next command."""
        if not self.run.rows and not self.faults:
            return
        terminal.section("llmcost", cyan=True)
        if self.run.rows:
            terminal.write_line(render_table(self.run.rows))
        for line in detail_lines(self.run.rows, verbose=terminal.verbosity > 0):
            terminal.write_line(line)
        terminal.write_line("")
        for line in self._closing_lines():
            terminal.write_line(line)
        for fault in self.faults:
            terminal.write_line(f"llmcost: {fault}", red=True)

    def _closing_lines(self) -> Iterator[str]:
        calls = [c for entry in self.run.entries for t in entry.trials for c in (*t.calls, *t.shared)]
        cached = sum(call.cached for call in calls)
        cap = self.active.cap_usd
        yield f"spent ${usd(self.spent)} of {usd_text(cap, 2)}; {len(calls)} calls, {cached} of them from the cache"
        if self._not_run:
            yield f"{len(self._not_run)} cases were not run: budget reached ({usd_text(cap, 2)})"
        if reason := why_unjudged(self.active.config):
            yield f"no verdict: {reason}"
        yield from (f"note: {warning}" for warning in self.active.warnings)
        if has_workers(self.active.config):  # elsewhere it is said at collection
            yield from (f"note: {line}" for line in too_small(self.active.suites.values()))
        yield from self.notes
        if not self.active.config.getoption("llm_update_baseline"):
            yield from next_commands(self.run.rows)


def too_small(suites: Iterable[Suite]) -> Iterator[str]:
    """Yield a line on every suite and margin that its cases can never prove."""
    for suite in suites:
        margins = {spec.gate.quality.margin for spec in suite.strategies if spec.gate is not None}
        for margin in sorted(margins):
            if said := unprovable(len(suite.cases), margin):
                yield f"{suite.path}: {said}"
