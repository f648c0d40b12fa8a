"""What answering would cost, strategy by strategy: a request, a million, a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_llmcost.reports.safe import visible

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the requests are: tokens, on average, and the 95th percentile of the output."""

    requests: int
    input_mean: float
    output_mean: float
    output_p95: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What one way to answer costs, in US dollars.

    Attributes:
        traffic: Whose requests they are, as `suite::strategy`; empty where they were given by their tokens.
        usd_per_month: Caches and fixed cost included; None where no traffic was given.
        p95_usd: The 95th percentile of a request's cost, where requests differ.
        naive_usd_per_month: By the formula that forgets what the escalated paid before; None but for cascades.
    """

    traffic: str
    strategy: str
    usd_per_request: Decimal
    usd_per_month: Decimal | None = None
    p95_usd: Decimal | None = None
    naive_usd_per_month: Decimal | None = None


def quote_lines(quotes: Sequence[Quote], lengths: Mapping[str, Lengths]) -> Iterator[str]:
    """Yield a table for each traffic, and what must be said below it."""
    from tabulate import tabulate

    for traffic, of in lengths.items():
        yield _told(traffic, of)
        own = [quote for quote in quotes if quote.traffic == traffic]
        columns = [name for name in _COLUMNS if any(_cell(quote, name) for quote in own)]
        rows = [[visible(quote.strategy, 60), *(_cell(quote, name) for name in columns)] for quote in own]
        align = ("left", *["right"] * len(columns))
        yield str(tabulate(rows, headers=["", *columns], disable_numparse=True, colalign=align))
        yield from _naive(own)


def quotes_document(quotes: Sequence[Quote], lengths: Mapping[str, Lengths]) -> list[dict[str, Any]]:
    """Return the same for programs."""
    return [
        {
            "traffic": quote.traffic or None,
            "requests_seen": lengths[quote.traffic].requests,
            "input_tokens_mean": lengths[quote.traffic].input_mean,
            "output_tokens_mean": lengths[quote.traffic].output_mean,
            "output_tokens_p95": lengths[quote.traffic].output_p95,
            "strategy": quote.strategy,
            "usd_per_request": float(quote.usd_per_request),
            "p95_usd_per_request": _number(quote.p95_usd),
            "usd_per_month": _number(quote.usd_per_month),
            "naive_usd_per_month": _number(quote.naive_usd_per_month),
        }
        for quote in quotes
    ]


_COLUMNS = ("USD a request", "p95", "USD a million", "USD a month")


def _cell(quote: Quote, column: str) -> str:
    amounts = {
        "USD a request": quote.usd_per_request,
        "p95": quote.p95_usd,
        "USD a million": quote.usd_per_request * MILLION,
        "USD a month": quote.usd_per_month,
    }
    amount = amounts[column]
    if amount is None:
        return ""
    return _small(amount) if column in ("USD a request", "p95") else f"{amount:,.2f}"


def _small(amount: Decimal) -> str:
    """Return an amount with three significant digits at least, and cents at least."""
    return f"{amount:.{max(2, 2 - amount.adjusted())}f}" if amount else "0"


def _told(traffic: str, of: Lengths) -> str:
    if not traffic:
        return f"requests of {of.input_mean:,.0f} input and {of.output_mean:,.0f} output tokens"
    return (
        f"{visible(traffic, 200)}: {of.requests:,} requests, on average {of.input_mean:,.0f} input and "
        f"{of.output_mean:,.0f} output tokens (p95 {of.output_p95:,})"
    )


def _naive(quotes: Sequence[Quote]) -> Iterator[str]:
    for quote in quotes:
        if quote.naive_usd_per_month is not None:
            yield (
                f"(Who forgets that the escalated pay every step gets {quote.naive_usd_per_month:,.2f} a month for "
                f"{visible(quote.strategy, 60)}.)"
            )


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
