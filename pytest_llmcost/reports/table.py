"""The table at the end: quality, cost and speed of each strategy on 100 columns, without colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.reports.safe import columns, visible
from pytest_llmcost.reports.summary import StrategySummary

HEADERS = (
    "suite\n strategy",
    "cases",
    "quality\n90 %",
    "change pt\n90 %",
    "USD\npaid",
    "change",
    "tokens\nchange",
    "p50 s\np95 s",
    "verdict",
)
NAME_WIDTH = 17
VERDICT_WIDTH = 12


def render_table(rows: Sequence[StrategySummary]) -> str:
    """Return the rows as text; a strategy's second line holds intervals and what was paid."""
    return ruled([HEADERS, *map(_cells, rows)], _ALIGN)


def ruled(cells: Sequence[Sequence[str]], align: Sequence[str]) -> str:
    """Return rows of cells, each of one line or more, as a table that is ruled below its first row."""
    from tabulate import tabulate

    widths = [max(columns(line) for cell in column for line in cell.split("\n")) for column in zip(*cells, strict=True)]
    # tabulate gives a header of its own two columns more than its name needs: with this one, 100 would not do.
    lines = [cells[0], tuple("-" * width for width in widths), *cells[1:]]
    return str(tabulate(lines, tablefmt="plain", disable_numparse=True, preserve_whitespace=True, colalign=align))


_ALIGN = ("left", *["right"] * 7, "left")


def _cells(row: StrategySummary) -> tuple[str, ...]:
    return (
        f"{visible(row.suite, NAME_WIDTH)}\n {visible(row.strategy, NAME_WIDTH - 1)}",
        str(row.cases),
        _quality(row),
        change_in_points(row.verdicts.get("quality")),
        f"{usd(row.usd)}\n{usd(row.paid_usd)}",
        relative_change(row.verdicts.get("cost")),
        f"{_count(row.tokens)}\n{relative_change(row.verdicts.get('tokens'))}",
        f"{_seconds(row.p50_seconds)}\n{_seconds(row.p95_seconds)}",
        "\n".join(_outcome_lines(row)),
    )


def _outcome_lines(row: StrategySummary) -> Iterator[str]:
    """Yield a strategy's outcome and, below it, the metrics that decide it and those that only warn."""
    if row.outcome is None:
        yield "no verdict" if row.is_gated else "not gated"
    else:
        yield str(row.outcome)
    if row.is_partial:
        yield "partial"
    if "quality" in row.verdicts and row.verdicts["quality"].basis == "unchanged":
        yield "unchanged"
    if row.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        deciding = [v.metric for v in row.verdicts.values() if v.counts and v.outcome is row.outcome]
        yield from textwrap.wrap(", ".join(deciding), VERDICT_WIDTH)
    warned = [v.metric for v in row.verdicts.values() if not v.counts and v.outcome is Outcome.FAIL]
    if warned:
        yield from textwrap.wrap("warn " + ", ".join(warned), VERDICT_WIDTH)


def _quality(row: StrategySummary) -> str:
    if row.quality is None or row.lower is None or row.upper is None:
        return "-"
    return f"{row.quality:.1%}\n[{100 * row.lower:.0f}, {100 * row.upper:.0f}]"


def change_in_points(verdict: Verdict | None) -> str:
    """Return a change of the mean score in points and, on a second line, its interval."""
    if verdict is None or verdict.estimate is None:
        return "-"
    shown = f"{100 * verdict.estimate:+z.1f}"
    if verdict.lower is None or verdict.upper is None:
        return shown
    # Of an interval ten points wide the tenths say nothing.
    digits = 1 if verdict.upper - verdict.lower < 0.10 else 0
    return f"{shown}\n[{100 * verdict.lower:+z.{digits}f}, {100 * verdict.upper:+z.{digits}f}]"


def relative_change(verdict: Verdict | None) -> str:
    """Return a change in per cent."""
    if verdict is None or verdict.estimate is None:
        return "-"
    if verdict.estimate >= 10:
        return ">+999%"
    return f"{verdict.estimate:+z.{1 if abs(verdict.estimate) < 0.9995 else 0}%}"


def _count(tokens: int) -> str:
    return f"{tokens:,}" if tokens < 1_000_000 else f"{tokens / 1e6:,.1f}M"


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def usd(amount: Decimal) -> str:
    """Return an amount in US dollars with two significant digits at least, and cents at least."""
    if not amount:
        return "0"
    digits = max(2, 1 - amount.adjusted())
    return f"{amount:.{digits}f}"
