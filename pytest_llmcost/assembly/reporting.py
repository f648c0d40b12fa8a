"""From a judged run to the report that others read: what may be told, and what it rests on."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.assembly.avoided import avoided_in
from pytest_llmcost.assembly.caches import places_text
from pytest_llmcost.assembly.judging import JudgedRun
from pytest_llmcost.assembly.settings import Settings
from pytest_llmcost.assembly.summing import Entry
from pytest_llmcost.domain.gate import ALL_SUITES
from pytest_llmcost.domain.suite import Case, Suite
from pytest_llmcost.domain.trial import RunHeader
from pytest_llmcost.reports.details import next_steps
from pytest_llmcost.reports.report import Report, Reused, conclude
from pytest_llmcost.reports.summary import StrategySummary, Turned


@dataclass(frozen=True, slots=True)
class Ending:
    """What a report needs to know of a session beside its judged run.

    Attributes:
        faults: What went wrong beside the verdicts.
        notes: What must be known of the run.
        failed_tests: How many tests failed.
        unjudged: Why there is no verdict; empty where there are some.
        commands: What was typed.
        cache_came: With what the cache came to this machine, in the words of who brought it; may be empty.
    """

    faults: Sequence[str] = ()
    notes: Sequence[str] = ()
    failed_tests: int = 0
    unjudged: str = ""
    inconclusive_fails: bool = False
    commands: Sequence[str] = ()
    cache_came: str = ""


def report_of(run: JudgedRun, header: RunHeader, settings: Settings, spent_usd: Decimal, ending: Ending) -> Report:
    """Return the report on a run; texts are left out of it unless `keep_text` is set."""
    pooled = [verdict for verdict in run.verdicts if verdict.suite == ALL_SUITES]
    outcome, why = conclude(
        run.rows,
        pooled=pooled,
        faults=len(ending.faults),
        failed_tests=ending.failed_tests,
        unjudged=ending.unjudged,
        inconclusive_fails=ending.inconclusive_fails,
    )
    labels = {suite.path: suite.labels for suite in run.suites}
    rows = run.rows if settings.keep_text else [_without_texts(row, labels[row.suite_path]) for row in run.rows]
    return Report(
        outcome,
        why,
        header,
        run.compared_with,
        rows,
        spent_usd,
        _reused(run.entries, settings, ending.cache_came),
        tuple((lost.suite.path, lost.strategy, lost.case.id) for lost in lost_must_pass(run.entries)),
        ending.faults,
        ending.notes,
        tuple(_commands(run, header, ending.commands)),
        run.alterations,
        pooled,
    )


def _commands(run: JudgedRun, header: RunHeader, made_by: Sequence[str]) -> Iterator[str]:
    """Yield what to type to see a run again, and what comes next, each with its reason as the shell's comment."""
    if header.commit:
        yield f"git checkout {header.commit}  # git fetch origin {header.commit}, where it is not here"
    # Elsewhere than in the job of a pull request nobody knows its base.
    state = run.comparison.state
    base = f" --llm-baseline=git:{state.commit}" if state else ""
    yield from (typed if "--llm-baseline" in typed else f"{typed}{base}" for typed in made_by)
    yield from (f"{typed}{base}  # {reason}" for reason, typed in next_steps(run.readable_rows))


def _reused(entries: Sequence[Entry], settings: Settings, cache_came: str) -> Reused:
    """Return how many of the answers were made earlier, and where they were kept."""
    answered = [trial.calls for entry in entries for trial in entry.trials if trial.calls]
    cached = [call for calls in answered for call in calls if call.cached]
    return Reused(
        answers=len(answered),
        cached=sum(all(call.cached for call in calls) for calls in answered),
        usd=sum((call.usd for call in cached), Decimal(0)),
        origin=", ".join(filter(None, [places_text(settings), cache_came])),
        avoided=avoided_in(entries),
    )


@dataclass(frozen=True, slots=True)
class LostMustPass:
    """A case that must pass and was answered wrongly by a strategy."""

    suite: Suite
    strategy: str
    case: Case


def lost_must_pass(entries: Sequence[Entry]) -> Iterator[LostMustPass]:
    """Yield the cases that must pass and are wrong; one without an answer is an error, and no lost case."""
    for entry in entries:
        wrong = Counter(trial.case for trial in entry.trials if trial.correct is False)
        right = Counter(trial.case for trial in entry.trials if trial.correct)
        for case in entry.suite.cases:
            needed = wrong[case.id] + right[case.id] if case.must_pass is True else int(case.must_pass)
            if wrong[case.id] and right[case.id] < needed and not case.quarantine:
                yield LostMustPass(entry.suite, entry.spec.name, case)


def failed_cases(entries: Sequence[Entry]) -> int:
    """Return how many trials failed as tests: wrong, or without an answer, where that may not be."""
    return sum(map(_failed_in, entries))


def _failed_in(entry: Entry) -> int:
    cases = {case.id: case for case in entry.suite.cases}
    unanswered = (trial for trial in entry.trials if trial.error is not None)
    wrong = (trial for trial in entry.trials if trial.correct is False)
    return sum(entry.spec.must_answer(cases[trial.case]) for trial in unanswered) + sum(
        entry.suite.must_be_right(cases[trial.case]) for trial in wrong
    )


def _without_texts(row: StrategySummary, labels: Sequence[str]) -> StrategySummary:
    """Return *row* without what was expected and answered, but for labels: those stand in the suite."""
    return dataclasses.replace(
        row,
        lost=[_of_labels(turned, labels) for turned in row.lost],
        won=[_of_labels(turned, labels) for turned in row.won],
    )


def _of_labels(turned: Turned, labels: Sequence[str]) -> Turned:
    known = {*labels, None} if labels else set()
    return dataclasses.replace(
        turned,
        expected=turned.expected if set(turned.expected.split(" or ")) <= known else "",
        before=turned.before if turned.before in known else None,
        now=turned.now if turned.now in known else None,
        is_before_known=turned.is_before_known and turned.before in known,
        is_now_known=turned.is_now_known and turned.now in known,
    )
