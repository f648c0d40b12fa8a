"""The report for a pull request: at most 60 lines of Markdown, the outcome first, every foreign word inert."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pytest_llmcost.domain.gate import ALL_SUITES, Outcome, Verdict
from pytest_llmcost.reports.altered import stricter_lines, told
from pytest_llmcost.reports.avoided import avoided_line
from pytest_llmcost.reports.changes import change_lines
from pytest_llmcost.reports.fitting import Part, fitted
from pytest_llmcost.reports.metrics import metrics_of
from pytest_llmcost.reports.report import Report
from pytest_llmcost.reports.safe import code, visible
from pytest_llmcost.reports.summary import StrategySummary, Turned
from pytest_llmcost.reports.table import change_in_points, relative_change, usd

MOST_LINES = 60

_HEADERS = (
    "suite::strategy",
    "verdict",
    "cases",
    "quality, 90 %",
    "change, pt",
    "USD as if uncached (paid)",
    "change",
    "tokens",
    "change",
    "p50, p95 s",
)
_ORDER = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.NEW, Outcome.PASS, None)


def render_markdown(report: Report) -> str:
    """Return the report; what fails comes first, and what does not fit is counted."""
    rows = sorted(report.rows, key=lambda row: _ORDER.index(row.outcome))
    parts = (
        _listed([report.title, "---"], 2, ""),
        _altered(report),
        _listed([f"- **fault**: {code(fault, 400)}" for fault in report.faults], 2, "faults"),
        _table(rows),
        _listed(_verdicts(report, rows), 4, "verdicts"),
        _cases(report, rows),
        _changes(rows),
        _listed(list(_notes(report, rows)), 2, "notes"),
        _measured(rows),
        _commands(report.commands),
        _listed([_about(report)], 1, ""),
    )
    return "\n\n".join("\n".join(lines) for lines in fitted(parts, MOST_LINES)) + "\n"


def _listed(lines: Sequence[str], least: int, noun: str, head: Sequence[str] = (), tail: Sequence[str] = ()) -> Part:
    return Part(lines, least, lambda left: f"- and {left} more {noun}", head, tail)


def _name(row: StrategySummary) -> str:
    return _named(row.suite_path, row.strategy)


def _named(suite: str, strategy: str) -> str:
    return code(f"{suite}::{strategy}", 120)


def _altered(report: Report) -> Part:
    """Return what a change does to its own judge: loudly, before anything else."""
    weaker = [f"- {code(told(one), 300)}" for one in report.alterations if one.is_weaker]
    head = ["**This change alters what judges it**, and is judged by its base:"]
    return _listed(weaker, 3, "alterations", head)


# -- the table -----------------------------------------------------------------


def _table(rows: Sequence[StrategySummary]) -> Part:
    def rest(left: int) -> str:
        passes = all(row.outcome is Outcome.PASS for row in rows[-left:])
        return _line([f"and {left} more{': all pass' if passes else ''}", *[""] * (len(_HEADERS) - 1)])

    head = [_line(_HEADERS), _line(["---", "---", *["--:"] * (len(_HEADERS) - 2)])]
    return Part([_line(_cells(row)) for row in rows], 4, rest, head)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: StrategySummary) -> tuple[str, ...]:
    interval = "" if row.lower is None or row.upper is None else f" [{100 * row.lower:.0f}, {100 * row.upper:.0f}]"
    seconds = ("-" if value is None else f"{value:.2f}" for value in (row.p50_seconds, row.p95_seconds))
    return (
        _name(row),
        _outcome(row),
        str(row.cases),
        "-" if row.quality is None else f"{row.quality:.1%}{interval}",
        change_in_points(row.verdicts.get("quality")).replace("\n", " "),
        f"{usd(row.usd)} ({usd(row.paid_usd)})",
        relative_change(row.verdicts.get("cost")),
        f"{row.tokens:,}",
        relative_change(row.verdicts.get("tokens")),
        ", ".join(seconds),
    )


def _outcome(row: StrategySummary) -> str:
    if row.outcome is None:
        return "no verdict" if row.is_gated else "not gated"
    quality = row.verdicts.get("quality")
    unchanged = ", unchanged" if quality is not None and quality.basis == "unchanged" else ""
    word = f"**{row.outcome}**" if row.outcome is Outcome.FAIL else str(row.outcome)
    return f"{word}{unchanged}{', partial' if row.is_partial else ''}"


# -- what decided --------------------------------------------------------------


def _verdicts(report: Report, rows: Sequence[StrategySummary]) -> list[str]:
    """Return a line on each verdict that is no pass, then on all others on quality; what counts comes first."""
    found = [(ALL_SUITES, verdict) for verdict in report.pooled]
    found += [(_name(row), verdict) for row in rows for verdict in row.verdicts.values()]
    told = [one for one in found if one[1].outcome is not Outcome.PASS or one[1].metric == "quality"]
    told.sort(key=lambda one: (not one[1].counts, _ORDER.index(one[1].outcome), not one[1].is_better))
    return [f"- {_word(v)} {v.metric} of {name}: {code(v.reason, 300)}{_p(v)}" for name, v in told]


def _p(verdict: Verdict) -> str:
    if verdict.p is None or verdict.p_adjusted is None:
        return ""
    return f" (p {verdict.p:.2g}, adjusted {verdict.p_adjusted:.2g})"


def _word(verdict: Verdict) -> str:
    if not verdict.counts:
        return "warning:" if verdict.outcome is Outcome.FAIL else f"{verdict.outcome} (warns only):"
    return f"**{verdict.outcome}**:"


def _cases(report: Report, rows: Sequence[StrategySummary]) -> Part:
    """Return the cases that turned wrong, folded; those that must pass come first."""
    lost = {(row.suite_path, row.strategy, case.case): case for row in rows for case in row.lost}
    must = set(report.must_pass_lost)
    keys = [*report.must_pass_lost, *(key for key in lost if key not in must)]
    lines = [_case(key, lost.get(key), must_pass=key in must) for key in keys[:MOST_LINES]]
    won = sum(len(row.won) for row in rows)
    count = f"Cases lost: {len(lost)}, won: {won}" + (f"; must pass and are wrong: {len(must)}" if must else "")
    part = _listed(lines, 3, "cases", [f"<details><summary>{count}</summary>", ""], ["", "</details>"])
    return replace(part, more=len(keys) - len(lines))


def _case(key: tuple[str, str, str], turned: Turned | None, *, must_pass: bool) -> str:
    suite, strategy, case = key
    told = _turned(turned) if turned else code(case, 40)
    return f"- {_named(suite, strategy)}: {told}{', **must pass**' if must_pass else ''}"


def _turned(case: Turned) -> str:
    place = f" ({code(case.place, 80)})" if case.place else ""
    told = [
        "scores {:.3g} before, {:.3g} now".format(*case.scores) if case.scores else "",
        f"expected {code(case.expected, 40)}" if case.expected else "",
        f"got {_answer(case.before)} before" if case.is_before_known else "",
        f"got {_answer(case.now)} now" if case.is_now_known else "",
    ]
    return ", ".join([f"{code(case.case, 40)}{place}", *filter(None, told)])


def _answer(value: str | None) -> str:
    return "(unparsed)" if value is None else code(value, 40)


def _changes(rows: Sequence[StrategySummary]) -> Part:
    """Return why cost and quality changed, where they did, and which cases grew dearest."""
    lines = [f"- {_name(row)}: {told}" for row in rows for told in _changes_of(row)]
    return _listed(lines, 3, "changes", ["Why it changed:"])


def _changes_of(row: StrategySummary) -> Iterator[str]:
    yield from (code(line.removeprefix("why "), 300) for line in change_lines(row))
    for verdict in row.verdicts.values():
        if verdict.grew_share is not None:
            cases = ", ".join(code(case, 40) for case in verdict.grew)
            yield f"{verdict.metric} grew most in {cases}: {verdict.grew_share:.0%} of all that was added"


# -- the rest ------------------------------------------------------------------


def _measured(rows: Sequence[StrategySummary]) -> Part:
    lines = [f"- {_name(row)}: {code(line.strip(), 300)}" for row in rows for line in metrics_of(row, whole=False)]
    return _listed(lines, 1, "figures", ["Also measured:"])


def _notes(report: Report, rows: Sequence[StrategySummary]) -> Iterator[str]:
    notes = (*report.notes, *stricter_lines(report.alterations))
    yield from (f"- note: {code(note, 300)}" for note in notes)
    yield from (f"- {_name(row)}: {code(note, 300)}" for row in rows for note in row.notes)


def _commands(commands: Sequence[str]) -> Part:
    # In a fenced block only a line of backticks would end it, and a command does not begin with one.
    lines = [visible(command, 400) for command in commands]
    return Part(lines, 3, lambda left: f"# and {left} more", ["How to reproduce it:", "```sh"], ["```"])


def _about(report: Report) -> str:
    header, reused = report.header, report.reused
    share = f" ({reused.cached / reused.answers:.0%})" if reused.answers else ""
    origin = f", kept in {code(reused.origin, 120)}" if reused.cached and reused.origin else ""
    versions = ", ".join(f"{code(name)} {code(version)}" for name, version in header.versions.items())
    told = (
        f"Compared with {code(report.baseline, 200)}",
        f"{reused.cached} of {reused.answers} answers{share} are from the cache{origin}",
        f"paid {usd(report.spent_usd)} USD, {usd(reused.usd)} USD not paid again",
        *avoided_line(reused.avoided),
        f"commit {code(header.commit or 'unknown')}, {code(header.started)}",
        f"prices {code(header.prices_date or 'unknown')}",
        versions,
    )
    return f"<sub>{'; '.join(told)}</sub>"
