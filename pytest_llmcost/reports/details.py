"""Below the table: what decided, which cases turned, and what to type next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from pytest_llmcost.domain.gate import ALL_SUITES, Outcome, Verdict
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary, Turned
from pytest_llmcost.reports.table import usd

MOST_CASES = 10


def detail_lines(rows: Sequence[StrategySummary], *, verbose: bool) -> Iterator[str]:
    """Yield the lines on verdicts that are no pass, or say better; all cases with *verbose*, else the first ten."""
    most = None if verbose else MOST_CASES
    for row in rows:
        told = list(_of(row, most))
        if told:
            yield ""
            yield f"{visible(row.suite_path, 200)}::{visible(row.strategy)}"
            yield from told


def _of(row: StrategySummary, most: int | None) -> Iterator[str]:
    for verdict in row.verdicts.values():
        if verdict.outcome is not Outcome.PASS or verdict.is_better:
            yield f"  {_word(verdict)}  {verdict.metric}: {visible(verdict.reason, 400)}"
    for verdict in row.verdicts.values():
        if verdict.grew_share is not None:
            cases = ", ".join(visible(case, 40) for case in verdict.grew)
            yield f"  {verdict.metric} grew most in {cases}: {verdict.grew_share:.0%} of all that was added"
    if any(v.counts and v.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE) for v in row.verdicts.values()):
        yield from case_lines(_named(row.lost, "turned wrong", "scored lower"), row.lost, most)
        yield from case_lines(_named(row.won, "turned right", "scored higher"), row.won, most)
    if row.shared_calls:
        yield f"  calibration: {row.shared_calls} calls, ${usd(row.shared_usd)}, once for the strategy"
    for note in row.notes:
        yield f"  note: {visible(note, 400)}"


def pooled_lines(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield the verdict on all suites together, where there is one."""
    for verdict in verdicts:
        if verdict.suite == ALL_SUITES:
            yield ""
            yield ALL_SUITES
            yield f"  {_word(verdict)}  {verdict.metric}: {visible(verdict.reason, 400)}"


def _word(verdict: Verdict) -> str:
    if not verdict.counts:
        return "warn" if verdict.outcome is Outcome.FAIL else f"{verdict.outcome} (warns only)"
    return verdict.outcome.upper() if verdict.outcome is Outcome.FAIL else str(verdict.outcome)


def _named(cases: Sequence[Turned], title: str, graded: str) -> str:
    return graded if any(case.scores for case in cases) else title


def case_lines(title: str, cases: Sequence[Turned], most: int | None = MOST_CASES) -> Iterator[str]:
    """Yield a line on each of the first *most* cases (None: all), below one with their number."""
    if not cases:
        return
    yield f"  {title}: {len(cases)}"
    for case in cases[:most]:
        scores = "" if case.scores is None else "{:.3g} before, {:.3g} now; ".format(*case.scores)
        place = f" ({visible(case.place, 80)})" if case.place else ""
        before, now = _answer(case.before, case.is_before_known), _answer(case.now, case.is_now_known)
        wanted = _text(case.expected)
        yield f"    {visible(case.case, 40)}{place}: {scores}expected {wanted}, got {before} before, {now} now"
    if most is not None and len(cases) > most:
        yield f"    ... and {len(cases) - most} more (-v shows all)"


def _answer(value: str | None, is_known: bool) -> str:
    return _text(value) if is_known else "(not kept)"


def _text(value: str | None) -> str:
    return "(unparsed)" if value is None else f"'{visible(value, 40)}'"


def next_commands(rows: Sequence[StrategySummary]) -> Iterator[str]:
    """Yield the command to type next for each suite, with the reason to type it."""
    for path in dict.fromkeys(row.suite_path for row in rows):
        outcomes = {row.outcome for row in rows if row.suite_path == path}
        if outcomes <= {Outcome.NEW, Outcome.PASS, None} and Outcome.NEW in outcomes:
            yield f"store a baseline:  {command(path)} --llm-update-baseline"
        elif Outcome.FAIL in outcomes and any(row.lost for row in rows if row.suite_path == path):
            yield f"after a change, ask the lost cases first:  {command(path)} --llm-only=lost"
        elif Outcome.FAIL in outcomes:
            yield f"ask again after a change (answers are cached):  {command(path)}"
        elif Outcome.INCONCLUSIVE in outcomes and any(row.is_partial for row in rows if row.suite_path == path):
            yield f"ask all cases of the suite:  {command(path)}"
        elif Outcome.INCONCLUSIVE in outcomes:
            yield f"add cases, store a baseline of them with the old version, and ask again:  {command(path)}"


def command(path: str) -> str:
    """Return the command that runs one suite."""
    return f"pytest --llm-budget {visible(shlex.quote(path), 400)}"
