"""The table at the end: quality, cost and speed of each strategy on 100 columns, without colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from pytest_llmcost.domain.gate import Outcome, Verdict
from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.summary import StrategySummary

HEADERS = (
    "suite\n strategy",
    "cases",
    "quality %\n[90 %]",
    "change pt\n[90 %]",
    "USD\npaid",
    "change",
    "tokens\nchange",
    "p50 s\np95 s",
    "verdict",
)
NAME_WIDTH = 18


def render_table(rows: Sequence[StrategySummary]) -> str:
    """Return the rows as text, two lines a strategy; the second holds intervals and what was paid."""
    from tabulate import tabulate

    cells = [_cells(row) for row in rows]
    return tabulate(
        cells, headers=HEADERS, tablefmt="simple", disable_numparse=True, preserve_whitespace=True, colalign=_ALIGN
    )


_ALIGN = ("left", *["right"] * 7, "left")


def _cells(row: StrategySummary) -> list[str]:
    return [
        f"{visible(row.suite, NAME_WIDTH)}\n {visible(row.strategy, NAME_WIDTH - 1)}",
        str(row.cases),
        _quality(row),
        _change_in_points(row.verdicts.get("quality")),
        f"{usd(row.usd)}\n{usd(row.paid_usd)}",
        _change(row.verdicts.get("cost")),
        f"{row.tokens:,}\n{_change(row.verdicts.get('tokens'))}",
        f"{_seconds(row.p50_seconds)}\n{_seconds(row.p95_seconds)}",
        outcome_of(row),
    ]


def outcome_of(row: StrategySummary) -> str:
    """Return a strategy's outcome and, on a second line, the metrics that decide it."""
    if row.outcome is None:
        return "not gated"
    deciding = [v for v in row.verdicts.values() if v.counts and v.outcome is row.outcome]
    metrics = ", ".join(v.metric for v in deciding)
    partial = "partial " if row.is_partial else ""
    if row.outcome in (Outcome.PASS, Outcome.NEW):
        return f"{partial}{row.outcome}{_warnings(row.verdicts.values())}"
    return f"{partial}{row.outcome}\n{metrics}"


def _warnings(verdicts: Iterable[Verdict]) -> str:
    warned = [v.metric for v in verdicts if not v.counts and v.outcome is Outcome.FAIL]
    return f"\nwarn: {', '.join(warned)}" if warned else ""


def _quality(row: StrategySummary) -> str:
    if row.quality is None or row.lower is None or row.upper is None:
        return "-"
    return f"{100 * row.quality:.1f}\n[{100 * row.lower:.1f}, {100 * row.upper:.1f}]"


def _change_in_points(verdict: Verdict | None) -> str:
    if verdict is None or verdict.estimate is None:
        return "-"
    if verdict.lower is None or verdict.upper is None:
        return f"{100 * verdict.estimate:+.1f}"
    return f"{100 * verdict.estimate:+.1f}\n[{100 * verdict.lower:+.1f}, {100 * verdict.upper:+.1f}]"


def _change(verdict: Verdict | None) -> str:
    if verdict is None or verdict.estimate is None:
        return "-"
    return f"{verdict.estimate:+.1%}"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def usd(amount: Decimal) -> str:
    """Return an amount in US dollars with two significant digits at least, and cents at least."""
    if not amount:
        return "0"
    digits = max(2, 1 - amount.adjusted())
    return f"{amount:.{digits}f}"
