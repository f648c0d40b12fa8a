"""What a run would take, strategy by strategy, told before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pytest_llmcost.reports.safe import visible
from pytest_llmcost.reports.table import usd

HEADERS = ("suite", "strategy", "calls", "cached", "input", "output", "USD expected", "USD at worst", "from")


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one strategy of one suite is expected to take.

    Attributes:
        calls: Requests that the cases need.
        cached: How many of them are answered by the cache.
        input_tokens: Expected of all calls, cached ones included; `output_tokens` likewise.
        usd: Expected of the calls that are not cached; None where compute time is priced and not known.
        worst_usd: The most that these calls can cost.
        basis: `baseline`, where the same strategy's stored usage is the expectation; else `text length`.
    """

    suite: str
    strategy: str
    calls: int
    cached: int
    input_tokens: int
    output_tokens: int
    usd: Decimal | None
    worst_usd: Decimal
    basis: str


def render_estimates(estimates: Sequence[Estimate]) -> str:
    """Return the estimates as a table."""
    from tabulate import tabulate

    align = ("left", "left", *["right"] * 6, "left")
    return str(tabulate([_cells(one) for one in estimates], headers=HEADERS, disable_numparse=True, colalign=align))


def _cells(one: Estimate) -> tuple[str, ...]:
    return (
        visible(one.suite, 20),
        visible(one.strategy, 16),
        str(one.calls),
        str(one.cached),
        f"{one.input_tokens:,}",
        f"{one.output_tokens:,}",
        "unknown" if one.usd is None else usd(one.usd),
        usd(one.worst_usd),
        one.basis,
    )
