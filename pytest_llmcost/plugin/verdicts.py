"""Verdicts as reports: in the terminal, in JUnit and in the exit status, but in no plugin's memory of failures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import pytest

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.reports.safe import inert, visible

# These count failures or remember their ids; a verdict is no test that could be selected again.
_UNTOLD = ("session", "lfplugin", "nfplugin", "stepwiseplugin")
Word = Literal["passed", "failed", "skipped"]
Place = tuple[str, int, str]
Longrepr = str | Place | None
Phases = tuple[pytest.TestReport, pytest.TestReport]

_OUTCOMES: dict[Outcome, Word] = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "passed",  # one that only warns
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.NEW: "passed",
}


def emit(
    config: pytest.Config, session: pytest.Session, verdicts: Iterable[Verdict], *, inconclusive_fails: bool
) -> None:
    """Report every verdict as `suite::strategy::gate[metric]`."""
    reports = [_reports(verdict, inconclusive_fails=inconclusive_fails) for verdict in verdicts]
    _send(config, session, reports)


def emit_faults(config: pytest.Config, session: pytest.Session, faults: Iterable[str]) -> None:
    """Report what fails a run beside its verdicts: the last line would be green, and JUnit would know nothing of it."""
    _send(config, session, [_both("llmcost::run", ("llmcost", 0, "run"), "failed", inert(fault)) for fault in faults])


def _send(config: pytest.Config, session: pytest.Session, reports: Sequence[Iterable[pytest.TestReport]]) -> None:
    manager = config.pluginmanager
    untold = [plugin for name in _UNTOLD if (plugin := manager.get_plugin(name)) is not None]
    hook = manager.subset_hook_caller("pytest_runtest_logreport", [session, *untold])
    terminal = manager.get_plugin("terminalreporter")
    if terminal is not None and reports:
        terminal.write("\n")
    # The percentage counts reports against collected items: for the moment these are some, too.
    session.testscollected += len(reports)
    for phases in reports:
        for report in phases:
            hook(report=report)
    session.testscollected -= len(reports)


def fails(verdict: Verdict, *, inconclusive_fails: bool) -> bool:
    """Whether a verdict fails the run."""
    deadly = (Outcome.FAIL, Outcome.INCONCLUSIVE) if inconclusive_fails else (Outcome.FAIL,)
    return verdict.counts and verdict.outcome in deadly


def _reports(verdict: Verdict, *, inconclusive_fails: bool) -> Phases:
    gate, strategy = f"gate[{verdict.metric}]", visible(verdict.strategy, 200)
    nodeid = f"{verdict.suite}::{strategy}::{gate}" if strategy else f"{verdict.suite}::{gate}"
    place = (verdict.suite, 0, f"{gate} of {strategy or verdict.suite}")
    outcome = "failed" if fails(verdict, inconclusive_fails=inconclusive_fails) else _OUTCOMES[verdict.outcome]
    reason = visible(verdict.reason, 400)
    longrepr: Longrepr = None
    if outcome == "failed":
        longrepr = f"{verdict.metric}: {reason}"
    elif outcome == "skipped":
        longrepr = (verdict.suite, 1, reason)
    return _both(nodeid, place, outcome, longrepr, user_properties=_properties(verdict), llm_verdict=verdict)


def _both(nodeid: str, place: Place, outcome: Word, longrepr: Longrepr, **extra: Any) -> Phases:
    # JUnit closes a case, and reads its properties, at the teardown.
    call = pytest.TestReport(nodeid, place, {}, outcome, longrepr, "call", **extra)
    return call, pytest.TestReport(nodeid, place, {}, "passed", None, "teardown", **extra)


def _properties(verdict: Verdict) -> list[tuple[str, object]]:
    named = {"outcome": str(verdict.outcome), "reason": visible(verdict.reason, 400), "basis": verdict.basis}
    numbers = ("estimate", "lower", "upper", "value", "before", "p", "p_adjusted", "n", "losses", "gains", "margin")
    return [*named.items(), *((name, v) for name in numbers if (v := getattr(verdict, name)) is not None)]


def status_of(verdict: Verdict, outcome: str) -> tuple[str, str, str | tuple[str, dict[str, bool]]]:
    """Return category, letter and word of a verdict's report, as `pytest_report_teststatus` wants them."""
    yellow = {"yellow": True}
    if outcome == "failed":
        return "failed", "F", "FAILED"
    if verdict.outcome is Outcome.FAIL:
        return "warned", "w", ("WARNED", yellow)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return "inconclusive", "i", ("INCONCLUSIVE", yellow)
    return ("passed", ".", "PASSED") if verdict.outcome is Outcome.PASS else ("new", "n", ("NEW", yellow))
