"""What a ledger's calls add up to: a table for people, JSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import ruled, usd

if TYPE_CHECKING:
    from pytest_llmcost.costs.ledger.queries import Period, Sums

FORMAT = 1
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; the last four are wide forms of the first."""
_LONGEST_CELL = 10_000
_NAME_WIDTH = 40
_HEADERS = ("USD", "no price", "calls", "tokens in", "tokens out", "errors", "escalated", "cached", "prefix")


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """Calls of a period.

    Attributes:
        by: What they are added up by.
        rows: Sorted by their names.
        total: Of all of them.
    """

    period: Period
    by: tuple[str, ...]
    rows: tuple[Sums, ...]
    total: Sums


def report_lines(report: LedgerReport) -> Iterator[str]:
    """Yield a table with the whole at its end, and below it what is in no sum."""
    yield f"{_local(report.period.since, report)} to {_local(report.period.until, report)}, {report.period.zone}"
    if not report.rows:
        yield "no calls"
        return
    whole = report.total
    cells = [(*report.by, *_HEADERS)]
    cells += [(*(visible(key, _NAME_WIDTH) or "(none)" for key in row.keys), *_cells(row)) for row in report.rows]
    cells.append(("in all", *[""] * (len(report.by) - 1), *_cells(whole)))
    yield ruled(cells, ["left"] * len(report.by) + ["right"] * len(_HEADERS))
    if whole.unpriced:
        yield f"{_calls(whole.unpriced)} without a known cost: in no amount of USD"
    if whole.untold:
        yield f"{_calls(whole.untold)} without known tokens, or with some of them: in the sums is what is known"


def report_json(report: LedgerReport) -> str:
    """Return the same as JSON: rates are shares of 1, and what is not known is null."""
    document = {
        "format": FORMAT,
        "since": report.period.since.astimezone(report.period.zone).isoformat(),
        "until": report.period.until.astimezone(report.period.zone).isoformat(),
        "zone": str(report.period.zone),
        "by": report.by,
        "rows": [{**dict(zip(report.by, row.keys, strict=True)), **_numbers(row)} for row in report.rows],
        "total": _numbers(report.total),
    }
    return json.dumps(document, indent=2)


def report_csv(report: LedgerReport) -> str:
    """Return the rows as CSV with a header: what is not known is empty, and no name is a formula."""
    written = io.StringIO()
    # All text is quoted: where a spreadsheet splits at semicolons, no part of a name becomes a cell.
    table = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    table.writerow([*report.by, *_numbers(report.total)])
    for row in report.rows:
        known = ("" if value is None else value for value in _numbers(row).values())
        table.writerow([*map(harmless, row.keys), *known])
    return written.getvalue()


def harmless(name: str) -> str:
    """Return a name as a cell that no spreadsheet takes for a formula: an apostrophe goes before what begins one."""
    shown = visible(name, _LONGEST_CELL)
    return f"'{shown}" if name.lstrip(" ").startswith(_FORMULA) else shown


def _numbers(row: Sums) -> dict[str, Any]:
    are_told = row.untold < row.calls or not row.calls
    return {
        "usd": row.usd if row.unpriced < row.calls or not row.calls else None,
        "unpriced_calls": row.unpriced,
        "calls": row.calls,
        "prompt_tokens": row.prompt_tokens if are_told else None,
        "cached_tokens": row.cached_tokens if row.split_tokens else None,
        "completion_tokens": row.completion_tokens if are_told else None,
        "untold_calls": row.untold,
        "errors": row.errors,
        "error_rate": _rate(row.errors, row.calls),
        "escalated_calls": row.escalated,
        "escalation_rate": _rate(row.escalated, row.calls - row.escalated),
        "cached_calls": row.cached,
        "cache_rate": _rate(row.cached, row.calls),
        "prefix_cache_rate": _rate(row.cached_tokens, row.split_tokens),
    }


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _cells(row: Sums) -> tuple[str, ...]:
    numbers = _numbers(row)
    amount = numbers["usd"]
    counts = (numbers[name] for name in ("unpriced_calls", "calls", "prompt_tokens", "completion_tokens"))
    rates = (numbers[name] for name in ("error_rate", "escalation_rate", "cache_rate", "prefix_cache_rate"))
    return (
        "unknown" if amount is None else usd(Decimal(repr(amount))),
        *("unknown" if count is None else f"{count:,}" for count in counts),
        *("-" if rate is None else f"{rate:.1%}" for rate in rates),
    )


def _local(at: Any, report: LedgerReport) -> str:
    return f"{at.astimezone(report.period.zone):%Y-%m-%d %H:%M}"


def _calls(count: int) -> str:
    return f"{count:,} call" if count == 1 else f"{count:,} calls"
