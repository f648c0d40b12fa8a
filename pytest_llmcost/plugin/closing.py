"""The end of a run, in the controller: judged, stored, shown, and answered for in the exit status."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmcost.assembly.avoided import avoided_in
from pytest_llmcost.assembly.caches import thin
from pytest_llmcost.assembly.exchanged import exchanged_lines, reworded_lines
from pytest_llmcost.assembly.extensions.reporting import make_reports
from pytest_llmcost.assembly.header import run_header
from pytest_llmcost.assembly.judging import JudgedRun, judge_run
from pytest_llmcost.assembly.listing import right_and_wrong
from pytest_llmcost.assembly.reporting import Ending, lost_must_pass, report_of
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.shared_calls import gathered
from pytest_llmcost.assembly.storing import store_baselines
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.assembly.too_small import too_small, too_small_to_tell
from pytest_llmcost.calls.account import AccountError
from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Run, Trial, calls_of
from pytest_llmcost.gate.decide import false_alarms
from pytest_llmcost.plugin import early_stop
from pytest_llmcost.plugin.options import is_by_outcome, why_unjudged
from pytest_llmcost.plugin.reporting import CACHE_CAME, annotation_lines, command_of, tell
from pytest_llmcost.plugin.verdicts import emit, emit_faults, fails
from pytest_llmcost.plugin.xdist import has_workers
from pytest_llmcost.reports.altered import altered_lines, stricter_lines
from pytest_llmcost.reports.avoided import avoided_line, hits_line, hits_of
from pytest_llmcost.reports.details import MOST_CASES, case_lines, detail_lines, next_commands, pooled_lines
from pytest_llmcost.reports.metrics import metric_lines
from pytest_llmcost.reports.progress import asked_lines
from pytest_llmcost.reports.report import Report
from pytest_llmcost.reports.safe import inert, visible
from pytest_llmcost.reports.table import render_table, usd

if TYPE_CHECKING:
    from pytest_llmcost.plugin.active import ActivePlugin

UNJUDGED = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
"""How a session may end so that a verdict would say nothing."""


@dataclass
class Closing:
    """One run at its end.

    Attributes:
        spent: In US dollars.
        is_settled: Whether that is the account's word; else the least that it can be, by the trials.
    """

    active: ActivePlugin
    run: JudgedRun
    trials: tuple[Trial, ...]
    spent: Decimal
    is_settled: bool = True
    unjudged: str = ""
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, active: ActivePlugin, session: pytest.Session) -> Closing:
        """Return the run as it was tallied, with verdicts where it can be judged."""
        assert active.tally is not None, "only the controller closes a run"
        spent, fault = _settled(active.runner, active.tally.trials)
        unjudged = why_unjudged(active.config) or _why_cut_short(session)
        run = judge_run(
            active.config.rootpath,
            active.suites,
            trials := gathered(active.tally.trials),
            active.runner.models,
            comparison=active.comparison,
            extensions=active.extensions,
            with_verdicts=not unjudged,
            selected=active.selected,
            early_stop=active.early_stop_family,
            family=active.settings.family,
        )
        faults = [*active.tally.faults, *fault, *run.faults, *_incomplete(active.tally.lost)]
        return cls(active, run, trials, spent, not fault, unjudged, notes=_notes(run, session), faults=faults)

    def finish(self, session: pytest.Session) -> None:
        """Report the verdicts, store run and baselines, and set the exit status."""
        strict = self.active.config.getoption("llm_inconclusive") == "fail"
        emit(self.active.config, session, self.run.verdicts, inconclusive_fails=strict)
        self._store_run()
        self.notes += self._thinned()
        if self.active.config.getoption("llm_update_baseline"):
            self._store_baselines()
        reports, keep_text = self.active.extensions.reports, self.active.settings.keep_text
        self.faults += make_reports(reports, self._whole, self.run.verdicts, keep_text=keep_text)
        self.faults += self._not_run()
        report = partial(self._report, session, inconclusive_fails=strict)
        self.faults += tell(self.active.config, report, is_judged=bool(self.run.verdicts))
        emit_faults(self.active.config, session, self.faults)
        failed = any(fails(verdict, inconclusive_fails=strict) for verdict in self.run.verdicts)
        if session.exitstatus == pytest.ExitCode.OK and (failed or self.faults):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _report(self, session: pytest.Session, *, inconclusive_fails: bool) -> Report:
        active, cut_short = self.active, _why_cut_short(session)
        ending = Ending(
            [*self.faults, *([cut_short] if cut_short else [])],
            [
                *self._exchanged(),
                *active.warnings,
                *self.run.notes,
                *too_small(active.suites.values()),
                *error_rate(self.run.suites, active.settings),
            ],
            failed_tests=session.testsfailed,
            unjudged=self.unjudged,
            inconclusive_fails=inconclusive_fails,
            commands=[command_of(active.config)],
            cache_came=os.environ.get(CACHE_CAME, ""),
        )
        return report_of(self.run, self._whole.header, active.settings, self.spent, ending)

    def _not_run(self) -> list[str]:
        trials = [
            trial for entry in self.run.entries for trial in entry.trials if trial.not_run and not trial.is_needless
        ]
        # Behind the colon each says what its own call would have cost.
        reasons = Counter(trial.not_run.partition(":")[0] for trial in trials)
        return [f"{count} cases were not run: {reason}" for reason, count in sorted(reasons.items())]

    @cached_property
    def _whole(self) -> Run:
        tally, prices = self.active.tally, self.active.runner.prices
        assert tally is not None, "only the controller closes a run"
        root, family = self.active.settings.root, self.active.early_stop_family
        header = run_header(root, tally.started, self.run.entries, prices.date, prices.digest, family)
        return Run(header, self.trials)

    def _store_run(self) -> None:
        tally = self.active.tally
        if tally is None or tally.writer is None:
            return
        try:
            tally.writer.finish(self._whole)
            self.notes.append(f"run stored in {os.path.relpath(tally.path, self.active.config.invocation_params.dir)}")
        except OSError as error:
            self.faults.append(f"the run file {tally.path} cannot be written: {error}")

    def _thinned(self) -> list[str]:
        active = self.active
        return list(thin(active.settings, active.started, warn=lambda text: active.warnings.update({text: None})))

    def _store_baselines(self) -> None:
        lost = self.active.tally is not None and self.active.tally.lost
        if why := self.unjudged or ("the run is incomplete" if lost else ""):
            self.faults.append(f"no baseline stored: {why}")
            return
        tally, here = self.active.tally, self.active.config.invocation_params.dir
        file = Path(os.path.relpath(tally.path, here)) if tally is not None and tally.writer is not None else None
        stored, refused = store_baselines(self.run, file)
        self.notes += stored
        self.faults += refused

    def show(self, terminal: pytest.TerminalReporter) -> None:
        """Write the table, what decided, what was stored, and the next command."""
        if not (self.run.rows or self.faults or self.notes):
            return
        terminal.section("llmcost", cyan=True)
        if self.run.rows:
            terminal.write_line(render_table(self.run.rows))
        verbose = terminal.verbosity > 0
        for line in detail_lines(self.run.rows, verbose=verbose):
            terminal.write_line(line)
        for line in pooled_lines(self.run.verdicts):
            terminal.write_line(line)
        for line in metric_lines(self.run.rows, terminal.verbosity):
            terminal.write_line(line)
        if is_by_outcome(self.active.config):
            for line in _listed(self.run.entries, None if verbose else MOST_CASES):
                terminal.write_line(line)
        terminal.write_line("")
        if loud := "\n".join(altered_lines(self.run.alterations, self.run.compared_with)):
            terminal.write_line(f"{loud}\n", red=True)
        for line in self._closing_lines():
            terminal.write_line(line)
        for fault in self.faults:
            terminal.write_line(f"llmcost: {inert(fault)}", red=True)
        for line in annotation_lines(self.active.config.rootpath, lost_must_pass(self.run.entries), os.environ):
            terminal.write_line(line)

    def _closing_lines(self) -> Iterator[str]:
        trials = [trial for entry in self.run.entries for trial in entry.trials]
        calls, hits = calls_of(trials), hits_of(trials)
        saved = f" (${usd(hits.saved_usd)} not paid again)" if hits.saved_usd else ""
        reused = f"{hits.hits} of them from the cache{saved}"
        cap = usd_text(self.active.cap_usd, 2)
        spent = f"{'' if self.is_settled else 'at least '}${usd(self.spent)}"
        yield f"spent {spent} of {cap}; {len(calls)} calls, {reused}"
        yield from avoided_line(avoided_in(self.run.entries))
        if self.active.config.get_verbosity() > 0:
            yield from (f"  {hits_line(_name(entry), hits_of(entry.trials))}" for entry in self.run.entries)
        if self.spent or self._not_run():
            yield from self._shared_lines()
        yield from asked_lines(calls, self.active.runner.meter.failed, self.active.config.get_verbosity())
        yield from early_stop.told(self.active.config, self.run.entries)
        if self.unjudged:
            yield f"no verdict: {self.unjudged}"
        yield from (f"note: {line}" for line in stricter_lines(self.run.alterations))
        yield from (f"note: {warning}" for warning in self.active.warnings)
        if has_workers(self.active.config):  # elsewhere it is said at collection, and where a verdict lacks it
            yield from (f"note: {line}" for line in too_small(self.active.suites.values()))
        else:
            yield from (f"note: {line}" for line in too_small_to_tell(self.run))
        if has_workers(self.active.config) or len(self.run.suites) > len(self.active.suites):  # (tests in Python, too)
            yield from (f"note: {line}" for line in error_rate(self.run.suites, self.active.settings))
        yield from self.notes
        if not self.active.config.getoption("llm_update_baseline"):
            yield from next_commands(self.run.readable_rows)
        yield from self._exchanged()

    def _exchanged(self) -> Iterator[str]:
        yield from exchanged_lines(self.run, self.active.runner.models, self.active.settings.given_tiers)
        yield from reworded_lines(self.run)

    def _shared_lines(self) -> Iterator[str]:
        try:
            budget = self.active.runner.spent_by_all()
        except AccountError as error:
            yield f"note: {error}"
        else:
            if budget is not None:
                yield f"all machines of this run: ${usd(budget.spent)} of {usd_text(budget.cap, 2)}"


def _why_cut_short(session: pytest.Session) -> str:
    # pytest-xdist ends a run at -x or --maxfail as if it were interrupted.
    at_maxfail = session.exitstatus == pytest.ExitCode.INTERRUPTED and session.shouldfail
    return "the session did not come to its end" if session.exitstatus in UNJUDGED and not at_maxfail else ""


def _incomplete(lost: Sequence[str]) -> Iterator[str]:
    if lost:
        yield (
            f"run incomplete: {', '.join(lost)} went down with its worker.\n"
            "Run again: what was paid for is in the cache."
        )


def _notes(run: JudgedRun, session: pytest.Session) -> list[str]:
    if not run.suites and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ["nothing was judged: no suite (bench_*.yaml) was collected, and no test in Python was scored"]
    return [f"note: {line}" for line in run.notes]


def _listed(entries: Iterable[Entry], most: int | None) -> Iterator[str]:
    for entry in entries:
        right, wrong = right_and_wrong(entry)
        yield _name(entry)
        yield from case_lines("right", right, most)
        yield from case_lines("wrong", wrong, most)


def _name(entry: Entry) -> str:
    return f"{visible(entry.suite.path, 200)}::{visible(entry.spec.name)}"


def _settled(runner: Runner, trials: Iterable[Trial]) -> tuple[Decimal, list[str]]:
    """Return what the run has spent, in US dollars; where the account cannot tell, by its trials, and why."""
    try:
        runner.settle_accounts()
        return runner.spent(), []
    except AccountError as error:
        return sum((trial.paid_usd for trial in trials), Decimal(0)), [str(error)]


def error_rate(suites: Iterable[Suite], settings: Settings) -> Iterator[str]:
    """Yield how often the run errs where each suite has an error rate of its own."""
    gated = sum(any(spec.gate is not None for spec in suite.strategies) for suite in suites)
    if said := false_alarms(gated, settings.family):
        yield said
